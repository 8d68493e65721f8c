"""What `filrouge verify` found, as figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

_FAULTS: Final = ("missing", "double", "unexpected")


@dataclass(frozen=True, slots=True)
class Verified:
    """The account of one call.

    Attributes:
        runs: how many were compared.
        differ: how many of them are not in every place exactly once.
        faults: how many items of these are wrong, by words such as `missing in tempo`.
    """

    runs: int
    differ: int
    faults: Mapping[str, int]


def read_verified(lines: Iterable[bytes]) -> Verified:
    """The account of what `filrouge verify --format json` printed; the totals come last."""
    faults: Counter[str] = Counter()
    runs = differ = 0
    for told in map(orjson.loads, lines):
        if told["kind"] == "totals":
            runs, differ = told["runs"], told["differ"]
            continue
        for place, found in told["places"].items():
            faults.update({f"{fault} in {place}": len(found[fault]) for fault in _FAULTS})
    return Verified(runs, differ, +faults)

"""How much is measured: the whole, or little of each to try the program itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.stack.ways import Way


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of all measurements.

    Attributes:
        samples: runs replayed, and as many published, for each table of times until visible.
        load_records_per_s: what else goes through the stack in the second of these tables.
        pipeline_records: sent through each collector in each round.
        rounds: how often each collector has its turn.
        loads: ways and numbers of records, one after another.
    """

    samples: int
    load_records_per_s: int
    pipeline_records: int
    rounds: int
    loads: Sequence[tuple[Way, int]]


FULL: Final = Plan(
    samples=32,
    load_records_per_s=500,
    pipeline_records=15_000,
    rounds=5,
    loads=[
        (Way.HTTP, 1_000),
        (Way.PUBLISH, 1_000),
        (Way.HTTP, 10_000),
        (Way.GRPC, 10_000),
        (Way.PUBLISH, 10_000),
        (Way.HTTP, 50_000),
        (Way.PUBLISH, 50_000),
        (Way.HTTP, 200_000),
        (Way.PUBLISH, 200_000),
    ],
)
QUICK: Final = Plan(
    samples=4,
    load_records_per_s=200,
    pipeline_records=2_000,
    rounds=1,
    loads=[(Way.HTTP, 1_000), (Way.GRPC, 1_000), (Way.PUBLISH, 1_000), (Way.HTTP, 3_000)],
)

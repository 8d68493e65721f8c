"""How much is measured: the whole, or little of each to try the program itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of all measurements.

    Attributes:
        backlog: records on the topic while one consumer is measured.
        shared_backlog: likewise while several are.
        rounds: how often each way to read the topic has its turn.
        window_s: for how long each is measured, unless the backlog ends.
        groups: numbers of partitions and processes, besides one.
        request_rounds: how often each server has its turn with each kind of body.
        requests_s: for how long.
        kept_s: for how long each database takes records.
        samples: runs posted, one at a time, and waited for.
    """

    backlog: int
    shared_backlog: int
    rounds: int
    window_s: float
    groups: tuple[int, ...]
    request_rounds: int
    requests_s: float
    kept_s: float
    samples: int


FULL: Final = Plan(
    backlog=1_000_000,
    shared_backlog=600_000,
    rounds=3,
    window_s=5.0,
    groups=(2, 4),
    request_rounds=3,
    requests_s=4.0,
    kept_s=50.0,
    samples=40,
)
QUICK: Final = Plan(
    backlog=300_000,
    shared_backlog=300_000,
    rounds=1,
    window_s=1.0,
    groups=(2,),
    request_rounds=1,
    requests_s=1.0,
    kept_s=3.0,
    samples=3,
)

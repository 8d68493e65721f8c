"""What leaves a producer, and for which run."""

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

__all__ = ["Delivery", "Run"]


@dataclass(frozen=True)
class Run:
    """One sequence of one company."""

    company: str
    run_id: str
    """The sequence: the local minute at which the run is due, "2025-09-05-16-45"."""
    due_us: int

    def random(self, seed: int, purpose: str) -> Random:
        """A source of randomness for this run alone, the same however many runs are made."""
        return Random(f"{seed}/{self.company}/{self.run_id}/{purpose}")


class Delivery(NamedTuple):
    """One line as it is written: when, by which zone's microservice, for which run."""

    at_us: int
    """Microseconds since the epoch."""
    zone: str
    run: Run
    line: bytes
    """The record as JSON, with its newline."""

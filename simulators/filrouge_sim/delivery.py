"""What leaves a producer, and for which run."""

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from filrouge_sim.failures import Failure
from filrouge_sim.tasks import Task

__all__ = ["Delivery", "Run", "Told", "told"]


@dataclass(frozen=True)
class Run:
    """One sequence of one company."""

    company: str
    run_id: str
    """The sequence: the local minute at which the run is due, "2025-09-05-16-45"."""
    due_us: int
    attempt: int = 1
    """1, and one more each time the whole run is tried again under its sequence."""

    def random(self, seed: int, purpose: str) -> Random:
        """A source of randomness for this run alone, the same however many runs are made."""
        again = f"/{self.attempt}" if self.attempt > 1 else ""
        return Random(f"{seed}/{self.company}/{self.run_id}{again}/{purpose}")


class Told(NamedTuple):
    """The task that a line tells of, in plain values."""

    source: str
    name: str
    started_us: int
    ended_us: int | None
    """`None`: it is told that it has begun."""
    failure: Failure | None


def told(task: Task) -> Told:
    """What is told of a task."""
    step = task.step
    return Told(step.source.name, step.name, task.started_us, task.ended_us, task.failure)


class Delivery(NamedTuple):
    """One line as it is written: when, by which zone's microservice, for which run."""

    at_us: int
    """Microseconds since the epoch."""
    zone: str
    run: Run
    line: bytes
    """The record as JSON, with its newline."""
    task: Told | None = None
    """What the line tells of; `None`: the run itself."""
    traceparent: str | None = None
    """The span of the producer's own work that the line names, if it names one."""

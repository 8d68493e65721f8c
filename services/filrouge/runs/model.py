"""A closed run as a tree: run, stages, source lanes, tasks. Values only; nothing here changes.

Times are nanoseconds since 1970 UTC. A lane spans exactly its tasks, a stage its lanes, a run its
stages and what the producer said of the run itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from filrouge.records.record import (
    RunCompleted,
    RunKey,
    RunOutcome,
    RunStarted,
    TaskFinished,
    TaskStarted,
)


class Counts(NamedTuple):
    """How the tasks below a span ended; `unfinished` were begun and never heard of again."""

    success: int = 0
    failure: int = 0
    unfinished: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.success + self.failure + self.unfinished

    @property
    def outcome(self) -> RunOutcome:
        """Success when every task succeeded, failure when none did, partial in between."""
        if self.success == self.total:
            return RunOutcome.SUCCESS
        return RunOutcome.PARTIAL if self.success else RunOutcome.FAILURE

    @staticmethod
    def sum(counts: Iterable[Counts]) -> Counts:
        """All of them together."""
        several = list(counts)
        return Counts(
            sum(count.success for count in several),
            sum(count.failure for count in several),
            sum(count.unfinished for count in several),
        )


class Task(NamedTuple):
    """One try of one object, and the id of its span.

    Attributes:
        record: what is known of it.
        superseded: records that told the same try otherwise, and lost; they keep their log lines.
    """

    span_id: str
    record: TaskFinished
    superseded: tuple[TaskFinished, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """One source within a stage; its tasks in order of start.

    Attributes:
        started: every announcement of a task's start.
        unfinished: those of them that no finished task answers.
    """

    source: str
    span_id: str
    start_ns: int
    end_ns: int
    counts: Counts
    tasks: tuple[Task, ...]
    started: tuple[TaskStarted, ...] = ()
    unfinished: tuple[TaskStarted, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One zone within a run; its lanes in order of start."""

    zone: str
    span_id: str
    start_ns: int
    end_ns: int
    counts: Counts
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one company: one trace.

    Attributes:
        reason: why the outcome is not success, in words; empty on success.
        expected_tasks: how many tasks the producer announced, or None.
        events: what the producer said of the run itself, in order of time.
        rebased_from: the run id this is a copy of, shifted in time, or None.
    """

    key: RunKey
    trace_id: str
    span_id: str
    start_ns: int
    end_ns: int
    outcome: RunOutcome
    reason: str
    counts: Counts
    stages: tuple[Stage, ...]
    expected_tasks: int | None = None
    events: tuple[RunStarted | RunCompleted, ...] = ()
    rebased_from: str | None = None

    def lanes(self) -> Iterator[tuple[Stage, Lane]]:
        """Every lane with its stage, in order."""
        return ((stage, lane) for stage in self.stages for lane in stage.lanes)

    def tasks(self) -> Iterator[Task]:
        """Every task, stage by stage and lane by lane."""
        return (task for _, lane in self.lanes() for task in lane.tasks)

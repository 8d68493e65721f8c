"""Which trace a task's span belongs to: the run's own, or a part when the run is too large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from filrouge.runs.ids import RunIds
from filrouge.runs.model import Lane, Run, Task

MAX_TASKS_PER_TRACE: Final = 8_000
"""A run with more is split. Tempo refuses a trace over 5 MB, which is about 9,000 such spans."""


@dataclass(frozen=True, slots=True)
class Part:
    """Tasks of one lane whose spans share a trace and a parent.

    Attributes:
        number: from 0, or None when the lane stands in the run's own trace.
        parent_span_id: the source span above the tasks.
    """

    number: int | None
    trace_id: str
    parent_span_id: str
    tasks: tuple[Task, ...]


def is_split(run: Run) -> bool:
    """Whether the run is too large for one trace."""
    return run.counts.success + run.counts.failure > MAX_TASKS_PER_TRACE


def lane_parts(run: Run, zone: str, lane: Lane) -> tuple[Part, ...]:
    """The lane whole, or in parts of a size that one trace can hold."""
    if not is_split(run):
        return (Part(None, run.trace_id, lane.span_id, lane.tasks),)
    ids = RunIds(run.key)
    starts = range(0, len(lane.tasks), MAX_TASKS_PER_TRACE)
    return tuple(
        Part(
            number,
            *ids.part(zone, lane.source, number),
            lane.tasks[start : start + MAX_TASKS_PER_TRACE],
        )
        for number, start in enumerate(starts)
    )

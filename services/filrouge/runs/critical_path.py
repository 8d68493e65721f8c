"""The chain of tasks that decided how long a run took."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from filrouge.runs.model import Lane, Run, Stage, Task


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the path: a task, or the waiting before the next piece (task is None)."""

    start_ns: int
    end_ns: int
    task: Task | None


def critical_path(run: Run) -> tuple[Segment, ...]:
    """The pieces from the run's start to its end, in order, without a gap.

    Walks back from the task that ended last. Within a lane tasks follow one another, so what a
    task waited for is the lane's latest task that had ended when it began. Before a lane's first
    task that is the same source in an earlier stage, and if there is none, whatever ended last in
    an earlier stage. Making a task on the path shorter makes the run shorter; another task does
    not.
    """
    if not any(run.tasks()):
        return ()
    ended = {(stage.zone, lane.source): _by_end(lane.tasks) for stage, lane in run.lanes()}
    last = max(run.tasks(), key=lambda task: (task.record.end_ns, task.span_id))
    pieces: list[Segment] = []
    before, end_ns = last, run.end_ns
    while True:
        record = before.record
        if record.end_ns < end_ns:
            pieces.append(Segment(record.end_ns, end_ns, None))
        pieces.append(Segment(record.start_ns, record.end_ns, before))
        end_ns = record.start_ns
        candidate = _waited_for(run, before, ended)
        if candidate is None:
            break
        before = candidate
    if run.start_ns < end_ns:
        pieces.append(Segment(run.start_ns, end_ns, None))
    return tuple(reversed(pieces))


def _waited_for(run: Run, task: Task, ended: dict[tuple[str, str], list[Task]]) -> Task | None:
    at_ns, zone, source = task.record.start_ns, task.record.zone, task.record.source
    in_lane = _last_before(ended[zone, source], at_ns)
    if in_lane:
        return in_lane
    earlier = list(takewhile(lambda pair: pair[0].zone != zone, run.lanes()))
    return _latest([pair for pair in earlier if pair[1].source == source], ended, at_ns) or _latest(
        earlier, ended, at_ns
    )


def _latest(
    lanes: Sequence[tuple[Stage, Lane]],
    ended: dict[tuple[str, str], list[Task]],
    at_ns: int,
) -> Task | None:
    last = [_last_before(ended[stage.zone, lane.source], at_ns) for stage, lane in lanes]
    found = [candidate for candidate in last if candidate]
    return max(found, key=lambda each: (each.record.end_ns, each.span_id), default=None)


def _last_before(tasks: list[Task], at_ns: int) -> Task | None:
    """The last of the tasks, ordered by end, that had ended at an instant and began before it.

    A task without length that begins and ends at that very instant is passed over: two such tasks
    would wait for each other.
    """
    index = bisect_right(tasks, at_ns, key=lambda each: each.record.end_ns)
    before = (tasks[position] for position in range(index - 1, -1, -1))
    return next((task for task in before if task.record.start_ns < at_ns), None)


def _by_end(tasks: Sequence[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.record.end_ns, task.span_id))

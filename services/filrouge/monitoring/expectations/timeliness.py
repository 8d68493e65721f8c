"""Whether runs keep their deadline: on time, late, or missed.

A run is due one cadence after the start of the run before it, and has to end within the deadline
from then; the first one sets the rhythm. It is missed when none has begun before the next is due. A
run far ahead of its time, by more than half a cadence, is an extra one and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Schedule:
    """A company's runs up to now.

    Attributes:
        seen_ns: the start of the newest run that was judged; 0: none was.
        due_ns: when the next one is to begin; None: not known.
    """

    seen_ns: int = 0
    due_ns: int | None = None
    on_time: int = 0
    late: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class DueRun:
    """A run of a company; `live` unless it was history when it was heard of."""

    start_ns: int
    end_ns: int
    closed: bool = True
    live: bool = True


def settle(
    schedule: Schedule,
    runs: Sequence[DueRun],
    cadence_ns: int | None,
    deadline_ns: int,
    now_ns: int,
) -> Schedule:
    """The schedule with what can be judged by now.

    Args:
        schedule: as it was.
        runs: those that began after the newest that was judged, in order of their start. A run
            that is still open is judged when it closes, and those after it then.
        cadence_ns: between two runs; None: not known, so none is missed.
        deadline_ns: from when a run is due to its end.
        now_ns: up to when all that came is known.
    """
    for run in runs:
        if not run.live:
            schedule = _pass_over(schedule, run, cadence_ns)
        elif run.closed:
            schedule = _judge(schedule, run, cadence_ns, deadline_ns)
        else:
            return schedule
    return _miss(schedule, cadence_ns, now_ns)


def _judge(schedule: Schedule, run: DueRun, cadence_ns: int | None, deadline_ns: int) -> Schedule:
    if _is_extra(schedule, run, cadence_ns):
        return replace(schedule, seen_ns=run.start_ns)
    schedule = _miss(schedule, cadence_ns, run.start_ns)
    due_ns = run.start_ns if schedule.due_ns is None or not cadence_ns else schedule.due_ns
    is_on_time = run.end_ns <= due_ns + deadline_ns
    return replace(
        _begun(schedule, run, cadence_ns),
        on_time=schedule.on_time + is_on_time,
        late=schedule.late + (not is_on_time),
    )


def _pass_over(schedule: Schedule, run: DueRun, cadence_ns: int | None) -> Schedule:
    """History counts for nothing; but what came of it after all was not missed."""
    if schedule.due_ns is None or _is_extra(schedule, run, cadence_ns):
        return replace(schedule, seen_ns=run.start_ns)
    return _begun(schedule, run, cadence_ns)


def _begun(schedule: Schedule, run: DueRun, cadence_ns: int | None) -> Schedule:
    due_ns = run.start_ns + cadence_ns if cadence_ns else None
    return replace(schedule, seen_ns=run.start_ns, due_ns=due_ns)


def _is_extra(schedule: Schedule, run: DueRun, cadence_ns: int | None) -> bool:
    if schedule.due_ns is None or not cadence_ns:
        return False
    return run.start_ns < schedule.due_ns - cadence_ns // 2


def _miss(schedule: Schedule, cadence_ns: int | None, now_ns: int) -> Schedule:
    """Counts those that should have begun, and did not before the next was due."""
    if schedule.due_ns is None or not cadence_ns:
        return schedule
    missed = max(0, (now_ns - schedule.due_ns) // cadence_ns)
    return replace(
        schedule, missed=schedule.missed + missed, due_ns=schedule.due_ns + missed * cadence_ns
    )

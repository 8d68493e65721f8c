"""An open run takes records in any order; closed, it is the same whatever the order was."""

from __future__ import annotations

from collections.abc import Iterable

from filrouge.records.record import (
    Record,
    RunCompleted,
    RunKey,
    RunStarted,
    TaskFinished,
    TaskStarted,
)
from filrouge.runs.ids import RunIds
from filrouge.runs.model import Counts, Lane, Run, Stage
from filrouge.runs.open_lane import OpenLane
from filrouge.runs.outcome import expected_tasks, run_outcome


class OpenRun:
    """A run of which more may come.

    Args:
        key: what names it.
    """

    def __init__(self, key: RunKey) -> None:
        self.key = key
        self._lanes: dict[tuple[str, str], OpenLane] = {}
        self._events: list[RunStarted | RunCompleted] = []

    def add(self, record: Record) -> bool:
        """Takes a record of this run; False when it says nothing new, and is forgotten."""
        if isinstance(record, TaskFinished):
            return self._lane(record).add_finished(record)
        if isinstance(record, TaskStarted):
            return self._lane(record).add_started(record)
        return self._add_event(record)

    def close(self, rebased_from: str | None = None) -> Run:
        """The run as it stands, as a tree with ids; more may be added after all.

        Args:
            rebased_from: the id of the run this is a copy of, shifted in time.
        """
        ids = RunIds(self.key)
        stages = self._stages(ids)
        events = sorted(self._events, key=lambda event: (_time_ns(event), event.line))
        counts = Counts.sum(stage.counts for stage in stages)
        outcome, reason = run_outcome(counts, events)
        starts = [*(stage.start_ns for stage in stages), *(event.start_ns for event in events)]
        ends = [*(stage.end_ns for stage in stages), *(_time_ns(event) for event in events)]
        return Run(
            key=self.key,
            trace_id=ids.trace_id,
            span_id=ids.run(),
            start_ns=min(starts),
            end_ns=max(ends),
            outcome=outcome,
            reason=reason,
            counts=counts,
            stages=stages,
            expected_tasks=expected_tasks(events),
            events=tuple(events),
            rebased_from=rebased_from,
        )

    def _lane(self, record: TaskFinished | TaskStarted) -> OpenLane:
        place = (record.zone, record.source)
        lane = self._lanes.get(place)
        if lane is None:
            lane = self._lanes[place] = OpenLane(*place)
        return lane

    def _add_event(self, record: RunStarted | RunCompleted) -> bool:
        if any(record.line == event.line for event in self._events):
            return False
        self._events.append(record)
        return True

    def _stages(self, ids: RunIds) -> tuple[Stage, ...]:
        by_zone: dict[str, list[Lane]] = {}
        for lane in self._lanes.values():
            by_zone.setdefault(lane.zone, []).append(lane.close(ids))
        stages = (_stage(ids, zone, lanes) for zone, lanes in by_zone.items())
        return tuple(sorted(stages, key=lambda stage: (stage.start_ns, stage.zone)))


def _stage(ids: RunIds, zone: str, lanes: Iterable[Lane]) -> Stage:
    ordered = tuple(sorted(lanes, key=lambda lane: (lane.start_ns, lane.source)))
    return Stage(
        zone=zone,
        span_id=ids.stage(zone),
        start_ns=ordered[0].start_ns,
        end_ns=max(lane.end_ns for lane in ordered),
        counts=Counts.sum(lane.counts for lane in ordered),
        lanes=ordered,
    )


def _time_ns(event: RunStarted | RunCompleted) -> int:
    """When the event happened."""
    return event.end_ns if isinstance(event, RunCompleted) else event.start_ns

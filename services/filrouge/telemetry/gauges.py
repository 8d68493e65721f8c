"""A closed run as gauges at the run's end: the same points however often it is replayed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from filrouge.records.utctime import NS_PER_S
from filrouge.runs.model import Counts, Lane, Run
from filrouge.runs.statistics import cpu_times_s, memory_deltas_bytes
from filrouge.telemetry import batching, names, otlp_json
from filrouge.telemetry.names import Metric
from filrouge.telemetry.otlp_json import Fragment

_Point = tuple[Metric, Fragment, float]
"""A metric, the attributes of one of its points as a fragment, and the value."""


class GaugePoints:
    """Points of many runs by metric, for a metric is sent once with all its points."""

    def __init__(self) -> None:
        self._points: dict[Metric, list[Fragment]] = defaultdict(list)
        self.count = 0

    def add(self, run: Run, shift_ns: int = 0) -> None:
        """Takes the points of one more run.

        Args:
            run: a closed run.
            shift_ns: how long after the run's end the points are. What corrects a point has to
                bear another time, for of two at one time Prometheus keeps the first.
        """
        time_ns = run.end_ns + shift_ns
        for metric, attributes, value in _points(run):
            self._points[metric].append(otlp_json.number_point(attributes, time_ns, value))
            self.count += 1

    def take(self) -> Iterator[Fragment]:
        """The metrics so far, as fragments; the points are forgotten."""
        for metric, points in self._points.items():
            yield from batching.metrics(metric, points)
        self._points.clear()
        self.count = 0


def _points(run: Run) -> Iterator[_Point]:
    at = _place(run.key.company)
    yield names.RUN_DURATION, at, (run.end_ns - run.start_ns) / NS_PER_S
    yield from _task_counts(names.RUN_TASKS, at, run.counts)
    if run.expected_tasks:
        finished = run.counts.success + run.counts.failure
        yield names.RUN_COMPLETENESS, at, finished / run.expected_tasks
    for stage, lane in run.lanes():
        yield from _lane_points(_place(run.key.company, stage.zone, lane.source), lane)


def _lane_points(at: Fragment, lane: Lane) -> Iterator[_Point]:
    yield names.SOURCE_DURATION, at, (lane.end_ns - lane.start_ns) / NS_PER_S
    yield from _task_counts(names.SOURCE_TASKS, at, lane.counts)
    if cpu := cpu_times_s(lane):
        yield names.SOURCE_CPU_TIME, at, sum(cpu)
    if memory := memory_deltas_bytes(lane):
        yield names.SOURCE_MEMORY_PEAK, at, max(memory)


def _task_counts(metric: Metric, at: Fragment, counts: Counts) -> Iterator[_Point]:
    yield metric, at + _with_outcome("success"), counts.success
    yield metric, at + _with_outcome("failure"), counts.failure
    yield metric, at + _with_outcome("unfinished"), counts.unfinished


@lru_cache(maxsize=4096)
def _place(company: str, zone: str | None = None, source: str | None = None) -> Fragment:
    return otlp_json.attributes(
        {names.COMPANY.key: company, names.ZONE.key: zone, names.SOURCE.key: source}
    )


@lru_cache
def _with_outcome(outcome: str) -> Fragment:
    return b"," + otlp_json.attribute(names.TASK_OUTCOME.key, outcome)

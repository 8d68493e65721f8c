"""Sources and runs that are due as points of metrics. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from filrouge.monitoring.expectations.judging import Standing
from filrouge.records.utctime import NS_PER_S
from filrouge.telemetry import batching, fragments, names, otlp_json
from filrouge.telemetry.batching import Batch
from filrouge.telemetry.names import Attribute, Metric
from filrouge.telemetry.otlp_json import Fragment, Signal

SERVICE: Final = "filrouge-monitoring"
"""Of which instance is left out: whoever tells of it, the series goes on."""

TASKS: Final = ("success", "failure", "unfinished")
RUNS: Final = ("success", "partial", "failure")
DUE: Final = ("on_time", "late", "missed")


class Points:
    """Points of one instant, by metric."""

    def __init__(self, now_ns: int) -> None:
        self._now_ns = now_ns
        self._points: dict[Metric, list[Fragment]] = defaultdict(list)

    def add_source(self, standing: Standing, counters: Sequence[int]) -> None:
        """Takes a source.

        Args:
            standing: how it stands.
            counters: its tasks by outcome, then its runs by outcome.
        """
        place = standing.facts.place
        for metric, value in gauges(standing):
            self._gauge(metric, _place(*place), value)
        start_ns = standing.facts.since_ns
        tasks, runs = counters[: len(TASKS)], counters[len(TASKS) :]
        for metric, attribute, counts in (
            (names.LANE_TASKS, names.TASK_OUTCOME, dict(zip(TASKS, tasks, strict=True))),
            (names.LANE_RUNS, names.RUN_OUTCOME, dict(zip(RUNS, runs, strict=True))),
        ):
            self._count(metric, _place(*place), attribute, counts, start_ns)

    def add_due(self, company: str, counters: Sequence[int], since_ns: int) -> None:
        """Takes how a company's runs kept their deadline."""
        counts = dict(zip(DUE, counters, strict=True))
        at = _place(company)
        self._count(names.RUNS_DUE, at, names.RUN_TIMELINESS, counts, since_ns)

    def add_differences(self, count: int) -> None:
        """Takes how many differences the reconciliation finds."""
        self._gauge(names.DIFFERENCES, b"", count)

    def requests(self) -> Iterator[bytes]:
        """The export requests."""
        metrics = (
            fragment
            for metric, points in self._points.items()
            for fragment in batching.metrics(metric, points)
        )
        batch = Batch(Signal.METRICS)
        resource = fragments.resource(SERVICE, replay=False)
        yield from batch.add(batching.grouped(Signal.METRICS, resource, metrics))
        yield from batch.flush()

    def _gauge(self, metric: Metric, at: Fragment, value: float) -> None:
        self._points[metric].append(otlp_json.number_point(at, self._now_ns, value))

    def _count(
        self,
        metric: Metric,
        at: Fragment,
        attribute: Attribute,
        counts: Mapping[str, int],
        start_ns: int,
    ) -> None:
        for name, count in counts.items():
            point = otlp_json.number_point(
                at + _named(attribute.key, name), self._now_ns, count, min(start_ns, self._now_ns)
            )
            self._points[metric].append(point)


def gauges(standing: Standing) -> Iterator[tuple[Metric, float]]:
    """What is known of a source at the instant; what is not known is left out."""
    yield names.LAST_RECORD, standing.last_record_ns / NS_PER_S
    yield names.LAST_SUCCESS, standing.last_success_ns / NS_PER_S
    yield names.OBJECT_FAILURES, standing.facts.most_failures
    yield names.FAILING_TIME, standing.failing_s
    expected, newest = standing.expected, standing.newest
    known: list[tuple[Metric, float | None]] = [
        (names.COMPLETENESS, standing.completeness),
        (names.DURATION_BASELINE, standing.baseline_s),
        (names.RECOVERY_TIME, standing.recovery_s),
    ]
    if expected:
        known += [
            (names.CADENCE, expected.cadence_s),
            (names.SILENCE_LIMIT, expected.silence_limit_s),
            (names.FRESHNESS_LIMIT, expected.freshness_limit_s),
            (names.OBJECTS_EXPECTED, expected.object_count),
        ]
    if newest:
        known += [
            (names.DURATION_P95, newest.duration_p95_s),
            (names.MEMORY_P95, newest.memory_p95_bytes),
            (names.CPU_P95, newest.cpu_p95_s),
        ]
    for metric, value in known:
        if value is not None:
            yield metric, value


@lru_cache(maxsize=8192)
def _place(company: str, zone: str | None = None, source: str | None = None) -> Fragment:
    return otlp_json.attributes(
        {names.COMPANY.key: company, names.ZONE.key: zone, names.SOURCE.key: source}
    )


@lru_cache
def _named(key: str, value: str) -> Fragment:
    return b"," + otlp_json.attribute(key, value)

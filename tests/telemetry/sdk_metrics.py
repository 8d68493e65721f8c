"""A run's gauges and live instruments as the SDK's own objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource

from filrouge.runs.model import Counts, Lane, Run
from filrouge.telemetry import names
from tests.telemetry.captured import LIVE_START_NS, LIVE_TIME_NS
from tests.telemetry.sdk_common import SCOPE, resource

CUMULATIVE = AggregationTemporality.CUMULATIVE
UNITS_AND_BRIEFS = {metric.name: (metric.unit, metric.brief) for metric in names.METRICS}
CPU_BOUNDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300)
MIB = 1024 * 1024
MEMORY_BOUNDS = (
    *(0, MIB, 5 * MIB, 10 * MIB, 25 * MIB, 50 * MIB, 100 * MIB),
    *(150_000_000, 300_000_000),
)


def sdk_gauges(run: Run) -> MetricsData:
    """What is known of a run when it has ended."""
    points: dict[str, list[NumberDataPoint]] = defaultdict(list)

    def add(name: str, at: Mapping[str, str], value: float | None) -> None:
        if value is not None:
            points[name].append(NumberDataPoint(at, 0, run.end_ns, value))

    company = {"ingestion.company": run.key.company}
    add("ingestion.run.duration", company, (run.end_ns - run.start_ns) / 1e9)
    for outcome, count in _by_outcome(run.counts).items():
        add("ingestion.run.tasks", company | outcome_of(outcome), count)
    if run.expected_tasks:
        finished = run.counts.total - run.counts.unfinished
        add("ingestion.run.completeness", company, finished / run.expected_tasks)
    for stage, lane in run.lanes():
        at = company | {"ingestion.zone": stage.zone, "ingestion.source": lane.source}
        add("ingestion.source.duration", at, (lane.end_ns - lane.start_ns) / 1e9)
        for outcome, count in _by_outcome(lane.counts).items():
            add("ingestion.source.tasks", at | outcome_of(outcome), count)
        cpu_s, memory_bytes = _figures(lane)
        add("ingestion.source.cpu.time", at, sum(cpu_s) if cpu_s else None)
        add("ingestion.source.memory.peak", at, max(memory_bytes, default=None))
    gauges = {name: Gauge(each) for name, each in points.items()}
    return _metrics_data(gauges, resource("pipeline", replay=False))


def sdk_live(run: Run, records: Mapping[str, int], service: str, replay: bool) -> MetricsData:
    """What the live instruments show when one run went through them."""
    counters = [
        NumberDataPoint({"ingestion.record.outcome": outcome}, LIVE_START_NS, LIVE_TIME_NS, count)
        for outcome, count in records.items()
    ]
    cpu, memory = [], []
    for stage, lane in run.lanes():
        at = {
            "ingestion.company": run.key.company,
            "ingestion.zone": stage.zone,
            "ingestion.source": lane.source,
        }
        cpu_s, memory_bytes = _figures(lane)
        if cpu_s:
            cpu.append(_histogram_point(at, cpu_s, CPU_BOUNDS, sum(cpu_s)))
        if memory_bytes:
            memory.append(_histogram_point(at, memory_bytes, MEMORY_BOUNDS, None))
    data: dict[str, Any] = {"ingestion.records": Sum(counters, CUMULATIVE, is_monotonic=True)}
    if cpu:
        data["ingestion.task.cpu.time"] = Histogram(cpu, CUMULATIVE)
    if memory:
        data["ingestion.task.memory.delta"] = Histogram(memory, CUMULATIVE)
    return _metrics_data(data, resource(service, replay))


def outcome_of(outcome: str) -> dict[str, str]:
    return {"ingestion.task.outcome": outcome}


def bucket_counts(values: Sequence[float], bounds: Sequence[float]) -> list[int]:
    """How many values lie above the bound before and not above the bucket's own."""
    edges = [float("-inf"), *bounds, float("inf")]
    return [sum(low < value <= high for value in values) for low, high in pairwise(edges)]


def _by_outcome(counts: Counts) -> dict[str, int]:
    return {
        "success": counts.success,
        "failure": counts.failure,
        "unfinished": counts.unfinished,
    }


def _figures(lane: Lane) -> tuple[list[float], list[int]]:
    records = [task.record for task in lane.tasks]
    cpu_s = [each.cpu_time_s for each in records if each.cpu_time_s is not None]
    memory = [each.memory_delta_bytes for each in records if each.memory_delta_bytes is not None]
    return cpu_s, memory


def _histogram_point(
    at: Mapping[str, str], values: Sequence[float], bounds: Sequence[float], total: float | None
) -> HistogramDataPoint:
    return HistogramDataPoint(
        attributes=at,
        start_time_unix_nano=LIVE_START_NS,
        time_unix_nano=LIVE_TIME_NS,
        count=len(values),
        sum=total,  # type: ignore[arg-type] # the SDK's encoder takes None, its types do not
        bucket_counts=bucket_counts(values, bounds),
        explicit_bounds=bounds,
        min=min(values),
        max=max(values),
    )


def _metrics_data(data: Mapping[str, Any], of: Resource) -> MetricsData:
    metrics = []
    for name, each in data.items():
        unit, brief = UNITS_AND_BRIEFS[name]
        metrics.append(Metric(name, brief, unit, each))
    scope_metrics = ScopeMetrics(SCOPE, metrics, schema_url="")
    return MetricsData([ResourceMetrics(of, [scope_metrics], schema_url="")])

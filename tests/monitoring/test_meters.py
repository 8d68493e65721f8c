"""What monitoring measures of itself, from the registry."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from sqlalchemy import Engine

from filrouge.monitoring import meters
from filrouge.monitoring.consumer import Reading
from tests.monitoring.driving import Monitor
from tests.monitoring.lines import run_completed, run_started, task, task_started


@pytest.fixture
def reader(engine: Engine) -> InMemoryMetricReader:
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter("test")
    meters.Meters(meter, engine).watch(Reading(positions={0: 4}, ends={0: 7}), {"partial": 2})
    return reader


def measured(reader: InMemoryMetricReader, name: str) -> dict[tuple[Any, ...], float]:
    """The values of a metric by its attributes' values, in the order of their keys."""
    data = reader.get_metrics_data()
    assert data is not None
    return {
        tuple(value for _, value in sorted((point.attributes or {}).items())): point.value
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint)
    }


def test_runs_are_told_by_company_and_state(engine: Engine, reader: InMemoryMetricReader) -> None:
    monitor = Monitor(engine)
    monitor.read(task_started(company="akonovia"), run_started(company="other", run_id="r2"))
    assert measured(reader, meters.RUNS) == {
        ("open", "akonovia"): 1,
        ("stalled", "akonovia"): 0,
        ("open", "other"): 1,
        ("stalled", "other"): 0,
    }

    monitor.wait(600)
    monitor.read(task(company="other", run_id="r2"))
    monitor.wait(400)
    found = measured(reader, meters.RUNS)
    assert (found["stalled", "akonovia"], found["stalled", "other"]) == (1, 0)
    assert (found["open", "akonovia"], found["open", "other"]) == (0, 1)


def test_a_company_whose_runs_are_over_has_none(
    engine: Engine, reader: InMemoryMetricReader
) -> None:
    monitor = Monitor(engine)
    monitor.read(task(), run_completed())

    assert [run.key.company for run in monitor.wait(20)] == ["akonovia"]
    assert measured(reader, meters.RUNS) == {("open", "akonovia"): 0, ("stalled", "akonovia"): 0}


def test_lag_closings_and_what_waits_are_told_from_the_start(
    reader: InMemoryMetricReader,
) -> None:
    assert measured(reader, meters.RUNS) == {}
    assert measured(reader, meters.LAG) == {("0",): 3}
    assert measured(reader, meters.OUTBOX) == {(): 0}
    assert measured(reader, f"{meters.RUNS}.closed") == {
        ("success",): 0,
        ("partial",): 2,
        ("failure",): 0,
    }

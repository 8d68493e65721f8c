from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.runs.model import Run
from filrouge.telemetry.live import LiveMetrics, RecordOutcome
from tests.factories import run_of, task, task_started
from tests.telemetry.captured import LIVE_START_NS, LIVE_TIME_NS, exported
from tests.telemetry.sdk_metrics import CPU_BOUNDS, MEMORY_BOUNDS, bucket_counts

LANE = {
    "ingestion.company": "akonovia",
    "ingestion.zone": "1-Raw",
    "ingestion.source": "Efficy",
}
near_bounds = st.sampled_from([*CPU_BOUNDS, 0.0, 0.005, 59.999, 60.001, 1000.0])
near_memory_bounds = st.sampled_from(
    [each + step for each in MEMORY_BOUNDS for step in (-1, 0, 1)] + [-(2**40), 2**40]
)


def test_every_outcome_of_a_record_is_counted_from_zero() -> None:
    live = LiveMetrics(LIVE_START_NS)
    live.count(RecordOutcome.ACCEPTED)
    live.count(RecordOutcome.ACCEPTED)
    live.count(RecordOutcome.INVALID)

    assert [
        (point["attributes"], point["value"], point["start_ns"], point["time_ns"])
        for point in points_of(live)
    ] == [
        ({"ingestion.record.outcome": outcome}, count, LIVE_START_NS, LIVE_TIME_NS)
        for outcome, count in {"accepted": 2, "duplicate": 0, "late": 0, "invalid": 1}.items()
    ]


@given(st.lists(near_bounds | st.floats(0, 1e6), min_size=1, max_size=40))
def test_cpu_time_is_counted_as_by_hand(values: list[float]) -> None:
    point = histogram(cpu_time_s=values)

    assert point["bucketCounts"] == [str(each) for each in bucket_counts(values, CPU_BOUNDS)]
    assert point["explicitBounds"] == list(CPU_BOUNDS)
    assert point["count"] == str(len(values))
    assert (point["min"], point["max"]) == (min(values), max(values))
    assert point["sum"] == pytest.approx(sum(values))


@given(st.lists(near_memory_bounds | st.integers(-(2**53), 2**53), min_size=1, max_size=40))
def test_change_of_memory_is_counted_as_by_hand_and_has_no_sum(values: list[int]) -> None:
    point = histogram(memory_delta_bytes=values)

    assert point["bucketCounts"] == [str(each) for each in bucket_counts(values, MEMORY_BOUNDS)]
    assert (point["min"], point["max"]) == (min(values), max(values))
    assert "sum" not in point


def test_values_counted_in_several_goes_add_up() -> None:
    """More than wait at once, over many runs."""
    values = [number * 7919 % 3000 / 7 for number in range(3000)]  # in no order
    live = LiveMetrics(LIVE_START_NS)
    for start in range(0, 3000, 100):
        live.measure(run_with(cpu_time_s=values[start : start + 100]))
    [point] = histograms_of(live)

    assert point["bucketCounts"] == [str(each) for each in bucket_counts(values, CPU_BOUNDS)]
    assert (point["count"], point["min"], point["max"]) == ("3000", min(values), max(values))
    assert point["sum"] == pytest.approx(sum(values))


def test_asking_twice_counts_nothing_twice() -> None:
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run_with(cpu_time_s=[0.5]))

    assert histograms_of(live) == histograms_of(live)


def test_each_source_of_a_zone_has_its_own_histogram() -> None:
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run_of(task(cpu_time_s=1.0), task(source="PowerBI", cpu_time_s=2.0)))
    places = [point["attributes"] for point in points_of(live) if point["kind"] == "histogram"]

    assert places == [LANE, {**LANE, "ingestion.source": "PowerBI"}]


def test_a_figure_that_no_task_has_makes_no_histogram() -> None:
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run_of(task(), task_started("b")))

    assert histograms_of(live) == []


def test_live_metrics_belong_to_the_service_that_measured() -> None:
    points = exported(live=LiveMetrics(LIVE_START_NS), service="filrouge-replay").points()

    assert {point["resource"]["service.name"] for point in points} == {"filrouge-replay"}


def histogram(**values: list[Any]) -> dict[str, Any]:
    """The one histogram of tasks that have these values."""
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run_with(**values))
    [point] = histograms_of(live)
    return point


def run_with(**values: list[Any]) -> Run:
    [(field, each)] = values.items()
    return run_of(*(task(f"{index}", **{field: value}) for index, value in enumerate(each)))


def histograms_of(live: LiveMetrics) -> list[dict[str, Any]]:
    return [point["point"] for point in points_of(live) if point["kind"] == "histogram"]


def points_of(live: LiveMetrics) -> list[dict[str, Any]]:
    return exported(live=live).points()

from __future__ import annotations

from dataclasses import asdict
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.runs.statistics import LaneStatistics, lane_statistics, quantile
from tests.factories import run_of, task, task_started


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        ([7.0], 0.95, 7.0),
        ([1.0, 2.0], 0.5, 1.5),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.5),
        ([1.0, 2.0, 3.0, 4.0, 5.0], 0.95, 4.8),
        ([0.0, 10.0], 0.0, 0.0),
        ([0.0, 10.0], 1.0, 10.0),
    ],
)
def test_quantiles_interpolate_linearly(values: list[float], q: float, expected: float) -> None:
    assert quantile(values, q) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=50))
def test_quantiles_are_those_of_the_standard_library(values: list[float]) -> None:
    hundredths = quantiles(values, n=100, method="inclusive")

    for percent in (1, 50, 95, 99):
        assert quantile(values, percent / 100) == pytest.approx(hundredths[percent - 1])


def test_there_is_no_quantile_of_nothing() -> None:
    assert quantile([], 0.5) is None


def test_figures_of_a_lane() -> None:
    [(_, lane)] = run_of(
        task("a", 0, 1, cpu_time_s=0.5, memory_delta_bytes=-4096),
        task("b", 1, 2, cpu_time_s=0.25, memory_delta_bytes=1024),
        task("c", 3, 7),
    ).lanes()

    assert asdict(lane_statistics(lane)) == pytest.approx(
        {
            "p50_s": 2.0,
            "p95_s": 6.5,
            "max_s": 7.0,
            "cpu_time_s": 0.75,
            "memory_peak_bytes": 1024,
        }
    )


def test_figures_that_no_task_has_are_none_and_not_zero() -> None:
    [(_, lane)] = run_of(task_started()).lanes()

    assert lane_statistics(lane) == LaneStatistics(None, None, None, None, None)


def test_a_peak_may_be_negative_when_every_task_freed_memory() -> None:
    [(_, lane)] = run_of(task(memory_delta_bytes=-4096)).lanes()

    assert lane_statistics(lane).memory_peak_bytes == -4096

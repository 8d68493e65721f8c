"""prometheus/limits.yaml is the one home of limits: what else knows one agrees with it."""

from __future__ import annotations

import re

import pytest
import yaml

from filrouge.monitoring.expectations.learning import DEFAULT_LIMIT_S
from filrouge.settings import Settings
from filrouge.telemetry import names
from scripts.rules import HOME, fill, limits
from tests.conftest import CHECKOUT
from tests.simulators import judging

LIMITS = limits()
SOURCES = [*(HOME / "alerts").glob("*.yaml"), *(HOME / "slo").glob("*.yaml")]


def seconds(duration: str) -> float:
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(
        int(number) * units[unit] for number, unit in re.findall(r"(\d+)(ms|[smh])", duration)
    )


def test_limits_are_those_that_were_asked_for() -> None:
    asked = {
        "failure_window": "5m",
        "failure_ratio": 0.02,
        "failure_for": "15m",
        "silence": "75m",
        "slow_factor": 2,
        "heavy_memory_bytes": 150_000_000,
        "heavy_cpu_seconds": 60,
        "burst_failures": 3,
        "burst_window": "10m",
    }
    assert {name: LIMITS[name] for name in asked} == asked


def test_every_limit_is_used() -> None:
    used = set(re.findall(r"<([a-z_]+)>", "".join(path.read_text() for path in SOURCES)))

    assert used - {"traces", "traces_end"} == set(LIMITS)


def test_a_limit_that_there_is_not_stops_the_build() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        fill("x > <nonsense>", LIMITS)


def test_monitoring_judges_silence_and_bursts_by_the_same() -> None:
    assert seconds(LIMITS["silence"]) == DEFAULT_LIMIT_S
    assert seconds(LIMITS["burst_window"]) == Settings.model_fields["burst_window_s"].default


def test_the_shortest_windows_of_rates_hold_every_source_once() -> None:
    windows = yaml.safe_load((HOME / "slo/windows/30d.yaml").read_text())["spec"]

    assert seconds(windows["page"]["quick"]["shortWindow"]) == seconds(LIMITS["silence"])
    assert seconds(LIMITS["failure_ratio_window"]) == seconds(LIMITS["silence"])


def test_limits_of_histograms_are_bounds_of_buckets() -> None:
    config = yaml.safe_load((CHECKOUT / "otel-config/span-metrics.yaml").read_text())
    buckets = config["connectors"]["span_metrics"]["histogram"]["explicit"]["buckets"]

    assert LIMITS["task_duration_seconds"] in map(seconds, buckets)
    assert LIMITS["heavy_memory_bytes"] in names.MEMORY_DELTA.bounds
    assert LIMITS["heavy_cpu_seconds"] in names.CPU_TIME.bounds


def test_scenarios_are_judged_by_the_same() -> None:
    assert judging.LIMITS == LIMITS

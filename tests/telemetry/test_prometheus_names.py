from __future__ import annotations

import pytest

from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import label_name, prometheus_name


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (names.RUN_DURATION, "ingestion_run_duration_seconds"),
        (names.RUN_TASKS, "ingestion_run_tasks"),
        (names.RUN_COMPLETENESS, "ingestion_run_completeness_ratio"),
        (names.SOURCE_MEMORY_PEAK, "ingestion_source_memory_peak_bytes"),
        (names.RECORDS, "ingestion_records_total"),
        (names.CPU_TIME, "ingestion_task_cpu_time_seconds"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_names_in_prometheus(metric: names.Metric, expected: str) -> None:
    """As Prometheus itself named them when it was sent these metrics."""
    assert prometheus_name(metric) == expected


def test_names_of_labels() -> None:
    assert label_name(names.TASK_OUTCOME) == "ingestion_task_outcome"

"""What Prometheus knows of sources, from the real service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import prometheus_name
from tests.backends.asking import eventually
from tests.commands import filrouge, settings_of
from tests.conftest import CHECKOUT, free_offset, throwaway
from tests.monitoring.lines import run_completed, task

PARTS: Final = ("kafka", "tempo", "loki", "prometheus", "collector", "monitoring")
EXPECTED: Final = """
[[source]]
company = "akonovia"
zone = "1-Raw"
source = "zohobooks"
cadence = "2h"

[[run]]
company = "akonovia"
deadline = "30min"
"""
MINUTES_S: Final = 180
FAULT: Final = "HTTP 503"
LABELS: Final = {"ingestion_source", "ingestion_task_outcome"}


@pytest.fixture(scope="module")
def monitored(stack_folder: Path) -> Iterator[Stack]:
    """A stack with a file of expectations."""
    file = stack_folder / "expectations.toml"
    file.write_text(EXPECTED)
    environment = {
        "FILROUGE_RUN_GRACE_S": "1",
        "FILROUGE_EXPECTATIONS": str(file),
        "OTEL_METRIC_EXPORT_INTERVAL": "2000",
    }
    with throwaway(
        Stack(CHECKOUT, stack_folder / "expecting", free_offset(), environment)
    ) as stack:
        stack.up(PARTS)
        yield stack


def ask(stack: Stack, query: str) -> dict[str, float]:
    """Values of series by their labels."""
    found = _prometheus(stack, "query", query=query)["result"]
    return {
        " ".join(
            value for name, value in sorted(each["metric"].items(), reverse=True) if name in LABELS
        ): float(each["value"][1])
        for each in found
    }


def named(stack: Stack) -> set[str]:
    """Names of metrics that are about sources and runs."""
    match = '{__name__=~"filrouge_(source|runs|reconciliation)_.+"}'
    return set(_prometheus(stack, "label/__name__/values", **{"match[]": match}))


def _prometheus(stack: Stack, path: str, **parameters: str) -> Any:
    url = f"{stack.url(Port.PROMETHEUS)}/api/v1/{path}"
    answer = requests.get(url, params=parameters, timeout=30)
    assert answer.status_code == requests.codes.ok, answer.text
    return answer.json()["data"]


def publish(stack: Stack, folder: Path, *lines: bytes) -> None:
    stdin = b"".join(line + b"\n" for line in lines)
    done = filrouge("publish", "-", cwd=folder, env=settings_of(stack), stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")


def run(run_id: str, minutes_ago: float, error: str | None = None) -> list[bytes]:
    """The lines of a run with two tasks, which began so many minutes ago and took one."""
    begin = datetime.now(UTC) - timedelta(minutes=minutes_ago)

    def moment(seconds: float) -> str:
        return (begin + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")

    more: dict[str, Any] = {"run_id": run_id, "cpu_time_s": 2.0, "memory_delta_bytes": 1000}
    return [
        task("Sites", started_at=moment(0), ended_at=moment(30), **more),
        task("Lists", started_at=moment(30), ended_at=moment(60), error=error, **more),
        run_completed(started_at=moment(0), ended_at=moment(60), run_id=run_id),
    ]


def test_prometheus_knows_every_source_and_a_restart_does_not_show(
    monitored: Stack, tmp_path: Path
) -> None:
    old = run("old", 100 * 24 * 60, "HTTP 500")
    runs = [run(f"r{each}", 30 * (6 - each) + 2, FAULT if each == 4 else None) for each in range(7)]
    publish(monitored, tmp_path, *old, *(line for lines in runs for line in lines))

    def tasks(function: str = "") -> dict[str, float]:
        return ask(monitored, f"{function}(filrouge_source_tasks_total[15m])")

    never = {f"{outcome} zohobooks": 0.0 for outcome in ("success", "failure", "unfinished")}
    counted = {"success Efficy": 13.0, "failure Efficy": 1.0, "unfinished Efficy": 0.0}
    eventually(lambda: tasks("last_over_time"), counted | never, MINUTES_S)
    assert set(tasks("min_over_time").values()) == {0.0}
    everything = {prometheus_name(each) for each in names.EXPECTATION_METRICS}
    eventually(lambda: named(monitored), everything, MINUTES_S)
    monitored.restart("monitoring")
    publish(monitored, tmp_path, *run("r7", 1, FAULT))

    eventually(lambda: tasks("last_over_time")["failure Efficy"], 2.0, MINUTES_S)
    assert set(tasks("resets").values()) == {0.0}
    assert ask(monitored, "count(filrouge_source_tasks_total)") == {"": 6}
    assert ask(monitored, "filrouge_source_silence_limit_seconds") == {
        "Efficy": 4500,
        "zohobooks": 9000,
    }
    assert ask(monitored, "filrouge_source_cadence_seconds")["Efficy"] == pytest.approx(1800, abs=5)

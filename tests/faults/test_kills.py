"""Any part dies in the middle of the work: all is there in the end, and nothing is double."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import pytest

from filrouge.stack.stack import Stack
from tests.faults.driving import (
    assert_everywhere,
    await_until,
    measured,
    replay_of,
    work,
)
from tests.simulated import simulated, write_simulated

pytestmark = pytest.mark.slow


class Replayed(NamedTuple):
    """What is replayed when a part dies, and how the collector tells that it has come some way.

    Attributes:
        part: what is killed.
        start: of the first run.
        runs, tasks: how many, and of each run.
        sent: the collector's own metric.
        label: which of them.
        total: what it grows by in all.
        down_s: for how long it is away, besides its start.
    """

    part: str
    start: str
    runs: int
    tasks: int
    sent: str
    label: str
    total: int
    down_s: float = 0.0


COLLECTOR = Replayed(
    "collector",
    "2026-01-01T06:00",
    40,
    500,
    "otelcol_receiver_accepted_log_records",
    "otlp",
    20000,
    down_s=5.0,  # what was on its way is sent again, and Tempo keeps copies that come at once
)
TEMPO = Replayed(
    "tempo", "2026-02-01T06:00", 40, 500, "otelcol_exporter_sent_spans", "tempo", 20320
)
LOKI = Replayed(
    "loki", "2026-03-01T06:00", 40, 500, "otelcol_exporter_sent_log_records", "loki", 20000
)
PROMETHEUS = Replayed(
    "prometheus",
    "2026-04-01T06:00",
    600,
    20,
    "otelcol_exporter_sent_metric_points",
    "prometheus",
    24000,
)


@pytest.mark.parametrize("case", [COLLECTOR, TEMPO, LOKI, PROMETHEUS], ids=lambda case: case.part)
def test_a_replay_is_complete_although_a_part_was_killed(
    broken_stack: Stack, tmp_path: Path, case: Replayed
) -> None:
    file = tmp_path / "records.ndjson"
    write_simulated(file, case.start, runs=case.runs, tasks=case.tasks)
    before = measured(broken_stack, case.sent, case.label)

    with work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as replay:
        await_until(
            lambda: measured(broken_stack, case.sent, case.label) > before, "some has arrived"
        )
        arrived = measured(broken_stack, case.sent, case.label) - before
        broken_stack.kill(case.part)
        assert replay.is_running
        assert arrived < case.total
        time.sleep(case.down_s)
        broken_stack.start(case.part)

        assert replay.finish() == (0, "")

    assert_everywhere(broken_stack, file)


@pytest.mark.parametrize(
    ("part", "start"),
    [
        ("kafka", "2026-05-01T06:00"),
        ("collector", "2026-06-01T06:00"),
        ("loki", "2026-07-01T06:00"),
    ],
)
def test_what_is_published_is_complete_although_a_part_was_killed(
    broken_stack: Stack, tmp_path: Path, part: str, start: str
) -> None:
    lines = simulated(start, runs=20, tasks=500)
    half = len(lines) // 2
    file = tmp_path / "records.ndjson"
    file.write_bytes(b"".join(lines))
    sent = "otelcol_exporter_sent_log_records"
    before = measured(broken_stack, sent, "loki")

    with work(broken_stack, tmp_path, "publish", "-") as publish:
        publish.stdin.write(b"".join(lines[:half]))
        publish.stdin.flush()
        await_until(lambda: measured(broken_stack, sent, "loki") > before, "some has arrived")
        broken_stack.kill(part)
        publish.stdin.write(b"".join(lines[half:]))
        assert publish.is_running
        broken_stack.start(part)

        assert publish.finish() == (0, "")

    assert_everywhere(broken_stack, file, "loki", "topic")

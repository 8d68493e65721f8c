"""Old and new side by side, each found by search and not only by id."""

from __future__ import annotations

import time
from pathlib import Path

from tests.backends.asking import Backends, eventually
from tests.backends.records import SPANS, TASKS
from tests.backends.sending import DAY, NOON, replay, simulated

RUNS = '{ span.ingestion.level = "run" && span.ingestion.company = "akonovia" } | select(name)'
LINES = '{ingestion_company="akonovia"}'
DURATIONS = "sum by (ingestion_company) (count_over_time(ingestion_run_duration_seconds[1h]))"


def test_a_run_of_now_is_found_beside_history(backends: Backends) -> None:
    now_s = int(time.time())

    eventually(lambda: backends.search(RUNS, now_s - 3600, now_s + 60), ("run akonovia",))
    eventually(lambda: backends.lines(LINES, now_s - 3600, now_s + 60), (f"{len(TASKS)} lines",))
    eventually(lambda: "akonovia: 1" in backends.value(DURATIONS, None), expected=True)


def test_what_is_years_older_than_the_newest_is_taken(backends: Backends, tmp_path: Path) -> None:
    old_s = DAY[0] + 12 * 3600
    file = simulated(tmp_path / "old", "--start", NOON, "--seed", "7")
    replay(backends.stack, file)

    eventually(lambda: backends.search(RUNS, old_s, old_s + 3600), ("run akonovia",))
    eventually(lambda: backends.lines(LINES, old_s, old_s + 3600), (f"{len(TASKS)} lines",))
    eventually(lambda: backends.value(DURATIONS, old_s + 3600), ("akonovia: 1",))


def test_a_trace_has_each_span_once(backends: Backends) -> None:
    eventually(lambda: len(backends.trace("fe2279ab03cf5948453eb2e90e37ee33")), SPANS)

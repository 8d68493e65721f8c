"""What is asked about is over by then, whatever the time is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from grafana.asking.feeding import records
from tests.grafana.known import task

SOME_TIME = datetime(2026, 11, 28, 20, 43, 20, tzinfo=UTC)


def test_all_runs_ended_some_minutes_ago() -> None:
    for minutes in range(0, 24 * 60, 47):
        now = SOME_TIME + timedelta(minutes=minutes)
        ends_s = [task(line).end_s for line in records(now)]
        assert timedelta(0) < now - datetime.fromtimestamp(max(ends_s), UTC) < timedelta(minutes=20)

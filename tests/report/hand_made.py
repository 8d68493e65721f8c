"""Runs made by hand, as the reports see them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from filrouge.records.parse import RecordParser
from filrouge.report.view import RunView, run_view
from filrouge.runs.open_run import OpenRun

START = datetime(2025, 9, 5, 20, 45, tzinfo=UTC)


def task(
    name: str, start_s: float, duration_s: float, error: str | None = None, **data: Any
) -> bytes:
    """A finished task; with an error text it failed."""
    ended = {"ended_at": _at(start_s + duration_s)}
    failed = {} if error is None else {"error": {"message": error}}
    kind = "task.completed" if error is None else "task.failed"
    return _event(
        kind, {"object_name": name, "started_at": _at(start_s), **ended, **failed, **data}
    )


def task_started(name: str, start_s: float, **data: Any) -> bytes:
    """A task that was begun."""
    return _event("task.started", {"object_name": name, "started_at": _at(start_s), **data})


def run_started(**data: Any) -> bytes:
    """A run that was begun."""
    lane = {"zone": None, "source": None, "object_id": None}
    return _event("run.started", {"started_at": _at(0), **lane, **data})


def view_of(
    lines: Iterable[bytes], rebased_from: str | None = None, grafana_url: str | None = None
) -> RunView:
    """The closed run of these records."""
    parser = RecordParser(ZoneInfo("UTC"), frozenset({"1-Raw", "2-Standard"}))
    records = [parser.parse(line) for line in lines]
    run = OpenRun(records[0].run)
    for record in records:
        run.add(record)
    return run_view(run.close(rebased_from), grafana_url)


def _event(kind: str, data: dict[str, Any]) -> bytes:
    defaults = {
        "company": "akonovia",
        "run_id": "2025-09-05-16-45",
        "zone": "1-Raw",
        "source": "zohobooks",
        "object_id": 1,
    }
    known = {key: value for key, value in {**defaults, **data}.items() if value is not None}
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/akonovia/ingestion",
        "type": f"io.filrouge.{kind}",
        "time": _at(0),
        "data": known,
    }
    return json.dumps(event).encode()


def _at(offset_s: float) -> str:
    return (START + timedelta(seconds=offset_s)).isoformat()

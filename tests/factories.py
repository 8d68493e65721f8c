"""Records and runs with sane defaults, so that a test shows only what matters to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from filrouge.records.reading.reader import Rejection
from filrouge.records.record import (
    Record,
    RunCompleted,
    RunKey,
    RunOutcome,
    RunStarted,
    TaskFinished,
    TaskOutcome,
    TaskStarted,
)
from filrouge.records.rejection import Reason
from filrouge.runs.model import Run
from filrouge.runs.open_run import OpenRun

RUN: Final = RunKey("akonovia", "2025-09-05-16-45", 1)
START_NS: Final = 1_757_105_120_000_000_000
"""2025-09-05 20:45:20 UTC; the times of the factories are seconds after it."""


def ns(seconds: float) -> int:
    """The instant so many seconds after the start, in nanoseconds since 1970 UTC."""
    return START_NS + round(seconds * 1e9)


def task(
    object_name: str = "Sites",
    at_s: float = 0,
    took_s: float = 1,
    *,
    error: str | None = None,
    **fields: Any,
) -> TaskFinished:
    """A finished task; with an error text it failed."""
    outcome = TaskOutcome.SUCCESS if error is None else TaskOutcome.FAILURE
    known = {
        **_place(object_name, ns(at_s)),
        "end_ns": ns(at_s + took_s),
        "outcome": outcome,
        "message": error or "",
    }
    return TaskFinished(**_with_line({**known, **fields}))


def task_started(object_name: str = "Sites", at_s: float = 0, **fields: Any) -> TaskStarted:
    """The announcement of the task that has the same name and start."""
    return TaskStarted(**_with_line({**_place(object_name, ns(at_s)), **fields}))


def run_started(at_s: float = 0, expected_tasks: int | None = None, **fields: Any) -> RunStarted:
    """The producer opens the run."""
    known = {"run": RUN, "start_ns": ns(at_s), "expected_tasks": expected_tasks}
    return RunStarted(**_with_line({**known, **fields}))


def run_completed(
    at_s: float = 0,
    took_s: float = 1,
    outcome: RunOutcome | None = None,
    expected_tasks: int | None = None,
    **fields: Any,
) -> RunCompleted:
    """The producer closes the run."""
    known = {
        "run": RUN,
        "start_ns": ns(at_s),
        "end_ns": ns(at_s + took_s),
        "outcome": outcome,
        "expected_tasks": expected_tasks,
    }
    return RunCompleted(**_with_line({**known, **fields}))


def run_of(*records: Record, rebased_from: str | None = None) -> Run:
    """The closed run of these records, of which there must be one at least."""
    run = OpenRun(records[0].run)
    for record in records:
        run.add(record)
    return run.close(rebased_from)


def _place(object_name: str, start_ns: int) -> dict[str, Any]:
    moment = datetime.fromtimestamp(start_ns // 1_000_000_000, UTC)
    return {
        "run": RUN,
        "zone": "1-Raw",
        "source": "Efficy",
        "object_id": "12",
        "object_name": object_name,
        "started": f"{moment:%Y-%m-%dT%H:%M:%S}.{start_ns % 1_000_000_000:09d}Z",
        "start_ns": start_ns,
    }


def _with_line(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with a line that says the same, unless the test gives one."""
    return {"line": json.dumps(fields, default=str).encode(), **fields}


def rejection(
    file: str = "logs.json",
    line: int = 1,
    reason: str = "invalid_json",
    message: str = "not JSON",
    original: bytes = b"{",
) -> Rejection:
    """A line that is no record."""
    return Rejection(file, line, 0, Reason(reason), None, message, original)

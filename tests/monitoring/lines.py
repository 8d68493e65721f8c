"""Lines of schema 2 with sane defaults, so that a test shows only what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

BEGIN: Final = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def task(name: str = "Sites", at_s: float = 0, took_s: float = 1, **data: Any) -> bytes:
    """A finished task; failed if `error` is given."""
    error = data.pop("error", None)
    more = {"error": {"message": error}} if error is not None else {}
    return event(
        "task.failed" if more else "task.completed",
        **{
            "zone": "1-Raw",
            "source": "Efficy",
            "object_id": 12,
            "object_name": name,
            "started_at": at(at_s),
            "ended_at": at(at_s + took_s),
            **more,
            **data,
        },
    )


def task_started(name: str = "Sites", at_s: float = 0, **data: Any) -> bytes:
    place = {"zone": "1-Raw", "source": "Efficy", "object_id": 12, "object_name": name}
    return event("task.started", **{**place, "started_at": at(at_s), **data})


def run_started(at_s: float = 0, **data: Any) -> bytes:
    return event("run.started", **{"started_at": at(at_s), **data})


def run_completed(at_s: float = 0, took_s: float = 60, **data: Any) -> bytes:
    return event("run.completed", **{"started_at": at(at_s), "ended_at": at(at_s + took_s), **data})


def event(kind: str, **data: Any) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": "1",
            "source": "/tests",
            "type": f"io.filrouge.{kind}",
            "data": {"company": "akonovia", "run_id": "r1", **data},
        }
    )

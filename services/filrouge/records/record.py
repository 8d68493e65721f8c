"""The one form in which a record is known inside, whatever dialect it came in.

Times are integer nanoseconds since 1970 UTC, as OTLP writes them: nothing is rounded on the way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class TaskOutcome(StrEnum):
    """How a task ended."""

    SUCCESS = "success"
    FAILURE = "failure"


class RunOutcome(StrEnum):
    """How a run, stage or source lane ended."""

    SUCCESS = "success"
    PARTIAL = "partial"
    FAILURE = "failure"


class Remark(StrEnum):
    """Something odd about a record that does not keep it from being understood."""

    AMBIGUOUS_LOCAL_TIME = "ambiguous_local_time"
    NONEXISTENT_LOCAL_TIME = "nonexistent_local_time"
    DURATION_CONTRADICTS_TIMES = "duration_contradicts_times"
    UNKNOWN_ZONE = "unknown_zone"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"


class RunKey(NamedTuple):
    """What names a run: one key, one trace."""

    company: str
    run_id: str
    attempt: int


@dataclass(slots=True, eq=False)
class TaskFinished:
    """One finished object of a source: the record that becomes a task span.

    `started` is the start as the producer wrote it. It is part of the span's identity, so that
    anybody who holds the record can work out the id without a time-zone database.
    """

    run: RunKey
    zone: str
    source: str
    object_id: str
    object_name: str
    started: str
    start_ns: int
    end_ns: int
    outcome: TaskOutcome
    line: bytes
    message: str = ""
    error_type: str | None = None
    transformation: str | None = None
    cpu_time_s: float | None = None
    memory_delta_bytes: int | None = None
    traceparent: str | None = None
    remarks: tuple[Remark, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class TaskStarted:
    """An object has been begun; only schema 2 says so."""

    run: RunKey
    zone: str
    source: str
    object_id: str
    object_name: str
    started: str
    start_ns: int
    line: bytes


@dataclass(slots=True, eq=False)
class RunStarted:
    """The producer opened a run; `expected_tasks` is its own announcement, if it made one."""

    run: RunKey
    start_ns: int
    expected_tasks: int | None
    line: bytes


@dataclass(slots=True, eq=False)
class RunCompleted:
    """The producer closed a run; `outcome` is its own verdict, if it gave one."""

    run: RunKey
    start_ns: int
    end_ns: int
    outcome: RunOutcome | None
    expected_tasks: int | None
    line: bytes


Record = TaskFinished | TaskStarted | RunStarted | RunCompleted


def as_text(value: Any) -> str:
    """The value of a field that the schema does not know: text as it stands, all else as JSON.

    By the standard library, for orjson refuses whole numbers of more than 64 bits.
    """
    return value if isinstance(value, str) else _as_json(value)


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

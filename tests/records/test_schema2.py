from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import jsonschema
import pytest

from filrouge.errors import RejectedRecord
from filrouge.records.json_schema import json_schema
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
from filrouge.records.schema2 import parse_schema2
from tests.records.samples import LEFT_OUT, event

RUN = RunKey("akonovia", "2025-09-05-16-45", 2)
STARTED = "2025-09-05T20:45:26.191702Z"
START_NS = 1_757_105_126_191_702_000
END_NS = START_NS + 2_250_000_000
EVERY_KIND = ["task.started", "task.completed", "task.failed", "run.started", "run.completed"]


def finished(line: bytes) -> TaskFinished:
    record = parse_schema2(line)
    assert isinstance(record, TaskFinished)
    return record


def test_start_of_a_task() -> None:
    line = event("task.started")

    expected = TaskStarted(RUN, "1-Raw", "Efficy", "12", "Contacts", STARTED, START_NS, line)
    assert described(parse_schema2(line)) == described(expected)


def test_success_of_a_task() -> None:
    line = event(
        "task.completed",
        {
            "transformation": "get_data",
            "parameters": {"a": ["b", 1.5]},
            "cpu_time_s": 0.09,
            "memory_delta_bytes": -4096,
            "message": "Tout roule",
            "rows": 12,
        },
        {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    )

    expected = TaskFinished(
        run=RUN,
        zone="1-Raw",
        source="Efficy",
        object_id="12",
        object_name="Contacts",
        started=STARTED,
        start_ns=START_NS,
        end_ns=END_NS,
        outcome=TaskOutcome.SUCCESS,
        line=line,
        message="Tout roule",
        transformation="get_data",
        cpu_time_s=0.09,
        memory_delta_bytes=-4096,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        extra={"rows": 12, "parameters": {"a": ["b", 1.5]}},
    )
    assert described(parse_schema2(line)) == described(expected)


def test_failure_of_a_task() -> None:
    error = {"type": "KeyError", "message": "'id'", "stack": "..."}
    task = finished(event("task.failed", {"error": error, "message": "sorry"}))

    assert (task.outcome, task.error_type, task.message) == (
        TaskOutcome.FAILURE,
        "KeyError",
        "'id'",
    )


def test_failure_without_type() -> None:
    task = finished(event("task.failed"))

    assert (task.outcome, task.error_type, task.message) == (TaskOutcome.FAILURE, None, "'id'")


def test_start_of_a_run() -> None:
    line = event("run.started", {"expected_tasks": 72})

    assert described(parse_schema2(line)) == described(RunStarted(RUN, START_NS, 72, line))


def test_end_of_a_run() -> None:
    line = event("run.completed", {"outcome": "partial", "expected_tasks": 72})

    expected = RunCompleted(RUN, START_NS, END_NS, RunOutcome.PARTIAL, 72, line)
    assert described(parse_schema2(line)) == described(expected)


def test_end_of_a_run_without_verdict() -> None:
    line = event("run.completed")

    expected = RunCompleted(RUN, START_NS, END_NS, None, None, line)
    assert described(parse_schema2(line)) == described(expected)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_attempt_is_the_first_unless_said_otherwise(kind: str) -> None:
    assert parse_schema2(event(kind, {"attempt": LEFT_OUT})).run == RUN._replace(attempt=1)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_unknown_fields_harm_nobody(kind: str) -> None:
    line = event(kind, {"new": {"a": [None]}}, {"tenantid": "t", "new": 5})

    assert parse_schema2(line).run == RUN


@pytest.mark.parametrize("offset", ["+00:00", "Z", "z"])
def test_time_may_have_any_offset(offset: str) -> None:
    assert (
        finished(event(data={"ended_at": f"2025-09-05T20:45:28.441702{offset}"})).end_ns == END_NS
    )


@pytest.mark.parametrize(
    ("kind", "data", "reason", "field", "message"),
    [
        (
            "task.completed",
            {"company": LEFT_OUT, "ended_at": LEFT_OUT},
            Reason.MISSING_FIELD,
            "data.company",
            "data.company, data.ended_at are missing; no record goes without",
        ),
        (
            "task.failed",
            {"error": LEFT_OUT},
            Reason.MISSING_FIELD,
            "data.error",
            "data.error is missing; no record goes without",
        ),
        (
            "task.failed",
            {"error": {"type": "KeyError"}},
            Reason.MISSING_FIELD,
            "data.error.message",
            "data.error.message is missing; no record goes without",
        ),
        (
            "run.started",
            {"run_id": " "},
            Reason.EMPTY_FIELD,
            "data.run_id",
            "data.run_id is empty; no record goes without",
        ),
        (
            "task.started",
            {"object_name": "x" * 10_000},
            Reason.NAME_TOO_LONG,
            "data.object_name",
            "data.object_name has 10000 characters; the limit is 512, shorten it",
        ),
        (
            "run.completed",
            {"attempt": "2"},
            Reason.WRONG_TYPE,
            "data.attempt",
            "data.attempt is '2'; expected a valid integer",
        ),
        (
            "run.completed",
            {"attempt": 0},
            Reason.OUT_OF_RANGE,
            "data.attempt",
            "data.attempt is 0; it must be greater than or equal to 1",
        ),
        (
            "task.completed",
            {"cpu_time_s": "0.09"},
            Reason.WRONG_TYPE,
            "data.cpu_time_s",
            "data.cpu_time_s is '0.09'; expected a valid number",
        ),
        (
            "task.completed",
            {"cpu_time_s": -0.5},
            Reason.OUT_OF_RANGE,
            "data.cpu_time_s",
            "data.cpu_time_s is -0.5; it must be greater than or equal to 0",
        ),
        (
            "task.completed",
            {"cpu_time_s": float("inf")},
            Reason.NOT_FINITE,
            "data.cpu_time_s",
            "data.cpu_time_s is not finite; send a number or leave it out",
        ),
        (
            "task.completed",
            {"memory_delta_bytes": 2**53},
            Reason.OUT_OF_RANGE,
            "data.memory_delta_bytes",
            "data.memory_delta_bytes is 9007199254740992; the limit is 2^53 - 1",
        ),
        (
            "task.started",
            {"parameters": [{"a": float("nan")}]},
            Reason.NOT_FINITE,
            "data.parameters",
            "data.parameters is not finite; send a number or leave it out",
        ),
        (
            "run.started",
            {"new": float("nan")},
            Reason.NOT_FINITE,
            "data.new",
            "data.new is not finite; send a number or leave it out",
        ),
        (
            "task.started",
            {"object_id": [12]},
            Reason.WRONG_TYPE,
            "data.object_id",
            "data.object_id is [12]; expected a valid integer or a valid string",
        ),
        (
            "task.completed",
            {"started_at": "2025-09-05T20:45:26"},
            Reason.INVALID_TIME,
            "data.started_at",
            "data.started_at is '2025-09-05T20:45:26'; "
            "expected RFC 3339 with offset, such as 2025-09-05T20:45:26Z",
        ),
        (
            "run.started",
            {"started_at": "2925-09-05T20:45:26Z"},
            Reason.OUT_OF_RANGE,
            "data.started_at",
            "data.started_at is '2925-09-05T20:45:26Z'; expected a time from 1970 to 2261",
        ),
        (
            "run.completed",
            {"ended_at": "2025-09-05T20:45:26.191701Z"},
            Reason.END_BEFORE_START,
            "data.ended_at",
            "data.ended_at 2025-09-05T20:45:26.191701Z lies before "
            "data.started_at 2025-09-05T20:45:26.191702Z",
        ),
        (
            "run.completed",
            {"outcome": "so-so"},
            Reason.UNKNOWN_STATE,
            "data.outcome",
            "data.outcome is 'so-so'; expected 'success', 'partial' or 'failure'",
        ),
    ],
)
def test_bad_data_are_refused(
    kind: str, data: dict[str, Any], reason: Reason, field: str, message: str
) -> None:
    assert refusal(event(kind, data)) == (reason, field, message)


@pytest.mark.parametrize(
    ("envelope", "reason", "field", "message"),
    [
        (
            {"specversion": "0.3"},
            Reason.UNKNOWN_EVENT,
            "specversion",
            "specversion is '0.3'; expected '1.0'",
        ),
        (
            {"type": 5},
            Reason.UNKNOWN_EVENT,
            "type",
            "type is '5'; expected one of "
            + ", ".join(f"'io.filrouge.{kind}'" for kind in EVERY_KIND),
        ),
        ({"id": ""}, Reason.EMPTY_FIELD, "id", "id is empty; no record goes without"),
        (
            {"source": LEFT_OUT},
            Reason.MISSING_FIELD,
            "source",
            "source is missing; no record goes without",
        ),
        (
            {"data": "eyJhIjoxfQ=="},
            Reason.WRONG_TYPE,
            "data",
            "data is 'eyJhIjoxfQ=='; expected an object",
        ),
        (
            {"data": LEFT_OUT},
            Reason.MISSING_FIELD,
            "data",
            "data is missing; no record goes without",
        ),
    ],
)
def test_bad_envelope_is_refused(
    envelope: dict[str, Any], reason: Reason, field: str, message: str
) -> None:
    assert refusal(event(envelope=envelope)) == (reason, field, message)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_what_is_taken_is_right_by_the_published_schema(kind: str) -> None:
    jsonschema.validate(json.loads(event(kind)), json_schema(2))


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("data", [{"company": ""}, {"attempt": 0}, {"started_at": LEFT_OUT}])
def test_what_is_wrong_by_the_published_schema_is_named(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(event(kind, data)), json_schema(2))


def refusal(line: bytes) -> tuple[str, str | None, str]:
    with pytest.raises(RejectedRecord) as raised:
        parse_schema2(line)
    return raised.value.reason, raised.value.field, str(raised.value)


def described(record: Record) -> dict[str, Any]:
    return {"is": type(record).__name__} | asdict(record)

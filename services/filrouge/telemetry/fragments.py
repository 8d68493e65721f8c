"""Attributes that many spans and log records share, encoded once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from filrouge.records.record import TaskFinished, TaskOutcome, as_text
from filrouge.records.utctime import NS_PER_S
from filrouge.runs.failure import error_type
from filrouge.runs.model import Counts, Run
from filrouge.telemetry import names, otlp_json
from filrouge.telemetry.otlp_json import Fragment

Facts = Mapping[str, Fragment]
"""The facts of a run's tasks by span id."""

_OBJECTS_KEPT = 65_536  # catalogues of objects are far smaller; about 300 bytes each
_PLACES_KEPT = 4096
_VALUES_KEPT = 4096
_EXTRA_FIELDS = 32  # a record with more is a mistake, not a description
_EXTRA_CHARACTERS = 1024
_MESSAGE_CHARACTERS = 4096  # the log record's body has the whole text


@lru_cache
def resource(service_name: str, replay: bool) -> Fragment:
    """The resource of spans and metrics."""
    return otlp_json.attributes(
        {names.SERVICE_NAME.key: service_name, names.REPLAY.key: replay or None}
    )


@lru_cache(maxsize=_PLACES_KEPT)
def log_resource(
    service_name: str,
    replay: bool,
    company: str,
    zone: str | None = None,
    source: str | None = None,
) -> Fragment:
    """The resource of log records: what Loki shall index, which is little and bounded."""
    return otlp_json.attributes(
        {
            names.SERVICE_NAME.key: service_name,
            names.REPLAY.key: replay or None,
            names.COMPANY.key: company,
            names.ZONE.key: zone,
            names.SOURCE.key: source,
        }
    )


@lru_cache(maxsize=_PLACES_KEPT)
def place(level: str, company: str, zone: str | None = None, source: str | None = None) -> Fragment:
    """What says where in the tree a span stands."""
    return otlp_json.attributes(
        {
            names.COMPANY.key: company,
            names.ZONE.key: zone,
            names.SOURCE.key: source,
            names.LEVEL.key: level,
        }
    )


def run_identity(run: Run) -> Fragment:
    """What says which run a span or log record belongs to, besides the company."""
    return otlp_json.attributes(
        {
            names.RUN_ID.key: run.key.run_id,
            names.RUN_ATTEMPT.key: run.key.attempt,
            names.REBASED_FROM.key: run.rebased_from,
        }
    )


@lru_cache(maxsize=_OBJECTS_KEPT)
def object_identity(object_id: str, object_name: str, transformation: str | None) -> Fragment:
    """What says which object a task worked on, and how."""
    return otlp_json.attributes(
        {
            names.OBJECT_ID.key: object_id,
            names.OBJECT_NAME.key: object_name,
            names.TRANSFORMATION.key: transformation,
        }
    )


@lru_cache(maxsize=_OBJECTS_KEPT)
def task_name(source: str, object_name: str) -> Fragment:
    """A task span's name as a JSON string."""
    return otlp_json.string(names.task_span_name(source, object_name))


_CPU_TIME = b',{"key":"%b","value":{"doubleValue":%%b}}' % names.TASK_CPU_TIME.key.encode()
_MEMORY = b',{"key":"%b","value":{"intValue":"%%d"}}' % names.TASK_MEMORY_DELTA.key.encode()
_DURATION = b',{"key":"%b","value":{"doubleValue":%%d.%%09d}}' % names.TASK_DURATION.key.encode()
_SUCCESS = TaskOutcome.SUCCESS
_SUCCEEDED = b"," + otlp_json.attribute(names.TASK_OUTCOME.key, _SUCCESS)


def facts(record: TaskFinished) -> Fragment:
    """What a task's span and its log record both tell: object, cost, outcome, remarks."""
    identity = object_identity(record.object_id, record.object_name, record.transformation)
    cpu_time_s, memory_delta_bytes = record.cpu_time_s, record.memory_delta_bytes
    return b"%b%b%b%b" % (
        identity,
        b"" if cpu_time_s is None else _CPU_TIME % otlp_json.number(cpu_time_s),
        b"" if memory_delta_bytes is None else _MEMORY % memory_delta_bytes,
        _SUCCEEDED if record.outcome is _SUCCESS and not record.remarks else _oddities(record),
    )


def extra_fields(record: TaskFinished) -> Fragment:
    """Fields that the schema does not know: attributes, each with a comma before it."""
    fragment = b""
    fields = record.extra.items()
    for field, value in fields if len(fields) <= _EXTRA_FIELDS else islice(fields, _EXTRA_FIELDS):
        text = value if type(value) is str else _text(value)
        if text:
            fragment += _extra_field(field, text[:_EXTRA_CHARACTERS])
    return fragment


def duration(record: TaskFinished) -> Fragment:
    """How long a task took: an attribute with a comma before it."""
    return _DURATION % divmod(record.end_ns - record.start_ns, NS_PER_S)


def error_text(record: TaskFinished) -> Fragment:
    """The text of a failure, cut when it is long, as an attribute."""
    return otlp_json.attribute(
        names.EXCEPTION_MESSAGE.key, cut(record.message, _MESSAGE_CHARACTERS)
    )


def cut(text: str, characters: int) -> str:
    """The text, at most so long; an ellipsis shows where something is missing."""
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


@lru_cache(maxsize=_PLACES_KEPT)
def tasks_below(counts: Counts) -> Fragment:
    """How many tasks a run, stage or source has, and how many went wrong."""
    return otlp_json.attributes(
        {
            names.TASKS_TOTAL.key: counts.total,
            names.TASKS_FAILED.key: counts.failure,
            names.TASKS_UNFINISHED.key: counts.unfinished,
        }
    )


@lru_cache(maxsize=_VALUES_KEPT)
def _extra_field(field: str, text: str) -> Fragment:
    key = f"{names.TASK_EXTRA.key}.{field[:_EXTRA_CHARACTERS]}"
    return b"," + otlp_json.attribute(key, text)


def _text(value: Any) -> str:
    return "" if value is None else as_text(value)


def _oddities(record: TaskFinished) -> Fragment:
    return b"," + otlp_json.attributes(
        {
            names.TASK_OUTCOME.key: record.outcome,
            names.ERROR_TYPE.key: None if record.outcome is _SUCCESS else error_type(record),
            names.TASK_REMARKS.key: record.remarks or None,
        }
    )

"""A run's log records as the SDK's own objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import NonRecordingSpan, set_span_in_context

from filrouge.records.record import RunCompleted, TaskFinished, TaskOutcome
from filrouge.runs.ids import RunIds
from filrouge.runs.model import Lane, Run, Stage
from tests.telemetry.sdk_common import (
    SCOPE,
    context,
    present,
    resource,
    run_identity,
    service_of,
    task_facts,
)


def sdk_logs(run: Run, replay: bool) -> Iterator[ReadableLogRecord]:
    """The log records of a run that fits in one trace."""
    company = {"ingestion.company": run.key.company}
    for event in run.events:
        completed = isinstance(event, RunCompleted)
        yield _log(
            run,
            run.span_id,
            event.end_ns if isinstance(event, RunCompleted) else event.start_ns,
            "ingestion.run.completed" if completed else "ingestion.run.started",
            event.line,
            {},
            resource("pipeline", replay, company),
        )
    for stage, lane in run.lanes():
        place = {**company, "ingestion.zone": stage.zone, "ingestion.source": lane.source}
        of_lane = resource(service_of(stage.zone), replay, place)
        yield from _started(run, stage, lane, of_lane)
        for task in lane.tasks:
            for record in (task.record, *task.superseded):
                yield _finished(run, task.span_id, record, of_lane)


def _started(run: Run, stage: Stage, lane: Lane, of_lane: Resource) -> Iterator[ReadableLogRecord]:
    ids = RunIds(run.key).tasks(stage.zone, lane.source)
    for begun in lane.started:
        yield _log(
            run,
            ids.task(begun.object_id, begun.object_name, begun.started),
            begun.start_ns,
            "ingestion.task.started",
            begun.line,
            {
                "ingestion.object.id": begun.object_id,
                "ingestion.object.name": begun.object_name,
            },
            of_lane,
        )


def _finished(run: Run, span_id: str, record: TaskFinished, of_lane: Resource) -> ReadableLogRecord:
    failed = record.outcome is TaskOutcome.FAILURE
    return _log(
        run,
        span_id,
        record.end_ns,
        "ingestion.task.failed" if failed else "ingestion.task.completed",
        record.line,
        {
            "ingestion.task.duration": (record.end_ns - record.start_ns) / 1e9,
            **task_facts(record),
            "exception.message": record.message if failed else None,
        },
        of_lane,
    )


def _log(
    run: Run,
    span_id: str,
    time_ns: int,
    name: str,
    line: bytes,
    attributes: dict[str, Any],
    of: Resource,
) -> ReadableLogRecord:
    grave = name == "ingestion.task.failed"
    span = NonRecordingSpan(context(run.trace_id, span_id))
    record = LogRecord(
        timestamp=time_ns,
        observed_timestamp=0,  # none: it would differ at every replay
        context=set_span_in_context(span),
        severity_text="ERROR" if grave else "INFO",
        severity_number=SeverityNumber.ERROR if grave else SeverityNumber.INFO,
        body=line.decode(),
        attributes=present({**run_identity(run), **attributes}),
        event_name=name,
    )
    return ReadableLogRecord(record, of, SCOPE)

"""A run's spans as the SDK's own objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, Status, StatusCode

from filrouge.records.record import RunOutcome, TaskOutcome
from filrouge.runs.failure import error_type, status_text
from filrouge.runs.model import Counts, Lane, Run, Stage, Task
from filrouge.runs.outcome import tasks_reason
from tests.telemetry.sdk_common import (
    SCOPE,
    context,
    present,
    resource,
    run_identity,
    service_of,
    task_facts,
)

OK = Status(StatusCode.OK)


def sdk_spans(run: Run, replay: bool) -> Iterator[ReadableSpan]:
    """The spans of a run that fits in one trace, its tasks without fields that no schema knows."""
    yield _span(
        run,
        (None, run.span_id),
        f"run {run.key.company}",
        run,
        resource("pipeline", replay),
        {
            **_place(run, "run"),
            "ingestion.run.outcome": str(run.outcome),
            "ingestion.tasks.expected": run.expected_tasks,
            **_below(run.counts),
        },
        _rolled_up(run.outcome, run.reason, list(run.tasks())),
    )
    for stage in run.stages:
        of_zone = resource(service_of(stage.zone), replay)
        tasks = [task for lane in stage.lanes for task in lane.tasks]
        yield _span(
            run,
            (run.span_id, stage.span_id),
            f"stage {stage.zone}",
            stage,
            of_zone,
            {**_place(run, "stage", stage), **_below(stage.counts)},
            _rolled_up(stage.counts.outcome, tasks_reason(stage.counts), tasks),
        )
        for lane in stage.lanes:
            yield _span(
                run,
                (stage.span_id, lane.span_id),
                f"source {lane.source}",
                lane,
                of_zone,
                {**_place(run, "source", stage, lane), **_below(lane.counts)},
                _rolled_up(lane.counts.outcome, tasks_reason(lane.counts), lane.tasks),
            )
            for task in lane.tasks:
                yield _task_span(run, stage, lane, task, of_zone)


def _task_span(run: Run, stage: Stage, lane: Lane, task: Task, of_zone: Resource) -> ReadableSpan:
    record = task.record
    failed = record.outcome is TaskOutcome.FAILURE
    told = {"exception.type": error_type(record), "exception.message": record.message}
    producer = context("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", remote=True)
    return _span(
        run,
        (lane.span_id, task.span_id),
        f"task {record.source}/{record.object_name}",
        record,
        of_zone,
        {**_place(run, "task", stage, lane), **task_facts(record)},
        Status(StatusCode.ERROR, status_text(record)) if failed else OK,
        [Event("exception", told, record.end_ns)] if failed else [],
        [Link(producer)] if record.traceparent else [],
    )


def _span(  # noqa: PLR0913 - as many as a span has parts
    run: Run,
    ids: tuple[str | None, str],
    name: str,
    times: Any,
    of: Resource,
    attributes: dict[str, Any],
    status: Status,
    events: Sequence[Event] = (),
    links: Sequence[Link] = (),
) -> ReadableSpan:
    parent, span_id = ids
    return ReadableSpan(
        name,
        context(run.trace_id, span_id),
        context(run.trace_id, parent) if parent else None,
        of,
        present(attributes),
        events,
        links,
        status=status,
        start_time=times.start_ns,
        end_time=times.end_ns,
        instrumentation_scope=SCOPE,
    )


def _place(
    run: Run, level: str, stage: Stage | None = None, lane: Lane | None = None
) -> dict[str, Any]:
    return {
        "ingestion.level": level,
        "ingestion.company": run.key.company,
        "ingestion.zone": stage.zone if stage else None,
        "ingestion.source": lane.source if lane else None,
        **run_identity(run),
    }


def _below(counts: Counts) -> dict[str, int]:
    return {
        "ingestion.tasks.total": counts.total,
        "ingestion.tasks.failed": counts.failure,
        "ingestion.tasks.unfinished": counts.unfinished,
    }


def _rolled_up(outcome: RunOutcome, reason: str, tasks: Sequence[Task]) -> Status:
    if outcome is RunOutcome.SUCCESS:
        return OK
    failed = [task.record for task in tasks if task.record.outcome is TaskOutcome.FAILURE]
    failed.sort(key=lambda record: (record.end_ns, record.line))
    first = f"; first: {status_text(failed[0])}" if failed else ""
    return Status(StatusCode.ERROR, reason + first)

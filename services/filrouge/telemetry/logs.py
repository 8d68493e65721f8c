"""A closed run as log records: one for each record, at its own time, linked to its span."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from filrouge.records.record import RunCompleted, TaskFinished, TaskOutcome
from filrouge.runs.ids import RunIds
from filrouge.runs.model import Lane, Run, Stage
from filrouge.runs.parts import Part, lane_parts
from filrouge.telemetry import fragments, names, otlp_json
from filrouge.telemetry.batching import grouped
from filrouge.telemetry.context import Context
from filrouge.telemetry.fragments import Facts
from filrouge.telemetry.otlp_json import Fragment, Signal

_FAILURE = TaskOutcome.FAILURE
_TASK_COMPLETED = otlp_json.log_kind(names.TASK_COMPLETED)
_TASK_FAILED = otlp_json.log_kind(names.TASK_FAILED)
_TASK_STARTED = otlp_json.log_kind(names.TASK_STARTED)
_RUN_STARTED = otlp_json.log_kind(names.RUN_STARTED)
_RUN_COMPLETED = otlp_json.log_kind(names.RUN_COMPLETED)


def log_groups(run: Run, context: Context, facts: Facts) -> Iterator[Fragment]:
    """The run's log records, as fragments with one resource each: the run's own, then by lane.

    Args:
        run: a closed run.
        context: what telemetry depends on besides.
        facts: `fragments.facts` of each task by its span id.
    """
    identity = fragments.run_identity(run)
    if run.events:
        resource = fragments.log_resource(names.RUN_SERVICE, context.replay, run.key.company)
        yield from grouped(Signal.LOGS, resource, _run_records(run, identity))
    for stage, lane in run.lanes():
        resource = fragments.log_resource(
            context.service(stage.zone),
            context.replay,
            run.key.company,
            stage.zone,
            lane.source,
        )
        yield from grouped(Signal.LOGS, resource, _lane_records(run, stage, lane, identity, facts))


def _run_records(run: Run, identity: Fragment) -> Iterator[Fragment]:
    head = otlp_json.log_head(run.trace_id, identity)
    for event in run.events:
        if isinstance(event, RunCompleted):
            time_ns, kind = event.end_ns, _RUN_COMPLETED
        else:
            time_ns, kind = event.start_ns, _RUN_STARTED
        yield otlp_json.log_record(head, b"", run.span_id, time_ns, kind, _body(event.line))


def _lane_records(
    run: Run, stage: Stage, lane: Lane, identity: Fragment, facts: Facts
) -> Iterator[Fragment]:
    parts = lane_parts(run, stage.zone, lane)
    if lane.started:
        yield from _started_records(run, stage, lane, parts, identity)
    for part in parts:
        head = otlp_json.log_head(part.trace_id, identity + b",")
        for span_id, record, superseded in part.tasks:
            yield _finished(head, span_id, record, facts[span_id])
            for other in superseded:
                yield _finished(head, span_id, other, fragments.facts(other))


def _started_records(
    run: Run, stage: Stage, lane: Lane, parts: Sequence[Part], identity: Fragment
) -> Iterator[Fragment]:
    """Announcements, in the trace that has the task's span; in the run's own if none has."""
    ids = RunIds(run.key).tasks(stage.zone, lane.source)
    trace_ids = {task.span_id: part.trace_id for part in parts for task in part.tasks}
    for record in lane.started:
        attempt = (record.object_id, record.object_name)
        span_id = ids.task(*attempt, record.started)
        yield otlp_json.log_record(
            otlp_json.log_head(trace_ids.get(span_id, run.trace_id), identity),
            b"," + fragments.object_identity(*attempt, None),
            span_id,
            record.start_ns,
            _TASK_STARTED,
            _body(record.line),
        )


def _finished(head: Fragment, span_id: str, record: TaskFinished, facts: Fragment) -> Fragment:
    failed = record.outcome is _FAILURE
    return otlp_json.log_record(
        head,
        facts
        + fragments.duration(record)
        + (b"," + fragments.error_text(record) if failed else b""),
        span_id,
        record.end_ns,
        _TASK_FAILED if failed else _TASK_COMPLETED,
        _body(record.line),
    )


def _body(line: bytes) -> Fragment:
    return otlp_json.string(line.decode())

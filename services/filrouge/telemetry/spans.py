"""A closed run as spans: the whole run in one piece, root first.

A run with more tasks than one trace can hold keeps its run, stage and source spans in the run's
own trace. The tasks of each lane go to traces of their own, below a source span that links back to
the root; the root links to each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from filrouge.records.record import RunOutcome, TaskFinished, TaskOutcome
from filrouge.runs.failure import error_type, status_text
from filrouge.runs.model import Counts, Lane, Run, Stage, Task
from filrouge.runs.outcome import tasks_reason
from filrouge.runs.parts import Part, is_split, lane_parts
from filrouge.telemetry import fragments, names, otlp_json
from filrouge.telemetry.batching import grouped
from filrouge.telemetry.context import Context
from filrouge.telemetry.fragments import Facts
from filrouge.telemetry.otlp_json import Fragment, Signal, StatusCode
from filrouge.telemetry.traceparent import parse_traceparent

_STATUS_CHARACTERS = 512  # a status is read in a list; the event holds the whole text
_FAILURE = TaskOutcome.FAILURE
_OK = otlp_json.status(StatusCode.OK)


def span_groups(run: Run, context: Context, facts: Facts) -> Iterator[Fragment]:
    """The run's spans, as fragments with one resource each: root first, parents before children.

    Args:
        run: a closed run.
        context: what telemetry depends on besides.
        facts: `fragments.facts` of each task by its span id.
    """
    identity = fragments.run_identity(run)
    run_resource = fragments.resource(names.RUN_SERVICE, context.replay)
    yield otlp_json.group(Signal.TRACES, run_resource, [_run_span(run, identity)])
    for stage in run.stages:
        resource = fragments.resource(context.service(stage.zone), context.replay)
        spans = _stage_spans(run, stage, identity, facts)
        yield from grouped(Signal.TRACES, resource, spans)
        for lane in stage.lanes if is_split(run) else ():
            for part in lane_parts(run, stage.zone, lane):
                spans = _part_spans(run, stage, lane, part, identity, facts)
                yield from grouped(Signal.TRACES, resource, spans)


def task_groups(run: Run, context: Context, facts: Facts) -> Iterator[Fragment]:
    """The spans of the tasks that are known of a run which is not closed, and no others.

    They are those that `span_groups` gives of the closed run, byte for byte, unless that is split:
    who sees some of a run cannot know that it is too large, and so names the run's own trace.
    """
    identity = fragments.run_identity(run)
    for stage, lane in run.lanes():
        if not lane.tasks:
            continue
        resource = fragments.resource(context.service(stage.zone), context.replay)
        place = fragments.place("task", run.key.company, stage.zone, lane.source)
        part = Part(None, run.trace_id, lane.span_id, lane.tasks)
        spans = _task_spans(part, b"%b,%b," % (place, identity), facts)
        yield from grouped(Signal.TRACES, resource, spans)


def _run_span(run: Run, identity: Fragment) -> Fragment:
    place = fragments.place("run", run.key.company)
    outcome = otlp_json.attributes(
        {
            names.RUN_OUTCOME.key: run.outcome,
            names.TASKS_EXPECTED.key: run.expected_tasks,
        }
    )
    return otlp_json.span(
        otlp_json.span_head(run.trace_id, None, place),
        b",%b,%b,%b" % (identity, outcome, fragments.tasks_below(run.counts)),
        run.span_id,
        otlp_json.string(names.run_span_name(run.key.company)),
        run.start_ns,
        run.end_ns,
        _upper_status(run.outcome, run.reason, run.tasks()),
        otlp_json.links(_links_to_parts(run)) if is_split(run) else b"",
    )


def _stage_spans(run: Run, stage: Stage, identity: Fragment, facts: Facts) -> Iterator[Fragment]:
    """The stage's span, then each lane's with, unless the run is split, its tasks."""
    place = fragments.place("stage", run.key.company, stage.zone)
    yield otlp_json.span(
        otlp_json.span_head(run.trace_id, run.span_id, place),
        b",%b,%b" % (identity, fragments.tasks_below(stage.counts)),
        stage.span_id,
        otlp_json.string(names.stage_span_name(stage.zone)),
        stage.start_ns,
        stage.end_ns,
        _counts_status(stage.counts, (task for lane in stage.lanes for task in lane.tasks)),
    )
    for lane in stage.lanes:
        place = fragments.place("source", run.key.company, stage.zone, lane.source)
        yield otlp_json.span(
            otlp_json.span_head(run.trace_id, stage.span_id, place),
            b",%b,%b" % (identity, fragments.tasks_below(lane.counts)),
            lane.span_id,
            otlp_json.string(names.source_span_name(lane.source)),
            lane.start_ns,
            lane.end_ns,
            _counts_status(lane.counts, lane.tasks),
        )
        if not is_split(run):
            [part] = lane_parts(run, stage.zone, lane)
            place = fragments.place("task", run.key.company, stage.zone, lane.source)
            yield from _task_spans(part, b"%b,%b," % (place, identity), facts)


def _part_spans(
    run: Run, stage: Stage, lane: Lane, part: Part, identity: Fragment, facts: Facts
) -> Iterator[Fragment]:
    """A trace of its own: a source span over some of a lane's tasks, and these."""
    failures = sum(task.record.outcome is _FAILURE for task in part.tasks)
    counts = Counts(len(part.tasks) - failures, failures)
    place = fragments.place("source", run.key.company, stage.zone, lane.source)
    number = otlp_json.attributes({names.TRACE_PART.key: part.number})
    yield otlp_json.span(
        otlp_json.span_head(part.trace_id, None, place),
        b",%b,%b,%b" % (identity, number, fragments.tasks_below(counts)),
        part.parent_span_id,
        otlp_json.string(names.source_span_name(lane.source)),
        min(task.record.start_ns for task in part.tasks),
        max(task.record.end_ns for task in part.tasks),
        _counts_status(counts, part.tasks),
        otlp_json.links([(run.trace_id, run.span_id, b"")]),
    )
    place = fragments.place("task", run.key.company, stage.zone, lane.source)
    yield from _task_spans(part, b"%b,%b," % (place, identity), facts)


def _task_spans(part: Part, shared: Fragment, facts: Facts) -> Iterator[Fragment]:
    """The hot path: what the tasks of a lane share is encoded before the loop."""
    head = otlp_json.span_head(part.trace_id, part.parent_span_id, shared)
    for span_id, record, _ in part.tasks:
        failed = record.outcome is _FAILURE
        yield otlp_json.span(
            head,
            facts[span_id] + fragments.extra_fields(record),
            span_id,
            fragments.task_name(record.source, record.object_name),
            record.start_ns,
            record.end_ns,
            _failed_status(record) if failed else _OK,
            _more(record) if failed or record.traceparent else b"",
        )


def _counts_status(counts: Counts, tasks: Iterable[Task]) -> Fragment:
    return _upper_status(counts.outcome, tasks_reason(counts), tasks)


def _upper_status(outcome: RunOutcome, reason: str, tasks: Iterable[Task]) -> Fragment:
    """A failure rolls up: error, with the count and the first failure's text."""
    if outcome is RunOutcome.SUCCESS:
        return _OK
    failed = [task.record for task in tasks if task.record.outcome is _FAILURE]
    first = min(failed, key=lambda record: (record.end_ns, record.line), default=None)
    message = f"{reason}; first: {status_text(first)}" if first else reason
    return otlp_json.status(StatusCode.ERROR, fragments.cut(message, _STATUS_CHARACTERS))


def _failed_status(record: TaskFinished) -> Fragment:
    message = fragments.cut(status_text(record), _STATUS_CHARACTERS)
    return otlp_json.status(StatusCode.ERROR, message)


def _more(record: TaskFinished) -> Fragment:
    """What few tasks have: the exception of a failure, the link to the producer's own span."""
    exception = _exception(record) if record.outcome is _FAILURE else b""
    caller = parse_traceparent(record.traceparent) if record.traceparent else None
    return exception + (otlp_json.links([(*caller, b"")]) if caller else b"")


def _exception(record: TaskFinished) -> Fragment:
    kind = otlp_json.attribute(names.EXCEPTION_TYPE.key, error_type(record))
    attributes = b"%b,%b" % (kind, fragments.error_text(record))
    return otlp_json.event(names.EXCEPTION_EVENT, record.end_ns, attributes)


def _links_to_parts(run: Run) -> Iterator[tuple[str, str, Fragment]]:
    for stage, lane in run.lanes():
        for part in lane_parts(run, stage.zone, lane):
            attributes = {
                names.ZONE.key: stage.zone,
                names.SOURCE.key: lane.source,
                names.TRACE_PART.key: part.number,
            }
            yield part.trace_id, part.parent_span_id, otlp_json.attributes(attributes)

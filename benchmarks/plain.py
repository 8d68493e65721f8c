"""The plain way: standard library and SDK, written as an engineer would who follows their docs.

Reads the file, puts the records of a run together, and makes of each run its spans, log records
and measurements. Attributes that a span and its log record share are put together once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import Status, StatusCode, set_span_in_context
from opentelemetry.util.types import AttributeValue

from benchmarks.plain_sdk import Sdk
from benchmarks.sink import Sink
from benchmarks.workload import TIMEZONE
from filrouge.telemetry import names

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ZONE = ZoneInfo(TIMEZONE)
_Attributes = Mapping[str, AttributeValue]


class Task(NamedTuple):
    """A record, its line and its times in nanoseconds since 1970 UTC."""

    line: str
    record: dict[str, Any]
    start_ns: int
    end_ns: int

    @property
    def failed(self) -> bool:
        """Whether it did not succeed."""
        return bool(self.record["Etat"] != "SUCCESS")


def plain(file: Path, sink: Sink) -> None:
    """Makes spans, log records and metrics of a file's records."""
    sdk = Sdk.to_sink(sink)
    for (company, run_id), tasks in _by_run(file).items():
        _emit_run(sdk, company, run_id, tasks)
    sdk.close()


def _by_run(file: Path) -> dict[tuple[str, str], list[Task]]:
    runs = defaultdict(list)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            task = parse(line.rstrip("\n"))
            runs[task.record["Entreprise"], task.record["No_Sequence"]].append(task)
    return runs


def parse(line: str) -> Task:
    """One line as the standard library reads it."""
    record = json.loads(line)
    return Task(line, record, instant_ns(record["Debut"]), instant_ns(record["Fin"]))


def instant_ns(text: str) -> int:
    """A local time of a record, in nanoseconds since 1970 UTC."""
    moment = datetime.strptime(text, "%d-%m-%Y %H:%M:%S.%f").replace(tzinfo=_ZONE)
    return (moment - _EPOCH) // _MICROSECOND * 1000


def _emit_run(sdk: Sdk, company: str, run_id: str, tasks: Sequence[Task]) -> None:
    shared: _Attributes = {
        names.COMPANY.key: company,
        names.RUN_ID.key: run_id,
        names.RUN_ATTEMPT.key: 1,
    }
    own = {**shared, names.LEVEL.key: "run", names.RUN_OUTCOME.key: _outcome(tasks)}
    with _upper_span(sdk, None, names.run_span_name(company), own, tasks) as run:
        for zone, in_zone in _grouped(tasks, "Zone"):
            _emit_stage(sdk, run, zone, {**shared, names.ZONE.key: zone}, in_zone)


def _emit_stage(
    sdk: Sdk, run: Context, zone: str, shared: _Attributes, tasks: Sequence[Task]
) -> None:
    own = {**shared, names.LEVEL.key: "stage"}
    with _upper_span(sdk, run, names.stage_span_name(zone), own, tasks) as stage:
        for source, in_lane in _grouped(tasks, "Source"):
            _emit_source(sdk, stage, source, {**shared, names.SOURCE.key: source}, in_lane)


def _emit_source(
    sdk: Sdk, stage: Context, source: str, shared: _Attributes, tasks: Sequence[Task]
) -> None:
    own = {**shared, names.LEVEL.key: "source"}
    with _upper_span(sdk, stage, names.source_span_name(source), own, tasks) as lane:
        for task in tasks:
            emit_task(sdk, lane, shared, task)


def emit_task(
    sdk: Sdk, lane: Context | None, shared: _Attributes, task: Task, with_log: bool = True
) -> None:
    """A task's span, log record and measurements.

    Args:
        sdk: takes them.
        lane: of the span above, or None.
        shared: attributes that say whose task it is.
        task: the task.
        with_log: whether it gets a log record.
    """
    attributes = {**shared, **_task_attributes(task)}
    context = _emit_span(sdk, lane, task, attributes)
    if with_log:
        _emit_log(sdk, context, task, attributes)
    _measure(sdk, task)


@contextmanager
def _upper_span(
    sdk: Sdk,
    parent: Context | None,
    name: str,
    attributes: _Attributes,
    tasks: Sequence[Task],
) -> Iterator[Context]:
    """A span over some tasks; gives the context for what is below it."""
    failed = sum(task.failed for task in tasks)
    counts = {
        names.TASKS_TOTAL.key: len(tasks),
        names.TASKS_FAILED.key: failed,
        names.TASKS_UNFINISHED.key: 0,
    }
    span = sdk.tracer.start_span(
        name,
        context=parent,
        start_time=min(task.start_ns for task in tasks),
        attributes={**attributes, **counts},
    )
    if failed:
        span.set_status(Status(StatusCode.ERROR, f"{failed} of {len(tasks)} tasks failed"))
    else:
        span.set_status(StatusCode.OK)
    yield set_span_in_context(span)
    span.end(end_time=max(task.end_ns for task in tasks))


def _task_attributes(task: Task) -> _Attributes:
    """What a task's span and its log record both tell."""
    record = task.record
    attributes: dict[str, AttributeValue] = {
        names.OBJECT_ID.key: str(record["Objet_Id"]),
        names.OBJECT_NAME.key: record["Objet"],
        names.TRANSFORMATION.key: record["Transformation"],
        names.TASK_CPU_TIME.key: float(record["cpu_time (sec)"]),
        names.TASK_MEMORY_DELTA.key: record["memory_used (bytes)"],
        names.TASK_OUTCOME.key: "failure" if task.failed else "success",
    }
    if task.failed:
        attributes[names.ERROR_TYPE.key] = "_OTHER"
    return attributes


def _emit_span(sdk: Sdk, lane: Context | None, task: Task, attributes: _Attributes) -> Context:
    """The task's span; gives the context for its log record."""
    record = task.record
    span = sdk.tracer.start_span(
        names.task_span_name(record["Source"], record["Objet"]),
        context=lane,
        start_time=task.start_ns,
        attributes={
            **attributes,
            names.LEVEL.key: "task",
            f"{names.TASK_EXTRA.key}.Parametres": record["Parametres"],
        },
    )
    if task.failed:
        span.set_status(Status(StatusCode.ERROR, record["Description"]))
        exception = {
            names.EXCEPTION_TYPE.key: "_OTHER",
            names.EXCEPTION_MESSAGE.key: record["Description"],
        }
        span.add_event(names.EXCEPTION_EVENT, exception, timestamp=task.end_ns)
    else:
        span.set_status(StatusCode.OK)
    span.end(end_time=task.end_ns)
    return set_span_in_context(span)


def _emit_log(sdk: Sdk, span: Context, task: Task, attributes: _Attributes) -> None:
    of_log = {**attributes, names.TASK_DURATION.key: _duration_s(task)}
    if task.failed:
        of_log[names.EXCEPTION_MESSAGE.key] = task.record["Description"]
    sdk.logger.emit(
        timestamp=task.end_ns,
        context=span,
        severity_number=SeverityNumber.ERROR if task.failed else SeverityNumber.INFO,
        severity_text="ERROR" if task.failed else "INFO",
        event_name=(names.TASK_FAILED if task.failed else names.TASK_COMPLETED).name,
        body=task.line,
        attributes=of_log,
    )


def _measure(sdk: Sdk, task: Task) -> None:
    record = task.record
    lane = {
        names.COMPANY.key: record["Entreprise"],
        names.ZONE.key: record["Zone"],
        names.SOURCE.key: record["Source"],
    }
    sdk.duration.record(_duration_s(task), lane)
    sdk.cpu_time.record(float(record["cpu_time (sec)"]), lane)
    # The SDK's histograms refuse negative values, and warn each time.
    sdk.memory_delta.record(max(0, record["memory_used (bytes)"]), lane)
    sdk.records.add(1, {names.RECORD_OUTCOME.key: "accepted"})


def _duration_s(task: Task) -> float:
    return (task.end_ns - task.start_ns) / 1e9


def _outcome(tasks: Sequence[Task]) -> str:
    failed = sum(task.failed for task in tasks)
    if not failed:
        return "success"
    return "partial" if failed < len(tasks) else "failure"


def _grouped(tasks: Sequence[Task], field: str) -> Iterator[tuple[str, list[Task]]]:
    groups: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        groups[task.record[field]].append(task)
    yield from groups.items()

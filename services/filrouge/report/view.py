"""What a person or a program is told of a run: plain data, ready for JSON.

Terminal, `--format json` and `report.html` all show this and nothing else, so they cannot disagree.
Offsets are seconds since the run's start; durations are seconds; instants are RFC 3339 in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from filrouge.records.record import TaskFinished, TaskOutcome, as_text
from filrouge.records.utctime import NS_PER_S
from filrouge.runs.critical_path import Segment, critical_path
from filrouge.runs.failure import error_type, status_text
from filrouge.runs.model import Counts, Lane, Run, Stage, Task
from filrouge.runs.statistics import duration_s, lane_statistics


class CountsView(TypedDict):
    """How many tasks ended how; `unfinished` were begun and never heard of again."""

    total: int
    success: int
    failure: int
    unfinished: int


class TaskView(TypedDict):
    """One try of one object."""

    span_id: str
    object_id: str
    object_name: str
    transformation: str | None
    outcome: str
    started_at: str
    offset_s: float
    duration_s: float
    cpu_time_s: float | None
    memory_delta_bytes: int | None
    message: str
    error_type: str | None
    remarks: list[str]
    extra: dict[str, str]
    on_critical_path: bool


class UnfinishedView(TypedDict):
    """A task that was begun and never heard of again."""

    zone: str
    source: str
    object_id: str
    object_name: str
    offset_s: float


class SourceView(TypedDict):
    """One source within a stage, and its tasks in order of start."""

    source: str
    span_id: str
    outcome: str
    offset_s: float
    duration_s: float
    tasks_by_outcome: CountsView
    p50_s: float | None
    p95_s: float | None
    max_s: float | None
    cpu_time_s: float | None
    memory_peak_bytes: int | None
    tasks: list[TaskView]


class StageView(TypedDict):
    """One zone within a run, and its sources in order of start."""

    zone: str
    span_id: str
    outcome: str
    offset_s: float
    duration_s: float
    tasks_by_outcome: CountsView
    sources: list[SourceView]


class SegmentView(TypedDict):
    """`span_id` is None for waiting between tasks."""

    span_id: str | None
    name: str
    offset_s: float
    duration_s: float


class ErrorView(TypedDict):
    """A failed task, and what it says."""

    span_id: str
    zone: str
    source: str
    object_id: str
    object_name: str
    transformation: str | None
    error_type: str
    message: str
    at: str
    offset_s: float


class RunSummary(TypedDict):
    """A run without its parts: cheap to make, for a file may hold many runs."""

    company: str
    run_id: str
    attempt: int
    rebased_from: str | None
    trace_id: str
    span_id: str
    outcome: str
    reason: str
    started_at: str
    ended_at: str
    duration_s: float
    expected_tasks: int | None
    tasks_by_outcome: CountsView
    grafana_url: str | None


class RunView(RunSummary):
    """All there is to tell of a run."""

    stages: list[StageView]
    critical_path: list[SegmentView]
    errors: list[ErrorView]
    unfinished: list[UnfinishedView]


def run_summary(run: Run, grafana_url: str | None = None) -> RunSummary:
    """What a run was, in one line.

    Args:
        run: a closed run.
        grafana_url: the link to its trace, when a Grafana address is configured.
    """
    return RunSummary(
        company=run.key.company,
        run_id=run.key.run_id,
        attempt=run.key.attempt,
        rebased_from=run.rebased_from,
        trace_id=run.trace_id,
        span_id=run.span_id,
        outcome=run.outcome,
        reason=run.reason,
        started_at=rfc3339(run.start_ns),
        ended_at=rfc3339(run.end_ns),
        duration_s=_seconds(run.end_ns - run.start_ns),
        expected_tasks=run.expected_tasks,
        tasks_by_outcome=_counts_view(run.counts),
        grafana_url=grafana_url,
    )


def run_view(run: Run, grafana_url: str | None = None) -> RunView:
    """All there is to tell of a run.

    Args:
        run: a closed run.
        grafana_url: the link to its trace, when a Grafana address is configured.
    """
    path = critical_path(run)
    on_path = {segment.task.span_id for segment in path if segment.task}
    return RunView(
        **run_summary(run, grafana_url),
        stages=[_stage_view(run, stage, on_path) for stage in run.stages],
        critical_path=[_segment_view(run, segment) for segment in path],
        errors=_error_views(run),
        unfinished=_unfinished_views(run),
    )


def rfc3339(instant_ns: int) -> str:
    """The instant as text in UTC, to the microsecond."""
    seconds, past_ns = divmod(instant_ns, NS_PER_S)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=past_ns // 1000)
    return moment.isoformat().replace("+00:00", "Z")


def _stage_view(run: Run, stage: Stage, on_path: set[str]) -> StageView:
    return StageView(
        zone=stage.zone,
        span_id=stage.span_id,
        outcome=stage.counts.outcome,
        offset_s=_seconds(stage.start_ns - run.start_ns),
        duration_s=_seconds(stage.end_ns - stage.start_ns),
        tasks_by_outcome=_counts_view(stage.counts),
        sources=[_source_view(run, lane, on_path) for lane in stage.lanes],
    )


def _source_view(run: Run, lane: Lane, on_path: set[str]) -> SourceView:
    figures = lane_statistics(lane)
    return SourceView(
        source=lane.source,
        span_id=lane.span_id,
        outcome=lane.counts.outcome,
        offset_s=_seconds(lane.start_ns - run.start_ns),
        duration_s=_seconds(lane.end_ns - lane.start_ns),
        tasks_by_outcome=_counts_view(lane.counts),
        p50_s=figures.p50_s,
        p95_s=figures.p95_s,
        max_s=figures.max_s,
        cpu_time_s=figures.cpu_time_s,
        memory_peak_bytes=figures.memory_peak_bytes,
        tasks=[_task_view(run, task, task.span_id in on_path) for task in lane.tasks],
    )


def _task_view(run: Run, task: Task, on_critical_path: bool) -> TaskView:
    record = task.record
    return TaskView(
        span_id=task.span_id,
        object_id=record.object_id,
        object_name=record.object_name,
        transformation=record.transformation,
        outcome=record.outcome,
        started_at=rfc3339(record.start_ns),
        offset_s=_seconds(record.start_ns - run.start_ns),
        duration_s=duration_s(task),
        cpu_time_s=record.cpu_time_s,
        memory_delta_bytes=record.memory_delta_bytes,
        message=record.message,
        error_type=error_type(record) if record.outcome is TaskOutcome.FAILURE else None,
        remarks=list(record.remarks),
        extra={field: as_text(value) for field, value in record.extra.items()},
        on_critical_path=on_critical_path,
    )


def _segment_view(run: Run, segment: Segment) -> SegmentView:
    return SegmentView(
        span_id=segment.task.span_id if segment.task else None,
        name=_task_name(segment.task.record) if segment.task else "waiting",
        offset_s=_seconds(segment.start_ns - run.start_ns),
        duration_s=_seconds(segment.end_ns - segment.start_ns),
    )


def _error_views(run: Run) -> list[ErrorView]:
    """The failed tasks in order of their end."""
    failed = [task for task in run.tasks() if task.record.outcome is TaskOutcome.FAILURE]
    failed.sort(key=lambda task: (task.record.end_ns, task.span_id))
    return [
        ErrorView(
            span_id=task.span_id,
            zone=task.record.zone,
            source=task.record.source,
            object_id=task.record.object_id,
            object_name=task.record.object_name,
            transformation=task.record.transformation,
            error_type=error_type(task.record),
            message=status_text(task.record),
            at=rfc3339(task.record.end_ns),
            offset_s=_seconds(task.record.end_ns - run.start_ns),
        )
        for task in failed
    ]


def _unfinished_views(run: Run) -> list[UnfinishedView]:
    return [
        UnfinishedView(
            zone=record.zone,
            source=record.source,
            object_id=record.object_id,
            object_name=record.object_name,
            offset_s=_seconds(record.start_ns - run.start_ns),
        )
        for _, lane in run.lanes()
        for record in lane.unfinished
    ]


def _task_name(record: TaskFinished) -> str:
    return f"{record.source}/{record.object_name}"


def _counts_view(counts: Counts) -> CountsView:
    return CountsView(
        total=counts.total,
        success=counts.success,
        failure=counts.failure,
        unfinished=counts.unfinished,
    )


def _seconds(duration_ns: int) -> float:
    return duration_ns / NS_PER_S

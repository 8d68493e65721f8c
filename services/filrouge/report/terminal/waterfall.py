"""The rows of a run's waterfall: which stages, sources and tasks are shown, and which folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise
from typing import Final, NamedTuple

from filrouge.records.record import TaskOutcome
from filrouge.report.terminal.look import UNFINISHED
from filrouge.report.view import RunView, SourceView, StageView, TaskView

FOLD_ABOVE: Final = 12
"""A lane with more tasks is folded. Larger, and six sources do not fit on a screen."""

_SLOWEST_KEPT: Final = 3
_ON_PATH_KEPT: Final = 9


class Kind(Enum):
    """What a row stands for."""

    STAGE = auto()
    SOURCE = auto()
    TASK = auto()
    FOLDED = auto()


class Span(NamedTuple):
    """An interval in seconds since the run's start."""

    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the waterfall.

    Attributes:
        outcome: success, partial, failure or unfinished; empty for folded tasks.
        spans: one interval; of folded tasks all of them. An unfinished task's lasts to the end.
        waited: the waiting before it, when that is part of the critical path.
        lasts: for each level from the source down, whether it is the last of its siblings.
    """

    kind: Kind
    name: str
    outcome: str
    spans: tuple[Span, ...]
    on_path: bool
    slowest: bool = False
    waited: Span | None = None
    lasts: tuple[bool, ...] = ()


class _Marks(NamedTuple):
    """What the whole run says of its single tasks, by span id."""

    slowest_id: str | None
    waited: Mapping[str, Span]


def waterfall_rows(view: RunView, *, show_all: bool = False) -> list[Row]:
    """The tree from top to bottom, siblings in order of start.

    In a lane of more than 12 tasks only some are rows of their own: every failed and every
    unfinished one, the slowest, and the longest on the critical path. The rest is one row.

    Args:
        view: the run.
        show_all: whether nothing is folded.
    """
    tasks = [
        task for stage in view["stages"] for source in stage["sources"] for task in source["tasks"]
    ]
    slowest = max(tasks, key=lambda task: task["duration_s"], default=None)
    marks = _Marks(slowest["span_id"] if slowest else None, _waited(view))
    fold_above = len(tasks) if show_all else FOLD_ABOVE
    rows: list[Row] = []
    for stage in view["stages"]:
        rows.append(_stage_row(stage))
        for source in stage["sources"]:
            below = _task_rows(source["tasks"], marks, fold_above)
            below += _unfinished_rows(view, stage["zone"], source["source"])
            below.sort(key=lambda row: (row.kind is Kind.FOLDED, row.spans[0].start_s))
            rows += _branch(source, below, last=source is stage["sources"][-1])
    return rows


def _stage_row(stage: StageView) -> Row:
    return Row(
        kind=Kind.STAGE,
        name=stage["zone"],
        outcome=stage["outcome"],
        spans=(Span(stage["offset_s"], stage["duration_s"]),),
        on_path=any(map(_is_on_path, stage["sources"])),
    )


def _branch(source: SourceView, below: Sequence[Row], *, last: bool) -> list[Row]:
    """The row of a source, and those below it with their place in the tree."""
    row = Row(
        kind=Kind.SOURCE,
        name=source["source"],
        outcome=source["outcome"],
        spans=(Span(source["offset_s"], source["duration_s"]),),
        on_path=_is_on_path(source),
        lasts=(last,),
    )
    return [row, *(replace(each, lasts=(last, each is below[-1])) for each in below)]


def _task_rows(tasks: Sequence[TaskView], marks: _Marks, fold_above: int) -> list[Row]:
    kept = _kept(tasks) if len(tasks) > fold_above else tasks
    rows = [_task_row(task, marks) for task in kept]
    kept_ids = {task["span_id"] for task in kept}
    folded = [task for task in tasks if task["span_id"] not in kept_ids]
    return [*rows, _folded_row(folded)] if folded else rows


def _kept(tasks: Sequence[TaskView]) -> Sequence[TaskView]:
    by_length = sorted(tasks, key=lambda task: -task["duration_s"])
    failed = [task for task in tasks if task["outcome"] == TaskOutcome.FAILURE]
    on_path = [task for task in by_length if task["on_critical_path"]]
    chosen = [*failed, *by_length[:_SLOWEST_KEPT], *on_path[:_ON_PATH_KEPT]]
    kept_ids = {task["span_id"] for task in chosen}
    kept = [task for task in tasks if task["span_id"] in kept_ids]
    return tasks if len(tasks) - len(kept) == 1 else kept  # one folded task would need a row too


def _task_row(task: TaskView, marks: _Marks) -> Row:
    return Row(
        kind=Kind.TASK,
        name=task["object_name"],
        outcome=task["outcome"],
        spans=(Span(task["offset_s"], task["duration_s"]),),
        on_path=task["on_critical_path"],
        slowest=task["span_id"] == marks.slowest_id,
        waited=marks.waited.get(task["span_id"]),
    )


def _folded_row(tasks: Sequence[TaskView]) -> Row:
    return Row(
        kind=Kind.FOLDED,
        name="",
        outcome="",
        spans=tuple(Span(task["offset_s"], task["duration_s"]) for task in tasks),
        on_path=any(task["on_critical_path"] for task in tasks),
    )


def _unfinished_rows(view: RunView, zone: str, source: str) -> list[Row]:
    return [
        Row(
            kind=Kind.TASK,
            name=task["object_name"],
            outcome=UNFINISHED,
            spans=(Span(task["offset_s"], view["duration_s"] - task["offset_s"]),),
            on_path=False,
        )
        for task in view["unfinished"]
        if (task["zone"], task["source"]) == (zone, source)
    ]


def _waited(view: RunView) -> dict[str, Span]:
    """By the span id of a task on the critical path: the waiting just before it."""
    return {
        after["span_id"]: Span(before["offset_s"], before["duration_s"])
        for before, after in pairwise(view["critical_path"])
        if before["span_id"] is None and after["span_id"]
    }


def _is_on_path(source: SourceView) -> bool:
    return any(task["on_critical_path"] for task in source["tasks"])

"""What `report.html` sums up of a run: its slowest task, kinds of error and critical path."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from filrouge.report.view import RunView, SegmentView, TaskView
from filrouge.report.words import share_words

_NAMED_PIECES = 3  # more make a sentence that nobody reads


class Slowest(NamedTuple):
    """The task that took longest, and whose it is."""

    source: str
    task: TaskView


class NamedPiece(NamedTuple):
    """A task of the critical path that is worth a name, in the order of the path."""

    span_id: str
    name: str
    duration_s: float
    share: str


class PathSummary(NamedTuple):
    """The critical path in figures.

    Attributes:
        longest: the longest tasks on it, in the order in which they ran.
        others: how many more tasks are on it.
        others_s: how long those took together.
        waiting_s: how long nothing on the path ran.
    """

    longest: list[NamedPiece]
    others: int
    others_s: float
    waiting_s: float


def slowest(view: RunView) -> Slowest | None:
    """The slowest task, the first of equals; None in a run without tasks."""
    tasks = (
        Slowest(source["source"], task)
        for stage in view["stages"]
        for source in stage["sources"]
        for task in source["tasks"]
    )
    return max(tasks, key=lambda each: each.task["duration_s"], default=None)


def error_types(view: RunView) -> list[tuple[str, int]]:
    """How many errors there are of each type, most frequent first."""
    return Counter(error["error_type"] for error in view["errors"]).most_common()


def path_summary(view: RunView) -> PathSummary:
    """The critical path in figures; without tasks it is empty."""
    tasks = [piece for piece in view["critical_path"] if piece["span_id"] is not None]
    waiting = (piece for piece in view["critical_path"] if piece["span_id"] is None)
    longest = sorted(tasks, key=_duration_s, reverse=True)[:_NAMED_PIECES]
    others = [piece for piece in tasks if piece not in longest]
    longest.sort(key=lambda piece: piece["offset_s"])
    return PathSummary(
        longest=[_named(piece, view) for piece in longest],
        others=len(others),
        others_s=sum(map(_duration_s, others)),
        waiting_s=sum(map(_duration_s, waiting)),
    )


def _named(piece: SegmentView, view: RunView) -> NamedPiece:
    span_id = piece["span_id"] or ""
    share = share_words(piece["duration_s"], view["duration_s"])
    return NamedPiece(span_id, _place(span_id, view) + piece["name"], piece["duration_s"], share)


def _place(span_id: str, view: RunView) -> str:
    """The stage of a task, where a run has several: the same object goes through each of them."""
    _, *further = view["stages"]
    if not further:
        return ""
    return next(
        f"{stage['zone']} "
        for stage in view["stages"]
        for source in stage["sources"]
        for task in source["tasks"]
        if task["span_id"] == span_id
    )


def _duration_s(piece: SegmentView) -> float:
    return piece["duration_s"]

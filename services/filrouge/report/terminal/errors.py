"""The failed tasks with the text of their errors; those with one cause are told together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.text import Text

from filrouge.report.terminal import look
from filrouge.report.terminal.canvas import Canvas
from filrouge.report.view import ErrorView, RunView
from filrouge.report.words import count_words, duration_words
from filrouge.runs.failure import OTHER

_TEXT_CHARACTERS: Final = 1000
"""The text of an error ends here; more, and one page of HTML as an error hides all others."""

_NAME_CELLS: Final = 60


class _Cause(NamedTuple):
    """What failed tasks have in common when they are told together."""

    zone: str
    source: str
    transformation: str | None
    error_type: str
    text: str


def error_lines(canvas: Canvas, view: RunView) -> Iterator[Text]:
    """For each cause: the tasks that met it, the text, where and when. Nothing without errors."""
    causes: dict[_Cause, list[ErrorView]] = defaultdict(list)
    for error in view["errors"]:
        causes[_cause(error)].append(error)
    if causes:
        yield Text(count_words(len(view["errors"]), "failed task"), look.STRONG)
    for cause, errors in causes.items():
        yield from canvas.wrap(_where(canvas, cause, errors), indent=2, first=0)
        yield from canvas.wrap(_what(canvas, cause), indent=4)
        yield from canvas.wrap(Text(_when(canvas, cause, errors), look.FAINT), indent=4)


def _cause(error: ErrorView) -> _Cause:
    """The text goes without the task's own name, which `status_text` puts before it."""
    named = f"{error['source']}/{error['object_name']} "
    text = error["message"].removeprefix(named).removeprefix("failed: ")
    return _Cause(
        error["zone"], error["source"], error["transformation"], error["error_type"], text
    )


def _where(canvas: Canvas, cause: _Cause, errors: Sequence[ErrorView]) -> Text:
    lane = (f"{canvas.cut(name, _NAME_CELLS)} {canvas.signs.within} " for name in cause[:2])
    tasks = (
        f"{canvas.cut(error['object_name'], _NAME_CELLS)} ({canvas.inert(error['object_id'])})"
        for error in errors
    )
    return Text.assemble(
        (f"{canvas.signs.outcomes['failure']} ", look.TEXT["failure"]),
        *lane,
        (", ".join(tasks), look.STRONG),
    )


def _what(canvas: Canvas, cause: _Cause) -> Text:
    more = len(cause.text) - _TEXT_CHARACTERS
    said = Text(canvas.inert(cause.text[:_TEXT_CHARACTERS]))
    if more > 0:
        said.append(f" {canvas.signs.ellipsis} {count_words(more, 'more character')}", look.FAINT)
    if cause.error_type == OTHER or cause.text.startswith(cause.error_type):
        return said
    return Text.assemble((f"{canvas.inert(cause.error_type)}: ", look.TEXT["failure"]), said)


def _when(canvas: Canvas, cause: _Cause, errors: Sequence[ErrorView]) -> str:
    by = f"in {canvas.cut(cause.transformation, _NAME_CELLS)}, " if cause.transformation else ""
    first, last = errors[0], errors[-1]
    after = duration_words(first["offset_s"])
    if len(errors) == 1:
        return f"{by}at {_clock(first)} UTC, {after} after the start"
    return f"{by}{_clock(first)} to {_clock(last)} UTC, the first {after} after the start"


def _clock(error: ErrorView) -> str:
    """The time of day of an RFC 3339 instant, to the second."""
    return error["at"][11:19]

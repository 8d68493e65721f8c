"""The table of sources, stage by stage: tasks, durations, CPU time and memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from filrouge.report.terminal import look
from filrouge.report.terminal.canvas import Canvas, right
from filrouge.report.view import CountsView, RunView, SourceView
from filrouge.report.words import duration_short, size_words

_LEAST_NAME_CELLS: Final = 8
_NONE: Final = "-"


class _Line(NamedTuple):
    name: str
    style: str
    figures: Sequence[str]


def source_lines(canvas: Canvas, view: RunView) -> Iterator[Text]:
    """A heading, and a line for each stage and each of its sources; nothing without stages."""
    if not view["stages"]:
        return
    table = list(_table(canvas, view))
    columns = zip(*(line.figures for line in table), strict=True)
    widths = [max(map(cell_len, column)) for column in columns]
    longest = max(cell_len(canvas.inert(line.name)) for line in table)
    tight = longest + sum(widths) + 2 * len(widths) > canvas.width
    gap = " " if tight else "  "
    room = canvas.width - sum(widths) - len(gap) * len(widths)
    name_cells = max(min(longest, room), _LEAST_NAME_CELLS)
    for line in table:
        figures = zip(line.figures, widths, strict=True)
        name = canvas.left(line.name, name_cells)
        text = gap.join([name, *(right(figure, cells) for figure, cells in figures)])
        yield Text(text.rstrip(), line.style)


def _table(canvas: Canvas, view: RunView) -> Iterator[_Line]:
    some_unfinished = view["tasks_by_outcome"]["unfinished"] > 0
    counted = ("tasks", "failed", *(("unfinished",) if some_unfinished else ()))
    yield _Line("", look.FAINT, (*counted, "p50", "p95", "max", "CPU", "memory"))
    for stage in view["stages"]:
        counts = _counts(stage["tasks_by_outcome"], some_unfinished)
        yield _Line(stage["zone"], look.STRONG, (*counts, "", "", "", "", ""))
        for source in stage["sources"]:
            counts = _counts(source["tasks_by_outcome"], some_unfinished)
            style = "" if source["outcome"] == "success" else look.TEXT[source["outcome"]]
            yield _Line(f"  {source['source']}", style, (*counts, *_figures(canvas, source)))


def _counts(counts: CountsView, some_unfinished: bool) -> tuple[str, ...]:
    unfinished = (_count(counts["unfinished"]),) if some_unfinished else ()
    return (_count(counts["total"]), _count(counts["failure"]), *unfinished)


def _count(count: int) -> str:
    return f"{count:,}" if count else _NONE


def _figures(canvas: Canvas, source: SourceView) -> tuple[str, ...]:
    durations = (source["p50_s"], source["p95_s"], source["max_s"], source["cpu_time_s"])
    memory = source["memory_peak_bytes"]
    size = _NONE if memory is None else size_words(memory).replace("−", canvas.signs.minus)
    return (*(_NONE if each is None else duration_short(each) for each in durations), size)

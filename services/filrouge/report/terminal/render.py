"""A run in the terminal, for people.

    console.print(render_run(run_view(run)), crop=False)

`crop=False` lets a link that is longer than a line stay in one piece; nothing else is longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.style import Style
from rich.text import Text

from filrouge.report.terminal import look
from filrouge.report.terminal.canvas import Canvas, Drawing, right
from filrouge.report.terminal.critical_path import critical_path_lines
from filrouge.report.terminal.errors import error_lines
from filrouge.report.terminal.gantt import waterfall_lines
from filrouge.report.terminal.sources import source_lines
from filrouge.report.terminal.totals import totals_lines
from filrouge.report.totals import Totals
from filrouge.report.view import RunSummary, RunView
from filrouge.report.words import count_words, duration_short, duration_words

_TRACE_FROM: Final = 117
_START_FROM: Final = 142
"""So many cells leave room for at least 20 of a reason beside the trace id, and the start."""

__all__ = ["render_run", "render_run_line", "render_totals"]


def render_run(view: RunView, *, show_all: bool = False) -> RenderableType:
    """All there is to tell of a run, as wide as the console.

    Headline, waterfall, critical path, table of sources, errors with their text. It is plain ASCII
    where the console's encoding is not UTF-8, and harmless whatever the names and texts hold.

    Args:
        view: the run.
        show_all: whether lanes of many tasks are shown in full, too.
    """
    return Drawing(lambda canvas: _run_lines(canvas, view, show_all=show_all))


def render_run_line(summary: RunSummary) -> RenderableType:
    """A run in one line, in columns; for a file that holds many."""
    return Drawing(lambda canvas: [_run_line(canvas, summary)])


def render_totals(totals: Totals) -> RenderableType:
    """The end of a replay: records, runs, outputs, remarks and the first rejected lines."""
    return Drawing(lambda canvas: totals_lines(canvas, totals))


def _run_lines(canvas: Canvas, view: RunView, *, show_all: bool) -> Iterator[Text]:
    yield from _headline(canvas, view)
    for section in (
        waterfall_lines(canvas, view, show_all=show_all),
        critical_path_lines(canvas, view),
        source_lines(canvas, view),
        error_lines(canvas, view),
    ):
        lines = list(section)
        yield from [Text(), *lines] if lines else []


def _headline(canvas: Canvas, view: RunView) -> Iterator[Text]:
    yield from canvas.flow(_title(canvas, view), indent=2)
    if view["reason"]:
        said = Text(canvas.inert(view["reason"]), look.TEXT[view["outcome"]])
        yield from canvas.wrap(said, indent=2)
    separator = f" {canvas.signs.separator} "
    facts = (_start(view), separator, duration_words(view["duration_s"]), separator, _tasks(view))
    yield from canvas.flow(map(Text, facts), indent=2, first=2)
    yield from canvas.wrap(Text.assemble(("trace ", look.FAINT), view["trace_id"]), indent=2)
    if view["grafana_url"]:
        link = canvas.inert(view["grafana_url"])
        yield Text.assemble("  ", (link, Style(link=link, underline=True)))


def _title(canvas: Canvas, view: RunView) -> Iterator[Text]:
    """Outcome, company, run; whether it is a further attempt, or a copy."""
    outcome, rebased_from = view["outcome"], view["rebased_from"]
    cells = max(canvas.width // 3, 20)
    badge = f" {canvas.signs.outcomes[outcome]} {outcome.upper()} "
    yield Text.assemble((badge, look.BADGE[outcome]), " ")
    yield Text.assemble((canvas.cut(view["company"], cells), look.STRONG), " ")
    run_id = canvas.cut(view["run_id"], cells)
    yield Text.assemble(("run ", look.FAINT), (run_id, look.STRONG), " ")
    if view["attempt"] > 1:
        yield Text(f"attempt {view['attempt']} ")
    if rebased_from:
        yield Text(f"copy of {canvas.cut(rebased_from, cells)}")


def _run_line(canvas: Canvas, view: RunSummary) -> Text:
    """The columns that fit: a narrow line goes without the start, then without the trace id."""
    outcome = view["outcome"]
    has_trace, has_start = (canvas.width >= least for least in (_TRACE_FROM, _START_FROM))
    company_cells, run_cells = (16, 20) if has_trace else (12, 17)
    columns = [
        (f"{canvas.signs.outcomes[outcome]} {outcome:<7}", look.TEXT[outcome]),
        (_start(view) if has_start else "", ""),
        (canvas.left(view["company"], company_cells), ""),
        (canvas.left(view["run_id"], run_cells), look.STRONG),
        (right(duration_short(view["duration_s"]), 6), ""),
        (view["trace_id"] if has_trace else "", look.FAINT),
    ]
    line = Text("  ").join(Text(cell, style) for cell, style in columns if cell)
    room = canvas.width - line.cell_len - 2
    return line.append(f"  {canvas.cut(view['reason'] or _tasks(view), room)}")


def _start(view: RunSummary) -> str:
    return f"{view['started_at'][:19].replace('T', ' ')} UTC"


def _tasks(view: RunSummary) -> str:
    """Such as `72 tasks, 71 succeeded, 1 failed`."""
    counts = view["tasks_by_outcome"]
    expected = view["expected_tasks"]
    told = (
        count_words(counts["total"], "task"),
        f"{expected:,} expected" if expected not in {None, counts["total"]} else "",
        f"{counts['success']:,} succeeded" if counts["success"] else "",
        f"{counts['failure']:,} failed" if counts["failure"] else "",
        f"{counts['unfinished']:,} never finished" if counts["unfinished"] else "",
    )
    return ", ".join(filter(None, told))

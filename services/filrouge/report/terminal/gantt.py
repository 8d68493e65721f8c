"""The waterfall as lines: labels at the left, bars on one time axis, durations at the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from filrouge.report.terminal import look
from filrouge.report.terminal.axis import Axis, Mark, tick_label
from filrouge.report.terminal.canvas import Canvas, right
from filrouge.report.terminal.look import UNFINISHED, Signs, Stroke
from filrouge.report.terminal.waterfall import Kind, Row, waterfall_rows
from filrouge.report.view import RunView
from filrouge.report.words import duration_short

_LEAST_LABEL_CELLS: Final = 12
_LEAST_AXIS_CELLS: Final = 8
_SIGN_CELLS: Final = 2  # a sign and a blank
_THREAD_CELLS: Final = 3  # the same between two blanks
_SLOWEST_CELLS: Final = 2

_Cell = tuple[str, str]
"""A character and its style."""


def waterfall_lines(canvas: Canvas, view: RunView, *, show_all: bool = False) -> Iterator[Text]:
    """The axis, a line for each row, and what the signs mean; nothing for a run without tasks."""
    rows = waterfall_rows(view, show_all=show_all)
    if not rows:
        return
    sheet = _sheet(canvas, view["duration_s"], rows)
    yield sheet.head()
    yield from map(sheet.line, rows)
    yield from canvas.flow(sheet.legend(rows), indent=_SIGN_CELLS, first=_SIGN_CELLS)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The columns of one waterfall: sign, label, thread, bars, duration, mark of the slowest."""

    canvas: Canvas
    axis: Axis
    grid: Sequence[_Cell]
    label_cells: int
    duration_cells: int

    def head(self) -> Text:
        """The axis: each tick over its cell, its label behind it."""
        start = _SIGN_CELLS + self.label_cells + _THREAD_CELLS
        room = self.axis.width + self.duration_cells
        line = ""
        for at_s in self.axis.ticks():
            cell, label = self.axis.cell(at_s), self.canvas.signs.tick + tick_label(at_s)
            if cell + len(label) <= room:
                line = line.ljust(start + cell) + label
        return Text(line, look.FAINT)

    def line(self, row: Row) -> Text:
        """One row of the tree."""
        signs = self.canvas.signs
        sign = "" if row.outcome in {"", "success"} else signs.outcomes[row.outcome]
        line = Text.assemble(
            (sign.ljust(_SIGN_CELLS), look.TEXT.get(row.outcome, "")),
            self._label(row),
            (f" {signs.thread if row.on_path else ' '} ", look.THREAD),
            self._bars(row),
            f" {right(_duration(row), self.duration_cells)}",
            (f" {signs.slowest}" if row.slowest else "", look.STRONG),
        )
        line.rstrip()
        return line

    def legend(self, rows: Sequence[Row]) -> list[Text]:
        """What the signs of these rows mean; a sign that does not occur is left out."""
        signs = self.canvas.signs
        outcomes = {row.outcome for row in rows}
        waits = (row.waited.duration_s for row in rows if row.waited)
        signs_of = (
            (signs.outcomes["failure"], "failed", "failure" in outcomes),
            (signs.outcomes["partial"], "partly failed", "partial" in outcomes),
            (signs.outcomes[UNFINISHED], "never finished", UNFINISHED in outcomes),
            (signs.thread, "critical path", any(row.on_path for row in rows)),
            (signs.waiting.full, "waiting", any(map(self.axis.shows, waits))),
            (signs.slowest, "slowest", any(row.slowest for row in rows)),
            (signs.folded.full, "folded", any(row.kind is Kind.FOLDED for row in rows)),
        )
        return [Text(f"{sign} {word} ", look.FAINT) for sign, word, occurs in signs_of if occurs]

    def _label(self, row: Row) -> Text:
        guides, name = _guides(self.canvas.signs, row), _name(self.canvas, row)
        cells = max(self.label_cells - cell_len(guides), 0)
        style = "" if row.outcome == "success" else look.TEXT.get(row.outcome, look.FAINT)
        weight = "" if row.kind in {Kind.TASK, Kind.FOLDED} else look.STRONG
        label = self.canvas.left(name, cells)
        return Text.assemble((guides, look.FAINT), (label, f"{style} {weight}"))

    def _bars(self, row: Row) -> Text:
        signs = self.canvas.signs
        cells = list(self.grid)
        if row.waited and self.axis.shows(row.waited.duration_s):
            _paint(cells, self.axis.bar(*row.waited, signs.waiting), look.THREAD)
        stroke, style = _stroke(signs, row)
        for span in row.spans:
            _paint(cells, self.axis.bar(*span, stroke), style)
        runs = groupby(cells, key=itemgetter(1))
        return Text.assemble(*(("".join(glyph for glyph, _ in run), style) for style, run in runs))


def _sheet(canvas: Canvas, length_s: float, rows: Sequence[Row]) -> _Sheet:
    """Columns that fill the width: a label gets what it needs, up to three eighths of it."""
    longest = max(cell_len(_guides(canvas.signs, row) + _name(canvas, row)) for row in rows)
    label_cells = max(min(longest, canvas.width * 3 // 8), _LEAST_LABEL_CELLS)
    duration_cells = max(len(_duration(row)) for row in rows)
    others = _SIGN_CELLS + label_cells + _THREAD_CELLS + 1 + duration_cells + _SLOWEST_CELLS
    axis = Axis(length_s, max(canvas.width - others, _LEAST_AXIS_CELLS))
    return _Sheet(canvas, axis, _grid(canvas.signs, axis), label_cells, duration_cells)


def _grid(signs: Signs, axis: Axis) -> list[_Cell]:
    """What lies behind the bars: a faint line under each tick."""
    cells = [(" ", "")] * axis.width
    for at_s in axis.ticks()[1:]:
        cells[axis.cell(at_s)] = (signs.grid, look.FAINT)
    return cells


def _stroke(signs: Signs, row: Row) -> tuple[Stroke, str]:
    style = look.TASK_ON_PATH if row.on_path else look.TASK
    match row.kind:
        case Kind.STAGE | Kind.SOURCE:
            return signs.envelope, look.FAINT
        case Kind.FOLDED:
            return signs.folded, style
        case Kind.TASK if row.outcome == UNFINISHED:
            return signs.waiting, look.TEXT[UNFINISHED]
        case Kind.TASK:
            return signs.task, look.TEXT["failure"] if row.outcome == "failure" else style


def _paint(cells: list[_Cell], mark: Mark, style: str) -> None:
    for cell, glyph in enumerate(mark.glyphs, mark.left):
        if glyph != " ":
            cells[cell] = (glyph, style)


def _guides(signs: Signs, row: Row) -> str:
    """The lines that lead from a stage to a row below it."""
    if not row.lasts:
        return ""
    *above, last = row.lasts
    trunks = (" " * len(signs.trunk) if ended else signs.trunk for ended in above)
    return "".join(trunks) + (signs.last_branch if last else signs.branch)


def _name(canvas: Canvas, row: Row) -> str:
    """What the row is called; of folded tasks how many and how long: `… 23 more, 200ms–4.10s`."""
    if row.kind is not Kind.FOLDED:
        return canvas.inert(row.name)
    lengths = [span.duration_s for span in row.spans]
    bounds = dict.fromkeys(duration_short(bound(lengths)) for bound in (min, max))
    return f"{canvas.signs.ellipsis} {len(lengths):,} more, {canvas.signs.dash.join(bounds)}"


def _duration(row: Row) -> str:
    if row.kind is Kind.FOLDED or row.outcome == UNFINISHED:
        return ""
    return duration_short(row.spans[0].duration_s)

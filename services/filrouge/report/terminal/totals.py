"""The end of a replay in the terminal: what was read, what of it was refused, where it went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from filrouge.report.terminal import look
from filrouge.report.terminal.canvas import Canvas
from filrouge.report.totals import Totals
from filrouge.report.words import REMARKS, count_words

_FILES_NAMED: Final = 3
_REJECTIONS_SHOWN: Final = 10
_OUTCOMES: Final = ("success", "partial", "failure")


def totals_lines(canvas: Canvas, totals: Totals) -> Iterator[Text]:
    """Records, runs and outputs; then remarks and the first rejected lines, if there are any."""
    yield from canvas.wrap(_records(canvas, totals), indent=2, first=0)
    yield from canvas.wrap(_runs(canvas, totals), indent=2, first=0)
    for output in totals.outputs:
        yield Text.assemble(f"{canvas.signs.arrow} ", (canvas.inert(output), look.STRONG))
    yield from _remarks(canvas, totals)
    yield from _rejections(canvas, totals)


def _records(canvas: Canvas, totals: Totals) -> Text:
    named = [canvas.cut(name, canvas.width // 2) for name in totals.files[:_FILES_NAMED]]
    unnamed = len(totals.files) - len(named)
    files = ", ".join([*named, f"{unnamed:,} more"] if unnamed else named)
    return Text.assemble(
        f"Read {files}: {count_words(totals.accepted, 'record')} accepted",
        f", {count_words(totals.duplicates, 'duplicate')}" if totals.duplicates else "",
        (f", {totals.rejected:,} rejected", look.TEXT["failure"]) if totals.rejected else "",
    )


def _runs(canvas: Canvas, totals: Totals) -> Text:
    line = Text(count_words(sum(totals.runs_by_outcome.values()), "run"))
    for outcome in _OUTCOMES:
        if count := totals.runs_by_outcome.get(outcome, 0):
            sign = canvas.signs.outcomes[outcome]
            line.append("   ").append(f"{sign} {count:,} {outcome}", look.TEXT[outcome])
    return line


def _remarks(canvas: Canvas, totals: Totals) -> Iterator[Text]:
    if totals.remarks:
        yield Text.assemble("\n", ("Remarks on accepted records", look.STRONG))
    for kind, count in totals.remarks.items():
        said = Text.assemble(f"{count:,} {kind}", (f"  {REMARKS[kind]}", look.FAINT))
        yield from canvas.wrap(said, indent=4, first=2)


def _rejections(canvas: Canvas, totals: Totals) -> Iterator[Text]:
    shown = totals.rejections[:_REJECTIONS_SHOWN]
    if shown:
        yield Text()
        yield Text("Rejected lines", look.STRONG)
    for rejection in shown:
        said = Text.assemble(
            f"{canvas.inert(rejection.file)}:{rejection.line} ",
            (rejection.reason, look.TEXT["failure"]),
            f" {canvas.inert(rejection.message)}",
        )
        yield from canvas.wrap(said, indent=4, first=2)
    if unshown := totals.rejected - len(shown):
        yield Text(f"  {canvas.signs.ellipsis} {unshown:,} more", look.FAINT)

"""The critical path in words: what took the run's time, in order, with shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from filrouge.report.terminal import look
from filrouge.report.terminal.canvas import Canvas
from filrouge.report.view import RunView, SegmentView
from filrouge.report.words import duration_words, share_words

_PIECES_TOLD: Final = 5
_NAME_CELLS: Final = 48


def critical_path_lines(canvas: Canvas, view: RunView) -> Iterator[Text]:
    """Such as `Critical path 13 min 12 s: sharepoint_graph/Sites 13 min 04 s (98 %) → …`.

    The longest pieces are named in order of time, waiting among them; the rest is summed up.
    """
    path = view["critical_path"]
    if not path:
        return
    total_s = sum(piece["duration_s"] for piece in path)
    by_length = sorted(range(len(path)), key=lambda index: -path[index]["duration_s"])
    told = [path[index] for index in sorted(by_length[:_PIECES_TOLD])]
    pieces = [
        Text.assemble((f"Critical path {duration_words(total_s)}:", look.STRONG)),
        *(_piece(canvas, piece, total_s, is_last=piece is told[-1]) for piece in told),
        *(Text(said, look.FAINT) for said in _rest(canvas, path, told, total_s)),
    ]
    yield from canvas.flow(pieces, indent=2)


def _rest(
    canvas: Canvas, path: Sequence[SegmentView], told: Sequence[SegmentView], total_s: float
) -> Iterator[str]:
    """What the named pieces leave open: the others, and all waiting if it is in several pieces."""
    if len(told) < len(path):
        rest_s = total_s - sum(piece["duration_s"] for piece in told)
        yield f"+ {len(path) - len(told):,} more {_length(rest_s, total_s)}"
    waiting = [piece["duration_s"] for piece in path if piece["span_id"] is None]
    if len(waiting) > 1:
        yield f"{canvas.signs.dash} waiting in all {_length(sum(waiting), total_s)}"


def _piece(canvas: Canvas, piece: SegmentView, total_s: float, *, is_last: bool) -> Text:
    """Such as `sharepoint_graph/Sites 13 min 04 s (98 %) →`."""
    name = canvas.cut(piece["name"], _NAME_CELLS)
    style = look.FAINT if piece["span_id"] is None else look.STRONG
    arrow = "" if is_last else f" {canvas.signs.arrow}"
    length = _length(piece["duration_s"], total_s)
    return Text.assemble((name, style), f" {length}", (arrow, look.THREAD))


def _length(duration_s: float, total_s: float) -> str:
    return f"{duration_words(duration_s)} ({share_words(duration_s, total_s)})"

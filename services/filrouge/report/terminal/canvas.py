"""Where a report is drawn: so many cells wide, in characters that the terminal has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from filrouge.report.terminal.inert import cut, inert
from filrouge.report.terminal.look import ASCII, UNICODE, Signs


@dataclass(frozen=True, slots=True)
class Canvas:
    """What is known of the terminal while drawing."""

    console: Console
    width: int
    encoding: str
    signs: Signs

    def inert(self, text: str) -> str:
        """Text from outside, harmless and on one line."""
        return inert(text, self.encoding)

    def cut(self, text: str, cells: int) -> str:
        """Text from outside in at most so many cells."""
        return cut(self.inert(text), cells, self.signs.ellipsis)

    def left(self, text: str, cells: int) -> str:
        """Text from outside in exactly so many cells, blanks after it."""
        return set_cell_size(self.cut(text, cells), cells)

    def wrap(self, text: Text, indent: int = 0, first: int | None = None) -> Iterator[Text]:
        """Lines that fit, broken between words where possible.

        Args:
            text: without line breaks.
            indent: blanks before each line.
            first: blanks before the first line, if they are others.
        """
        blanks = indent if first is None else first
        for line in text.wrap(self.console, max(self.width - max(indent, blanks), 1)):
            line.rstrip()
            yield Text(" " * blanks) + line
            blanks = indent

    def flow(self, pieces: Iterable[Text], indent: int = 0, first: int = 0) -> Iterator[Text]:
        """Lines filled with pieces, a blank between two; only what exceeds a line is broken.

        Args:
            pieces: texts without line breaks.
            indent: blanks before each line but the first.
            first: blanks before the first line.
        """
        room = self.width - max(indent, first)
        line, blanks = Text(), first
        for piece in pieces:
            if line and line.cell_len + 1 + piece.cell_len > room:
                yield from self.wrap(line, indent, blanks)
                line, blanks = Text(), indent
            line += Text(" " if line else "") + piece
        yield from self.wrap(line, indent, blanks)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What rich prints: lines made when the width and encoding of the console are known."""

    lines: Callable[[Canvas], Iterable[Text]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        signs = ASCII if options.ascii_only else UNICODE
        for line in self.lines(Canvas(console, options.max_width, options.encoding, signs)):
            line.no_wrap, line.overflow = True, "ignore"
            yield line


def right(text: str, cells: int) -> str:
    """Own text in at least so many cells, blanks before it."""
    return " " * (cells - cell_len(text)) + text

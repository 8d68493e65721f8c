"""A time axis of so many terminal cells: where its ticks are, and which cells a bar covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Final, NamedTuple

from filrouge.report.terminal.look import Stroke

_EIGHTHS: Final = 8
_LEAST_GAP_CELLS: Final = 9  # a label such as 12h30m, and some air
_MOST_TICKS: Final = 10  # more, and the grid hides the bars
_DAY_S: Final = 86_400
_UNITS: Final = ((_DAY_S, "d"), (3600, "h"), (60, "m"), (1, "s"))


class Mark(NamedTuple):
    """Characters from the cell `left` on; a blank among them covers nothing."""

    left: int
    glyphs: str


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to `length_s` in `width` cells."""

    length_s: float
    width: int

    def cell(self, at_s: float) -> int:
        """The cell that an instant lies in."""
        return min(self._eighths(at_s) // _EIGHTHS, self.width - 1)

    def ticks(self) -> list[float]:
        """The instants to label, in round steps, not closer than a label is long."""
        room = min(max(self.width // _LEAST_GAP_CELLS, 1), _MOST_TICKS)
        step_s = next(step for step in _steps_s() if step * room >= self.length_s)
        return list(takewhile(lambda at_s: at_s <= self.length_s, _multiples(step_s)))

    def bar(self, start_s: float, duration_s: float, stroke: Stroke) -> Mark:
        """The cells of an interval, to the precision of the stroke; never nothing at all."""
        end = self.width * _EIGHTHS
        first = min(self._eighths(start_s), end - 1)
        last = max(self._eighths(start_s + duration_s), first + 1)
        left, skipped = divmod(first, _EIGHTHS)
        right, covered = divmod(last, _EIGHTHS)
        if last - left * _EIGHTHS <= _EIGHTHS:
            left_aligned = skipped <= (left + 1) * _EIGHTHS - last
            glyphs = (stroke.ends if left_aligned else stroke.starts)[last - first]
        else:
            between = stroke.full * (right - left - 1)
            end_glyph = stroke.ends[covered] if covered else ""
            glyphs = stroke.starts[_EIGHTHS - skipped] + between + end_glyph
        return Mark(left, stroke.full if glyphs.isspace() else glyphs)

    def shows(self, duration_s: float) -> bool:
        """Whether an interval of that length fills at least half a cell."""
        return duration_s * self.width * 2 >= self.length_s > 0

    def _eighths(self, at_s: float) -> int:
        if self.length_s <= 0:
            return 0
        inside = min(max(at_s / self.length_s, 0), 1)
        return round(inside * self.width * _EIGHTHS)


def tick_label(at_s: float) -> str:
    """Such as `0`, `250ms`, `1.5s`, `1m30s`, `2h`."""
    if at_s < 1:
        return f"{at_s * 1e3:g}ms" if at_s else "0"
    if at_s < 60:  # noqa: PLR2004 - a minute
        return f"{at_s:g}s"
    rest, parts = round(at_s), []
    for unit_s, unit in _UNITS:
        whole, rest = divmod(rest, unit_s)
        parts.append(f"{whole}{unit}" if whole else "")
    return "".join(parts)


def _steps_s() -> Iterator[float]:
    """Steps that people count in, from a microsecond up without end."""
    for exponent in range(-6, 0):
        yield from (float(f"{digit}e{exponent}") for digit in (1, 2, 5))
    for unit_s in (1, 60):
        yield from (float(step * unit_s) for step in (1, 2, 5, 10, 15, 30))
    yield from (float(hours * 3600) for hours in (1, 2, 3, 6, 12))
    for exponent in count():
        yield from (float(digit * 10**exponent * _DAY_S) for digit in (1, 2, 5))


def _multiples(step_s: float) -> Iterator[float]:
    return (index * step_s for index in count())

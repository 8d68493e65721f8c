"""What colour a state has, on every panel; and the words for it.

Okabe and Ito's colours, which people with any colour vision tell apart; and no state is told by
colour alone: each has a word beside it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMappingResult


class Colour(StrEnum):
    """A colour by what it says."""

    GOOD = "#009E73"
    """Success, fresh, within the limit."""
    WARNING = "#E69F00"
    """Partial, stale, late, near the limit."""
    BAD = "#D55E00"
    """Failure, beyond the limit."""
    SILENT = "#CC79A7"
    """Silent, missed: what never came."""
    UNKNOWN = "#8C8C8C"
    """Not known, not expected, unfinished."""
    PLAIN = "#0072B2"
    """A figure that is neither good nor bad."""


STATES: Final = {
    "success": Colour.GOOD,
    "accepted": Colour.GOOD,
    "on_time": Colour.GOOD,
    "STATUS_CODE_OK": Colour.GOOD,
    "partial": Colour.WARNING,
    "late": Colour.WARNING,
    "duplicate": Colour.PLAIN,
    "stalled": Colour.WARNING,
    "warning": Colour.WARNING,
    "failure": Colour.BAD,
    "invalid": Colour.BAD,
    "undelivered": Colour.BAD,
    "critical": Colour.BAD,
    "STATUS_CODE_ERROR": Colour.BAD,
    "missed": Colour.SILENT,
    "unfinished": Colour.UNKNOWN,
    "open": Colour.PLAIN,
}
"""The colour of each state that is told by a word on the wire."""

SOURCE_STATES: Final = (
    ("not expected", Colour.UNKNOWN),
    ("fresh", Colour.GOOD),
    ("not come yet", Colour.UNKNOWN),
    ("failing", Colour.BAD),
    ("stale", Colour.WARNING),
    ("silent", Colour.SILENT),
)
"""The states of a source, the worst last; a query tells one by its place here."""


def words(*states: tuple[str, Colour]) -> ValueMap:
    """Shows the figures 0, 1, … as these words."""
    return ValueMap(
        {
            str(at): ValueMappingResult(text=text, color=colour, index=at)
            for at, (text, colour) in enumerate(states)
        }
    )


def coloured() -> ValueMap:
    """Gives a state that is told by a word its colour."""
    return ValueMap(
        {
            state: ValueMappingResult(text=state, color=colour, index=at)
            for at, (state, colour) in enumerate(STATES.items())
        }
    )

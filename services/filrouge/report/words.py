"""Words for people: durations, sizes, shares and counts, and what remarks mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from filrouge.records.record import Remark

_SIZE_UNITS: Final = ("B", "kB", "MB", "GB", "TB")

# Up to where a figure keeps its form: from there on it would be rounded into the next one.
_NO_MILLISECONDS_BELOW_S: Final = 0.000_05
_TENTHS_OF_MILLISECONDS_BELOW_S: Final = 0.009_95
_MILLISECONDS_BELOW_S: Final = 0.999_5
_HUNDREDTHS_BELOW_S: Final = 9.995
_TENTHS_BELOW_S: Final = 59.95
_MINUTES_BELOW_S: Final = 3600
_HOURS_BELOW_MIN: Final = 24 * 60
_NEXT_SIZE_UNIT_FROM: Final = 999.5
_TENTHS_OF_SIZE_BELOW: Final = 99.95

REMARKS: Final[Mapping[str, str]] = {
    Remark.AMBIGUOUS_LOCAL_TIME: "the clock was set back, this local time existed twice",
    Remark.NONEXISTENT_LOCAL_TIME: "the clock was set forward, this local time never existed",
    Remark.DURATION_CONTRADICTS_TIMES: "the duration disagrees with start and end; these count",
    Remark.UNKNOWN_ZONE: "a zone that the settings do not name",
    Remark.CONFLICTING_DUPLICATE: "one task was told in two ways; the one that ends last counts",
}
"""What each remark means, for people."""


def duration_words(duration_s: float) -> str:
    """Such as `250 ms`, `4.21 s`, `13 min 04 s`, `2 h 05 min`, `3 d 04 h`.

    Three significant figures below a minute. A duration that would be rounded up to the next unit
    is told in that unit.
    """
    if duration_s < _MILLISECONDS_BELOW_S:
        return _milliseconds_words(duration_s)
    if duration_s < _TENTHS_BELOW_S:
        return f"{duration_s:.{2 if duration_s < _HUNDREDTHS_BELOW_S else 1}f} s"
    seconds, minutes, hours = (int(duration_s / unit + 0.5) for unit in (1, 60, 3600))
    if seconds < _MINUTES_BELOW_S:
        return f"{seconds // 60} min {seconds % 60:02} s"
    if minutes < _HOURS_BELOW_MIN:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{hours // 24} d {hours % 24:02} h"


def duration_short(duration_s: float) -> str:
    """The same for columns, in six cells up to nine hours: `250ms`, `4.21s`, `13m04s`, `2h05m`."""
    return duration_words(duration_s).replace("min", "m").replace(" ", "")


def size_words(size_bytes: int) -> str:
    """Such as `512 B`, `1.5 MB`, `−3.0 kB`: decimal units, as the thresholds of alerts are."""
    size, unit = float(abs(size_bytes)), 0
    while size >= _NEXT_SIZE_UNIT_FROM and unit < len(_SIZE_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    decimals = 1 if unit and size < _TENTHS_OF_SIZE_BELOW else 0
    return f"{'−' if size_bytes < 0 else ''}{size:.{decimals}f} {_SIZE_UNITS[unit]}"


def share_words(part: float, whole: float) -> str:
    """Such as `98 %`; less than half a percent is `< 1 %`."""
    percent = round(100 * part / whole) if whole else 0
    return f"{percent} %" if percent or not part else "< 1 %"


def count_words(count: int, noun: str) -> str:
    """Such as `1 task`, `72 tasks`, `1,000,000 records`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _milliseconds_words(duration_s: float) -> str:
    if 0 < duration_s < _NO_MILLISECONDS_BELOW_S:
        return "< 0.1 ms"
    decimals = 1 if 0 < duration_s < _TENTHS_OF_MILLISECONDS_BELOW_S else 0
    return f"{duration_s * 1000:.{decimals}f} ms"

"""Durations as people write them: `75min`, `1h 30min`, `2d`, or a number of seconds."""

from __future__ import annotations

import re
from typing import Final

_UNITS_S: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_PART: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h|d)\s*")
_LONGEST_S: Final = 10 * 366 * 86_400


def seconds(written: object) -> float:
    """The seconds of a duration.

    Raises:
        ValueError: it is none, it is not above 0, or it is longer than ten years.
    """
    found = _seconds(written)
    if found is None:
        raise ValueError(f"{written!r} is no duration; expected one such as 75min, 1h 30min or 2d")
    if not 0 < found <= _LONGEST_S:
        raise ValueError(f"{written!r} is out of range; expected above 0 s and at most ten years")
    return found


def _seconds(written: object) -> float | None:
    if isinstance(written, int | float) and not isinstance(written, bool):
        return float(written)
    if not isinstance(written, str) or not written.strip():
        return None
    total, at = 0.0, 0
    while at < len(written):
        part = _PART.match(written, at)
        if part is None:
            return None
        total += float(part[1]) * _UNITS_S[part[2]]
        at = part.end()
    return total

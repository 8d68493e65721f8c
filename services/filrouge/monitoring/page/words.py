"""Words of the page that `report.html` has no use for."""

from __future__ import annotations

from typing import Final

_ORDINALS: Final = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


def row_words(runs: int) -> str:
    """In how many of the newest runs an error came: `third run in a row`."""
    if runs == 0:
        return "not in the newest run"
    if runs == 1:
        return "in the newest run"
    if runs <= len(_ORDINALS):
        return f"{_ORDINALS[runs - 1]} run in a row"
    return f"{runs} runs in a row"


def age_words(age_s: float) -> str:
    """An age, no finer than it matters: `under a minute`, `12 min`, `2 h 05 min`, `3 d 04 h`."""
    minutes = int(age_s // 60)
    if minutes < 1:
        return "under a minute"
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24:02} h"
    return f"{hours} h {minutes % 60:02} min" if hours else f"{minutes} min"

"""Instants and names as `report.html` writes them; `assets/format.js` writes them alike."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029{_BIDI}]")


def clock_text(instant: str, timezone: ZoneInfo) -> str:
    """An instant of RFC 3339 on the zone's clock, such as `2025-09-05 16:45:26`."""
    moment = datetime.fromisoformat(instant).astimezone(timezone)
    return moment.replace(tzinfo=None).isoformat(" ", "seconds")


def visible_text(text: str) -> str:
    r"""The text with what cannot be seen as escapes, so that no name can pose as another.

    Control characters and those that turn the direction of writing become `\x1b`, `\u202e`. Tabs
    and line breaks stay.
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)

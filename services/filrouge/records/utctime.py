"""RFC 3339 times with an offset, as schema 2 writes them, turned into instants."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from filrouge.errors import RejectedRecord
from filrouge.records.rejection import Reason, shown

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_YEAR: Final = 2261  # signed 64 bits of nanoseconds, as readers of OTLP hold them, end in 2262
NS_PER_S: Final = 1_000_000_000


def instant_ns(text: str, field: str) -> int:
    """Nanoseconds since 1970 UTC; up to nine decimals are kept.

    Raises:
        RejectedRecord: the text is no RFC 3339 time, has no offset, or lies out of range.
    """
    parts = _RFC3339.fullmatch(text)
    if parts is None:
        raise _invalid(text, field)
    date, time, fraction, offset = parts.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{time}{'Z' if offset in 'Zz' else offset}")
    except ValueError:
        raise _invalid(text, field) from None
    since = moment - _EPOCH
    if since.days < 0 or moment.year > _LAST_YEAR:
        raise RejectedRecord(
            Reason.OUT_OF_RANGE, f"{field} is {text!r}; expected a time from 1970 to 2261", field
        )
    return (since.days * 86_400 + since.seconds) * NS_PER_S + int((fraction or "").ljust(9, "0"))


def _invalid(text: str, field: str) -> RejectedRecord:
    return RejectedRecord(
        Reason.INVALID_TIME,
        f"{field} is {shown(text)}; expected RFC 3339 with offset, such as 2025-09-05T20:45:26Z",
        field,
    )

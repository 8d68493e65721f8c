"""What makes two errors the same error: place, class and text without what changes each time."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from filrouge.records.record import TaskFinished
from filrouge.runs.failure import error_type

_CHANGING: Final = (
    # Ids, times and counts differ each time; in this order, for each holds the next.
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\d+(?:[.,:T/-]\d+)*Z?"), "<n>"),
    (re.compile(r"\s+"), " "),
)
_STATUS: Final = re.compile(r"\b[45]\d\d\b")
_CHARACTERS: Final = 300  # what comes behind is a dump of data more often than a reason
_LENGTH: Final = 16


def pattern(text: str) -> str:
    """The text without ids, times and counts; an HTTP status stays, for it says what happened."""
    cut = text.strip()[: 4 * _CHARACTERS]
    parts = []
    end = 0
    for status in _STATUS.finditer(cut):
        parts += [_without(cut[end : status.start()]), status[0]]
        end = status.end()
    return "".join([*parts, _without(cut[end:])])[:_CHARACTERS]


def fingerprint(record: TaskFinished) -> str:
    """Of a failed task: 16 hexadecimal digits, the same for the same error in every run."""
    told = (
        record.run.company,
        record.zone,
        record.source,
        record.object_name,
        error_type(record),
        pattern(record.message),
    )
    hashed = b"".join(sha256(part.encode()).digest() for part in told)
    return sha256(hashed).hexdigest()[:_LENGTH]


def _without(text: str) -> str:
    for changing, shown in _CHANGING:
        text = changing.sub(shown, text)
    return text

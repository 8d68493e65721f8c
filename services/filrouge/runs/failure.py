"""What a failed task's text says, made useful even when the text is as thin as `'id'`."""

from __future__ import annotations

import re
from typing import Final

from filrouge.records.record import TaskFinished

OTHER: Final = "_OTHER"
"""What the semantic conventions ask `error.type` to be when nothing more is known."""

_NAMED = re.compile(r"\s*(?:[a-z_][\w.]*\.)?([A-Z]\w*(?:Error|Exception|Timeout|Refused|Denied))\b")
_KEY = re.compile(r"""\s*(['"])([^'"\n]{1,100})\1\s*""")
_HTTP_STATUS = re.compile(r"\b(?:HTTP|status|code|error)\D{0,12}\b([45]\d\d)\b", re.IGNORECASE)
_LEADING_STATUS = re.compile(r"\s*([45]\d\d)\b")
_TIMED_OUT = re.compile(r"time[d]?[ -]?out", re.IGNORECASE)


def error_type(record: TaskFinished) -> str:
    """The class of a failure, with few values: what the producer names, or what its text shows.

    In this order: the producer's own word; a class name at the text's start; a bare quoted word,
    which is how Python prints a KeyError; an HTTP status; a time-out; else `_OTHER`.
    """
    text = record.message
    if record.error_type:
        return record.error_type
    if named := _NAMED.match(text):
        return named[1]
    if _KEY.fullmatch(text):
        return "KeyError"
    if status := _HTTP_STATUS.search(text) or _LEADING_STATUS.match(text):
        return status[1]
    return "timeout" if _TIMED_OUT.search(text) else OTHER


def status_text(record: TaskFinished) -> str:
    """One sentence that says what failed and why, for a span's status and for people.

    A text that would not stand alone is told with what it happened to.
    """
    text = record.message.strip()
    where = f"{record.source}/{record.object_name}"
    if not text:
        return f"{where} failed without an error text"
    if key := _KEY.fullmatch(text):
        return f"{where} failed: {text} (an error text that is only a key: {key[2]!r} was missing)"
    return f"{where} failed: {text}"

"""Where a JSON value ends, found by its brackets and strings alone."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

# Repeats are possessive and alternatives few: this runs over every byte of an array.
_STRING: Final = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'  # a raw line break in a string is no JSON
_BETWEEN_BRACKETS: Final = re.compile(rb'[^"{}\[\]]*+(?:%b[^"{}\[\]]*+)*+' % _STRING)
_ATOM: Final = re.compile(rb'%b|[^"{}\[\] \t\r\n,]++|}' % _STRING)
_CLOSING: Final = {ord("{"): ord("}"), ord("["): ord("]")}
_QUOTE: Final = ord('"')


class Extent(Enum):
    """What became of the search for the end of a value."""

    WHOLE = auto()
    OPEN = auto()
    BROKEN = auto()


def find_end(data: bytes, at: int, awaited: bytearray) -> tuple[Extent, int]:
    """Whether the value that is open at `at` ends in `data`, and how far that is known.

    WHOLE comes with the position past the value, OPEN with the one to go on from when there is
    more data, BROKEN with the one of the fault: a bracket that closes another one, or a string
    that does not end on its line.

    Args:
        data: may begin and end anywhere.
        at: the first byte of the value, or what OPEN gave last time.
        awaited: the brackets that are to be closed, the innermost last; empty for a new value,
            and kept up to date from call to call.
    """
    if not awaited and data[at : at + 1] not in (b"{", b"["):
        return _find_end_of_atom(data, at)
    while (at := _end_of_match(_BETWEEN_BRACKETS, data, at)) < len(data):
        byte = data[at]
        if byte == _QUOTE:
            return _unless_on_next_line(data, at)
        if byte in _CLOSING:
            awaited.append(_CLOSING[byte])
        elif awaited.pop() != byte:
            return Extent.BROKEN, at
        at += 1
        if not awaited:
            return Extent.WHOLE, at
    return Extent.OPEN, at


def is_cut(data: bytes) -> bool:
    """Whether the data are the beginning of an object, array or string that has no end."""
    value = data.strip()
    return value[:1] in (b"{", b"[", b'"') and find_end(value, 0, bytearray())[0] is Extent.OPEN


def _find_end_of_atom(data: bytes, at: int) -> tuple[Extent, int]:
    """The same for a string, a number or a word, and for a bracket that closes nothing."""
    end = _end_of_match(_ATOM, data, at)
    if end == at:
        return _unless_on_next_line(data, at)
    is_word = data[at] not in b'"}'  # which may go on in data yet to come
    return (Extent.OPEN, at) if is_word and end == len(data) else (Extent.WHOLE, end)


def _unless_on_next_line(data: bytes, at: int) -> tuple[Extent, int]:
    return Extent.BROKEN if data.find(b"\n", at) >= 0 else Extent.OPEN, at


def _end_of_match(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at

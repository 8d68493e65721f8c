"""The elements of a JSON array, one by one, as the bytes they were written with.

Commas are not checked: one too many or too few harms nobody. An element is broken when a bracket
closes another one or a string does not end on its line (a raw line break in a string is no JSON);
also when it has grown past the limit for a record, or to the end of the file, over a line that
looks like the beginning of another one. It ends before the next line that begins, no further right
than itself, with `{` or `]` (blanks and commas aside), and reading goes on there.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import lru_cache
from typing import Final

from filrouge.records.parse import MAX_LINE_BYTES
from filrouge.records.reading.cursor import Cursor
from filrouge.records.reading.extent import Extent, find_end
from filrouge.records.reading.line import Fault, Line, ending, too_long
from filrouge.records.rejection import Reason

BLANKS: Final = re.compile(rb"[ \t\r\n]*+")
_BETWEEN: Final = re.compile(rb"[ \t\r\n,]*+")
_MAX_INDENT: Final = 1000  # of a line at which to go on


def read_elements(cursor: Cursor, kept_bytes: int) -> Generator[Line, None, bool]:
    """The elements of the array at the cursor, which is behind its `]` afterwards.

    Returns whether there is one: if not, all is read, and the last line has the fault.

    Args:
        cursor: on the `[`.
        kept_bytes: an element that has no end within so many is cut there.
    """
    fault = Fault(
        Reason.TRUNCATED,
        f"the array that begins on line {cursor.number} has no end; records may be missing",
    )
    cursor.move(cursor.at + 1)
    while byte := cursor.skip(_BETWEEN):
        if byte == b"]":
            bracket = cursor.take(cursor.at + 1)
            if cursor.skip(BLANKS) != b",":
                return True
            yield bracket  # one too many: the array goes on
            continue
        line = _read_element(cursor, kept_bytes)
        if line is None:
            yield from ending(cursor.take(len(cursor.data)), cursor.chunks.fault)
            return False
        yield line
    yield from ending(cursor.take(cursor.at), cursor.chunks.fault or fault)
    return False


def _read_element(cursor: Cursor, kept_bytes: int) -> Line | None:
    """The element at the cursor, whole or broken; None if it goes on to the end of the file."""
    next_one = _next_one(min(cursor.column, _MAX_INDENT))
    end = _find_end(cursor, next_one, kept_bytes)
    return _read_broken(cursor, next_one, kept_bytes) if end is None else cursor.take(end)


@lru_cache(maxsize=_MAX_INDENT)
def _next_one(column: int) -> re.Pattern[bytes]:
    """Finds the line break before a line at which to go on after an element in that column."""
    return re.compile(rb"\n[ \t,]{0,%d}(?=[{\]])" % column)


def _find_end(cursor: Cursor, next_one: re.Pattern[bytes], kept_bytes: int) -> int | None:
    """The index past the element in the cursor's data; None if it is broken, or has none."""
    awaited = bytearray()
    scanned = 0
    while True:
        extent, end = find_end(cursor.data, cursor.at + scanned, awaited)
        scanned = end - cursor.at
        known = end if extent is Extent.WHOLE else len(cursor.data)
        size = known - cursor.at
        if size > MAX_LINE_BYTES and next_one.search(cursor.data, cursor.at, known):
            return None
        if extent is Extent.WHOLE:
            return end
        if extent is Extent.BROKEN or size > kept_bytes or not cursor.more():
            return None


def _read_broken(cursor: Cursor, next_one: re.Pattern[bytes], kept_bytes: int) -> Line | None:
    """What lies before the line at which to go on; None if there is no such line."""
    while not (found := next_one.search(cursor.data, cursor.at)):
        if len(cursor.data) - cursor.at > kept_bytes:
            line = cursor.take(cursor.at + kept_bytes, too_long(kept_bytes))
            _skip_to(cursor, next_one)
            return line
        if not cursor.more():
            return None
    line = cursor.take(found.start())
    return line._replace(data=line.data.rstrip(b" \t\r\n,"))


def _skip_to(cursor: Cursor, next_one: re.Pattern[bytes]) -> None:
    """Move to the line at which to go on, or to the end, and keep nothing on the way."""
    while not (found := next_one.search(cursor.data, cursor.at)):
        perhaps = cursor.data.rfind(b"\n", max(cursor.at, len(cursor.data) - _MAX_INDENT - 2))
        cursor.move(perhaps if perhaps >= 0 else len(cursor.data))
        if not cursor.more():
            return
    cursor.move(found.start())

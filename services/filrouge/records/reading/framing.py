"""Records cut out of a stream of bytes: one a line, or the elements of a JSON array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from filrouge.records.reading.array import BLANKS, read_elements
from filrouge.records.reading.cursor import Chunks, Cursor
from filrouge.records.reading.line import Fault, Line
from filrouge.records.reading.ndjson import read_lines
from filrouge.records.rejection import Reason

KEPT_BYTES: Final = 64 << 20
"""Of a longer line only the beginning is kept: it is no record, and memory has an end."""

_UTF8_MARK: Final = b"\xef\xbb\xbf"
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32
_LONGEST_MARK: Final = 4
_WIDE: Final = Fault(
    Reason.INVALID_UTF8,
    "the file is UTF-16 or UTF-32, of which nothing was read; convert it to UTF-8, "
    "such as with: iconv -f UTF-16 -t UTF-8",
)


def frame(chunks: Iterable[bytes], file: str, kept_bytes: int = KEPT_BYTES) -> Iterator[Line]:
    """The records in a stream, in order, each with the place where it begins.

    A stream whose first visible byte is `[` is a JSON array, any other has one record a line; so
    has what follows an array, unless it is another one. Blank lines are counted but not given.

    Args:
        chunks: the stream in pieces of any size up to `kept_bytes`; BrokenInputError from them
            becomes the fault of the last line.
        file: the name that the lines are to bear.
        kept_bytes: what is kept at most of one line or element.
    """
    cursor = Cursor(Chunks(chunks), file)
    while len(cursor.data) < _LONGEST_MARK and cursor.more():
        pass
    if cursor.data.startswith(_WIDE_MARKS):
        yield cursor.take(0, _WIDE)
        return
    if cursor.data.startswith(_UTF8_MARK):
        cursor.move(len(_UTF8_MARK))
    while cursor.skip(BLANKS) == b"[":
        if not (yield from read_elements(cursor, kept_bytes)):
            return
    yield from read_lines(cursor, kept_bytes)

"""Records of one line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from filrouge.records.reading.cursor import Cursor
from filrouge.records.reading.line import Line, ending, too_long

_RETURN: Final = ord("\r")  # Windows writes one before each line break


def read_lines(cursor: Cursor, kept_bytes: int) -> Iterator[Line]:
    """The lines from the cursor to the end, without those that are blank.

    Args:
        cursor: of no use afterwards.
        kept_bytes: a line that is longer is cut there; no chunk may be longer than that.
    """
    file, number, offset = cursor.file, cursor.number, cursor.offset
    begun = bytearray()  # what is kept of the line at the end of the last chunk
    size = 0  # of that line so far, kept or not
    for chunk in cursor.rest():
        lines = chunk.split(b"\n")
        size += len(lines[0])
        begun += lines[0][: kept_bytes - len(begun)]
        if len(lines) == 1:
            continue
        if size <= kept_bytes:
            lines[0] = bytes(begun)
        else:
            yield Line(bytes(begun), number, offset, file, too_long(kept_bytes))
            number, offset = number + 1, offset + size + 1
            del lines[0]
        begun[:] = lines.pop()
        size = len(begun)
        for data in lines:
            if data and not data.isspace():
                yield Line(data[:-1] if data[-1] == _RETURN else data, number, offset, file)
            number += 1
            offset += len(data) + 1
    fault = too_long(kept_bytes) if size > kept_bytes else None
    last = Line(bytes(begun).removesuffix(b"\r"), number, offset, file, fault)
    yield from ending(last, cursor.chunks.fault)

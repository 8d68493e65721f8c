"""The place in a stream of bytes up to which it has been handed out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from filrouge.errors import BrokenInputError
from filrouge.records.reading.line import Fault, Line
from filrouge.records.rejection import Reason


class Chunks(Iterator[bytes]):
    """Chunks as they come; `fault` tells afterwards why there are no more, if not for the end."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.fault: Fault | None = None

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except BrokenInputError as error:
            self.fault = Fault(Reason(error.reason), str(error))
            raise StopIteration from None


class Cursor:
    """A place in a stream, and what has been read beyond it.

    Attributes:
        data: what is in memory, from somewhere before the place.
        at: the place in `data`.
        column: how many bytes lie before it on its line.
        number: of its line, from 1.
        offset: in the stream.
    """

    def __init__(self, chunks: Chunks, file: str) -> None:
        self.chunks = chunks
        self.file = file
        self.data = b""
        self.at = self.column = self.offset = 0
        self.number = 1

    def more(self) -> bool:
        """Whether there was more to read; it is in `data` now, and `at` has moved.

        Reads as much again as is waiting, so that a long element is not copied for each chunk.
        """
        pieces = [self.data[self.at :]]
        wanted = max(1, len(pieces[0]))
        for chunk in self.chunks:
            pieces.append(chunk)
            wanted -= len(chunk)
            if wanted <= 0:
                break
        size = len(self.data) - self.at
        self.data, self.at = b"".join(pieces), 0
        return len(self.data) > size

    def move(self, to: int) -> None:
        """Go on to index `to` of `data`."""
        newline = self.data.rfind(b"\n", self.at, to)
        if newline < 0:
            self.column += to - self.at
        else:
            self.column = to - newline - 1
            self.number += self.data.count(b"\n", self.at, to)
        self.offset += to - self.at
        self.at = to

    def take(self, to: int, fault: Fault | None = None) -> Line:
        """What lies before index `to` of `data`; the place is behind it afterwards."""
        line = Line(self.data[self.at : to], self.number, self.offset, self.file, fault)
        self.move(to)
        return line

    def skip(self, blanks: re.Pattern[bytes]) -> bytes:
        """The next byte behind the longest match of `blanks`, not taken; empty at the end."""
        while True:
            match = blanks.match(self.data, self.at)
            self.move(match.end() if match else self.at)
            if self.at < len(self.data) or not self.more():
                return self.data[self.at : self.at + 1]

    def rest(self) -> Iterator[bytes]:
        """All that is to come, chunk by chunk; the cursor is of no use afterwards."""
        yield self.data[self.at :]
        yield from self.chunks

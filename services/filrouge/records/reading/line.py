"""One record's bytes and where they were found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from filrouge.records.parse import MAX_LINE_BYTES
from filrouge.records.reading.extent import is_cut
from filrouge.records.rejection import Reason


class Fault(NamedTuple):
    """Why bytes cannot be a record, known before anybody has parsed them."""

    reason: Reason
    message: str


class Line(NamedTuple):
    """The bytes of one record, without line break.

    Attributes:
        data: as they were in the file; an element of an array may span several lines.
        number: of the line on which they begin, from 1.
        offset: of their first byte in the file, once decompressed.
        file: its name, as the user gave it.
        fault: what is wrong with them, if that is known already.
    """

    data: bytes
    number: int
    offset: int
    file: str
    fault: Fault | None = None


_CUT: Final = Fault(Reason.TRUNCATED, "the file ends in the middle of this record")


def too_long(kept_bytes: int) -> Fault:
    """The fault of bytes that go on beyond what is kept of them."""
    return Fault(
        Reason.TOO_LONG,
        f"more than {kept_bytes} bytes, of which no more are kept; "
        f"the limit for a record is {MAX_LINE_BYTES}",
    )


def ending(tail: Line, fault: Fault | None) -> Iterator[Line]:
    """The last line of a file, if it is not blank, and the fault that ended the file, if any.

    A record that is cut is one with the fault; a whole one is as good as any other.
    """
    if not tail.fault and is_cut(tail.data):
        yield tail._replace(fault=fault or _CUT)
        return
    if tail.data.strip():
        yield tail
    if fault:
        yield tail._replace(data=b"", fault=fault)

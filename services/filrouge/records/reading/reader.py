"""Each record of a file, or what kept it from being one.

The way of a line::

    with replayable(["-", "september.json.gz"]) as sources:
        for line in read(sources[0]):
            result = parse_line(parser, line)
            if isinstance(result, Rejection):
                rejected.write(result.to_json())
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from filrouge.errors import RejectedRecord
from filrouge.records.parse import RecordParser
from filrouge.records.reading.framing import frame
from filrouge.records.reading.line import Line
from filrouge.records.reading.sources import Source
from filrouge.records.record import Record
from filrouge.records.rejection import Reason


@dataclass(frozen=True, slots=True)
class Rejection:
    """What could not be read, why, and where it stands.

    Attributes:
        file: its name, as the user gave it.
        line: the number of the line on which it begins, from 1.
        offset: of its first byte in the file, once decompressed.
        reason: for programs.
        field: the field at fault as the producer spells it, or None for the whole record.
        message: for people.
        original: its bytes; empty where a file could not be read at all, or not any further.
    """

    file: str
    line: int
    offset: int
    reason: Reason
    field: str | None
    message: str
    original: bytes

    def to_json(self) -> bytes:
        """One line of `rejected.jsonl`, as `docs/records.md` describes it."""
        return orjson.dumps(
            {
                "file": self.file,
                "line": self.line,
                "offset": self.offset,
                "reason": self.reason,
                "field": self.field,
                "message": self.message,
                **self._original(),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )

    def _original(self) -> dict[str, str]:
        try:
            return {"original": self.original.decode()}
        except UnicodeDecodeError:
            return {"original_base64": b64encode(self.original).decode()}


def read(source: Source) -> Iterator[Line]:
    """The records of a file, in order, with as much of it in memory as one record needs.

    A file that cannot be read to its end gives what could be read, and then one line with a fault.
    """
    return frame(source.chunks(), source.name)


def parse_line(parser: RecordParser, line: Line) -> Record | Rejection:
    """The record, or why there is none."""
    if line.fault:
        return _rejection(line, line.fault.reason, None, line.fault.message)
    try:
        return parser.parse(line.data)
    except RejectedRecord as refusal:
        return _rejection(line, Reason(refusal.reason), refusal.field, str(refusal))


def _rejection(line: Line, reason: Reason, field: str | None, message: str) -> Rejection:
    return Rejection(line.file, line.number, line.offset, reason, field, message, line.data)

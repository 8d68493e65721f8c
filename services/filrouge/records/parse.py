"""From the bytes of one record to its normalised form, whichever schema it follows."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

import orjson

from filrouge.errors import RejectedRecord
from filrouge.records.localtime import LocalClock
from filrouge.records.record import Record, Remark, TaskFinished
from filrouge.records.rejection import Reason
from filrouge.records.schema1 import Schema1Parser
from filrouge.records.schema2 import parse_schema2

MAX_LINE_BYTES: Final = 1 << 20
"""A longer record is refused: it would not fit a Kafka message of the default size either."""

EVENT_MARK: Final = b'"specversion"'
"""In every line of schema 2; a line that has it only in a value or an inner object is not one."""


class RecordParser:
    """Reads records of both schemas.

    Args:
        timezone: the zone of schema 1's local times.
        zones: the zones that are known; a record of another one is taken, and remarked.
    """

    def __init__(self, timezone: ZoneInfo, zones: frozenset[str]) -> None:
        self._parse_schema1 = Schema1Parser(LocalClock(timezone)).parse
        self._zones = zones

    def parse(self, line: bytes) -> Record:
        """The normalised record of one line, which has no line break at its end.

        Raises:
            RejectedRecord: the line is no record; the text says what is wrong and what to do.
        """
        if len(line) > MAX_LINE_BYTES:
            raise RejectedRecord(
                Reason.TOO_LONG, f"{len(line)} bytes; the limit for a record is {MAX_LINE_BYTES}"
            )
        try:
            parse = parse_schema2 if is_event(line) else self._parse_schema1
            record = parse(line)
        except RejectedRecord as refusal:
            if refusal.reason == Reason.INVALID_JSON:
                _refuse_what_is_not_text(line)  # says more than "not JSON" does
            raise
        if isinstance(record, TaskFinished) and record.zone not in self._zones:
            record.remarks += (Remark.UNKNOWN_ZONE,)
        return record


def is_event(line: bytes) -> bool:
    """Whether a record says that it is a CloudEvent, and so follows schema 2."""
    if line.find(EVENT_MARK) < 0:  # twice as fast as `in`
        return False
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return True  # either parser words the refusal alike
    return isinstance(event, dict) and "specversion" in event


def _refuse_what_is_not_text(line: bytes) -> None:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise RejectedRecord(
            Reason.INVALID_UTF8,
            f"byte {error.start + 1} of the record is not UTF-8 ({error.reason}); send UTF-8",
        ) from None

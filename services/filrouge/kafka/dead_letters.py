"""Dead letters: messages that are no records, kept with what is wrong with them.

A dead letter has the key, the value and the headers of the message that it was, byte for byte.
What is known besides stands in headers of our own, whose names all begin alike, so that the
message can be taken out again as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from confluent_kafka import Message

from filrouge.kafka.messages import Headers, headers_of, key_of, offset_of, partition_of, value_of
from filrouge.kafka.topics import TOPIC

Position = tuple[int, int]
"""Partition and offset on the topic of dead letters."""

PREFIX: Final = "filrouge.dlq."
"""Of the names of our own headers."""
_REASON: Final = f"{PREFIX}reason"
_MESSAGE: Final = f"{PREFIX}message"
_FIELD: Final = f"{PREFIX}field"
_TOPIC: Final = f"{PREFIX}topic"
_PARTITION: Final = f"{PREFIX}partition"
_OFFSET: Final = f"{PREFIX}offset"
_TIME_MS: Final = f"{PREFIX}timestamp"
_ATTEMPT: Final = f"{PREFIX}attempt"
_TRACEPARENT: Final = f"{PREFIX}traceparent"
_SIZE: Final = f"{PREFIX}size"

_MESSAGE_CHARACTERS: Final = 1024
_CUT_BYTES: Final = 1 << 16


class Refusal(StrEnum):
    """Reasons besides those of `records.rejection.Reason`."""

    REFUSED_BY_COLLECTOR = "refused_by_collector"
    UNPROCESSABLE = "unprocessable"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be processed, and why.

    Attributes:
        reason: for programs: a `Reason` or a `Refusal`.
        message: for people.
        field: the field at fault, if it is one.
        topic: where the message lay.
        partition: of that topic.
        offset: in that partition.
        time_ms: the message's own timestamp, in milliseconds since 1970 UTC, or None.
        key: of the message.
        value: of the message; its beginning, where `size` says that it is cut.
        headers: of the message, without any of ours.
        attempt: 1, and one more each time it was put back and came here again.
        traceparent: of the span that gave the message up.
        size: bytes of the whole value where the broker did not take all of it, else None.
    """

    reason: str
    message: str
    field: str | None
    topic: str
    partition: int
    offset: int
    time_ms: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers
    attempt: int = 1
    traceparent: str | None = None
    size: int | None = None

    def all_headers(self) -> Headers:
        """The headers of the dead letter: those of the message, and ours."""
        ours = {
            _REASON: self.reason,
            _MESSAGE: self.message[:_MESSAGE_CHARACTERS],
            _FIELD: self.field,
            _TOPIC: self.topic,
            _PARTITION: self.partition,
            _OFFSET: self.offset,
            _TIME_MS: self.time_ms,
            _ATTEMPT: self.attempt,
            _TRACEPARENT: self.traceparent,
            _SIZE: self.size,
        }
        told = ((name, str(value).encode()) for name, value in ours.items() if value is not None)
        return (*self.headers, *told)

    def headers_to_replay(self) -> Headers:
        """The headers of the message when it is put back: its own, and how often it was here."""
        return (*self.headers, (_ATTEMPT, str(self.attempt).encode()))

    def cut(self) -> DeadLetter:
        """The same with only the value's beginning, for a broker that does not take it whole."""
        value = self.value or b""
        return replace(self, value=value[:_CUT_BYTES], size=self.size or len(value))


def dead_letter(
    taken: Message, reason: str, message: str, field: str | None, traceparent: str | None
) -> DeadLetter:
    """What becomes of a message that was taken from a topic."""
    kind, time_ms = taken.timestamp()
    headers = headers_of(taken)
    return DeadLetter(
        reason=reason,
        message=message,
        field=field,
        topic=taken.topic() or "",
        partition=partition_of(taken),
        offset=offset_of(taken),
        time_ms=time_ms if kind else None,
        key=key_of(taken),
        value=value_of(taken),
        headers=_theirs(headers),
        attempt=_integer(dict(headers).get(_ATTEMPT), 0) + 1,
        traceparent=traceparent,
    )


def read_letter(lying: Message) -> tuple[Position, DeadLetter]:
    """A message on the topic of dead letters as what it is, and where it lies there.

    What somebody else put there has the reason `unknown`; it belongs to the topic of records.
    """
    headers = headers_of(lying)
    said = {name: _text(value) for name, value in headers if name.startswith(PREFIX)}
    letter = DeadLetter(
        reason=said.get(_REASON, "unknown"),
        message=said.get(_MESSAGE, "no header says why it is here"),
        field=said.get(_FIELD),
        topic=said.get(_TOPIC, TOPIC),
        partition=_integer(said.get(_PARTITION), -1),
        offset=_integer(said.get(_OFFSET), -1),
        time_ms=_integer(said.get(_TIME_MS), -1) if _TIME_MS in said else None,
        key=key_of(lying),
        value=value_of(lying),
        headers=_theirs(headers),
        attempt=_integer(said.get(_ATTEMPT), 1),
        traceparent=said.get(_TRACEPARENT),
        size=_integer(said.get(_SIZE), 0) or None,
    )
    return (partition_of(lying), offset_of(lying)), letter


def _theirs(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if not name.startswith(PREFIX))


def _integer(value: str | bytes | None, otherwise: int) -> int:
    """The number in a header, which anybody may have written."""
    text = _text(value) if value else ""
    return int(text) if text.isascii() and text.isdigit() else otherwise


def _text(value: str | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""

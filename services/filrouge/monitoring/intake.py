"""From messages of the topic to what the registry takes in one transaction. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from filrouge.errors import RejectedRecord
from filrouge.records.parse import RecordParser
from filrouge.records.record import Record


class Message(NamedTuple):
    """One message of the topic."""

    partition: int
    offset: int
    value: bytes


class Entry(NamedTuple):
    """A record, and where it came from.

    Attributes:
        digest: SHA-256 of its line: a record that comes twice is known by it.
    """

    record: Record
    digest: bytes
    partition: int


@dataclass(slots=True)
class Span:
    """What a batch holds of one partition.

    Attributes:
        first: the offset that reading goes on from: what the registry has to have.
        next: the offset that it goes on from after this batch.
        read: how many messages there are.
        invalid: how many of them are no records. Processing sets them aside as dead letters.
    """

    first: int
    next: int
    read: int = 0
    invalid: int = 0


@dataclass(slots=True)
class Batch:
    """Messages that are kept together or not at all."""

    spans: dict[int, Span] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


def batch(parser: RecordParser, messages: Iterable[Message], positions: dict[int, int]) -> Batch:
    """The records of some messages, and how far they reach.

    Args:
        parser: reads a line.
        messages: in order of their offsets within each partition.
        positions: of each partition, where reading went on from.
    """
    taken = Batch()
    for message in messages:
        first = positions[message.partition]
        span = taken.spans.setdefault(message.partition, Span(first, first))
        span.next = message.offset + 1
        span.read += 1
        try:
            record = parser.parse(message.value)
        except RejectedRecord:
            span.invalid += 1
        else:
            digest = sha256(message.value).digest()
            taken.entries.append(Entry(record, digest, message.partition))
    return taken

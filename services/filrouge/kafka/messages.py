"""What a message holds, as bytes; the client's own types allow for more than it gives."""

from __future__ import annotations

from confluent_kafka import Message

Headers = tuple[tuple[str, bytes | None], ...]


def headers_of(message: Message) -> Headers:
    """The message's headers, in order; a name may come several times."""
    found = message.headers()
    if not found:
        return ()
    pairs = found.items() if isinstance(found, dict) else found
    return tuple((name, _bytes(value)) for name, value in pairs)


def key_of(message: Message) -> bytes | None:
    """The message's key."""
    return _bytes(message.key())


def value_of(message: Message) -> bytes | None:
    """The message's value; None marks the end of what has its key."""
    return _bytes(message.value())


def partition_of(message: Message) -> int:
    """The partition in which the message lies."""
    return _number(message.partition())


def offset_of(message: Message) -> int:
    """The message's offset in its partition."""
    return _number(message.offset())


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _number(value: int | None) -> int:
    return -1 if value is None else value

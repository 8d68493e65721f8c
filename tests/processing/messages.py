"""Messages as Kafka gives them, made by hand."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka import Message

from filrouge.kafka.topics import TOPIC


def message(
    value: bytes,
    offset: int = 0,
    partition: int = 0,
    headers: Sequence[tuple[str, bytes]] = (),
) -> Message:
    """One on the topic of records."""
    return Message(topic=TOPIC, partition=partition, offset=offset, value=value, headers=[*headers])

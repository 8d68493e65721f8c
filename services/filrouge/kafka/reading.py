"""What lies on a topic, read from its beginning without leaving a trace in any group."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from filrouge.kafka.client import BrokerError, client_options, require_topic
from filrouge.kafka.topics import TOPIC
from filrouge.records.reading.line import Line
from filrouge.settings import Settings

_BATCH: Final = 1000  # one call each is several times slower
_BATCH_S: Final = 0.2
_PATIENCE_S: Final = 30.0
_NO_GROUP: Final = "filrouge-reader"  # the client asks for a name; offsets are never committed


@dataclass(frozen=True, slots=True)
class Extent:
    """A part of one partition: offsets from `low` up to, but without, `high`."""

    partition: int
    low: int
    high: int


class TopicReader:
    """All messages that lay on a topic when the reader was made; can be read several times.

    Args:
        settings: the settings in force.
        topic: its name.

    Raises:
        BrokerError: no broker answers, or it has no such topic.
    """

    def __init__(self, settings: Settings, topic: str = TOPIC) -> None:
        self._topic = topic
        self._options = client_options(
            settings,
            {
                "group.id": _NO_GROUP,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
            },
        )
        self._brokers = settings.brokers
        self._extents = self._find_extents()

    def lines(self) -> Iterator[Line]:
        """The messages as lines, partition by partition.

        A line's file is `topic[partition]`, its offset that of the message.

        Raises:
            BrokerError: the broker went away.
        """
        return map(_line, self.messages())

    def messages(self) -> Iterator[Message]:
        """The messages, partition by partition.

        Raises:
            BrokerError: the broker went away.
        """
        for extent in self._extents:
            yield from self._read(extent)

    def _find_extents(self) -> list[Extent]:
        consumer = Consumer(self._options)
        try:
            partitions = require_topic(consumer, self._topic, self._brokers)
            return [self._extent(consumer, partition) for partition in partitions]
        finally:
            consumer.close()

    def _extent(self, consumer: Consumer, partition: int) -> Extent:
        try:
            low, high = consumer.get_watermark_offsets(
                TopicPartition(self._topic, partition), timeout=_PATIENCE_S
            )
        except KafkaException as error:
            raise self._broken(error.args[0].str()) from None
        return Extent(partition, low, high)

    def _read(self, extent: Extent) -> Iterator[Message]:
        if extent.low == extent.high:
            return
        consumer = Consumer(self._options)
        try:
            consumer.assign([TopicPartition(self._topic, extent.partition, extent.low)])
            for message in self._consume(consumer, extent.partition):
                offset = message.offset() or 0
                if offset < extent.high:
                    yield message
                if offset >= extent.high - 1:
                    return
        finally:
            consumer.close()

    def _consume(self, consumer: Consumer, partition: int) -> Iterator[Message]:
        """Messages to the partition's end; its last offsets may be no messages but marks."""
        heard_s = time.monotonic()
        while time.monotonic() < heard_s + _PATIENCE_S:
            # The call waits for the batch to be full, so it is given little time.
            for message in consumer.consume(_BATCH, timeout=_BATCH_S):
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    return
                else:
                    raise self._broken(error.str())
                heard_s = time.monotonic()
        raise self._broken(f"partition {partition} gave nothing for {_PATIENCE_S:g} s")

    def _broken(self, reason: str) -> BrokerError:
        return BrokerError(f"{self._topic} at {self._brokers} cannot be read on: {reason}")


def _line(message: Message) -> Line:
    offset = message.offset() or 0
    file = f"{message.topic()}[{message.partition()}]"
    return Line(message.value() or b"", offset + 1, offset, file)

"""The topic of dead letters as operators use it: read it, and put messages back where they lay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from confluent_kafka import KafkaError, Message, Producer

from filrouge.errors import DeliveryError
from filrouge.kafka.client import client_options, require_topic
from filrouge.kafka.dead_letters import DeadLetter, Position, read_letter
from filrouge.kafka.reading import TopicReader
from filrouge.kafka.topics import DEAD_LETTERS
from filrouge.settings import Settings

_LARGEST_BYTES: Final = 4 << 20
_MS_PER_S: Final = 1000
_WAIT_S: Final = 0.1


def read_letters(settings: Settings) -> Iterator[tuple[Position, DeadLetter]]:
    """All dead letters that lie there now, in the order in which they came to their partition.

    Raises:
        BrokerError: Kafka is away, or has no such topic.
    """
    return map(read_letter, TopicReader(settings, DEAD_LETTERS).messages())


class Replayer:
    """Puts messages back on the topics that they came from.

    Attributes:
        acknowledged: how many the broker has taken for good.

    Args:
        settings: the settings in force.
    """

    def __init__(self, settings: Settings) -> None:
        self.acknowledged = 0
        self._settings = settings
        self._known: set[str] = set()
        self._refusal: str | None = None
        options = {
            "enable.idempotence": True,
            "compression.type": "zstd",
            "message.max.bytes": _LARGEST_BYTES,
            "delivery.timeout.ms": int(settings.kafka_patience_s * _MS_PER_S),
        }
        self._producer = Producer(client_options(settings, options))

    def put_back(self, letter: DeadLetter) -> None:
        """Sends the message as it was: key, value and headers, and with how often it was refused.

        Raises:
            BrokerError: no broker answers, or it has no such topic any more.
        """
        if letter.topic not in self._known:
            require_topic(self._producer, letter.topic, self._settings.brokers)
            self._known.add(letter.topic)
        while True:
            try:
                self._producer.produce(
                    letter.topic,
                    letter.value,
                    letter.key,
                    headers=[*letter.headers_to_replay()],
                    on_delivery=self._delivered,
                )
            except BufferError:
                self._producer.poll(_WAIT_S)
            else:
                return

    def close(self) -> None:
        """Waits until the broker has acknowledged every message.

        Raises:
            DeliveryError: one was not taken.
        """
        while self._producer.flush(1):
            pass
        if self._refusal:
            raise DeliveryError(
                f"Kafka at {self._settings.brokers} did not take every message: {self._refusal}; "
                f"{self.acknowledged} were acknowledged. Replay again once it is well: a record "
                "that comes twice counts once"
            )

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.acknowledged += 1
        else:
            self._refusal = error.str()

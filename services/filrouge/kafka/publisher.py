"""Records onto the topic: acknowledged by all replicas, and never twice by a retry."""

from __future__ import annotations

from typing import Any, Final

from confluent_kafka import KafkaError, Producer

from filrouge.errors import DeliveryError
from filrouge.kafka.client import client_options, require_topic
from filrouge.kafka.topics import TOPIC
from filrouge.records.parse import MAX_LINE_BYTES
from filrouge.settings import Settings

_WAIT_S: Final = 0.1  # for room in the client's queue, between two looks at the answers
_MS_PER_S: Final = 1000
_AROUND_BYTES: Final = 1 << 16
"""Of a message besides the record: the key, which may hold two names, headers and framing."""


class Publisher:
    """A producer to `TOPIC`.

    Attributes:
        acknowledged: how many records the broker has taken for good.

    Args:
        settings: the settings in force.

    Raises:
        BrokerError: no broker answers, or it has no such topic.
    """

    def __init__(self, settings: Settings) -> None:
        self.acknowledged = 0
        self._brokers = settings.brokers
        self._refusal: str | None = None
        options = client_options(
            settings,
            {
                "enable.idempotence": True,  # implies acknowledgement by all replicas, in order
                "delivery.timeout.ms": int(settings.kafka_patience_s * _MS_PER_S),
                "compression.type": "zstd",
                "message.max.bytes": MAX_LINE_BYTES + _AROUND_BYTES,
                "linger.ms": 20,  # larger batches, for a file is not in a hurry
            },
        )
        self._producer = Producer(options)
        require_topic(self._producer, TOPIC, self._brokers)

    def send(self, key: bytes, value: bytes) -> None:
        """Hands a record to the client, which sends it in the background.

        Waits while the client's queue is full.

        Raises:
            DeliveryError: an earlier record was not taken in time.
        """
        while True:
            try:
                self._producer.produce(TOPIC, value, key, on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(_WAIT_S)
            else:
                break
        self._producer.poll(0)
        self._raise_refusal()

    def close(self) -> None:
        """Waits until the broker has acknowledged every record.

        Raises:
            DeliveryError: one was not taken in time.
        """
        while self._producer.flush(1):
            self._raise_refusal()
        self._raise_refusal()

    def _delivered(self, error: KafkaError | None, _: Any) -> None:
        if error is None:
            self.acknowledged += 1
        elif self._refusal is None:
            self._refusal = error.str()

    def _raise_refusal(self) -> None:
        if self._refusal is not None:
            self._producer.purge()
            raise DeliveryError(
                f"Kafka at {self._brokers} did not take every record: {self._refusal}; "
                f"{self.acknowledged} were acknowledged. Publish again once it is well: "
                "a record that comes twice counts once"
            )

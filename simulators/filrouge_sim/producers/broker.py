"""Kafka, as a simulated microservice uses it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from opentelemetry.context import Context, attach, detach
from opentelemetry.instrumentation.confluent_kafka import ConfluentKafkaInstrumentor
from opentelemetry.semconv._incubating.attributes import messaging_attributes as names
from opentelemetry.trace import get_current_span

from filrouge.errors import DeliveryError
from filrouge.kafka.client import BrokerError, client_options, require_topic
from filrouge.kafka.messages import headers_of, offset_of, partition_of
from filrouge.kafka.topics import TOPIC
from filrouge.settings import Settings
from filrouge_sim.producers import handover
from filrouge_sim.producers.progress import Progress
from filrouge_sim.producers.tracing import Tracing

__all__ = ["Receiver", "Sender"]

_LOGGER: Final = logging.getLogger(__name__)
_PARTITIONS: Final = 6
_KEPT_MS: Final = 86_400_000
"""A day: hand-overs are of use for minutes, or after a restart."""
_ANSWER_S: Final = 10.0
_ROOM_S: Final = 0.1
_MS_PER_S: Final = 1000


class _Described(Producer):
    """A producer whose spans say what the instrumentation of 0.66b1 leaves out.

    That gives the messaging attributes their names of 2022, no key, and no address of the broker
    unless the producer has `config`.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(dict(options))
        self.config = dict(options)

    def produce(self, topic: str, *args: Any, **kwargs: Any) -> None:
        """Sends a message; the current span is the instrumentation's."""
        span = get_current_span()
        span.set_attribute(names.MESSAGING_DESTINATION_NAME, topic)
        span.set_attribute(names.MESSAGING_OPERATION_NAME, "send")
        span.set_attribute(
            names.MESSAGING_OPERATION_TYPE, names.MessagingOperationTypeValues.SEND.value
        )
        span.set_attribute(names.MESSAGING_KAFKA_MESSAGE_KEY, kwargs["key"].decode())
        super().produce(topic, *args, **kwargs)


class Sender:
    """Sends records and hand-overs, each with a span of the instrumentation and its traceparent.

    Args:
        settings: the settings in force.
        tracing: of the microservice.

    Raises:
        BrokerError: no broker answers, or it has no topic for records.
    """

    def __init__(self, settings: Settings, tracing: Tracing) -> None:
        self._brokers = settings.brokers
        self._refusal: str | None = None
        described = _Described(
            client_options(
                settings,
                {
                    "enable.idempotence": True,
                    "delivery.timeout.ms": int(settings.kafka_patience_s * _MS_PER_S),
                    "linger.ms": 5,
                },
            )
        )
        require_topic(described, TOPIC, settings.brokers)
        _create_topic(settings)
        self._producer: Producer = ConfluentKafkaInstrumentor.instrument_producer(
            described, tracer_provider=tracing.provider
        )

    def send(self, topic: str, key: bytes, value: bytes, context: Context) -> None:
        """Hands a message to the client, which sends it in the background.

        Args:
            topic: where to.
            key: keeps a run in order.
            value: the message.
            context: holds the span of the work that the message comes of.

        Raises:
            DeliveryError: Kafka did not take an earlier one in time.
        """
        token = attach(context)
        try:
            while True:
                try:
                    self._producer.produce(topic, value, key=key, on_delivery=self._delivered)
                except BufferError:
                    self._producer.poll(_ROOM_S)
                else:
                    break
        finally:
            detach(token)
        self.poll()

    def poll(self) -> None:
        """Takes note of what became of messages.

        Raises:
            DeliveryError: Kafka did not take one in time.
        """
        self._producer.poll(0)
        if self._refusal is not None:
            self._producer.purge()
            raise DeliveryError(
                f"Kafka at {self._brokers} did not take every record: {self._refusal}"
            )

    def flush(self) -> None:
        """Waits until Kafka has every message.

        Raises:
            DeliveryError: it did not take one in time.
        """
        while self._producer.flush(1):
            self.poll()
        self.poll()

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None and self._refusal is None:
            self._refusal = error.str()


class Receiver:
    """Takes hand-overs. Not by the instrumentation.

    That makes each message received the beginning of a trace of its own with a link to its sender,
    by way of a span `recv` that is about nothing; a run is to be one trace.

    Args:
        settings: the settings in force.
        group: whose members share the work, and go on where they were.

    Raises:
        BrokerError: no broker answers.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._progress: defaultdict[int, Progress] = defaultdict(Progress)
        self._committed: dict[int, int] = {}
        options = client_options(
            settings,
            {
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": 10_000,
                "heartbeat.interval.ms": 3_000,
            },
        )
        self._consumer = Consumer(options)
        _create_topic(settings)
        self._consumer.subscribe([handover.TOPIC])

    def take(self, wait_s: float) -> Message | None:
        """The next message, if one comes within that time; it is under way until `done`."""
        message = self._consumer.poll(wait_s)
        if message is None:
            return None
        if error := message.error():
            _LOGGER.warning("reading hand-overs: %s", error.str())
            return None
        self._progress[partition_of(message)].begin(offset_of(message))
        return message

    def done(self, message: Message) -> None:
        """The message need not be read again."""
        self._progress[partition_of(message)].end(offset_of(message))

    def commit(self) -> None:
        """Tells Kafka how far all is done, if that has changed."""
        places = {
            partition: progress.committable
            for partition, progress in self._progress.items()
            if progress.committable > self._committed.get(partition, -1)
        }
        if not places:
            return
        try:
            self._consumer.commit(
                offsets=[TopicPartition(handover.TOPIC, *place) for place in places.items()],
                asynchronous=False,
            )
        except KafkaException as error:  # away, or the partition is another's: it is done again
            _LOGGER.warning("committing hand-overs: %s", error.args[0].str())
        else:
            self._committed |= places

    def close(self) -> None:
        """Commits, and leaves the group."""
        self.commit()
        self._consumer.close()


def text_headers(message: Message) -> dict[str, str]:
    """A message's headers as text."""
    return {name: (value or b"").decode(errors="replace") for name, value in headers_of(message)}


def _create_topic(settings: Settings) -> None:
    """Makes the topic of hand-overs if it is not there.

    Raises:
        BrokerError: no broker answers, or it refuses.
    """
    admin = AdminClient(client_options(settings, {}))
    topic = NewTopic(
        handover.TOPIC, num_partitions=_PARTITIONS, config={"retention.ms": str(_KEPT_MS)}
    )
    try:
        if handover.TOPIC not in admin.list_topics(timeout=_ANSWER_S).topics:
            admin.create_topics([topic])[handover.TOPIC].result(_ANSWER_S)
    except KafkaException as error:
        fault = error.args[0]
        if fault.code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise BrokerError(
                f"Kafka at {settings.brokers} does not make the topic {handover.TOPIC}: "
                f"{fault.str()}"
            ) from None

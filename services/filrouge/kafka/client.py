"""What a producer and a reader need to find the broker, and what to say when it is not there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, Producer

from filrouge.errors import FilrougeError
from filrouge.settings import Settings

_LOGGER: Final = logging.getLogger(__name__)
_LOGGER.addHandler(logging.NullHandler())  # a command tells errors itself
_ANSWER_S: Final = 5.0


class BrokerError(FilrougeError):
    """Kafka is away, refuses us, or has no such topic."""


def client_options(settings: Settings, ours: Mapping[str, Any]) -> dict[str, Any]:
    """Options for a client of librdkafka: the site's own, over which ours and these prevail."""
    return {
        "client.id": "filrouge",
        **settings.kafka_options,
        "bootstrap.servers": settings.brokers,
        "logger": _LOGGER,  # else librdkafka writes to standard error by itself
        **ours,
    }


def require_topic(client: Producer | Consumer, topic: str, brokers: str) -> list[int]:
    """The topic's partitions.

    Raises:
        BrokerError: no broker answers, or it has no such topic.
    """
    try:
        found = client.list_topics(topic, timeout=_ANSWER_S).topics[topic]
    except KafkaException as error:
        raise BrokerError(
            f"Kafka at {brokers} does not answer ({error.args[0].str()}); start it, "
            "or set FILROUGE_KAFKA_BROKERS to where it is (filrouge stack status tells of the "
            "native one)"
        ) from None
    if found.error or not found.partitions:
        raise BrokerError(
            f"Kafka at {brokers} has no topic {topic}; create it, or run filrouge stack up, "
            "which does"
        )
    return sorted(found.partitions)

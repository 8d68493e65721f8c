"""The topics that all parts need, made where they are missing."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from filrouge.kafka.topics import DEAD_LETTERS, PARTITIONS, TEMPO_SPANS, TOPIC


def create_topics(client: AdminClient, timeout_s: float) -> list[str]:
    """Creates the topics that are not there; the names of those that were not.

    One that is there stays as it is, whatever its partitions.

    Raises:
        KafkaException: the broker does not answer in time, or does not take them.
    """
    there = client.list_topics(timeout=timeout_s).topics
    wanted = [topic for topic in _topics() if topic.topic not in there]
    if wanted:
        for created in client.create_topics(wanted, operation_timeout=timeout_s).values():
            try:
                created.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
    return [topic.topic for topic in wanted]


def missing_topics(client: AdminClient, timeout_s: float) -> list[str]:
    """The topics that are not there, or have no leader to write to, as for a while after a start.

    Raises:
        KafkaException: the broker does not answer in time.
    """
    known = {
        name
        for name, topic in client.list_topics(timeout=timeout_s).topics.items()
        if topic.partitions and all(each.leader >= 0 for each in topic.partitions.values())
    }
    return [topic.topic for topic in _topics() if topic.topic not in known]


def _topics() -> list[NewTopic]:
    """As many copies of each as the broker makes by default."""
    return [
        NewTopic(TOPIC, PARTITIONS),
        NewTopic(DEAD_LETTERS, 1),  # they are few, and read in order
        # One process reads one partition; a message is as large as Tempo makes them.
        NewTopic(TEMPO_SPANS, 1, config={"max.message.bytes": str(16 << 20)}),
    ]

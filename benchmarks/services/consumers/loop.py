"""The loop around confluent-kafka that both the bare and the plain way have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from confluent_kafka import Consumer, Message, TopicPartition

from benchmarks.services.consumers.meter import Task

_MESSAGES: Final = 1000
_WAIT_S: Final = 0.1


def batches(task: Task) -> Iterator[list[Message]]:
    """Messages in batches, which is the client's fastest way; without end."""
    consumer = Consumer(
        {
            "bootstrap.servers": task.brokers,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
        }
    )
    if task.partition is None:
        consumer.subscribe([task.topic])
    else:
        consumer.assign([TopicPartition(task.topic, task.partition, 0)])
    while True:
        found = [each for each in consumer.consume(_MESSAGES, _WAIT_S) if not each.error()]
        if found:
            yield found

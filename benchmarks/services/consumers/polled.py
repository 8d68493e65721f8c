"""The bare loop, one message at a time, as the client's documentation begins."""

from __future__ import annotations

import orjson
from confluent_kafka import Consumer, TopicPartition

from benchmarks.services.consumers.meter import Meter, given_task


def main() -> None:
    """Reads until it is told to end."""
    task = given_task()
    meter = Meter(finish=lambda: None)
    consumer = Consumer(
        {
            "bootstrap.servers": task.brokers,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
        }
    )
    consumer.assign([TopicPartition(task.topic, task.partition or 0, 0)])
    while True:
        message = consumer.poll(1.0)
        if message is None or message.error():
            continue
        orjson.loads(message.value() or b"")
        meter.count()


if __name__ == "__main__":
    main()

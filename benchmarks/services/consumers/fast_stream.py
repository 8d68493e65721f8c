"""FastStream with confluent-kafka: one call for each message, as its documentation begins."""

from __future__ import annotations

import asyncio
from typing import Any

from faststream import FastStream
from faststream.confluent import KafkaBroker, KafkaMessage

from benchmarks.services.consumers.meter import Meter, given_task
from benchmarks.services.consumers.telemetry import emit, sdk

task = given_task()
telemetry = sdk(task.otlp)
meter = Meter(telemetry.close)
broker = KafkaBroker(task.brokers, logger=None)


@broker.subscriber(task.topic, group_id=task.group, auto_offset_reset="earliest")  # type: ignore[untyped-decorator]
async def handle(record: dict[str, Any], message: KafkaMessage) -> None:
    """One record."""
    emit(telemetry, message.body.decode(), record)
    meter.count()


if __name__ == "__main__":
    asyncio.run(FastStream(broker, logger=None).run())

"""FastStream with confluent-kafka, in batches: the faster of the ways its documentation shows."""

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


@broker.subscriber(  # type: ignore[untyped-decorator]
    task.topic, group_id=task.group, auto_offset_reset="earliest", batch=True, max_records=1000
)
async def handle(records: list[dict[str, Any]], message: KafkaMessage) -> None:
    """Many records."""
    for record, body in zip(records, message.body, strict=True):
        emit(telemetry, body.decode(), record)
        meter.count()


if __name__ == "__main__":
    asyncio.run(FastStream(broker, logger=None).run())

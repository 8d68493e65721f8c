"""Quix Streams: a streaming data frame with one function, as its documentation begins."""

from __future__ import annotations

import json

from quixstreams import Application

from benchmarks.services.consumers.meter import Meter, given_task
from benchmarks.services.consumers.telemetry import emit, sdk

task = given_task()
telemetry = sdk(task.otlp)
meter = Meter(telemetry.close)


def handle(value: bytes) -> None:
    """One record. It comes as bytes, for the log record's body is the line."""
    emit(telemetry, value.decode(), json.loads(value))
    meter.count()


if __name__ == "__main__":
    app = Application(
        broker_address=task.brokers,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        loglevel=None,
    )
    frame = app.dataframe(app.topic(task.topic, value_deserializer="bytes"))
    frame.update(handle)
    app.run()

"""The plain way: the same loop as the bare one, and the SDK for each record."""

from __future__ import annotations

import orjson

from benchmarks.services.consumers.loop import batches
from benchmarks.services.consumers.meter import Meter, given_task
from benchmarks.services.consumers.telemetry import emit, sdk


def main(with_log: bool = True) -> None:
    """Reads until it is told to end."""
    task = given_task()
    telemetry = sdk(task.otlp)
    meter = Meter(telemetry.close)
    for batch in batches(task):
        for message in batch:
            value = message.value() or b""
            emit(telemetry, value.decode(), orjson.loads(value), with_log)
            meter.count()


if __name__ == "__main__":
    main()

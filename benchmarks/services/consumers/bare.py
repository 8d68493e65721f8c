"""The least that reads the topic: consume, parse as JSON, forget."""

from __future__ import annotations

import orjson

from benchmarks.services.consumers.loop import batches
from benchmarks.services.consumers.meter import Meter, given_task


def main() -> None:
    """Reads until it is told to end."""
    meter = Meter(finish=lambda: None)
    for batch in batches(given_task()):
        for message in batch:
            orjson.loads(message.value() or b"")
        meter.count(len(batch))


if __name__ == "__main__":
    main()

"""Other people's records: a steady load, in a process of its own.

`python -m benchmarks.stack.load FILE URL RECORDS_PER_S` writes records to FILE, replays one half of
them to URL and publishes the other, until it is terminated.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks.stack.bench import Bench
from benchmarks.stack.commands import environment
from benchmarks.stack.records import write_runs
from benchmarks.stack.runs import publish, replay
from benchmarks.workload import TASKS_PER_RUN
from filrouge.kafka.publisher import Publisher
from filrouge.settings import Settings, load_settings
from filrouge.stack.ports import Port

_FIRST: Final = datetime(2024, 1, 1, tzinfo=UTC)  # within what backends keep, before other files
_BATCH_SPAN: Final = timedelta(hours=1)
_WARM_UP_S: Final = 5.0


@contextmanager
def running_load(bench: Bench, records_per_s: int) -> Iterator[None]:
    """So much goes through the stack while the block lasts."""
    stack = bench.stack
    offset = stack.place.offset
    file = bench.folder / "load.ndjson"
    arguments = [str(file), stack.url(Port.OTLP_HTTP), str(records_per_s)]
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, *arguments], env=environment(offset)
    )
    try:
        time.sleep(_WARM_UP_S)
        yield
    finally:
        process.terminate()
        process.wait()


def _send(file: Path, url: str, settings: Settings, records_per_s: int) -> None:
    publisher = Publisher(settings)
    runs = max(records_per_s // (2 * TASKS_PER_RUN), 1)
    period_s = 2 * runs * TASKS_PER_RUN / records_per_s
    begun_s = time.monotonic()
    for number in count():
        time.sleep(max(begun_s + number * period_s - time.monotonic(), 0))
        write_runs(file, _FIRST + 2 * number * _BATCH_SPAN, runs, TASKS_PER_RUN)
        replay(file, url, settings)
        write_runs(file, _FIRST + (2 * number + 1) * _BATCH_SPAN, runs, TASKS_PER_RUN)
        publish(file, publisher)


if __name__ == "__main__":
    _send(Path(sys.argv[1]), sys.argv[2], load_settings(), int(sys.argv[3]))

"""One way on one file, in a process of its own: `python -m benchmarks.contestant NAME FILE`.

Prints, as a line of JSON, the CPU time it took and what arrived in the sink.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson

from benchmarks import embedded, floor, plain
from benchmarks.sink import Sink, count_items
from filrouge.telemetry.otlp_json import Signal

Way = Callable[[Path, Sink], None]
WAYS: Final[dict[str, Way]] = {  # what is compared most stands next to each other
    "filrouge": embedded.filrouge,
    "plain": plain.plain,
    "replay": embedded.replay,
    "floor": floor.floor,
    "read_json": floor.read_json,
    "validate_json": floor.validate_json,
}
_WARM_UP_LINES: Final = 100
_LEAST_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one way took and made.

    Attributes:
        cpu_s: of all threads of the process, for one pass over the file.
        spans: found in the sink after the last pass; likewise `log_records`.
        sink_bytes: of all requests in that sink.
    """

    cpu_s: float
    spans: int
    log_records: int
    sink_bytes: int


def measure(name: str, file: Path) -> Outcome:
    """Runs one way on a file, after a few records that load and fill what is loaded lazily.

    A fast way has several passes, so that each is measured for about as long: a short one would
    slip through between two bursts of noise.
    """
    way = WAYS[name]
    _warm_up(way, file)
    passes, cpu_s, sink = 0, 0.0, Sink()
    while cpu_s < _LEAST_S:
        sink = Sink()
        gc.collect()
        begun_s = time.process_time()
        way(file, sink)
        cpu_s += time.process_time() - begun_s
        passes += 1
    return Outcome(
        cpu_s=cpu_s / passes,
        spans=count_items(sink, Signal.TRACES),
        log_records=count_items(sink, Signal.LOGS),
        sink_bytes=sum(map(len, chain.from_iterable(sink.requests.values()))),
    )


def _warm_up(way: Way, file: Path) -> None:
    with TemporaryDirectory() as folder, file.open("rb") as lines:
        few = Path(folder) / file.name
        few.write_bytes(b"".join(islice(lines, _WARM_UP_LINES)))
        way(few, Sink())


if __name__ == "__main__":
    print(orjson.dumps(asdict(measure(sys.argv[1], Path(sys.argv[2])))).decode())

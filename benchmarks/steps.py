"""Where Filrouge's time goes: its steps in turn in one process, for they differ by little.

`python -m benchmarks.steps FILE` prints, as a line of JSON, the CPU time of each up to its end.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson

from benchmarks import embedded
from benchmarks.sink import Sink
from benchmarks.workload import ENVIRONMENT

_STEPS: Final = {
    "parse": embedded.parse,
    "assemble": embedded.assemble,
    "filrouge": embedded.filrouge,
    "replay": embedded.replay,
}
"""Each does what the one before does, and more."""
_TURNS: Final = 20


def measure_steps(file: Path) -> dict[str, float]:
    """What each step takes by itself in its quietest turn, in seconds for the whole file."""
    command = [sys.executable, "-m", "benchmarks.steps", str(file)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)
    return by_themselves(orjson.loads(answer.stdout))


def by_themselves(up_to_s: Mapping[str, float]) -> dict[str, float]:
    """Each figure less the one before."""
    before_s = 0.0
    alone_s = {}
    for step, cpu_s in up_to_s.items():
        alone_s[step] = cpu_s - before_s
        before_s = cpu_s
    return alone_s


def _least_s(file: Path) -> dict[str, float]:
    least_s = dict.fromkeys(_STEPS, float("inf"))
    for _ in range(_TURNS):
        for step, run in _STEPS.items():
            sink = Sink()
            begun_s = time.process_time()
            run(file, sink)
            least_s[step] = min(least_s[step], time.process_time() - begun_s)
    return least_s


if __name__ == "__main__":
    print(orjson.dumps(_least_s(Path(sys.argv[1]))).decode())

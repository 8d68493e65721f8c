"""The whole command, from a thousand records to a million: does a record's cost stay the same?"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.workload import ENVIRONMENT, TIMEZONE, write_records

_SIZES_AND_REPEATS: Final = ((1_000, 5), (10_000, 3), (100_000, 2))
_MILLION: Final = (1_000_000, 1)


@dataclass(frozen=True, slots=True)
class CommandRun:
    """One run of `filrouge replay`.

    Attributes:
        cpu_s: user and system.
        peak_bytes: of resident memory.
    """

    records: int
    wall_s: float
    cpu_s: float
    peak_bytes: int


def growth(with_million: bool, watch: Callable[[str], None]) -> list[CommandRun]:
    """For each size of input the run that took the least CPU time.

    Args:
        with_million: whether the largest size is run too; its files take some 4 GB for a while.
        watch: is told what is running.
    """
    sizes = (*_SIZES_AND_REPEATS, _MILLION) if with_million else _SIZES_AND_REPEATS
    return [_best(at_least, repeats, watch) for at_least, repeats in sizes]


def _best(at_least: int, repeats: int, watch: Callable[[str], None]) -> CommandRun:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "records.ndjson"
        watch(f"writing {at_least:,} records")
        records = write_records(file, at_least)
        watch(f"filrouge replay of {records:,} records")
        runs = [_replay(file, Path(folder) / "out", records) for _ in range(repeats)]
    return min(runs, key=lambda run: run.cpu_s)


def _replay(file: Path, out: Path, records: int) -> CommandRun:
    command = ("replay", str(file), "--out", str(out), "--timezone", TIMEZONE)
    begun_s = time.perf_counter()
    usage = _usage_of([sys.executable, "-m", "filrouge", *command])
    return CommandRun(
        records=records,
        wall_s=time.perf_counter() - begun_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    )


def _usage_of(command: Sequence[str]) -> os.struct_rusage:  # type: ignore[name-defined]
    """What a command used, which must succeed; what it prints is dropped."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage

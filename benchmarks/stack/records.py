"""Files of simulated records, each at times of its own, so that none is taken for another's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from benchmarks.workload import ENVIRONMENT, TASKS_PER_RUN
from filrouge_sim import Config, simulate

TIMEZONE: Final = "UTC"
"""Of all records here, and what collector and commands take local times to be in."""
COMPANIES: Final = 3
_EVERY: Final = timedelta(minutes=15)
_LONGEST_RUN: Final = timedelta(hours=2)
_FIRST: Final = datetime(2024, 6, 1, tzinfo=UTC)
_APART: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Records:
    """A file of whole runs.

    Attributes:
        start: no record is earlier.
        end: none is later.
    """

    file: Path
    records: int
    runs: int
    start: datetime
    end: datetime


def starts() -> Iterator[datetime]:
    """Times far enough from each other for files of the largest size."""
    return (_FIRST + number * _APART for number in count())


def write(file: Path, at_least: int, start: datetime) -> Records:
    """Writes so many records or a few more, in a process of its own to keep ours small."""
    runs = -(-at_least // TASKS_PER_RUN)
    options = {
        "--runs": runs,
        "--companies": COMPANIES,
        "--timezone": TIMEZONE,
        "--start": f"{start:%Y-%m-%dT%H:%M}",
        "--out": file,
    }
    arguments = [str(part) for option in options.items() for part in option]
    subprocess.run([sys.executable, "-m", "filrouge_sim", *arguments], check=True, env=ENVIRONMENT)
    end = start + _EVERY * (runs // COMPANIES + 1) + _LONGEST_RUN
    return Records(file, runs * TASKS_PER_RUN, runs, start, end)


def write_runs(file: Path, start: datetime, runs: int, tasks: int) -> None:
    """Writes a few runs, at once."""
    config = Config(
        runs=runs,
        companies=min(runs, COMPANIES),
        tasks=tasks,
        start=start.replace(tzinfo=None),
        timezone=ZoneInfo(TIMEZONE),
    )
    file.write_bytes(b"".join(each.line for each in simulate(config)))

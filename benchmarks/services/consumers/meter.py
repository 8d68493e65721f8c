"""What a consumer is told and tells: when to be measured, how far it is, what it took.

The two sides share a file of sixteen bytes, so that neither has to ask the other.
"""

from __future__ import annotations

import json
import mmap
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

WARM_UP: Final = 500
"""Records that every consumer has had before it is measured."""
_SIZE: Final = 16
_WAIT_S: Final = 0.01


class Phase(IntEnum):
    """What is going on, as whoever measures says."""

    WARMING_UP = 0
    MEASURED = 1
    OVER = 2


@dataclass(frozen=True, slots=True)
class Task:
    """What a consumer process is asked for.

    Attributes:
        brokers: Kafka's.
        topic: what is read, from its beginning.
        group: in which it is read.
        partition: the one that is read, without the group's help; None leaves it to the group.
        otlp: the collector, by OTLP over HTTP.
        waits: whether to wait between warming up and being measured. A process that shares a group
            with others must not: the group waits for it.
        shared: the file of sixteen bytes.
        answer: where the result is written.
    """

    brokers: str
    topic: str
    group: str
    partition: int | None
    otlp: str
    waits: bool
    shared: str
    answer: str


VARIABLE: Final = "FILROUGE_BENCH_TASK"


def as_variable(task: Task) -> dict[str, str]:
    """The environment that tells it."""
    return {VARIABLE: json.dumps(asdict(task))}


def given_task() -> Task:
    """The one this process is asked for."""
    return Task(**json.loads(os.environ[VARIABLE]))


@dataclass(frozen=True, slots=True)
class Result:
    """What a consumer took while it was measured, until all that it made was with the collector.

    Attributes:
        records: how many it had meanwhile.
        all_records: how many it had since it began.
        cpu_s: of all threads of the process.
    """

    records: int
    all_records: int
    cpu_s: float
    wall_s: float


class Shared:
    """The file, as either side sees it: what it is told, and how many records it had."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(_SIZE))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _SIZE)
        self.numbers = memoryview(self._map).cast("Q")

    @property
    def records(self) -> int:
        """How many the consumer had."""
        return self.numbers[1]

    def say(self, phase: Phase) -> None:
        """Tells the consumer."""
        self.numbers[0] = phase


class Meter:
    """The consumer's side.

    Args:
        finish: waits until all that was made is with the collector.
    """

    def __init__(self, finish: Callable[[], None]) -> None:
        self._task = given_task()
        self._numbers = Shared(Path(self._task.shared)).numbers
        self._finish = finish
        self._phase: int = Phase.WARMING_UP
        self._records = 0
        self._begun = (0, 0.0, 0.0)

    def count(self, records: int = 1) -> None:
        """Counts records that were done with; the process ends here when it is told to."""
        self._records += records
        self._numbers[1] = self._records
        if self._phase == Phase.WARMING_UP and self._task.waits and self._records >= WARM_UP:
            while self._numbers[0] == Phase.WARMING_UP:
                time.sleep(_WAIT_S)
        if self._numbers[0] != self._phase:
            self._turn(self._numbers[0])

    def _turn(self, phase: int) -> None:
        self._phase = phase
        if phase == Phase.MEASURED:
            self._begun = (self._records, time.process_time(), time.perf_counter())
            return
        records, cpu_s, wall_s = self._begun
        self._finish()
        result = Result(
            records=self._records - records,
            all_records=self._records,
            cpu_s=time.process_time() - cpu_s,
            wall_s=time.perf_counter() - wall_s,
        )
        Path(self._task.answer).write_text(json.dumps(asdict(result)), encoding="utf-8")
        os._exit(0)  # a framework's own way to stop is not what is measured

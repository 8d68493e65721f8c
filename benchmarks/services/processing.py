"""Ways to read the topic, side by side: CPU time per record, and records per second."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import orjson
import psutil

from benchmarks.services.bench import CHECKOUT, Bench
from benchmarks.services.consumers.meter import WARM_UP, Phase, Result, Shared, Task, as_variable
from benchmarks.services.plan import Plan
from benchmarks.stack.meter import cpu_s
from filrouge.errors import UsageError
from filrouge.kafka.topics import PROCESSING_GROUP, TOPIC
from filrouge.stack.ports import Port
from filrouge.telemetry.otlp_json import Signal

_PEERS: Final = CHECKOUT / ".venv-peers" / "bin" / "python"
_US_PER_S: Final = 1e6
_PATIENCE_S: Final = 120.0
_DRAIN_S: Final = 600.0
_LOOK_S: Final = 0.05
_LEAST_S: Final = 0.5
"""A shorter window says nothing."""
_MOST_OF_BACKLOG: Final = 0.8
"""A window ends there at the latest, for partitions do not end together."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to read the topic.

    Attributes:
        title: for people.
        module: below `consumers`; None is the service itself.
        is_peer: whether it runs in the peers' environment.
        makes: of what there must be as many in the collector as records.
        chooses: whether several processes can be given their partitions without the group's help.
    """

    title: str
    module: str | None
    is_peer: bool = False
    makes: tuple[Signal, ...] = (Signal.TRACES, Signal.LOGS)
    chooses: bool = False


BARE: Final = Way("bare loop", "bare", makes=(), chooses=True)
POLLED: Final = Way("bare loop, polled", "polled", makes=(), chooses=True)
FILROUGE: Final = Way("Filrouge processing", None)
PLAIN: Final = Way("plain SDK", "plain", chooses=True)
WITHOUT_LOGS: Final = Way(
    "plain SDK, no logs", "plain_without_logs", makes=(Signal.TRACES,), chooses=True
)
BATCHES: Final = Way("FastStream, batches", "fast_stream_batches", is_peer=True)
FASTSTREAM: Final = Way("FastStream", "fast_stream", is_peer=True)
QUIX: Final = Way("Quix Streams", "quix_streams", is_peer=True)
WAYS: Final = (BARE, POLLED, FILROUGE, PLAIN, WITHOUT_LOGS, BATCHES, FASTSTREAM, QUIX)
PEERS: Final = tuple(way for way in WAYS if way.is_peer)
SHARED: Final = (BARE, FILROUGE, PLAIN, BATCHES, QUIX)
"""Those that are measured with several processes too."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What one way took for some records.

    Attributes:
        cpu_s: of all its processes, all threads.
    """

    records: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_us(self) -> float:
        """CPU time of a record, in microseconds."""
        return self.cpu_s / self.records * _US_PER_S

    @property
    def per_s(self) -> float:
        """Records per second."""
        return self.records / self.wall_s


@dataclass(frozen=True, slots=True)
class Race:
    """Rounds in which each way read the same topic.

    Attributes:
        processes: of each way, and partitions of the topic.
        rounds: by way.
    """

    processes: int
    rounds: Sequence[dict[Way, Passage]]

    def cpu_us(self, way: Way) -> float:
        """The median over the rounds; likewise `per_s`."""
        return median(each[way].cpu_us for each in self.rounds)

    def per_s(self, way: Way) -> float:
        """Records per second."""
        return median(each[way].per_s for each in self.rounds)

    def speed(self, way: Way, other: Way) -> float:
        """How many times as many records as another for the same CPU time: median of the rounds."""
        return median(each[other].cpu_us / each[way].cpu_us for each in self.rounds)

    def wall_speed(self, way: Way, other: Way) -> float:
        """How many times as many records as another in the same time: median of the rounds."""
        return median(each[way].per_s / each[other].per_s for each in self.rounds)

    def ways(self) -> tuple[Way, ...]:
        """Those that took part."""
        return tuple(self.rounds[0])


def require_peers() -> None:
    """Finds what is missing before anything is measured.

    Raises:
        UsageError: the peers' environment is not there.
    """
    if not _PEERS.is_file():
        raise UsageError(f"{_PEERS.parents[1]} is not there; make bench-services makes it")


def alone(bench: Bench, plan: Plan) -> Race:
    """One process of each way, round after round; the topic is filled already."""
    rounds = []
    for number in range(1, plan.rounds + 1):
        passages = {}
        for way in WAYS:
            bench.watch(f"round {number} of {plan.rounds}: {way.title}")
            passages[way] = _passage(bench, way, 1, plan.backlog, plan.window_s)
        rounds.append(passages)
    return Race(1, rounds)


def together(bench: Bench, plan: Plan) -> Iterator[Race]:
    """Several processes of a way at a time.

    The service comes first, and the topic is filled once each of its processes has a partition: the
    first of them would be through with much of it before the last one joins.
    """
    for processes in plan.groups:
        bench.broker.create(processes)
        passages = {}
        for way in (FILROUGE, *(way for way in SHARED if way is not FILROUGE)):
            bench.watch(f"{processes} processes: {way.title}")
            backlog = plan.shared_backlog
            passages[way] = _passage(bench, way, processes, backlog, plan.window_s)
        yield Race(processes, [{way: passages[way] for way in SHARED}])


def _passage(bench: Bench, way: Way, processes: int, backlog: int, window_s: float) -> Passage:
    if way.module is None:
        return _of_service(bench, processes, backlog, window_s)
    return _of_consumers(bench, way, processes, int(backlog * _MOST_OF_BACKLOG), window_s)


def _of_service(bench: Bench, processes: int, backlog: int, window_s: float) -> Passage:
    """The service commits what the collector has taken, so its commits are what counts."""
    broker = bench.broker

    def committed() -> int:
        return broker.committed(PROCESSING_GROUP)

    with processing(bench, processes) as running:
        if processes > 1:
            broker.wait_shared(PROCESSING_GROUP, processes)
            broker.fill(bench.records, backlog, processes)
        _wait(lambda: committed() >= WARM_UP, "the service has not begun")
        watched = [psutil.Process(each.pid) for each in running]
        before, before_s = committed(), sum(map(cpu_s, watched))
        begun_s = time.perf_counter()
        _pass(committed, int(backlog * _MOST_OF_BACKLOG), begun_s + window_s)
        after, after_s = committed(), sum(map(cpu_s, watched))
        wall_s = time.perf_counter() - begun_s
    if wall_s < _LEAST_S:
        raise ValueError(f"{before} of {backlog} records were done with before all was ready")
    return Passage(after - before, after_s - before_s, wall_s)


@contextmanager
def processing(bench: Bench, processes: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The service, so many times, at the beginning of the topic."""
    bench.broker.forget(PROCESSING_GROUP)
    first = Port.PROCESSING.at(bench.stack.place.offset)
    with ExitStack() as opened:
        yield [
            opened.enter_context(
                bench.service("processing", {"FILROUGE_PROCESSING_PORT": str(first + 100 + number)})
            )
            for number in range(processes)
        ]


def _of_consumers(bench: Bench, way: Way, processes: int, limit: int, window_s: float) -> Passage:
    before = {signal: bench.collector.accepted(signal) for signal in way.makes}
    with ExitStack() as opened:
        group = f"{way.module}-{next(_NUMBERS)}"
        started = [
            opened.enter_context(_consumer(bench, way, group, number, processes))
            for number in range(processes)
        ]
        _wait(
            lambda: all(each.shared.records >= WARM_UP for each in started),
            f"{way.title}: no begin",
        )
        if processes > 1 and not way.chooses:
            bench.broker.wait_shared(started[0].task.group, processes)
        for each in started:
            each.shared.say(Phase.MEASURED)
        _pass(
            lambda: sum(each.shared.records for each in started),
            limit,
            time.perf_counter() + window_s,
        )
        for each in started:
            each.shared.say(Phase.OVER)
        results = [each.result() for each in started]
    for signal, count_before in before.items():
        check(way, signal, results, bench.collector.accepted(signal) - count_before)
    return Passage(
        sum(each.records for each in results),
        sum(each.cpu_s for each in results),
        max(each.wall_s for each in results),
    )


def check(way: Way, signal: Signal, results: Sequence[Result], taken: int) -> None:
    """Makes sure that nothing was lost: a queue that drops what it cannot hold would win.

    Raises:
        ValueError: the collector has not taken one of each record.
    """
    records = sum(each.all_records for each in results)
    if taken != records:
        raise ValueError(f"{way.title}: the collector took {taken} {signal} of {records} records")


@dataclass(frozen=True, slots=True)
class _Consumer:
    task: Task
    process: subprocess.Popen[bytes]
    shared: Shared

    def result(self) -> Result:
        """What it took, once all that it made is with the collector."""
        if status := self.process.wait(_DRAIN_S):
            raise subprocess.CalledProcessError(status, self.process.args)
        return Result(**orjson.loads(Path(self.task.answer).read_bytes()))


@contextmanager
def _consumer(
    bench: Bench, way: Way, group: str, number: int, processes: int
) -> Iterator[_Consumer]:
    by_itself = processes == 1 or way.chooses
    task = Task(
        brokers=bench.broker.address,
        topic=TOPIC,
        group=group,
        partition=number if by_itself else None,
        otlp=bench.otlp,
        waits=by_itself,
        shared=str(bench.folder / f"{group}-{number}.shared"),
        answer=str(bench.folder / f"{group}-{number}.json"),
    )
    shared = Shared(Path(task.shared))
    python = str(_PEERS) if way.is_peer else sys.executable
    arguments = ["-m", f"benchmarks.services.consumers.{way.module}"]
    with bench.running(arguments, as_variable(task), python) as process:
        yield _Consumer(task, process, shared)


_NUMBERS: Final = count()


def _wait(met: Callable[[], bool], otherwise: str) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while not met():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{otherwise} within {_PATIENCE_S:g} s")
        time.sleep(_LOOK_S)


def _pass(records: Callable[[], int], limit: int, until_s: float) -> None:
    """Returns when time is over, or so many records are done with."""
    while time.perf_counter() < until_s and records() < limit:
        time.sleep(_LOOK_S)

"""How long until a run can be seen in each backend."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Final

from benchmarks.stack.bench import Bench
from benchmarks.stack.collectors import own
from benchmarks.stack.load import running_load
from benchmarks.stack.plan import Plan
from benchmarks.stack.probes import LOKI, Probe, probes
from benchmarks.stack.records import write_runs
from benchmarks.stack.runs import publish, replay, runs_of
from benchmarks.stack.summary import Spread, spread
from filrouge.kafka.publisher import Publisher
from filrouge.stack.place import Place
from filrouge.stack.ports import Port
from filrouge.telemetry.otlp_json import Signal
from filrouge.verify.expected import Expected, expected

TASKS: Final = 12
"""Of each run that is waited for."""
POLL_S: Final = 0.02
"""Between an answer and the next question."""
BARE: Final = "replay: taken by the bare collector"
"""What all other times are compared with."""
_PATIENCE_S: Final = 120.0
_AGO: Final = timedelta(minutes=30)  # whatever a run takes, it has ended by now
_PAUSE_S: Final = 1.0  # at most; what backends do once a second must not be met in step


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds until a run can be seen.

    Attributes:
        load_records_per_s: what else went through the stack meanwhile.
        spreads: by what was waited for.
    """

    load_records_per_s: float
    spreads: Mapping[str, Spread]


def latencies(bench: Bench, plan: Plan) -> list[Latencies]:
    """First in a quiet stack, then under load."""
    dues = _dues()
    sampler = _Sampler(bench)
    return [
        _latencies(bench, sampler, dues, plan.samples, load)
        for load in (0, plan.load_records_per_s)
    ]


def _latencies(
    bench: Bench, sampler: _Sampler, dues: Iterator[datetime], samples: int, load: int
) -> Latencies:
    seconds: dict[str, list[float]] = defaultdict(list)
    with running_load(bench, load) if load else nullcontext():
        begun_s, before = time.monotonic(), own(bench.stack).sent(Signal.LOGS)
        for number in range(1, samples + 1):
            bench.watch(f"until visible: {number} of {samples}, {load} records/s besides")
            for name, taken_s in {
                **sampler.replayed(next(dues)),
                **sampler.published(next(dues)),
            }.items():
                seconds[name].append(taken_s)
            time.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - no secret
        lines = own(bench.stack).sent(Signal.LOGS) - before - 2 * samples * TASKS
        rate = lines / (time.monotonic() - begun_s)
    return Latencies(rate, {name: spread(figures) for name, figures in seconds.items()})


def _dues() -> Iterator[datetime]:
    """When runs were due: lately, and each in a minute of its own, which names it."""
    now = datetime.now(UTC)
    return (now - _AGO - timedelta(minutes=number) for number in count())


class _Sampler:
    """Hands over one run at a time and waits until it can be seen."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._file = bench.folder / "run.ndjson"
        self._probes = probes(bench.settings)
        self._publisher = Publisher(bench.settings)

    def replayed(self, due: datetime) -> dict[str, float]:
        """Seconds from the call that replays a run."""
        run = self._next(due)
        bare = _watched(partial(self._replay, self._bench.bare.place), {}, run)
        seen = _watched(partial(self._replay, self._bench.stack.place), self._probes, run)
        return {
            BARE: bare[_TAKEN],
            **{f"replay: {name}": taken_s for name, taken_s in seen.items()},
        }

    def published(self, due: datetime) -> dict[str, float]:
        """Seconds from the call that publishes a run."""
        run = self._next(due)
        send = partial(publish, self._file, self._publisher)
        seen = _watched(send, {LOKI: self._probes[LOKI]}, run)
        return {f"publish: {name}": taken_s for name, taken_s in seen.items()}

    def _replay(self, place: Place) -> None:
        replay(self._file, place.url(Port.OTLP_HTTP), self._bench.settings)

    def _next(self, due: datetime) -> Expected:
        write_runs(self._file, due, runs=1, tasks=TASKS)
        (run,) = runs_of(self._file, self._bench.settings)
        return expected(run)


_TAKEN: Final = "acknowledged"


def _watched(
    send: Callable[[], None], looked_at: Mapping[str, Probe], run: Expected
) -> dict[str, float]:
    """Seconds until the run was acknowledged, and until each probe saw it."""
    begun_s = time.perf_counter()
    with ThreadPoolExecutor(len(looked_at) or 1) as pool:
        waits = {
            name: pool.submit(_first_seen_s, name, probe, run, begun_s)
            for name, probe in looked_at.items()
        }
        send()
        acknowledged_s = time.perf_counter() - begun_s
        return {_TAKEN: acknowledged_s, **{name: wait.result() for name, wait in waits.items()}}


def _first_seen_s(name: str, probe: Probe, run: Expected, begun_s: float) -> float:
    while not probe(run):
        if time.perf_counter() - begun_s > _PATIENCE_S:
            raise TimeoutError(f"{name}: {run.run.key} was not seen in {_PATIENCE_S:g} s")
        time.sleep(POLL_S)
    return time.perf_counter() - begun_s

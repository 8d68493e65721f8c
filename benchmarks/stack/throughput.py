"""Whole files through the whole stack, until everything can be seen and is verified."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from benchmarks.stack.bench import Bench
from benchmarks.stack.collectors import own
from benchmarks.stack.commands import Done, run_filrouge
from benchmarks.stack.meter import Meter, Used
from benchmarks.stack.plan import Plan
from benchmarks.stack.probes import counts
from benchmarks.stack.records import Records, write
from benchmarks.stack.verified import Verified, read_verified
from benchmarks.stack.ways import Way, arguments, otlp_url, replay_arguments
from filrouge.stack.parts import PARTS
from filrouge.telemetry.otlp_json import Signal
from filrouge.verify.expected import Place

POLL_S: Final = 0.1
"""Between an answer that is not complete yet and the next question."""
_LEAST_RECORDS_PER_S: Final = 200  # slower means stuck
_LEAST_PATIENCE_S: Final = 60
_DIFFERS: Final = 1  # the exit status of verify when something is not exactly once
_SIGNALS: Final = {
    Way.HTTP: (Signal.TRACES, Signal.LOGS),
    Way.GRPC: (Signal.TRACES, Signal.LOGS),
    Way.PUBLISH: (Signal.LOGS,),
}
_PLACES: Final = {
    Way.HTTP: (Place.TEMPO, Place.LOKI, Place.PROMETHEUS),
    Way.GRPC: (Place.TEMPO, Place.LOKI, Place.PROMETHEUS),
    Way.PUBLISH: (Place.LOKI,),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A file that went through the stack.

    Attributes:
        way: how it was handed over.
        sender: the command that did so.
        stored_s: from its start until the backends had acknowledged every span and log line.
        visible_s: from its start until each backend counted everything.
        parts: what each part of the stack took until all was stored.
        verify: the command that compared every run with its records, afterwards.
        verified: what it found.
        bare_sender: the command that replayed the same file into the bare collector, just before.
        bare: what that collector took.
    """

    way: Way
    records: int
    sender: Done
    stored_s: float
    visible_s: float
    parts: Mapping[str, Used]
    verify: Done
    verified: Verified
    bare_sender: Done
    bare: Used

    @property
    def cpu_s(self) -> dict[str, float]:
        """CPU time of the sender and of each part, until all was stored."""
        parts = {name: used.cpu_s for name, used in self.parts.items()}
        return {"sender": self.sender.cpu_s, **parts}


def passages(bench: Bench, plan: Plan) -> list[Passage]:
    """All loads of the plan, one after another."""
    return [_passage(bench, way, at_least) for way, at_least in plan.loads]


def _passage(bench: Bench, way: Way, at_least: int) -> Passage:
    bench.watch(f"{way}: writing {at_least:,} records")
    records = write(bench.folder / "records.ndjson", at_least, next(bench.starts))
    bench.watch(f"{way}: {records.records:,} records into the bare collector")
    before = {signal: bench.bare.accepted(signal) for signal in _SIGNALS[way]}
    with Meter({"bare": bench.bare.pid}) as bare:
        bare_sender = _send_to_bare(bench, way, records)
    items = {signal: bench.bare.accepted(signal) - before[signal] for signal in before}
    bench.watch(f"{way}: {records.records:,} records through the stack")
    begun_s = time.perf_counter()
    with Meter({part: bench.stack.pid(part) for part in PARTS}) as meter:
        sender = _send(bench, way, records, items)
        stored_s = time.perf_counter() - begun_s
    visible_s = _counted_at_s(bench, way, records) - begun_s
    bench.watch(f"{way}: verifying {records.records:,} records")
    verify, verified = _verify(bench, way, records)
    return Passage(
        way=way,
        records=records.records,
        sender=sender,
        stored_s=stored_s,
        visible_s=visible_s,
        parts=meter.used,
        verify=verify,
        verified=verified,
        bare_sender=bare_sender,
        bare=bare.used["bare"],
    )


def _send_to_bare(bench: Bench, way: Way, records: Records) -> Done:
    command = replay_arguments(records.file, otlp_url(way, bench.bare.place))
    return run_filrouge(command, bench.stack.place.offset)


def _send(bench: Bench, way: Way, records: Records, items: Mapping[Signal, int]) -> Done:
    """Hands a file over and waits until so many items are acknowledged by the backends."""
    collector = own(bench.stack)
    before = {signal: collector.sent(signal) for signal in items}
    place = bench.stack.place
    sender = run_filrouge(arguments(way, records.file, place), place.offset)
    patience_s = _LEAST_PATIENCE_S + records.records / _LEAST_RECORDS_PER_S
    for signal, count in items.items():
        collector.wait_sent(signal, before[signal] + count, patience_s)
    return sender


def _counted_at_s(bench: Bench, way: Way, records: Records) -> float:
    """When, by `perf_counter`, each backend had everything."""
    questions = counts(bench.settings, records)
    with ThreadPoolExecutor() as pool:
        return max(pool.map(_holds_at_s, (questions[place] for place in _PLACES[way])))


def _holds_at_s(question: Callable[[], bool]) -> float:
    """When the question was asked that found it complete, for counting itself takes long."""
    deadline_s = time.perf_counter() + _LEAST_PATIENCE_S
    while True:
        asked_s = time.perf_counter()
        if question():
            return asked_s
        if asked_s > deadline_s:
            raise TimeoutError("a backend does not count as many records or runs as were sent")
        time.sleep(POLL_S)


def _verify(bench: Bench, way: Way, records: Records) -> tuple[Done, Verified]:
    where = [part for place in _PLACES[way] for part in ("--in", str(place))]
    command = ("verify", str(records.file), *where, "--format", "json")
    out = records.file.with_suffix(".verified")
    done = run_filrouge(command, bench.stack.place.offset, out, worst=_DIFFERS)
    with out.open("rb") as lines:
        return done, read_verified(lines)

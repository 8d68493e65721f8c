"""What a record costs the collector in each pipeline, and what each concern adds to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from benchmarks.sink import Sink
from benchmarks.stack import collectors
from benchmarks.stack.bench import Bench
from benchmarks.stack.collectors import Collector
from benchmarks.stack.meter import cpu_s
from benchmarks.stack.plan import Plan
from benchmarks.stack.records import write
from benchmarks.stack.runs import publish, requests_of
from benchmarks.stack.ways import Way, otlp_url
from filrouge.kafka.publisher import Publisher
from filrouge.telemetry.collector import collector_sink
from filrouge.telemetry.otlp_json import Signal

BARE: Final = "bare"
WHOLE: Final = "all layers"
NO_REDACTION: Final = "without redaction"
NO_SPAN_METRICS: Final = "without span metrics and service graph"
MEMORY_QUEUE: Final = "with queues in memory"
NO_EXPORT: Final = "with nothing queued or sent"
ALONE: Final = "received from Kafka"
RECORDS: Final = "made log records of, by OTTL"
REDACTED: Final = "redacted"
SENT: Final = "queued in memory and sent"
_US_PER_S: Final = 1e6


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is sent to every collector.

    Attributes:
        title: for people.
        signal: of its items.
        way: over HTTP, as OTLP/JSON, or gRPC, as protobuf.
        replayed: whether it bears the mark of a replay, and so stays out of span metrics.
        repeats: how often all of it is sent, where it is too little to be measured.
    """

    title: str
    signal: Signal
    way: Way
    replayed: bool = True
    repeats: int = 1


LIVE_TRACES: Final = Kind("traces of now, HTTP", Signal.TRACES, Way.HTTP, replayed=False)
LOGS: Final = Kind("logs, HTTP", Signal.LOGS, Way.HTTP)
KINDS: Final = (
    LIVE_TRACES,
    Kind("traces of a replay, HTTP", Signal.TRACES, Way.HTTP),
    Kind("traces of a replay, gRPC", Signal.TRACES, Way.GRPC),
    LOGS,
    Kind("logs, gRPC", Signal.LOGS, Way.GRPC),
    Kind("metrics, HTTP", Signal.METRICS, Way.HTTP, repeats=10),
    Kind("metrics, gRPC", Signal.METRICS, Way.GRPC, repeats=10),
)
KAFKA: Final = Kind("logs from Kafka", Signal.LOGS, Way.PUBLISH)
"""Compared with what the bare collector takes for the same records as OTLP over HTTP."""
WITHOUT: Final = (NO_REDACTION, NO_SPAN_METRICS, MEMORY_QUEUE, NO_EXPORT)
KAFKA_STEPS: Final = (ALONE, RECORDS, REDACTED, SENT, WHOLE)
"""Each does what the one before does, and more."""
TAKEN_APART: Final = (LIVE_TRACES, LOGS)
"""What is also sent to collectors without this or that."""


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU time per record, round by round, in microseconds: by kind and by collector.

    Attributes:
        items: how many spans, log records or points there are to a record, by kind.
    """

    rounds: Mapping[tuple[Kind, str], Sequence[float]]
    items: Mapping[Kind, float]

    def median_us(self, kind: Kind, collector: str) -> float:
        """Of all rounds."""
        return median(self.rounds[kind, collector])

    def ratio(self, kind: Kind, collector: str) -> float:
        """How many times what the bare collector takes: the median over the rounds."""
        bare = self.rounds[LOGS if kind is KAFKA else kind, BARE]
        pairs = zip(self.rounds[kind, collector], bare, strict=True)
        return median(one / other for one, other in pairs)

    def saved_us(self, kind: Kind, without: str) -> float:
        """What a collector without something saves: the median over the rounds."""
        pairs = zip(self.rounds[kind, WHOLE], self.rounds[kind, without], strict=True)
        return median(one - other for one, other in pairs)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Something that is sent once in each round.

    Attributes:
        fed: the collectors that get it.
        send: returns how many items each of them got.
    """

    kind: Kind
    fed: Sequence[Collector]
    send: Callable[[], int]


def costs(bench: Bench, plan: Plan) -> Costs:
    """Sends the same to all collectors in turn, round after round."""
    rounds: dict[tuple[Kind, str], list[float]] = {}
    items: dict[Kind, float] = {}
    with _turns(bench, plan) as (records, turns):
        for number in range(1, plan.rounds + 1):
            for turn in turns:
                kind = turn.kind
                bench.watch(f"round {number} of {plan.rounds}: {kind.title}, {turn.fed[0].name}")
                sent, taken_s = _measure(turn)
                items[kind] = sent / (records * kind.repeats)
                for name, each_s in taken_s.items():
                    cost_us = each_s / (records * kind.repeats) * _US_PER_S
                    rounds.setdefault((kind, name), []).append(cost_us)
    return Costs(rounds, items)


def _measure(turn: _Turn) -> tuple[int, dict[str, float]]:
    """How many items were sent, and the CPU time of each collector until it was rid of them."""
    signal = turn.kind.signal
    processes = {each.name: psutil.Process(each.pid) for each in turn.fed}
    before = [each.sent(signal) for each in turn.fed]
    begun_s = {name: cpu_s(process) for name, process in processes.items()}
    items = turn.send()
    for each, already in zip(turn.fed, before, strict=True):
        each.wait_sent(signal, already + items)
    return items, {name: cpu_s(process) - begun_s[name] for name, process in processes.items()}


@contextmanager
def _turns(bench: Bench, plan: Plan) -> Iterator[tuple[int, list[_Turn]]]:
    """How many records there are, and what is done with them in each round."""
    file = bench.folder / "pipelines.ndjson"
    records = write(file, plan.pipeline_records, next(bench.starts)).records
    sent = {mark: requests_of(file, bench.settings, mark) for mark in (False, True)}
    publisher = Publisher(bench.settings)
    with ExitStack() as opened:
        beside = _beside(bench, opened)
        turns = [
            _Turn(kind, [each], partial(_send, each, kind, sent[kind.replayed]))
            for kind in KINDS
            for each in (beside if kind in TAKEN_APART else beside[:2])
        ]
        readers = _readers(bench, opened)
        turns.append(_Turn(KAFKA, readers, partial(_publish, file, records, publisher)))
        yield records, turns


def _beside(bench: Bench, opened: ExitStack) -> list[Collector]:
    """The bare collector, one with all layers but Kafka, and those without something."""
    layers = collectors.layers(bench.stack)
    del layers["kafka"]
    whole = list(layers.values())
    others = {
        WHOLE: whole,
        NO_REDACTION: [*whole, collectors.config("no-redaction")],
        NO_SPAN_METRICS: [file for name, file in layers.items() if name != "span-metrics"],
        MEMORY_QUEUE: [*whole, collectors.config("memory-queue")],
        NO_EXPORT: [*whole, collectors.config("no-export")],
    }
    return [bench.bare, *_opened(bench, opened, others, first=2)]


def _readers(bench: Bench, opened: ExitStack) -> list[Collector]:
    """The stack's own collector, and others that read Kafka and do less, all up to date."""
    layers = collectors.layers(bench.stack)
    common = [layers[name] for name in ("base", "kafka", "self-telemetry")]
    others = {
        ALONE: [*common, collectors.config("kafka-alone")],
        RECORDS: [*common, collectors.config("kafka-records")],
        REDACTED: [*layers.values(), collectors.config("no-export")],
        SENT: [*layers.values(), collectors.config("memory-queue")],
    }
    own = collectors.own(bench.stack)
    readers = _opened(bench, opened, others, first=2 + len(WITHOUT) + 1)
    for reader in readers:
        reader.wait_sent(Signal.LOGS, own.accepted(Signal.LOGS, receiver="kafka"))
    return [own, *readers]


def _opened(
    bench: Bench, opened: ExitStack, configs: Mapping[str, Sequence[Path]], first: int
) -> list[Collector]:
    return [
        opened.enter_context(collectors.running(name, bench.stack, number, files))
        for number, (name, files) in enumerate(configs.items(), start=first)
    ]


def _send(collector: Collector, kind: Kind, requests: Sink) -> int:
    before = collector.accepted(kind.signal)
    sink = collector_sink(otlp_url(kind.way, collector.place), patience_s=60)
    for request in requests.requests[kind.signal] * kind.repeats:
        sink.write(kind.signal, request)
    sink.close()
    return collector.accepted(kind.signal) - before


def _publish(file: Path, records: int, publisher: Publisher) -> int:
    publish(file, publisher)
    return records

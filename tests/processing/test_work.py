"""What becomes of a batch: spans that are the same whoever sends them, and what is linked."""

from __future__ import annotations

from threading import Event
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import orjson
import pytest
import structlog
from confluent_kafka import Message
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from filrouge.kafka.dead_letters import DeadLetter, Refusal
from filrouge.observability import Observed
from filrouge.observability.messaging import Messaging
from filrouge.processing.delivery import Collector
from filrouge.processing.health import Health
from filrouge.processing.instruments import Instruments
from filrouge.processing.work import MAX_RUNS, Tally, Worker
from filrouge.records.parse import RecordParser
from filrouge.records.record import Record
from filrouge.runs.ids import RunIds
from filrouge.runs.open_run import OpenRun
from filrouge.telemetry.context import Context
from filrouge.telemetry.exporter import Exporter
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RefusedRequestError
from tests.processing.messages import message
from tests.records.samples import ZONES, event, schema1
from tests.simulated import simulated
from tests.telemetry.captured import SERVICES, Captured

UTC = ZoneInfo("UTC")
SENDER = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Refusing:
    """A transport that keeps requests, but for those that hold a word."""

    def __init__(self, word: bytes | None = None) -> None:
        self.captured = Captured()
        self._word = word

    def send(self, signal: Signal, request: bytes) -> None:
        if self._word and self._word in request:
            raise RefusedRequestError("wrong")
        self.captured.write(signal, request)

    def close(self) -> None:
        """Nothing is open."""


class Bench:
    """A worker, and all that comes out of it."""

    def __init__(self, refused: bytes | None = None) -> None:
        self.transport = Refusing(refused)
        self.letters: list[DeadLetter] = []
        self._spans = InMemorySpanExporter()
        tracers, meters = TracerProvider(), MeterProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        meter = meters.get_meter("test")
        log: Any = structlog.get_logger()
        observed = Observed(tracers.get_tracer("test"), meter, log, tracers, meters)
        self.worker = Worker(
            RecordParser(UTC, ZONES),
            Context(SERVICES),
            Collector(self.transport, Event(), Health(), lambda: None, log),
            Mock(bury=self.letters.extend),
            Messaging(observed, "kafka:9092"),
            Instruments(meter, dict),
        )

    def process(self, *messages: Message) -> Tally:
        return self.worker.process(messages)

    def sent(self) -> list[bytes]:
        return self.transport.captured.of(Signal.TRACES)

    def hops(self) -> list[ReadableSpan]:
        return list(self._spans.get_finished_spans())


def messages_of(lines: list[bytes]) -> list[Message]:
    return [message(line.rstrip(b"\n"), offset) for offset, line in enumerate(lines)]


def spans_in(requests: list[bytes]) -> dict[str, tuple[str, bytes]]:
    """Each task span by its id: its resource, and its bytes as JSON has them."""
    return {
        span["spanId"]: (str(group["resource"]), orjson.dumps(span))
        for request in requests
        for group in orjson.loads(request)["resourceSpans"]
        for span in group["scopeSpans"][0]["spans"]
        if span["name"].startswith("task ")
    }


def whole_run(lines: list[bytes]) -> list[bytes]:
    """What is sent when the run is closed."""
    parser, captured = RecordParser(UTC, ZONES), Captured()
    records: list[Record] = [parser.parse(line.rstrip(b"\n")) for line in lines]
    run = OpenRun(records[0].run)
    for record in records:
        run.add(record)
    exporter = Exporter(Context(SERVICES), [captured])
    exporter.export_run(run.close())
    exporter.flush()
    return captured.of(Signal.TRACES)


@pytest.mark.parametrize("schema", [1, 2])
def test_a_tasks_span_is_that_of_the_whole_run_byte_for_byte(schema: int) -> None:
    lines = simulated("2026-03-01T06:00", runs=1, tasks=60, schema=schema)
    alone, together = Bench(), Bench()

    for each in messages_of(lines):
        alone.process(each)
    together.process(*messages_of(lines))

    whole = spans_in(whole_run(lines))
    assert len(whole) == 60
    assert spans_in(alone.sent()) == whole
    assert spans_in(together.sent()) == whole
    every_span = b"".join(span for span in b"".join(alone.sent()).split(b'{"traceId"')[1:])
    assert b"ingestion.replay" not in every_span


def test_only_spans_of_tasks_are_sent() -> None:
    bench = Bench()

    bench.process(message(event("run.started")), message(event("task.started")))
    bench.process(message(event("task.completed")))

    names = [span["name"] for span in bench.transport.captured.spans()]
    assert names == ["task Efficy/Contacts"]
    assert bench.transport.captured.of(Signal.LOGS) == []


def test_records_are_counted_by_what_became_of_them() -> None:
    tally = Bench().process(message(schema1()), message(schema1()), message(b"{"))

    assert (tally.accepted, tally.duplicates, tally.invalid) == (1, 1, 1)


def test_a_record_that_the_collector_refuses_is_a_dead_letter_and_its_neighbours_are_sent() -> None:
    bench = Bench(refused=b"Poison")
    records = [schema1({"Objet": name}) for name in ("A", "B", "Poison", "C", "D")]

    tally = bench.process(*messages_of(records))

    sent = {span["name"] for span in bench.transport.captured.spans()}
    assert sent == {f"task Efficy/{name}" for name in "ABCD"}
    assert [(each.offset, each.reason) for each in bench.letters] == [
        (2, Refusal.REFUSED_BY_COLLECTOR)
    ]
    assert (tally.accepted, tally.invalid) == (4, 1)


def test_a_record_on_which_we_stumble_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    real = OpenRun.add

    def stumbling(self: OpenRun, record: Any) -> bool:
        if record.object_name == "Poison":
            raise ZeroDivisionError
        return real(self, record)

    monkeypatch.setattr(OpenRun, "add", stumbling)

    bench.process(*messages_of([schema1({"Objet": name}) for name in ("A", "Poison", "B")]))

    assert [each.reason for each in bench.letters] == [Refusal.UNPROCESSABLE]
    assert {span["name"][-1] for span in bench.transport.captured.spans()} == {"A", "B"}


def test_a_hop_links_to_who_sent_the_messages_and_to_the_runs() -> None:
    bench = Bench()
    headers = [("traceparent", SENDER)]
    line = schema1()
    run = RecordParser(UTC, ZONES).parse(line).run

    bench.process(message(line, 0, headers=headers), message(b"{", 1, headers=headers))

    [hop] = bench.hops()
    linked = [
        (f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}") for link in hop.links
    ]
    ids = RunIds(run)
    sender = SENDER.decode().split("-")
    assert linked == [(sender[1], sender[2]), (ids.trace_id, ids.run())]
    attributes = dict(hop.attributes or {})
    assert hop.name == "process ingestion-logs"
    assert attributes["messaging.batch.message_count"] == 2
    assert attributes["filrouge.processing.dead_letters"] == 1
    [letter] = bench.letters
    assert hop.context is not None
    assert letter.traceparent is not None
    assert f"{hop.context.trace_id:032x}" in letter.traceparent


def test_a_batch_of_very_many_runs_has_several_hops_and_no_link_is_lost() -> None:
    bench = Bench()
    runs = [schema1({"No_Sequence": str(number)}) for number in range(MAX_RUNS * 2 + 1)]

    bench.process(*messages_of(runs))

    assert [len(hop.links) for hop in bench.hops()] == [MAX_RUNS, MAX_RUNS, 1]

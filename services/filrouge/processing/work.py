"""What is done with a batch: records parsed, spans sent, the rest among the dead letters."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Message
from opentelemetry.trace import Link, SpanContext, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from filrouge.errors import RejectedRecord
from filrouge.kafka.dead_letters import Refusal, dead_letter
from filrouge.kafka.messages import Headers, headers_of, value_of
from filrouge.kafka.topics import TOPIC
from filrouge.observability.messaging import Messaging, links_to
from filrouge.processing import instruments as own
from filrouge.processing.burial import DeadLetters
from filrouge.processing.delivery import Collector
from filrouge.processing.instruments import Instruments
from filrouge.records.parse import RecordParser
from filrouge.records.record import Record, RunKey
from filrouge.runs.ids import RunIds
from filrouge.runs.model import Run
from filrouge.runs.open_run import OpenRun
from filrouge.telemetry import fragments, names
from filrouge.telemetry.batching import Batch
from filrouge.telemetry.context import Context
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RefusedRequestError, RetryableError
from filrouge.telemetry.spans import task_groups

MAX_RUNS: Final = 64
"""Of one hop's span, which links to each. The SDK keeps 128 links of a span by default."""
MAX_SENDERS: Final = 64
"""Likewise of spans that sent the messages."""

_PROPAGATOR: Final = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class Entry:
    """A message and the record that it holds."""

    message: Message
    record: Record


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that is no record, or whose record the collector never takes."""

    message: Message
    reason: str
    text: str
    field: str | None = None


@dataclass(slots=True)
class Tally:
    """What became of messages.

    Attributes:
        accepted: records that said something new within their batch.
        duplicates: records that did not.
        invalid: messages that became dead letters.
        runs: what is known of each run by the batch alone; only tasks that were sent.
    """

    accepted: int = 0
    duplicates: int = 0
    invalid: int = 0
    runs: list[Run] = field(default_factory=list)


class Worker:
    """Does one batch after another, in one thread.

    Args:
        parser: reads records.
        context: how telemetry is written.
        collector: takes spans.
        letters: takes what is no record.
        messaging: makes the hops' spans.
        instruments: measure.
    """

    def __init__(
        self,
        parser: RecordParser,
        context: Context,
        collector: Collector,
        letters: DeadLetters,
        messaging: Messaging,
        instruments: Instruments,
    ) -> None:
        self._parser = parser
        self._context = context
        self._collector = collector
        self._letters = letters
        self._messaging = messaging
        self._instruments = instruments

    def process(self, messages: Sequence[Message]) -> Tally:
        """Returns when all that the messages tell is delivered, and they may be committed.

        Doing it again does no harm: the spans are the same.

        Raises:
            RetryableError: it was abandoned before.
            DeliveryError: the process has to begin anew.
        """
        self._instruments.batch(len(messages))
        tally = Tally()
        for hop in hops(self._parse(message) for message in messages):
            self._process_hop(hop, tally)
        return tally

    def _parse(self, message: Message) -> Entry | Unsent:
        try:
            return Entry(message, self._parser.parse(value_of(message) or b""))
        except RejectedRecord as refusal:
            return Unsent(message, refusal.reason, str(refusal), refusal.field)

    def _process_hop(self, hop: Hop, tally: Tally) -> None:
        count = len(hop.entries) + len(hop.unsent)
        with self._messaging.process(TOPIC, count, hop.links(), hop.partition) as span:
            unsent = [*hop.unsent, *self._send(hop.entries, tally)]
            if unsent:
                self._bury(unsent)
            tally.invalid += len(unsent)
            span.set_attribute(own.ACCEPTED, count - len(unsent))
            span.set_attribute(own.DEAD, len(unsent))

    def _send(self, entries: list[Entry], tally: Tally) -> list[Unsent]:
        """Sends the spans of records, and counts them; those that can never be sent."""
        try:
            return self._send_together(entries, tally)
        except RetryableError:
            raise
        except RefusedRequestError as refusal:
            reason, text = Refusal.REFUSED_BY_COLLECTOR, str(refusal)
        except Exception as error:  # noqa: BLE001 - one record must not keep all others waiting
            reason, text = Refusal.UNPROCESSABLE, repr(error)
        if len(entries) == 1:
            return [Unsent(entries[0].message, reason, text)]
        half = len(entries) // 2
        return [*self._send(entries[:half], tally), *self._send(entries[half:], tally)]

    def _send_together(self, entries: list[Entry], tally: Tally) -> list[Unsent]:
        gathered = _gathered(entries)
        begun_s = time.monotonic()
        sent = False
        for request in _requests(gathered.runs, self._context):
            self._collector.send(Signal.TRACES, request)
            sent = True
        if sent:
            self._instruments.exported(time.monotonic() - begun_s)
        tally.accepted += gathered.accepted
        tally.duplicates += gathered.duplicates
        tally.runs += gathered.runs
        return []

    def _bury(self, unsent: list[Unsent]) -> None:
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)  # the hop's span is the current one
        self._letters.bury(
            [
                dead_letter(
                    each.message, each.reason, each.text, each.field, carrier.get("traceparent")
                )
                for each in unsent
            ]
        )
        for each in unsent:
            self._instruments.dead_letter(each.reason)


@dataclass(frozen=True, slots=True)
class Hop:
    """Messages that share one span, with few enough runs and senders to link to all of them."""

    entries: list[Entry] = field(default_factory=list)
    unsent: list[Unsent] = field(default_factory=list)
    runs: set[RunKey] = field(default_factory=set)
    senders: dict[bytes, Headers] = field(default_factory=dict)

    @property
    def partition(self) -> int | None:
        """The partition that all messages are from, if there is one."""
        messages = [*(e.message for e in self.entries), *(u.message for u in self.unsent)]
        first, *others = {message.partition() for message in messages}
        return None if others else first

    def add(self, each: Entry | Unsent) -> bool:
        """Takes one more message; False when it cannot link to all that this one brings."""
        headers = headers_of(each.message)
        sender = _sender(headers) if headers else None
        run = each.record.run if isinstance(each, Entry) else None
        is_new_run = run is not None and run not in self.runs
        is_new_sender = sender is not None and sender not in self.senders
        if (is_new_run and len(self.runs) == MAX_RUNS) or (
            is_new_sender and len(self.senders) == MAX_SENDERS
        ):
            return False
        if sender is not None and is_new_sender:
            self.senders[sender] = headers
        if run is not None and is_new_run:
            self.runs.add(run)
        if isinstance(each, Entry):
            self.entries.append(each)
        else:
            self.unsent.append(each)
        return True

    def links(self) -> list[Link]:
        """To the spans that sent the messages, and to the runs that they tell of."""
        return [*links_to(self.senders.values()), *map(_link_to_run, sorted(self.runs))]


def hops(messages: Iterable[Entry | Unsent]) -> Iterator[Hop]:
    """The messages in their order, cut where a hop would have too much to link to."""
    hop = Hop()
    for each in messages:
        if not hop.add(each):
            yield hop
            hop = Hop()
            hop.add(each)
    if hop.entries or hop.unsent:
        yield hop


def _link_to_run(run: RunKey) -> Link:
    """To the run's span, which is written when the run closes; its id is known before."""
    ids = RunIds(run)
    context = SpanContext(
        int(ids.trace_id, 16), int(ids.run(), 16), is_remote=True, trace_flags=TraceFlags(1)
    )
    return Link(context, {names.COMPANY.key: run.company, names.RUN_ID.key: run.run_id})


def _sender(headers: Headers) -> bytes | None:
    """What tells the span that sent a message from others, or None if no span did."""
    return next((value for name, value in headers if name == "traceparent" and value), None)


def _gathered(entries: Iterable[Entry]) -> Tally:
    """The runs as far as these records tell of them."""
    tally = Tally()
    open_runs: dict[RunKey, OpenRun] = {}
    for entry in entries:
        run = open_runs.setdefault(entry.record.run, OpenRun(entry.record.run))
        if run.add(entry.record):
            tally.accepted += 1
        else:
            tally.duplicates += 1
    tally.runs = [run.close() for run in open_runs.values()]
    return tally


def _requests(runs: Iterable[Run], context: Context) -> Iterator[bytes]:
    batch = Batch(Signal.TRACES)
    for run in runs:
        facts = {task.span_id: fragments.facts(task.record) for task in run.tasks()}
        yield from batch.add(task_groups(run, context, facts))
    yield from batch.flush()

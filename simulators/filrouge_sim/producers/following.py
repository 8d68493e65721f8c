"""The later microservices: they go on with a source once the zone before has handed it over."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

from confluent_kafka import Message
from opentelemetry.semconv._incubating.attributes import messaging_attributes as names
from opentelemetry.trace import Link, Span, SpanKind, get_current_span

from filrouge.kafka.messages import offset_of, partition_of, value_of
from filrouge_sim.delivery import Delivery
from filrouge_sim.producers.agenda import wall_us
from filrouge_sim.producers.broker import Receiver, text_headers
from filrouge_sim.producers.handover import ALL_SOURCES, TOPIC, HandOver
from filrouge_sim.producers.tracing import sender_of, within
from filrouge_sim.producers.work import Work, identity, lane_attributes, next_zone
from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.script import Lane, script

__all__ = ["Following"]

_LOGGER: Final = logging.getLogger(__name__)
_TICK_S: Final = 0.2

_script = lru_cache(maxsize=64)(script)
"""Each source of a run asks for it again."""


@dataclass
class _Run:
    """A run that is in this zone.

    Attributes:
        done: sources that are through.
        messages: which brought them, and are done with when the run needs no more of us.
    """

    done: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)


class Following:
    """Does one zone of every run that comes.

    Args:
        zone: which.
        work: what it has in common with the others.
        receiver: brings hand-overs.
        session: whose hand-overs count.
    """

    def __init__(self, zone: str, work: Work, receiver: Receiver, session: str) -> None:
        self._zone = zone
        self._work = work
        self._receiver = receiver
        self._session = session
        self._runs: dict[Assignment, _Run] = {}
        self._finished = 0

    def run(self, stop: threading.Event, runs: int | None) -> None:
        """Works until so many runs are through, or it is asked to stop.

        What is under way at a stop is done again, from its beginning, when a microservice of this
        zone and session is next there.

        Raises:
            DeliveryError: Kafka did not take a record in time.
        """
        try:
            while not stop.is_set() and (runs is None or self._finished < runs):
                message = self._receiver.take(self._work.agenda.wait_s(_TICK_S))
                if message is not None:
                    self._accept(message)
                self._work.agenda.run_due()
                self._work.sender.poll()
                self._receiver.commit()
            self._work.sender.flush()
        finally:
            self._receiver.close()

    def _accept(self, message: Message) -> None:
        given = HandOver.of_bytes(value_of(message) or b"")
        if given is None or given.session != self._session:
            self._receiver.done(message)
        elif (given.zone, given.source) == (self._zone, ALL_SOURCES):
            self._forget(given.assignment)
            self._receiver.done(message)
        elif next_zone(given.zone) == self._zone:
            self._begin(message, given)
        else:
            self._receiver.done(message)

    def _begin(self, message: Message, given: HandOver) -> None:
        lane = _script(given.assignment).lanes[self._zone, given.source]
        run = self._runs.setdefault(given.assignment, _Run())
        run.messages.append(message)
        span = self._receive(message, given.assignment, lane)
        self._work.put_down(given.assignment, lane, within(span))
        done = partial(self._done, given.assignment, lane, span, message)
        self._work.agenda.at(given.assignment.wall_at_us(lane.ends_us), done)

    def _receive(self, message: Message, assignment: Assignment, lane: Lane) -> Span:
        """The span of all work on a hand-over, in the run's trace below who sent it."""
        sender = sender_of(text_headers(message))
        sent = get_current_span(sender).get_span_context()
        return self._work.tracing.start(
            f"process {TOPIC}",
            sender,
            {
                names.MESSAGING_SYSTEM: names.MessagingSystemValues.KAFKA.value,
                names.MESSAGING_OPERATION_NAME: "process",
                names.MESSAGING_OPERATION_TYPE: names.MessagingOperationTypeValues.PROCESS.value,
                names.MESSAGING_DESTINATION_NAME: TOPIC,
                names.MESSAGING_DESTINATION_PARTITION_ID: str(partition_of(message)),
                names.MESSAGING_KAFKA_OFFSET: offset_of(message),
                **identity(assignment),
                **lane_attributes(lane),
            },
            kind=SpanKind.CONSUMER,
            links=[Link(sent)] if sent.is_valid else [],
        )

    def _done(self, assignment: Assignment, lane: Lane, span: Span, message: Message) -> None:
        """The source is done in this zone."""
        if next_zone(self._zone):
            self._work.hand_over(assignment, lane.zone, lane.source, span)
        said = partial(self._said, assignment, lane, span, message)
        self._work.agenda.at(assignment.wall_at_us(lane.said_us), said)

    def _said(self, assignment: Assignment, lane: Lane, span: Span, message: Message) -> None:
        """All records of the source are sent."""
        is_last_zone = next_zone(self._zone) is None
        if not is_last_zone:
            self._work.sender.flush()
            self._receiver.done(message)
        run = self._runs.get(assignment)
        told = _script(assignment)
        if run is not None:
            run.done.add(lane.source)
        if run is None or len(run.done) < len(told.lanes_of(self._zone)):
            span.end()
            return
        ends_us = assignment.wall_at_us(told.ends_us) if is_last_zone else wall_us()
        self._work.agenda.at(ends_us, partial(self._close, assignment, told.closing, span))

    def _close(self, assignment: Assignment, closing: Delivery | None, span: Span) -> None:
        """The run is through here; the last microservice says that it is over."""
        if next_zone(self._zone) is None:
            self._work.sender.flush()  # the end comes behind all that it ends
            if closing:
                self._work.say(assignment, closing, within(span))
            self._work.hand_over(assignment, self._zone, ALL_SOURCES, span)
            self._work.sender.flush()
        span.end()
        self._forget(assignment)
        self._finished += 1
        company, run_id, attempt = assignment.company, assignment.run_id, assignment.attempt
        _LOGGER.info("run %s/%s, attempt %d, is through", company, run_id, attempt)

    def _forget(self, assignment: Assignment) -> None:
        run = self._runs.pop(assignment, None)
        for message in run.messages if run else ():
            self._receiver.done(message)

"""What all microservices do alike: say the records of a lane at their times, then hand over."""

from __future__ import annotations

from functools import partial
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import Span

from filrouge.kafka.topics import TOPIC
from filrouge_sim.catalogue import ZONES
from filrouge_sim.delivery import Delivery
from filrouge_sim.producers.agenda import Agenda
from filrouge_sim.producers.broker import Sender
from filrouge_sim.producers.handover import TOPIC as HAND_OVERS
from filrouge_sim.producers.handover import HandOver
from filrouge_sim.producers.tracing import Tracing, fail, within
from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.script import Lane

__all__ = ["Work", "identity", "key_of", "lane_attributes", "next_zone"]

# Names of our own: those of Filrouge's telemetry are for what it makes of records, and who looks
# for a run's spans by them must not find ours.
_COMPANY: Final = "filrouge_sim.company"
_RUN_ID: Final = "filrouge_sim.run.id"
_ATTEMPT: Final = "filrouge_sim.run.attempt"
_ZONE: Final = "filrouge_sim.zone"
_SOURCE: Final = "filrouge_sim.source"
_OBJECT: Final = "filrouge_sim.object.name"


class Work:
    """The work of one microservice.

    Args:
        agenda: where it puts down what it is to do.
        sender: by which it speaks.
        tracing: of the microservice.
        session: to whom it hands over.
    """

    def __init__(self, agenda: Agenda, sender: Sender, tracing: Tracing, session: str) -> None:
        self.agenda = agenda
        self.sender = sender
        self.tracing = tracing
        self._session = session

    def say(self, assignment: Assignment, delivery: Delivery, context: Context) -> None:
        """Sends a record, within the span of the task that it tells of."""
        told = delivery.task
        if told is None:
            self._send(assignment, delivery, context)
            return
        place = {_ZONE: delivery.zone, _SOURCE: told.source, _OBJECT: told.name}
        span = self.tracing.start(
            f"{ZONES[delivery.zone].service} {told.source}/{told.name}",
            context,
            {**identity(assignment), **place},
            traceparent=delivery.traceparent,
            start_us=assignment.wall_at_us(told.started_us),
        )
        if told.failure:
            fail(span, told.failure.error_type, told.failure.message)
        self._send(assignment, delivery, within(span))
        span.end()

    def put_down(self, assignment: Assignment, lane: Lane, context: Context) -> None:
        """Puts the records of a lane on the agenda."""
        for delivery in lane.deliveries:
            say = partial(self.say, assignment, delivery, context)
            self.agenda.at(assignment.wall_at_us(delivery.at_us), say)

    def hand_over(self, assignment: Assignment, zone: str, source: str, span: Span) -> None:
        """Tells the next microservice that a source is done, once Kafka has all its records."""
        self.sender.flush()
        message = HandOver(self._session, zone, source, assignment).to_bytes()
        self.sender.send(HAND_OVERS, key_of(assignment), message, within(span))

    def _send(self, assignment: Assignment, delivery: Delivery, context: Context) -> None:
        self.sender.send(TOPIC, key_of(assignment), delivery.line.rstrip(b"\n"), context)


def key_of(assignment: Assignment) -> bytes:
    """The key of all messages of a run: one partition, one order."""
    return f"{assignment.company}/{assignment.run_id}".encode()


def identity(assignment: Assignment) -> dict[str, str | int]:
    """The attributes that say which run it is."""
    return {
        _COMPANY: assignment.company,
        _RUN_ID: assignment.run_id,
        _ATTEMPT: assignment.attempt,
    }


def lane_attributes(lane: Lane) -> dict[str, str]:
    """The attributes that say which lane of a run it is."""
    return {_ZONE: lane.zone, _SOURCE: lane.source}


def next_zone(zone: str) -> str | None:
    """The zone after this one."""
    zones = list(ZONES)
    place = zones.index(zone) + 1
    return zones[place] if place < len(zones) else None

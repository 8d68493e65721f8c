"""One microservice as a process: from settings to its work, until it is done or asked to stop."""

from __future__ import annotations

import logging
import sys

from filrouge.settings import Settings
from filrouge_sim.catalogue import ZONES
from filrouge_sim.producers.agenda import Agenda
from filrouge_sim.producers.broker import Receiver, Sender
from filrouge_sim.producers.following import Following
from filrouge_sim.producers.ingestion import Ingestion
from filrouge_sim.producers.stopping import stop_on_signals
from filrouge_sim.producers.tracing import tracing
from filrouge_sim.producers.work import Work
from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.order import Order

__all__ = ["FIRST", "FOLLOWING", "run_first", "run_following"]

FIRST, *_later = (zone.service for zone in ZONES.values())
FOLLOWING = tuple(_later)
"""In the order in which they come."""


def run_first(order: Order, settings: Settings, session: str, *, ends_runs: bool) -> None:
    """Runs `ingestion` until all runs have gone through it, or SIGTERM or SIGINT.

    Each run is told on standard output as it begins, by its company and id.

    Args:
        order: which runs.
        settings: the settings in force.
        session: of the microservices that go on with them.
        ends_runs: whether these stop with it.

    Raises:
        BrokerError: Kafka is away.
        DeliveryError: it did not take a record in time.
        ValueError: the runs are due at given times, and one of them is too late.
    """
    zone = next(iter(ZONES))
    with stop_on_signals() as stop, tracing(settings.services.get(zone, FIRST), settings) as own:
        _log_as(FIRST)
        work = Work(Agenda(), Sender(settings, own), own, session)
        Ingestion(order, work, _announce, ends_runs=ends_runs).run(stop)


def run_following(service: str, settings: Settings, session: str, runs: int | None) -> None:
    """Runs a later microservice until so many runs are through, or SIGTERM or SIGINT.

    Args:
        service: one of `FOLLOWING`.
        settings: the settings in force.
        session: whose hand-overs count.
        runs: None: no end of them.

    Raises:
        BrokerError: Kafka is away.
        DeliveryError: it did not take a record in time.
    """
    zone = next(zone.name for zone in ZONES.values() if zone.service == service)
    with stop_on_signals() as stop, tracing(settings.services.get(zone, service), settings) as own:
        _log_as(service)
        work = Work(Agenda(), Sender(settings, own), own, session)
        receiver = Receiver(settings, f"filrouge-sim-{service}-{session}")
        Following(zone, work, receiver, session).run(stop, runs)


def _announce(assignment: Assignment) -> None:
    if assignment.attempt == 1:
        sys.stdout.write(f"{assignment.company}/{assignment.run_id}\n")
        sys.stdout.flush()


def _log_as(service: str) -> None:
    logging.basicConfig(
        level=logging.INFO, format=f"%(asctime)s {service:15} %(message)s", stream=sys.stderr
    )
    for name in ("opentelemetry", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)  # a collector that is away tells it itself

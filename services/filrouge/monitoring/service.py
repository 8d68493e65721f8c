"""The monitoring service as a process: reader, watcher, teller and server, until asked to stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final
from zoneinfo import ZoneInfo

import uvicorn
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from filrouge.http import Server, listen
from filrouge.monitoring.api import answers
from filrouge.monitoring.api.app import create_app
from filrouge.monitoring.api.parts import Parts
from filrouge.monitoring.consumer import GROUP, RegistryConsumer
from filrouge.monitoring.expectations.file import Expectations, load_expectations
from filrouge.monitoring.lifecycle import Policy
from filrouge.monitoring.meters import Meters
from filrouge.monitoring.page.content import Registry
from filrouge.monitoring.page.feed import Feed
from filrouge.monitoring.page.sights import Sights
from filrouge.monitoring.registry.closing import reschedule
from filrouge.monitoring.registry.database import open_database
from filrouge.monitoring.sending import Sender
from filrouge.monitoring.standings import Standings
from filrouge.monitoring.telling import SourceTeller
from filrouge.monitoring.watching import RunWatcher
from filrouge.observability import Observed, observe
from filrouge.observability.messaging import Messaging
from filrouge.records.parse import RecordParser
from filrouge.report.grafana import Grafana
from filrouge.settings import Settings
from filrouge.stack.ports import Port
from filrouge.telemetry.collector import collector_transport
from filrouge.telemetry.context import Context

_STOP_S: Final = 20.0


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT; what is in hand is ended first, the rest waits in the registry.

    Raises:
        UsageError: a setting is wrong, the port is taken, or the registry cannot be used.
    """
    port = Port.MONITORING.at(settings.stack_port_offset)
    expectations = load_expectations(settings.expectations)
    with closing(listen(settings.listen, port)) as listener:
        engine = open_database(settings.database_url)
        reschedule(engine, Policy.of(settings))
        with observe("monitoring", settings) as own:
            stop = threading.Event()
            parts = _parts(settings, expectations, engine, own, stop)
            own.log.info(
                "serving",
                address=settings.listen,
                port=port,
                brokers=settings.brokers,
                registry=make_url(settings.database_url).render_as_string(hide_password=True),
            )
            with _working(parts, stop):
                server = Server(_config(parts, own), on_stop=parts.feed.end)
                asyncio.run(server.serve([listener]))
            own.log.info("stopped")
        engine.dispose()


def _parts(
    settings: Settings,
    expectations: Expectations,
    engine: Engine,
    own: Observed,
    stop: threading.Event,
) -> Parts:
    policy = Policy.of(settings)
    parser = RecordParser(ZoneInfo(settings.timezone), frozenset(settings.services))
    transport = collector_transport(settings.collector)
    sender = Sender(engine, parser, Context(settings.services), transport, stop=stop)
    meters = Meters(own.meter, engine)
    messaging = Messaging(own, settings.brokers, GROUP)
    consumer = RegistryConsumer(settings, engine, parser, own.log, messaging, meters.count)
    watcher = RunWatcher(engine, parser, policy, consumer.reading, sender, own.log)
    meters.watch(consumer.reading, watcher.closed)
    standings = Standings(engine, expectations, policy)
    teller = SourceTeller(
        engine,
        standings,
        consumer.reading,
        lambda: len(answers.reconciliation(engine, consumer.reading.lag).differences),
        collector_transport(settings.collector),
        own.log,
    )
    registry = Registry(
        engine,
        parser,
        standings,
        ZoneInfo(settings.timezone),
        Grafana.of(settings),
        trouble=lambda: consumer.reading.trouble,
        lag=lambda: consumer.reading.lag,
    )
    sights = Sights(registry)
    return Parts(engine, parser, consumer, watcher, standings, teller, sights, Feed(sights.see))


@contextmanager
def _working(parts: Parts, stop: threading.Event) -> Iterator[None]:
    """Reader and watcher at work while the block runs."""
    threads = [
        threading.Thread(target=work.run, args=(stop,), name=name, daemon=True)
        for name, work in (
            ("reader", parts.consumer),
            ("watcher", parts.watcher),
            ("teller", parts.teller),
        )
    ]
    parts.threads.extend(threads)
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_STOP_S)


def _config(parts: Parts, own: Observed) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(parts, own),
        ws="none",
        lifespan="off",
        log_config=None,  # goes the way of all logs
        access_log=False,  # each request has its span
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )

"""The service's pages, without Kafka and a collector; over a real socket where a test asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import uvicorn
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

from filrouge.http import listen
from filrouge.monitoring.api.app import create_app
from filrouge.monitoring.api.parts import Parts
from filrouge.monitoring.consumer import Reading
from filrouge.monitoring.page.content import Registry
from filrouge.monitoring.page.feed import Feed
from filrouge.monitoring.page.sights import Sights
from filrouge.monitoring.standings import Standings
from filrouge.report.grafana import Grafana
from filrouge.stack.ports import HOST
from tests.monitoring.driving import PARSER

GRAFANA = Grafana("https://grafana.example", "tempo")


def page_of(
    standings: Standings, reading: Reading | None = None, most: int = 200
) -> tuple[Sights, Feed]:
    """Pages over a registry, and a feed that looks often."""
    reading = reading or Reading(positions={0: 1}, trouble="")
    registry = Registry(
        standings.engine,
        PARSER,
        standings,
        ZoneInfo("America/Toronto"),
        GRAFANA,
        trouble=lambda: reading.trouble,
        lag=lambda: reading.lag,
    )
    sights = Sights(registry)
    return sights, Feed(sights.see, most=most, look_s=0.05, alive_s=0.2)


@dataclass(frozen=True)
class Served:
    """The application at an address of this machine.

    Attributes:
        reading: what the pages are told of reading the topic.
    """

    url: str
    feed: Feed
    reading: Reading


@contextmanager
def served(standings: Standings, port: int = 0, most: int = 200) -> Iterator[Served]:
    """The application on loopback while the block runs."""
    reading = Reading(positions={0: 1}, trouble="")
    sights, feed = page_of(standings, reading, most)
    none = cast("Any", None)
    consumer = cast("Any", SimpleNamespace(reading=reading))
    own = cast(
        "Any", SimpleNamespace(tracer_provider=TracerProvider(), meter_provider=MeterProvider())
    )
    app = create_app(
        Parts(standings.engine, PARSER, consumer, none, standings, none, sights, feed), own
    )
    listener = listen(HOST, port)
    config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=30)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield Served(f"http://{HOST}:{listener.getsockname()[1]}", feed, reading)
    finally:
        feed.end()
        server.should_exit = True
        thread.join()
        listener.close()

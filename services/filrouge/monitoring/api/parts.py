"""What the answers are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Thread

from sqlalchemy import Engine

from filrouge.monitoring.consumer import RegistryConsumer
from filrouge.monitoring.page.feed import Feed
from filrouge.monitoring.page.sights import Sights
from filrouge.monitoring.standings import Standings
from filrouge.monitoring.telling import SourceTeller
from filrouge.monitoring.watching import RunWatcher
from filrouge.records.parse import RecordParser


@dataclass(slots=True)
class Parts:
    """The service's parts.

    Attributes:
        threads: those that have to live as long as the service does.
    """

    engine: Engine
    parser: RecordParser
    consumer: RegistryConsumer
    watcher: RunWatcher
    standings: Standings
    teller: SourceTeller
    sights: Sights
    feed: Feed
    threads: list[Thread] = field(default_factory=list)

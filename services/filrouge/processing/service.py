"""The service: what it is made of, how it begins and how it ends."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from threading import Event
from typing import Final
from zoneinfo import ZoneInfo

from confluent_kafka import Message

from filrouge.kafka.topics import PROCESSING_GROUP
from filrouge.memory import tuned_for_batches
from filrouge.observability import Observed, observe
from filrouge.observability.messaging import Messaging
from filrouge.processing.burial import DeadLetters
from filrouge.processing.delivery import Collector
from filrouge.processing.health import Health, answering
from filrouge.processing.instruments import Instruments
from filrouge.processing.live import Live
from filrouge.processing.loop import Loop
from filrouge.processing.member import Member
from filrouge.processing.work import Tally, Worker
from filrouge.records.parse import RecordParser
from filrouge.settings import Settings
from filrouge.telemetry.collector import collector_transport
from filrouge.telemetry.context import Context

_NAME: Final = "processing"
_WORKERS: Final = 2
"""One encodes while the other waits for the collector. More do not help: they share one CPU."""
_LAST_METRICS_S: Final = 2.0


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, then commits what is delivered, leaves the group and returns.

    Raises:
        UsageError: the address to listen at, or the collector's, cannot be used.
        DeliveryError: Kafka has nothing more to do with this process; it has to be started again.
    """
    stop = Event()
    with _stopped_by_signals(stop), observe(_NAME, settings) as observed:
        run(settings, observed, stop)


def run(settings: Settings, observed: Observed, stop: Event) -> None:
    """Runs until it is to stop.

    1. Answers over HTTP, for whoever watches, before anything can take time.
    2. Takes, processes and commits.
    3. Commits what can be delivered in time, and abandons the rest, which was not committed.
    4. Leaves the group, and sends the last metrics.

    Raises:
        UsageError, DeliveryError: as of `serve`.
    """
    health, abandoned, log = Health(), Event(), observed.log
    with ExitStack() as opened:
        opened.enter_context(answering(health, settings.processing_address))
        member = Member(settings, health, log)
        opened.callback(member.close)
        instruments = Instruments(observed.meter, member.lag)

        def collector() -> Collector:
            transport = collector_transport(settings.collector)
            collector = Collector(transport, abandoned, health, instruments.retry, log)
            opened.callback(collector.close)
            return collector

        live = Live(observed.tracer_provider.resource.attributes, collector(), log)
        opened.callback(live.close, _LAST_METRICS_S)
        letters = DeadLetters(settings, abandoned, log)
        opened.callback(letters.close)
        messaging = Messaging(observed, settings.brokers, PROCESSING_GROUP)
        context = Context(settings.services)
        workers = [
            Worker(_parser(settings), context, collector(), letters, messaging, instruments)
            for _ in range(_WORKERS)
        ]
        crew = Crew(workers)
        opened.callback(crew.close)
        opened.callback(abandoned.set)  # before the crew is waited for
        loop = Loop(member, crew, live, health)
        instruments.watch_depth(loop.depth)
        opened.enter_context(tuned_for_batches())
        loop.join()
        log.info("started", brokers=settings.brokers, collector=settings.collector)
        while not stop.is_set():
            loop.turn()
        log.info("stopping", under_way=loop.depth())
        loop.stop()
    log.info("stopped")


class Crew:
    """Workers in a thread each, which get batches in turn."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._threads = [
            (worker, ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"worker-{number}"))
            for number, worker in enumerate(workers)
        ]
        self._turns = cycle(self._threads)

    def process(self, messages: Sequence[Message]) -> Future[Tally]:
        """Gives a batch to the next worker."""
        worker, thread = next(self._turns)
        return thread.submit(worker.process, messages)

    def close(self) -> None:
        """Drops what was not begun, and waits for what was, which has to be abandoned before."""
        for _, thread in self._threads:
            thread.shutdown(wait=False, cancel_futures=True)
        for _, thread in self._threads:
            thread.shutdown(wait=True)


def _parser(settings: Settings) -> RecordParser:
    return RecordParser(ZoneInfo(settings.timezone), frozenset(settings.services))


@contextmanager
def _stopped_by_signals(stop: Event) -> Iterator[None]:
    former = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)

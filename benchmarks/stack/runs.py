"""Records as closed runs and as export requests, made as `filrouge replay` makes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.sink import Sink
from filrouge.kafka.publisher import Publisher
from filrouge.kafka.topics import message_key
from filrouge.records.parse import RecordParser
from filrouge.records.reading.counting import run_of
from filrouge.records.reading.reader import read
from filrouge.records.reading.sources import find_source
from filrouge.replay.replay import Replay
from filrouge.replay.replay import replay as run_replay
from filrouge.runs.model import Run
from filrouge.settings import Settings
from filrouge.telemetry.context import Context
from filrouge.telemetry.exporter import Exporter
from filrouge.verify.reference import Wanted, reference


def runs_of(file: Path, settings: Settings) -> Iterator[Run]:
    """The runs of a file, as verify expects them to be found."""
    parser = RecordParser(ZoneInfo(settings.timezone), frozenset(settings.services))
    return reference(lambda: read(find_source(str(file))), Wanted(())).runs(parser)


def requests_of(file: Path, settings: Settings, replayed: bool) -> Sink:
    """The requests with all spans, log records and gauges of a file; no live metrics.

    Args:
        file: records.
        settings: how they are read.
        replayed: whether they are marked as a replay's, which keeps spans out of span metrics.
    """
    sink = Sink()
    exporter = Exporter(Context(settings.services, replay=replayed), [sink])
    for run in runs_of(file, settings):
        exporter.export_run(run)
    exporter.flush()
    return sink


def replay(file: Path, url: str, settings: Settings) -> None:
    """Replays a file into a collector; returns when it has taken everything."""
    task = Replay([str(file)], out=None, otlp=url, rebase=False, settings=settings)
    run_replay(task, _Silent())


def publish(file: Path, publisher: Publisher) -> None:
    """Publishes a file; returns when the broker has acknowledged everything."""
    for line in read(find_source(str(file))):
        if run := run_of(line.data):
            publisher.send(message_key(run), line.data)
    publisher.close()


class _Silent:
    """Watches without a word."""

    def planned(self, records: int) -> None:
        pass

    def read(self) -> None:
        pass

    def closed(self, run: Run) -> None:
        pass

"""Filrouge's way: what `filrouge replay` does between the file and the sinks, step by step.

Each step is also a way of its own, up to which the work is done and then dropped: what a step costs
is the difference to the one before. Left out are the picture in the terminal and the report, which
the plain way has not; the whole command with both is measured in `growth`.

`filrouge` reads the file once and closes runs at its end, as the plain way does. `replay` counts
the records of each run before, which costs a pass more and keeps memory flat.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.sink import Sink
from benchmarks.workload import TIMEZONE
from filrouge.memory import tuned_for_batches
from filrouge.records.parse import RecordParser
from filrouge.records.reading.counting import count_records_by_run
from filrouge.records.reading.reader import Rejection, parse_line, read
from filrouge.records.reading.sources import replayable
from filrouge.records.record import RunKey
from filrouge.replay.replay import SERVICE_NAME
from filrouge.replay.runs import Account, RunAssembler
from filrouge.runs.model import Run
from filrouge.settings import Settings
from filrouge.telemetry.context import Context
from filrouge.telemetry.exporter import Exporter
from filrouge.telemetry.live import LiveMetrics


def parse(file: Path, _: Sink) -> None:
    """Reads and parses each record."""
    parser = _parser(Settings())
    with replayable([str(file)]) as [source], tuned_for_batches():
        _forget(parse_line(parser, line) for line in read(source))


def assemble(file: Path, _: Sink) -> None:
    """Reads, parses and puts runs together."""
    _forget(_runs(file, Counter(), Account(LiveMetrics(time.time_ns()))))


def filrouge(file: Path, sink: Sink) -> None:
    """All of it: makes spans, log records and metrics of a file's records."""
    _export(file, Counter(), sink)


def replay(file: Path, sink: Sink) -> None:
    """The same, but counts first, so that each run is released with its last record."""
    _export(file, _count(file), sink)


def _export(file: Path, expected: Counter[RunKey], sink: Sink) -> None:
    account = Account(LiveMetrics(time.time_ns()))
    exporter = Exporter(Context(Settings().services, replay=True), [sink])
    for run in _runs(file, expected, account):
        exporter.export_run(run)
    exporter.export_live(account.live, SERVICE_NAME, time.time_ns())
    exporter.flush()


def _count(file: Path) -> Counter[RunKey]:
    with replayable([str(file)]) as [source]:
        return count_records_by_run(read(source))


def _runs(file: Path, expected: Counter[RunKey], account: Account) -> Iterator[Run]:
    assembler = RunAssembler(_parser(Settings()), expected, None, account)
    with replayable([str(file)]) as [source], tuned_for_batches():
        for item in assembler.read(read(source)):
            if isinstance(item, Rejection):
                raise ValueError(f"{file}, line {item.line}: {item.message}")
            yield item


def _parser(settings: Settings) -> RecordParser:
    return RecordParser(ZoneInfo(TIMEZONE), frozenset(settings.services))


def _forget(items: Iterable[object]) -> None:
    for _ in items:
        pass

"""The whole of `filrouge replay` but for the terminal: files in, telemetry and a report out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self
from zoneinfo import ZoneInfo

from filrouge.memory import tuned_for_batches
from filrouge.records.parse import RecordParser
from filrouge.records.reading.counting import count_records_by_run
from filrouge.records.reading.line import Line
from filrouge.records.reading.reader import Rejection, parse_line, read
from filrouge.records.reading.sources import Source, replayable
from filrouge.replay.rebase import Rebase, end_of, rebase_to
from filrouge.replay.runs import Account, RunAssembler
from filrouge.report.grafana import Grafana, trace_link
from filrouge.report.html import Report
from filrouge.report.totals import Totals
from filrouge.report.view import run_summary, run_view
from filrouge.runs.model import Run
from filrouge.settings import Settings
from filrouge.telemetry.collector import collector_sink
from filrouge.telemetry.context import Context
from filrouge.telemetry.exporter import Exporter, Sink
from filrouge.telemetry.files import FileSink, writing_to
from filrouge.telemetry.live import LiveMetrics, RecordOutcome
from filrouge.telemetry.otlp_json import Signal

SERVICE_NAME: Final = "filrouge-replay"
"""`service.name` of the live metrics of a replay."""
REJECTED: Final = "rejected.jsonl"
_REJECTIONS_KEPT: Final = 100  # for the terminal and the report; rejected.jsonl has them all


@dataclass(frozen=True, slots=True)
class Replay:
    """What is to be replayed, and where to.

    Attributes:
        files: names of files; `-` is standard input.
        out: the folder for telemetry, rejected lines and report; None writes no files.
        otlp: the address of a collector, or None.
        rebase: whether runs are shifted so that the last one ends now.
        settings: the settings in force.
        grafana: where the report's links lead, or None.
        clock: nanoseconds since 1970 UTC.
    """

    files: Sequence[str]
    out: Path | None
    otlp: str | None
    rebase: bool
    settings: Settings
    grafana: Grafana | None = None
    clock: Callable[[], int] = time.time_ns


class Watcher(Protocol):
    """Is told how a replay goes."""

    def planned(self, records: int) -> None:
        """So many records are to be read."""

    def read(self) -> None:
        """One line was read."""

    def closed(self, run: Run) -> None:
        """A run was closed and exported."""


def replay(task: Replay, watcher: Watcher) -> Totals:
    """Replays everything; returns the account of it.

    1. Counts the records of each run, so that a run can be closed once its last one has been read.
    2. Reads; closes and exports each run as soon as it is complete.
    3. Exports the live metrics, and waits until all is handed over.
    4. Writes the report.

    Raises:
        UsageError: a file or folder cannot be used.
        DeliveryError: the collector did not take everything.
    """
    parser = RecordParser(ZoneInfo(task.settings.timezone), frozenset(task.settings.services))
    account = Account(LiveMetrics(task.clock()))
    with replayable(task.files) as sources, Outputs(task) as outputs, tuned_for_batches():
        expected = count_records_by_run(_lines(sources))
        watcher.planned(expected.total())
        rebase = _rebase(task, parser, sources)
        assembler = RunAssembler(parser, expected, rebase, account)
        for item in assembler.read(_watched(sources, watcher)):
            if isinstance(item, Rejection):
                outputs.reject(item)
            else:
                outputs.export(item)
                watcher.closed(item)
        outputs.finish(account)
    totals = _totals(task, account, outputs)
    outputs.write_report(totals)
    return totals


class Outputs:
    """Everything that a replay writes."""

    def __init__(self, task: Replay) -> None:
        self._task = task
        self._report = Report(ZoneInfo(task.settings.timezone))
        self._open = ExitStack()
        self._rejected: BinaryIO | None = None
        self.rejections: list[Rejection] = []

    def __enter__(self) -> Self:
        context = Context(self._task.settings.services, replay=not self._task.rebase)
        self._sinks = list(self._make_sinks())
        self._exporter = Exporter(context, self._sinks)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error:
            for sink in self._sinks:
                sink.abandon()
        with suppress(OSError):  # of what was written, `finish` has told before
            self._open.close()

    def export(self, run: Run) -> None:
        """Takes a closed run."""
        self._exporter.export_run(run)
        link = trace_link(self._task.grafana, run)
        self._report.add(run_summary(run, link), partial(run_view, run, link))

    def reject(self, rejection: Rejection) -> None:
        """Takes a refused line."""
        if self._task.out and self._rejected:
            with writing_to(self._task.out):
                self._rejected.write(rejection.to_json())
        if len(self.rejections) < _REJECTIONS_KEPT:
            self.rejections.append(rejection)

    def finish(self, account: Account) -> None:
        """Hands over what is waiting."""
        self._exporter.export_live(account.live, SERVICE_NAME, self._task.clock())
        self._exporter.flush()
        for sink in self._sinks:
            sink.close()
        if self._task.out:
            with writing_to(self._task.out):
                self._open.close()

    def write_report(self, totals: Totals) -> None:
        """Writes the page, where files are wanted."""
        if self._task.out:
            with writing_to(self._task.out):
                self._report.write(self._task.out / "report.html", totals)

    def _make_sinks(self) -> Iterator[Sink]:
        if self._task.otlp:
            yield collector_sink(self._task.otlp, self._task.settings.otlp_patience_s)
        if self._task.out:
            yield FileSink(self._task.out)
            path = self._task.out / REJECTED
            self._rejected = self._open.enter_context(path.open("wb"))


def _lines(sources: Sequence[Source]) -> Iterator[Line]:
    return chain.from_iterable(map(read, sources))


def _watched(sources: Sequence[Source], watcher: Watcher) -> Iterator[Line]:
    for line in _lines(sources):
        watcher.read()
        yield line


def _rebase(task: Replay, parser: RecordParser, sources: Sequence[Source]) -> Rebase | None:
    if not task.rebase:
        return None
    now_ns = task.clock()
    parsed = (parse_line(parser, line) for line in _lines(sources))
    ends = (end_of(record) for record in parsed if not isinstance(record, Rejection))
    return rebase_to(now_ns, max(ends, default=now_ns))


def _totals(task: Replay, account: Account, outputs: Outputs) -> Totals:
    records = account.live.records
    return Totals(
        files=task.files,
        accepted=records[RecordOutcome.ACCEPTED],
        duplicates=records[RecordOutcome.DUPLICATE],
        rejected=records[RecordOutcome.INVALID],
        runs_by_outcome=account.runs_by_outcome,
        remarks={str(remark): count for remark, count in account.remarks.items()},
        outputs=list(_outputs(task, bool(outputs.rejections))),
        rejections=outputs.rejections,
    )


def _outputs(task: Replay, has_rejections: bool) -> Iterator[str]:
    if task.out:
        yield str(task.out / "report.html")
        yield ", ".join(str(task.out / f"{signal}.jsonl") for signal in Signal)
        if has_rejections:
            yield str(task.out / REJECTED)
    if task.otlp:
        yield task.otlp

"""From lines to closed runs: each run is released as soon as its last record has been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from filrouge.records.parse import RecordParser
from filrouge.records.reading.counting import run_of
from filrouge.records.reading.line import Line
from filrouge.records.reading.reader import Rejection, parse_line
from filrouge.records.record import Record, Remark, RunKey, TaskFinished
from filrouge.replay.rebase import Rebase
from filrouge.runs.model import Run
from filrouge.runs.open_run import OpenRun
from filrouge.telemetry.live import LiveMetrics, RecordOutcome


@dataclass(slots=True)
class Account:
    """What was read so far."""

    live: LiveMetrics
    remarks: Counter[Remark] = field(default_factory=Counter)
    runs_by_outcome: Counter[str] = field(default_factory=Counter)


class RunAssembler:
    """Puts records together to runs.

    Args:
        parser: reads a line.
        expected: how many lines of each run there are to come, or more; see `count_records_by_run`.
        rebase: how runs are shifted in time, or None.
        account: is kept.
    """

    def __init__(
        self,
        parser: RecordParser,
        expected: Counter[RunKey],
        rebase: Rebase | None,
        account: Account,
    ) -> None:
        self._parser = parser
        self._to_come = expected
        self._rebase = rebase
        self._account = account
        self._open: dict[RunKey, OpenRun] = {}

    def read(self, lines: Iterable[Line]) -> Iterator[Run | Rejection]:
        """Closed runs and refused lines, as they come; at the end all that is open is closed."""
        for line in lines:
            parsed = parse_line(self._parser, line)
            if isinstance(parsed, Rejection):
                self._account.live.count(RecordOutcome.INVALID)
                yield parsed
                key = run_of(line.data)
            else:
                key = parsed.run
                self._add(key, parsed)
            if key is not None and self._was_last(key):
                yield from self._close(key)
        for key in list(self._open):
            yield from self._close(key)

    def _add(self, key: RunKey, record: Record) -> None:
        if isinstance(record, TaskFinished) and record.remarks:
            self._account.remarks.update(record.remarks)
        if self._rebase:
            record = self._rebase.apply(record)
        run = self._open.get(key)
        if run is None:
            run = self._open[key] = OpenRun(record.run)
        is_new = run.add(record)
        self._account.live.count(RecordOutcome.ACCEPTED if is_new else RecordOutcome.DUPLICATE)

    def _was_last(self, key: RunKey) -> bool:
        self._to_come[key] -= 1
        return self._to_come[key] == 0

    def _close(self, key: RunKey) -> Iterator[Run]:
        opened = self._open.pop(key, None)
        if opened is None:
            return  # every line of it was refused
        run = opened.close(rebased_from=key.run_id if self._rebase else None)
        self._account.live.measure(run)
        self._account.runs_by_outcome[str(run.outcome)] += 1
        yield run

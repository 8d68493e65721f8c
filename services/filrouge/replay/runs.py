"""From lines to closed runs: each run is released as soon as its last record has been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from filrouge.records.parse import RecordParser
from filrouge.records.reading.counting import run_of
from filrouge.records.reading.line import Line
from filrouge.records.reading.reader import Rejection, parse_line
from filrouge.records.record import Record, Remark, RunKey
from filrouge.replay.rebase import Rebase
from filrouge.runs.model import Run
from filrouge.runs.open_run import OpenRun
from filrouge.telemetry.live import LiveMetrics, RecordOutcome


@dataclass(slots=True)
class Account:
    """What was read so far; a run's records count when it closes."""

    live: LiveMetrics
    remarks: Counter[Remark] = field(default_factory=Counter)
    runs_by_outcome: Counter[str] = field(default_factory=Counter)

    def close(self, run: Run, accepted: int, duplicates: int) -> None:
        """Takes a closed run."""
        self.live.count(RecordOutcome.ACCEPTED, accepted)
        self.live.count(RecordOutcome.DUPLICATE, duplicates)
        self.live.measure(run)
        self.runs_by_outcome[str(run.outcome)] += 1
        for _, lane in run.lanes():
            for task in lane.tasks:
                if task.record.remarks:
                    self.remarks.update(task.record.remarks)


@dataclass(slots=True)
class _Gathering:
    """A run while its lines are read.

    Attributes:
        to_come: how many of its lines are left.
        run: None until one of them was a record.
    """

    to_come: int
    run: OpenRun | None = None
    accepted: int = 0
    duplicates: int = 0

    def add(self, record: Record) -> None:
        if self.run is None:
            self.run = OpenRun(record.run)
        if self.run.add(record):
            self.accepted += 1
        else:
            self.duplicates += 1


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
        self._expected = expected
        self._rebase = rebase
        self._account = account
        self._gathering: dict[RunKey, _Gathering] = {}

    def read(self, lines: Iterable[Line]) -> Iterator[Run | Rejection]:
        """Closed runs and refused lines, as they come; at the end all that is open is closed."""
        for line in lines:
            parsed = parse_line(self._parser, line)
            if isinstance(parsed, Rejection):
                self._account.live.count(RecordOutcome.INVALID)
                yield parsed
                key = run_of(line.data)
                if key is None:
                    continue
                gathering = self._gathering.get(key) or self._begin(key)
            else:
                key = parsed.run
                gathering = self._gathering.get(key) or self._begin(key)
                gathering.add(self._rebase.apply(parsed) if self._rebase else parsed)
            gathering.to_come -= 1
            if gathering.to_come == 0:
                yield from self._close(key)
        for key in list(self._gathering):
            yield from self._close(key)

    def _begin(self, key: RunKey) -> _Gathering:
        gathering = self._gathering[key] = _Gathering(self._expected[key])
        return gathering

    def _close(self, key: RunKey) -> Iterator[Run]:
        gathering = self._gathering.pop(key)
        if gathering.run is None:
            return  # every line of it was refused
        run = gathering.run.close(rebased_from=key.run_id if self._rebase else None)
        self._account.close(run, gathering.accepted, gathering.duplicates)
        yield run

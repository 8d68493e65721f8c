"""The records that are held against the places: those of files, or those on the topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from filrouge.records.parse import RecordParser
from filrouge.records.reading.counting import count_records_by_run, run_of
from filrouge.records.reading.line import Line
from filrouge.records.reading.reader import Rejection
from filrouge.records.record import RunKey
from filrouge.replay.runs import Account, RunAssembler
from filrouge.runs.model import Run
from filrouge.telemetry.live import LiveMetrics

Lines = Callable[[], Iterator[Line]]
"""Gives all lines anew each time it is called."""

_BETWEEN: Final = "/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs are meant: by `RUN_ID` or `COMPANY/RUN_ID`; all of them if none is named."""

    names: Sequence[str]

    def __contains__(self, run: RunKey) -> bool:
        """Whether the run is meant."""
        return not self.names or any(
            name in {run.run_id, f"{run.company}{_BETWEEN}{run.run_id}"} for name in self.names
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """Records that were meant to arrive.

    Attributes:
        lines: where they stand.
        wanted: which runs of them.
        counts: how many lines each of these runs has.
    """

    lines: Lines
    wanted: Wanted
    counts: Counter[RunKey]

    def runs(self, parser: RecordParser) -> Iterator[Run]:
        """The runs, each as soon as its last record was read; what is no record is passed over."""
        assembler = RunAssembler(parser, self.counts, None, Account(LiveMetrics(0)))
        for item in assembler.read(_of_runs(self.lines(), self.counts)):
            if not isinstance(item, Rejection):
                yield item


def reference(lines: Lines, wanted: Wanted) -> Reference:
    """The records of the wanted runs."""
    counts = count_records_by_run(lines())
    return Reference(
        lines, wanted, Counter({run: count for run, count in counts.items() if run in wanted})
    )


def _of_runs(lines: Iterable[Line], runs: Counter[RunKey]) -> Iterator[Line]:
    return (line for line in lines if (run := run_of(line.data)) and run in runs)

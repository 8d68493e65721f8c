"""`report.html`: one file, without network, that a person attaches to an incident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from filrouge.records.record import RunOutcome
from filrouge.report.html.page import write_page
from filrouge.report.totals import Totals
from filrouge.report.view import RunSummary, RunView

_Item = TypeVar("_Item")
_Rank = tuple[bool, str, int]
"""Whether it did not succeed, when it started, and in which order it came: greatest stays."""


class Limits(NamedTuple):
    """How much the page holds; it says how much it leaves out.

    More runs in full make a file that mail systems refuse (a task takes about 600 bytes), more
    rows a table that takes seconds to open; fewer hide what somebody may look for.
    """

    full_runs: int = 50
    full_tasks: int = 20_000
    rows: int = 5_000
    rejections: int = 100


class RunRow(NamedTuple):
    """A run as one row of the table of runs."""

    trace_id: str
    company: str
    run_id: str
    attempt: int
    started_at: str
    duration_s: float
    outcome: str
    tasks: int
    failed: int

    @classmethod
    def of(cls, summary: RunSummary) -> RunRow:
        """The row of a run."""
        return cls(
            trace_id=summary["trace_id"],
            company=summary["company"],
            run_id=summary["run_id"],
            attempt=summary["attempt"],
            started_at=summary["started_at"],
            duration_s=summary["duration_s"],
            outcome=summary["outcome"],
            tasks=summary["tasks_by_outcome"]["total"],
            failed=summary["tasks_by_outcome"]["failure"],
        )


class _Full(NamedTuple):
    """A run to be shown in full, once the page is written."""

    tasks: int
    view: Callable[[], RunView]


class Report:
    """Gathers closed runs and writes the page of them.

    Memory depends on the limits and not on how many runs are added. Runs that did not succeed stay
    before those that did, later ones before earlier ones.

    Args:
        timezone: the zone whose clock the page shows beside UTC.
        limits: how much the page holds.

    Example:
        report = Report(ZoneInfo("America/Toronto"))
        for run in closing_runs:
            report.add(run_summary(run), partial(run_view, run))
        report.write(Path("out/report.html"), totals)
    """

    def __init__(self, timezone: ZoneInfo, limits: Limits | None = None) -> None:
        self._timezone = timezone
        self._limits = limits or Limits()
        self._arrival = count()
        self._runs_by_outcome: Counter[str] = Counter()
        self._rows: list[tuple[_Rank, RunRow]] = []
        self._full: list[tuple[_Rank, _Full]] = []
        self._full_tasks = 0

    def add(self, summary: RunSummary, view: Callable[[], RunView]) -> None:
        """Takes a closed run; each run once.

        Args:
            summary: what its row in the table of runs shows.
            view: gives all there is to tell of it. Called when the page is written, and only for
                runs that are shown in full then; until then, what it holds on to stays in memory.
        """
        outcome, tasks = summary["outcome"], summary["tasks_by_outcome"]["total"]
        rank = (outcome != RunOutcome.SUCCESS, summary["started_at"], next(self._arrival))
        self._runs_by_outcome[outcome] += 1
        heappush(self._rows, (rank, RunRow.of(summary)))
        if len(self._rows) > self._limits.rows:
            heappop(self._rows)
        heappush(self._full, (rank, _Full(tasks, view)))
        self._full_tasks += tasks
        while self._is_over_limit():
            _, dropped = heappop(self._full)
            self._full_tasks -= dropped.tasks

    def write(self, path: Path, totals: Totals) -> None:
        """Writes the page; an earlier one of that name is replaced.

        Raises:
            OSError: the file cannot be written.
        """
        write_page(
            path,
            {
                "timezone": self._timezone,
                "limits": self._limits,
                "totals": totals,
                "rejections": totals.rejections[: self._limits.rejections],
                "runs_by_outcome": self._runs_by_outcome,
                "runs": [full.view() for full in _greatest_first(self._full)],
                "columns": RunRow._fields,
                "rows": _greatest_first(self._rows),
            },
        )

    def _is_over_limit(self) -> bool:
        """One run is always shown in full, however large it is."""
        runs = len(self._full)
        return runs > self._limits.full_runs or (
            runs > 1 and self._full_tasks > self._limits.full_tasks
        )


def _greatest_first(ranked: Iterable[tuple[_Rank, _Item]]) -> list[_Item]:
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0], reverse=True)]

"""Reports written for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from filrouge.records.parse import RecordParser
from filrouge.report.html import Limits, Report
from filrouge.report.totals import Totals
from filrouge.report.view import RunView, run_view
from filrouge.runs.open_run import OpenRun
from tests.report.hand_made import task, view_of

OpenPage = Callable[..., Page]
"""Opens a report in a browser; see `conftest.py`."""

_SAMPLE = Path(__file__).parents[2] / "logs.json"


def write_report(
    path: Path,
    views: Iterable[RunView],
    totals: Totals | None = None,
    limits: Limits | None = None,
) -> Path:
    """Writes the page of these runs, and returns where."""
    report = Report(ZoneInfo("America/Toronto"), limits)
    for view in views:
        report.add(view, lambda view=view: view)  # type: ignore[misc]
    report.write(path, totals or Totals(files=["logs.json"]))
    return path


def one_task_run(run_id: str, start_s: float = 0, error: str | None = None) -> RunView:
    """A run of a single task."""
    return view_of([task("Users", start_s, 4, error, run_id=run_id)])


def sample_run() -> RunView:
    """The run of the project's sample file."""
    parser = RecordParser(ZoneInfo("America/Toronto"), frozenset({"1-Raw"}))
    records = [parser.parse(line) for line in _SAMPLE.read_bytes().splitlines()]
    run = OpenRun(records[0].run)
    for record in records:
        run.add(record)
    return run_view(run.close())


def large_run(tasks: int) -> RunView:
    """A run of many short tasks in four sources, every hundredth of them failed."""
    return view_of(
        task(
            f"object {number}",
            number // 4 * 2,
            1.5,
            error="'id'" if number % 100 == 99 else None,
            source=f"source {number % 4}",
            object_id=number,
        )
        for number in range(tasks)
    )

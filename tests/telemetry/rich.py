"""Runs that show everything there is to show, for tests of what is emitted at all."""

from __future__ import annotations

from filrouge.records.record import Remark
from filrouge.runs.model import Run
from filrouge.telemetry.live import LiveMetrics
from tests.factories import run_completed, run_of, run_started, task, task_started
from tests.telemetry.captured import LIVE_START_NS, Captured, exported

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def rich_run() -> Run:
    """A copy of a run, with one of everything a record can hold."""
    return run_of(
        run_started(-1, expected_tasks=4),
        task(
            "Sites",
            0,
            2,
            transformation="get_data",
            cpu_time_s=0.09,
            memory_delta_bytes=-4096,
            traceparent=TRACEPARENT,
            remarks=(Remark.UNKNOWN_ZONE,),
            extra={"depth": 2},
        ),
        task("Contacts", 2, 1, error="'id'"),
        task("Reports", 4, 1, zone="2-Standard", source="PowerBI"),
        task_started("Lists", 5),
        run_completed(-1, 9),
        rebased_from="2025-09-05-16-45",
    )


def rich_export(*more: Run) -> Captured:
    """Everything at once: the rich run and more, as a replay, with live metrics."""
    run = rich_run()
    live = LiveMetrics(LIVE_START_NS)
    live.measure(run)
    return exported(run, *more, replay=True, live=live)

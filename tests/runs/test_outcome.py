from __future__ import annotations

import pytest

from filrouge.records.record import Record, RunOutcome
from filrouge.runs.model import Counts
from filrouge.runs.outcome import tasks_reason
from tests.factories import run_completed, run_of, run_started, task, task_started

SUCCESS, PARTIAL, FAILURE = RunOutcome.SUCCESS, RunOutcome.PARTIAL, RunOutcome.FAILURE


@pytest.mark.parametrize(
    ("records", "outcome", "reason"),
    [
        pytest.param([task()], SUCCESS, "", id="every task succeeded"),
        pytest.param(
            [task("a"), task("b", error="'id'")], PARTIAL, "1 of 2 tasks failed", id="some failed"
        ),
        pytest.param(
            [task("a", error="x"), task("b", error="x")],
            FAILURE,
            "2 of 2 tasks failed",
            id="all failed",
        ),
        pytest.param(
            [task("a"), task_started("b")],
            PARTIAL,
            "1 of 2 tasks never finished",
            id="some never finished",
        ),
        pytest.param(
            [task("a"), task("b", error="x"), task_started("c")],
            PARTIAL,
            "1 of 3 tasks failed, 1 never finished",
            id="some failed and some never finished",
        ),
        pytest.param(
            [task_started()], FAILURE, "1 of 1 tasks never finished", id="none ever finished"
        ),
        pytest.param(
            [run_started(), task()], PARTIAL, "begun but never completed", id="never completed"
        ),
        pytest.param([run_started(), task(), run_completed()], SUCCESS, "", id="completed"),
        pytest.param(
            [run_completed()], SUCCESS, "", id="completed without tasks and without a verdict"
        ),
        pytest.param(
            [task(), run_completed(expected_tasks=3)],
            PARTIAL,
            "2 of 3 tasks missing",
            id="fewer tasks than announced",
        ),
        pytest.param(
            [task_started(), task("b"), run_completed(expected_tasks=2)],
            PARTIAL,
            "1 of 2 tasks never finished",
            id="an unfinished task is not missing as well",
        ),
        pytest.param(
            [task("a"), task("b"), run_completed(expected_tasks=1)],
            SUCCESS,
            "",
            id="more tasks than announced",
        ),
        pytest.param(
            [task(), run_completed(outcome=FAILURE)],
            FAILURE,
            "the producer's verdict is failure",
            id="the producer knows of a failure that no task tells",
        ),
        pytest.param(
            [task(), run_completed(outcome=PARTIAL)],
            PARTIAL,
            "the producer's verdict is partial",
            id="the producer calls it partial",
        ),
        pytest.param(
            [task("a"), task("b", error="x"), run_completed(outcome=SUCCESS)],
            PARTIAL,
            "1 of 2 tasks failed",
            id="the producer cannot talk a failure away",
        ),
        pytest.param(
            [task("a", error="x"), run_completed(outcome=PARTIAL, expected_tasks=2)],
            FAILURE,
            "1 of 1 tasks failed; 1 of 2 tasks missing; the producer's verdict is partial",
            id="every reason is told, the worst decides",
        ),
    ],
)
def test_outcome_and_reason(records: list[Record], outcome: RunOutcome, reason: str) -> None:
    run = run_of(*records)

    assert (run.outcome, run.reason) == (outcome, reason)


def test_the_last_announcement_of_how_many_tasks_counts() -> None:
    run = run_of(run_started(0, expected_tasks=9), task(), run_completed(0, 60, expected_tasks=2))

    assert run.expected_tasks == 2


def test_an_announcement_stays_when_a_later_event_makes_none() -> None:
    assert run_of(run_started(0, expected_tasks=9), run_completed(0, 60)).expected_tasks == 9


def test_nothing_is_expected_when_nothing_was_announced() -> None:
    assert run_of(task()).expected_tasks is None


def test_a_failure_rolls_up_to_its_lane_stage_and_run_and_no_further() -> None:
    run = run_of(
        task("a", error="'id'", source="Efficy"),
        task("b", source="PowerBI"),
        task("c", zone="2-Standard"),
    )

    assert run.outcome is PARTIAL
    assert [(stage.zone, stage.counts.outcome) for stage in run.stages] == [
        ("1-Raw", PARTIAL),
        ("2-Standard", SUCCESS),
    ]
    assert [(lane.source, lane.counts.outcome) for _, lane in run.lanes()] == [
        ("Efficy", FAILURE),
        ("PowerBI", SUCCESS),
        ("Efficy", SUCCESS),
    ]


def test_counts_add_up_by_kind() -> None:
    both = Counts.sum([Counts(1, 2, 3), Counts(10, 20, 30)])

    assert (both, both.total) == (Counts(11, 22, 33), 66)


def test_no_reason_is_given_where_nothing_went_wrong() -> None:
    assert tasks_reason(Counts(success=3)) == ""

"""Each scenario brings its own trouble, and no other: judged as monitoring would judge it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson
import pytest

from filrouge.records.record import Record, RunOutcome, TaskFinished, TaskOutcome
from filrouge.runs.model import Run, Task
from filrouge_sim.catalogue import ZONES
from filrouge_sim.scenarios.catalogue import SCENARIOS
from filrouge_sim.scenarios.order import Order
from filrouge_sim.scenarios.script import script
from tests.simulators.judging import (
    FIRST_COMPANY,
    Course,
    alerts,
    course,
    records,
    runs,
    scripts,
)

PAGE = Path(__file__).parents[2] / "docs/simulators.md"
SPEED = 60.0
FAILED = "IngestionTaskFailed"
ALERTS: dict[str, set[str]] = {
    "quiet": set(),
    "failure": {FAILED},
    "failure-rate": {FAILED, "IngestionFailureRate"},
    "silent": {"IngestionSourceSilent"},
    "slow": {"IngestionSlow"},
    "heavy": {"IngestionHeavy"},
    "burst": {FAILED, "IngestionErrorBurst"},
    "late": set(),
    "duplicates": set(),
    "poison": {"FilrougeDeadLetters"},
    "out-of-order": set(),
    "clock-skew": set(),
    "never-ends": {"IngestionRunStalled"},
    "retried": set(),
}
OF_SCHEMA_1 = [name for name, each in SCENARIOS.items() if not each.needs_schema_2]


@cache
def happens(name: str, **more: object) -> Course:
    """Of the longest scenario, a part that shows it."""
    if name == "failure-rate":
        more = {"runs": 12, **more}
    return course(Order(name, speed=SPEED, **more))  # type: ignore[arg-type]


def closed(name: str, **more: object) -> list[Run]:
    return runs(said(happens(name, **more)))


def said(told: Course) -> list[Record]:
    return records(told.lines)[0]


def finished(name: str) -> list[TaskFinished]:
    return [each for each in said(happens(name)) if isinstance(each, TaskFinished)]


@pytest.mark.parametrize("seed", [374, 1])
@pytest.mark.parametrize("name", ALERTS)
def test_a_scenario_fires_its_alerts_and_no_others(name: str, seed: int) -> None:
    assert alerts(happens(name, seed=seed)) == ALERTS[name]


def test_every_scenario_is_judged() -> None:
    assert ALERTS.keys() == SCENARIOS.keys()


@pytest.mark.parametrize("name", ALERTS)
def test_the_page_tells_what_the_help_tells(name: str) -> None:
    scenario = SCENARIOS[name]
    assert f"| `{name}` | {scenario.happens} | {scenario.seen} |" in PAGE.read_text().splitlines()


@pytest.mark.parametrize("name", OF_SCHEMA_1)
def test_schema_1_fires_the_same_alerts(name: str) -> None:
    assert alerts(happens(name, schema=1, tasks=36)) == ALERTS[name]


@pytest.mark.parametrize("name", ALERTS)
def test_other_companies_are_quiet(name: str) -> None:
    told = happens(name, companies=2, tasks=24)
    assert alerts(told, "boreale-logistique") == set()
    assert alerts(told, FIRST_COMPANY) == ALERTS[name] - {"FilrougeDeadLetters"}


def test_quiet_stays_quiet() -> None:
    told = course(Order("quiet", runs=20, speed=SPEED))
    assert alerts(told) == set()
    assert len(runs(said(told))) == 20


@pytest.mark.parametrize(("name", "speed"), [*((name, SPEED) for name in ALERTS), ("quiet", 1.0)])
def test_no_record_is_of_the_future(name: str, speed: float) -> None:
    for at_us, line in course(
        Order(name, runs=SCENARIOS[name].least_runs, speed=speed, tasks=24)
    ).sent:
        _, refused = records([line])
        if not refused:
            assert _newest_us(line) <= at_us + 1


@pytest.mark.parametrize("name", ["quiet", "failure", "heavy"])
def test_the_clock_of_a_run_reaches_the_real_one_at_its_end(name: str) -> None:
    for assignment, told in scripts(Order(name, speed=SPEED)):
        behind_us = assignment.wall_at_us(told.ends_us) - told.ends_us
        assert 0 <= behind_us <= 2_000_000  # runs are due at whole seconds


@pytest.mark.parametrize("name", ["late", "failure", "poison", "retried"])
def test_the_same_order_is_the_same_records(name: str) -> None:
    assert happens(name).sent == happens.__wrapped__(name).sent


def test_another_time_is_the_same_runs_at_that_time() -> None:
    order = Order("failure", speed=SPEED)
    first, second = (runs(said(course(order, begun_us))) for begun_us in (10**15, 2 * 10**15))
    assert [run.counts for run in first] == [run.counts for run in second]
    assert [_durations(run) for run in first] == [_durations(run) for run in second]
    assert not {run.trace_id for run in first} & {run.trace_id for run in second}


def test_runs_from_a_given_time_on_do_not_depend_on_now() -> None:
    order = Order("burst", speed=SPEED, anchor=datetime(2026, 3, 1, 6, tzinfo=UTC))
    told = course(order)
    assert told.lines == course(replace(order, speed=10.0), 2 * 10**15).lines
    assert [run.key.run_id for run in runs(said(told))] == [
        f"2026-03-01-{6 + minute // 60:02}-{minute % 60:02}" for minute in range(0, 90, 15)
    ]


def test_another_seed_is_other_records() -> None:
    assert not set(happens("quiet", seed=1).lines) & set(happens("quiet", seed=2).lines)


def test_a_quiet_run_goes_through_all_zones_and_keeps_its_word() -> None:
    (run,) = closed("quiet")
    assert (run.outcome, run.reason) == (RunOutcome.SUCCESS, "")
    assert run.counts == (216, 0, 0)
    assert run.expected_tasks == 216
    assert [stage.zone for stage in run.stages] == list(ZONES)


def test_a_zone_begins_for_a_source_when_the_zone_before_is_done() -> None:
    (run,) = closed("quiet")
    for before, after in zip(run.stages, run.stages[1:], strict=False):
        ends = {lane.source: lane.end_ns for lane in before.lanes}
        assert all(lane.start_ns >= ends[lane.source] for lane in after.lanes)


def test_one_task_in_four_runs_fails() -> None:
    told = closed("failure")
    assert [run.counts.failure for run in told] == [0, 0, 0, 1]
    assert told[-1].outcome is RunOutcome.PARTIAL
    assert told[-1].counts.total == 216


def test_failures_are_some_in_each_run_and_never_soon_of_one_object() -> None:
    assert {run.counts.failure for run in closed("failure-rate")} == {8}
    failed = [each for each in finished("failure-rate") if each.outcome is TaskOutcome.FAILURE]
    assert len({(each.zone, each.source, each.object_id) for each in failed}) == 12 * 8


def test_a_silent_source_is_missed_by_nobody() -> None:
    first, *others = closed("silent")
    assert {run.outcome for run in [first, *others]} == {RunOutcome.SUCCESS}
    assert {lane.source for _, lane in first.lanes()} - {
        lane.source for run in others for _, lane in run.lanes()
    } == {"PowerBI"}


def test_errors_of_a_burst_are_young_when_the_run_ends() -> None:
    *_, run = closed("burst")
    failed = [task.record for task in run.tasks() if task.record.outcome is TaskOutcome.FAILURE]
    assert len(failed) == 5
    assert len({task.object_id for task in failed}) == 1
    assert run.end_ns - failed[0].end_ns < 300e9


def test_late_records_come_after_the_end_and_make_the_run_whole() -> None:
    told = happens("late")
    in_time = [each.line for each in told.sent if each.at_us <= told.ends_us]
    assert len(in_time) < len(told.sent)
    (before,) = runs(records(in_time)[0])
    (after,) = runs(said(told))
    assert (before.outcome, after.outcome) == (RunOutcome.PARTIAL, RunOutcome.SUCCESS)
    first_late = next(each for each in told.sent if each.at_us > told.ends_us)
    assert first_late.at_us - told.ends_us == 45_000_000


def test_duplicates_are_the_same_bytes() -> None:
    told = happens("duplicates")
    assert len(told.lines) - len(set(told.lines)) > 50
    assert sorted(set(told.lines)) == sorted(happens("quiet").lines)


def test_poison_comes_between_good_records() -> None:
    good, bad = records(happens("poison").lines)
    assert len(good) == len(happens("quiet").lines)
    assert 10 < len(bad) < 60


def test_out_of_order_is_another_order_of_the_same() -> None:
    told, quiet = happens("out-of-order"), happens("quiet")
    assert told.lines != quiet.lines
    assert sorted(told.lines) == sorted(quiet.lines)


@pytest.mark.parametrize("name", ["duplicates", "out-of-order", "poison"])
def test_nothing_comes_behind_the_end(name: str) -> None:
    told = happens(name)
    assert orjson.loads(told.lines[-1])["type"] == "io.filrouge.run.completed"


def test_a_slow_clock_makes_stages_overlap_by_their_records_only() -> None:
    (skewed,), (right,) = closed("clock-skew"), closed("quiet")
    behind = [
        (one.record.start_ns - other.record.start_ns) / 1e9
        for one, other in zip(
            sorted(skewed.tasks(), key=_place), sorted(right.tasks(), key=_place), strict=True
        )
        if one.record.zone == "2-Standard"
    ]
    assert set(behind) == {-420.0}
    assert [each.at_us for each in happens("clock-skew").sent] == [
        each.at_us for each in happens("quiet").sent
    ]


def test_a_run_that_never_ends_leaves_tasks_in_the_air() -> None:
    broken, whole = sorted(closed("never-ends"), key=lambda run: run.counts.success)
    assert whole.outcome is RunOutcome.SUCCESS
    assert broken.counts.unfinished > 0
    assert 0 < broken.counts.success < 216
    assert "begun but never completed" in broken.reason
    assert {stage.zone for stage in broken.stages} == {"1-Raw"}


def test_a_retried_run_has_two_attempts_one_after_the_other() -> None:
    first, second = closed("retried")
    assert first.key.run_id == second.key.run_id
    assert (first.key.attempt, second.key.attempt) == (1, 2)
    assert (first.outcome, first.counts.failure) == (RunOutcome.FAILURE, 0)
    assert second.outcome is RunOutcome.SUCCESS
    assert first.end_ns < second.start_ns


def test_a_scenario_begins_anew() -> None:
    order = Order("failure", runs=0, speed=SPEED)
    failures = [
        sum(
            delivery.line.count(b"io.filrouge.task.failed")
            for assignment in order.assignments(number, 10**15)
            for lane in script(assignment).lanes.values()
            for delivery in lane.deliveries
        )
        for number in range(8)
    ]
    assert failures == [0, 0, 0, 1, 0, 0, 0, 1]


def _durations(run: Run) -> list[int]:
    return [task.record.end_ns - task.record.start_ns for task in run.tasks()]


def _place(task: Task) -> tuple[str, str, str]:
    return task.record.zone, task.record.source, task.record.object_id


def _newest_us(line: bytes) -> int:
    event = orjson.loads(line)
    text = event["data"].get("ended_at") or event["data"]["started_at"]
    return int(datetime.fromisoformat(text).timestamp() * 1e6)

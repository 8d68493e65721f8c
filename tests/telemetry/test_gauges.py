from __future__ import annotations

from typing import Any

from filrouge.records.record import Record, RunKey
from tests.factories import ns, run_completed, run_of, task, task_started
from tests.telemetry.captured import exported

AT = {"ingestion.company": "akonovia"}
LANE = {**AT, "ingestion.zone": "1-Raw", "ingestion.source": "Efficy"}


def test_a_run_is_told_as_gauges() -> None:
    assert told(
        task("a", 0, 2, cpu_time_s=0.5, memory_delta_bytes=-4096),
        task("b", 2, 3, cpu_time_s=0.25, memory_delta_bytes=1024, error="'id'"),
        task_started("c", 1),
    ) == [
        ("ingestion.run.duration", AT, 5.0),
        ("ingestion.run.tasks", counted(AT, "success"), 1),
        ("ingestion.run.tasks", counted(AT, "failure"), 1),
        ("ingestion.run.tasks", counted(AT, "unfinished"), 1),
        ("ingestion.source.duration", LANE, 5.0),
        ("ingestion.source.tasks", counted(LANE, "success"), 1),
        ("ingestion.source.tasks", counted(LANE, "failure"), 1),
        ("ingestion.source.tasks", counted(LANE, "unfinished"), 1),
        ("ingestion.source.cpu.time", LANE, 0.75),
        ("ingestion.source.memory.peak", LANE, 1024),
    ]


def test_every_point_lies_at_the_runs_end() -> None:
    points = exported(run_of(task(took_s=5), run_completed(0, 60))).points()

    assert {point["time_ns"] for point in points} == {ns(60)}
    assert {point["kind"] for point in points} == {"gauge"}


def test_completeness_is_the_share_of_announced_tasks_that_finished() -> None:
    points = told(task("a"), task("b", error="x"), run_completed(expected_tasks=8))

    assert ("ingestion.run.completeness", AT, 0.25) in points


def test_there_is_no_completeness_of_what_was_not_announced() -> None:
    names = {name for name, _, _ in told(task())}

    assert "ingestion.run.completeness" not in names


def test_where_no_task_was_announced_nothing_is_divided_by_nothing() -> None:
    names = {name for name, _, _ in told(run_completed(expected_tasks=0))}

    assert "ingestion.run.completeness" not in names


def test_a_figure_that_no_task_has_makes_no_point() -> None:
    names = {name for name, _, _ in told(task())}

    assert not names & {"ingestion.source.cpu.time", "ingestion.source.memory.peak"}


def test_many_runs_share_one_metric_of_each_kind() -> None:
    runs = [
        run_of(task(run=RunKey("akonovia", f"{number}", 1), at_s=number)) for number in range(3)
    ]
    captured = exported(*runs)
    durations = [
        (point["time_ns"], point["value"])
        for point in captured.points()
        if point["name"] == "ingestion.run.duration"
    ]

    assert durations == [(ns(1), 1.0), (ns(2), 1.0), (ns(3), 1.0)]
    assert captured.requests[-1][1].count(b'"ingestion.run.duration"') == 1


def told(*records: Record) -> list[tuple[str, dict[str, Any], float]]:
    points = exported(run_of(*records)).points()
    return [(each["name"], each["attributes"], each["value"]) for each in points]


def counted(at: dict[str, str], outcome: str) -> dict[str, str]:
    return {**at, "ingestion.task.outcome": outcome}

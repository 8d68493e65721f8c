"""What panels show of known records, held against plain Python over these records."""

from __future__ import annotations

import time
from collections import Counter
from typing import Final

import pytest

from grafana.asking.answers import Answer
from grafana.asking.macros import Choice
from tests.grafana.conftest import HOURS_S, Asked
from tests.grafana.known import grouped, outcome, quantile, recovery_s, share_failed

COMPANY, ZONE, SOURCE, OBJECT = (
    "ingestion_company",
    "ingestion_zone",
    "ingestion_source",
    "ingestion_object_name",
)
_LANE: Final = (COMPANY, ZONE, SOURCE)
_NEVER: Final = ("akonovia", "1-Raw", "SalesforceCRM")
"""Expected, and never came."""


def only(answer: Answer) -> float:
    (series,) = answer.series
    return series.last


def test_failure_rate_and_counts(asked: Asked) -> None:
    failed = sum(each.failed for each in asked.tasks)

    assert failed > 10
    assert only(asked.ask("filrouge-health", "Failure rate")) == pytest.approx(
        share_failed(asked.tasks)
    )
    assert only(asked.ask("filrouge-health", "Failed tasks")) == failed


@pytest.mark.parametrize("zone", ["1-Raw", "2-Standard"])
def test_failure_rate_by_source(asked: Asked, zone: str) -> None:
    end_s = int(time.time())
    choice = Choice(end_s - HOURS_S, end_s, {"zone": [zone]})
    shown = asked.ask("filrouge-reliability", "Failure rate by source", choice=choice)

    of_zone = [each for each in asked.tasks if each.zone == zone]
    expected = grouped(of_zone, lambda each: (each.company, each.source))
    assert shown.by(COMPANY, SOURCE) == pytest.approx(
        {key: share_failed(tasks) for key, tasks in expected.items()}
    )


def test_a_source_without_a_failure_has_a_rate_of_nothing(asked: Asked) -> None:
    failed = {
        (each.lane, int(each.end_s) + late)
        for each in asked.tasks
        for late in (-1, 0, 1)
        if each.failed
    }
    good = next(each for each in asked.tasks if (each.lane, int(each.end_s)) not in failed)
    end_s = int(good.end_s) + 1
    values = {"company": [good.company], "zone": [good.zone], "source": [good.source]}
    choice = Choice(end_s - 2, end_s, values)

    shown = asked.ask("filrouge-reliability", "Failure rate by source", choice=choice)
    assert [series.last for series in shown.series] == [0.0]


@pytest.mark.parametrize(("letter", "share"), [("A", 0.5), ("B", 0.95), ("C", 0.99)])
def test_quantiles_of_durations(asked: Asked, letter: str, share: float) -> None:
    by_source = asked.ask("filrouge-performance", "Durations by source", letter)
    by_object = asked.ask("filrouge-performance", "Durations by object", letter)

    lanes = grouped(asked.tasks, lambda each: each.lane)
    assert by_source.by(*_LANE) == pytest.approx(
        {key: quantile(share, (each.duration_s for each in of)) for key, of in lanes.items()}
    )
    objects = grouped(asked.tasks, lambda each: (*each.lane, each.name))
    assert by_object.by(*_LANE, OBJECT) == pytest.approx(
        {key: quantile(share, (each.duration_s for each in of)) for key, of in objects.items()}
    )


def test_p95_of_all_and_the_slowest_sources(asked: Asked) -> None:
    sources = grouped(asked.tasks, lambda each: (each.company, each.source))
    p95 = {key: quantile(0.95, (each.duration_s for each in of)) for key, of in sources.items()}
    slowest = dict(sorted(p95.items(), key=lambda pair: -pair[1])[:10])

    assert only(asked.ask("filrouge-health", "p95 of task durations")) == pytest.approx(
        quantile(0.95, (each.duration_s for each in asked.tasks))
    )
    shown = asked.ask("filrouge-health", "Slowest sources by p95").by(COMPANY, SOURCE)
    assert shown == pytest.approx(slowest)


def test_cpu_and_memory(asked: Asked) -> None:
    sources = grouped(asked.tasks, lambda each: (each.company, each.source))

    cpu = asked.ask("filrouge-performance", "p95 of CPU time by source").by(COMPANY, SOURCE)
    assert cpu == pytest.approx(
        {key: quantile(0.95, (each.cpu_s for each in of)) for key, of in sources.items()}
    )
    memory = asked.ask("filrouge-performance", "p95 of memory by source").by(COMPANY, SOURCE)
    assert memory == pytest.approx(
        {key: quantile(0.95, (each.memory_bytes for each in of)) for key, of in sources.items()}
    )
    peak = only(asked.ask("filrouge-health", "Peak memory of a task"))
    assert peak == max(each.memory_bytes for each in asked.tasks)


def test_runs_by_outcome(asked: Asked) -> None:
    runs = grouped(asked.tasks, lambda each: (each.company, each.run))
    expected = Counter(outcome(tasks) for tasks in runs.values())

    shown = {
        name: sum(value for series in answer.series for _, value in series.points)
        for name, letter in (("success", "A"), ("partial", "B"), ("failure", "C"))
        if (answer := asked.ask("filrouge-health", "Runs by outcome", letter))
    }
    assert shown == expected


def test_the_grid_has_every_run_once_with_its_figures(asked: Asked) -> None:
    rows = asked.ask("filrouge-runs", "Runs").rows

    runs = grouped(asked.tasks, lambda each: (each.company, each.run))
    shown = {
        (row["ingestion.company"], row["ingestion.run.id"]): (
            row["ingestion.run.outcome"],
            int(row["ingestion.tasks.total"]),
            int(row["ingestion.tasks.failed"]),
        )
        for row in rows
    }
    assert len(rows) == len(runs)
    assert shown == {
        key: (outcome(tasks), len(tasks), sum(each.failed for each in tasks))
        for key, tasks in runs.items()
    }


def test_the_grid_is_filtered(asked: Asked) -> None:
    end_s = int(time.time())
    company = asked.tasks[0].company
    values = {"company": [company], "source": ["Efficy", "PowerBI"], "state": ["partial"]}
    choice = Choice(end_s - HOURS_S, end_s, values)

    runs = grouped(asked.tasks, lambda each: (each.company, each.run))
    expected = {key for key, of in runs.items() if key[0] == company and outcome(of) == "partial"}
    rows = asked.ask("filrouge-runs", "Runs", choice=choice).rows
    assert {(row["ingestion.company"], row["ingestion.run.id"]) for row in rows} == expected


def test_failed_tasks_are_listed_with_their_errors(asked: Asked) -> None:
    failed = [each for each in asked.tasks if each.failed]

    rows = asked.ask("filrouge-runs", "Failed tasks").rows
    assert Counter(row["ingestion.object.name"] for row in rows) == Counter(
        each.name for each in failed
    )
    last = sorted(failed, key=lambda each: -each.end_s)[:5]
    lines = asked.ask("filrouge-health", "The last five errors").rows
    assert [row["line"] for row in lines] == [
        f"{each.company} {each.zone} {each.source}/{each.name}: {each.text}" for each in last
    ]


def test_mean_time_to_recovery(asked: Asked) -> None:
    lanes = grouped(asked.tasks, lambda each: each.lane)
    known = {lane: recovery_s(tasks) for lane, tasks in lanes.items()}
    expected = {lane: seconds for lane, seconds in known.items() if seconds is not None}

    assert len(expected) > 3
    shown = asked.ask("filrouge-reliability", "Time to recovery").by(*_LANE)
    assert shown == pytest.approx(expected)


def test_freshness_and_age(asked: Asked) -> None:
    choice = asked.now()
    lanes = grouped(asked.tasks, lambda each: each.lane)
    success_s = {
        lane: choice.end_s - max(each.end_s for each in tasks if not each.failed)
        for lane, tasks in lanes.items()
    }

    ages = asked.ask("filrouge-health", "Sources now", "C", choice).by(*_LANE)
    assert ages.pop(_NEVER) > 0
    assert ages == pytest.approx(success_s, abs=0.01)
    shares = asked.ask(
        "filrouge-reliability", "Time since the last success, as a share of the limit", "A", choice
    ).by(*_LANE)
    assert shares.pop(_NEVER) > 0
    limit_s = 75 * 60
    assert shares == pytest.approx({lane: age / limit_s for lane, age in success_s.items()})


def test_one_run_in_figures(asked: Asked) -> None:
    choice = asked.now()
    (row,) = (
        row
        for row in asked.ask("filrouge-runs", "Runs", choice=choice).rows
        if row["traceIdHidden"] == choice.values["trace"]
    )
    company, run = row["ingestion.company"], row["ingestion.run.id"]
    tasks = [each for each in asked.tasks if (each.company, each.run) == (company, run)]

    shown = {
        title: only(asked.ask("filrouge-run", title, choice=choice))
        for title in ("Tasks", "Failed tasks", "Longest task", "CPU time")
    }
    assert shown == pytest.approx(
        {
            "Tasks": len(tasks),
            "Failed tasks": sum(each.failed for each in tasks),
            "Longest task": max(each.duration_s for each in tasks),
            "CPU time": sum(each.cpu_s for each in tasks),
        }
    )
    assert len(asked.ask("filrouge-run", "Log lines of the run", choice=choice).rows) == len(tasks)
    spans = asked.ask("filrouge-run", "Trace", choice=choice).rows
    assert sum(span["name"].startswith("task ") for span in spans) == len(tasks)

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.order import Order
from tests.simulators.judging import BEGUN_US

SPRING = datetime(2026, 3, 1, 6, tzinfo=UTC)


def assignments(order: Order, runs: int) -> list[Assignment]:
    return [
        each
        for number in islice(order.turns(), runs)
        for each in order.assignments(number, BEGUN_US + int(number * order.apart_s * 1e6))
    ]


def test_runs_of_each_company_are_as_many_as_the_scenario_takes_or_as_asked_for() -> None:
    assert len(list(Order("failure").turns())) == 4
    assert len(list(Order("failure", runs=2).turns())) == 2
    assert len(list(islice(Order("failure", runs=0).turns(), 500))) == 500


def test_each_run_has_a_name_of_its_own_in_order() -> None:
    names = [each.run_id for each in assignments(Order(runs=0, speed=60, tasks=6), 100)]
    assert names == sorted(set(names))
    assert len(names) == 100


def test_names_are_minutes_where_a_minute_has_one_run() -> None:
    slow, fast = (assignments(Order(speed=speed), 1)[0].run_id for speed in (15, 16))
    assert (slow.count("-"), fast.count("-")) == (4, 5)


def test_names_come_once_where_clocks_are_set_back() -> None:
    anchor = datetime(2025, 11, 2, 5, tzinfo=UTC)  # 01:00 in Toronto, for the first time
    order = Order(
        "failure", runs=2, anchor=anchor, every=timedelta(hours=1), timezone="America/Toronto"
    )
    names = [each.run_id for each in assignments(order, 2)]
    assert names == ["2025-11-02-01-00", "2025-11-02-01-00-2"]


def test_companies_go_side_by_side_and_trouble_comes_to_the_first() -> None:
    found = assignments(Order("heavy", companies=3), 1)
    assert [(each.company, each.is_struck) for each in found] == [
        ("akonovia", True),
        ("boreale-logistique", False),
        ("maisonneuve-sante", False),
    ]


def test_an_assignment_survives_being_handed_over() -> None:
    [assignment] = assignments(Order(speed=2.5, anchor=SPRING), 1)
    assert Assignment.of_json(assignment.to_json()) == assignment


def test_only_whole_runs_are_handed_over() -> None:
    assert Order("quiet", companies=3).hand_overs() == 3
    assert Order("never-ends").hand_overs() == 1
    assert Order("never-ends", runs=1).hand_overs() == 0
    assert Order("retried").hand_overs() == 1
    assert Order("quiet", runs=0).hand_overs() is None


def test_a_given_time_must_leave_room_for_the_run() -> None:
    now = datetime.fromtimestamp(BEGUN_US / 1e6, UTC)
    with pytest.raises(ValueError, match="would have records of the future"):
        list(Order(anchor=now, speed=60).assignments(0, BEGUN_US))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"scenario": "doom"}, "unknown scenario 'doom': expected one of quiet, failure,"),
        ({"schema": 3}, "unknown schema 3: expected 1 or 2"),
        ({"companies": 0}, "companies 0: expected at least 1"),
        ({"tasks": 0}, "tasks 0: expected at least 1"),
        ({"runs": -1}, "runs -1: scenario quiet takes 1 or more"),
        ({"scenario": "slow", "runs": 5}, "runs 5: scenario slow takes 6 or more"),
        ({"scenario": "late", "schema": 1}, "scenario late cannot be told in schema 1"),
        ({"speed": 0.5}, "speed 0.5: expected 1, which is real time, or more"),
        ({"speed": float("nan")}, "speed nan: expected 1"),
        ({"every": timedelta(seconds=59)}, "a run every 0:00:59: expected a minute or more"),
        ({"speed": 1000.0}, "a run every 0:15:00 at a speed of 1000 is more than one a second"),
        ({"anchor": SPRING, "runs": 0}, "runs from a given time on end one day"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(Order(), **wrong)

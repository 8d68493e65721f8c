from __future__ import annotations

import pytest

from filrouge.records.record import TaskFinished
from filrouge.runs import parts
from filrouge.runs.ids import RunIds
from filrouge.runs.model import Run
from filrouge.runs.parts import Part, is_split, lane_parts
from tests.factories import RUN, run_of, task, task_started


@pytest.fixture(autouse=True)
def _small_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_TASKS_PER_TRACE", 3)


def test_a_run_that_fits_stays_whole() -> None:
    run = run_of(*tasks(3))

    assert not is_split(run)
    assert parts_of(run) == [Part(None, run.trace_id, lane_span_id(run), tuple(run.tasks()))]


def test_unfinished_tasks_have_no_span_and_count_for_nothing() -> None:
    assert not is_split(run_of(*tasks(3), task_started("begun", 99)))


def test_a_run_too_large_is_split_by_lane_into_parts_that_fit() -> None:
    run = run_of(*tasks(4, source="Efficy"), *tasks(1, source="PowerBI"))

    assert is_split(run)
    assert [
        (part.number, [each.record.object_name for each in part.tasks]) for part in parts_of(run)
    ] == [(0, ["0", "1", "2"]), (1, ["3"]), (0, ["0"])]


def test_each_part_has_a_trace_and_a_root_of_its_own() -> None:
    run = run_of(*tasks(7))
    ids = RunIds(RUN)

    assert [(part.trace_id, part.parent_span_id) for part in parts_of(run)] == [
        ids.part("1-Raw", "Efficy", number) for number in range(3)
    ]
    assert run.trace_id not in {part.trace_id for part in parts_of(run)}


def test_a_lane_in_which_nothing_ended_has_no_part_in_a_split_run() -> None:
    run = run_of(*tasks(4), task_started(source="PowerBI"))

    assert [part.number for part in parts_of(run)] == [0, 1]


def tasks(count: int, source: str = "Efficy") -> list[TaskFinished]:
    return [task(f"{number}", number, source=source) for number in range(count)]


def parts_of(run: Run) -> list[Part]:
    return [part for stage, lane in run.lanes() for part in lane_parts(run, stage.zone, lane)]


def lane_span_id(run: Run) -> str:
    [(_, lane)] = run.lanes()
    return lane.span_id

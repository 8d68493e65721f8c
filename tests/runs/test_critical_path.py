from __future__ import annotations

import time

import pytest
from hypothesis import given

from filrouge.records.record import Record
from filrouge.runs.critical_path import critical_path
from filrouge.runs.model import Run
from tests.factories import START_NS, run_completed, run_of, run_started, task, task_started
from tests.runs.strategies import few, records


def test_the_path_of_a_known_run_leads_from_stage_to_stage_by_source() -> None:
    run = run_of(
        task("raw a", 0, 4, source="Efficy"),
        task("raw b", 5, 5, source="Efficy"),
        task("raw c", 0, 11, source="PowerBI"),
        task("std a", 12, 8, zone="2-Standard", source="Efficy"),
        task("std c", 12, 3, zone="2-Standard", source="PowerBI"),
    )

    assert told(run) == [
        (0, 4, "raw a"),
        (4, 5, "waiting"),
        (5, 10, "raw b"),
        (10, 12, "waiting"),
        (12, 20, "std a"),
    ]


def test_a_new_source_waits_for_what_ended_last_in_an_earlier_stage() -> None:
    run = run_of(
        task("a", 0, 3, source="Efficy"),
        task("b", 0, 7, source="PowerBI"),
        task("joined", 8, 1, zone="3-Application", source="dashboard"),
    )

    assert told(run) == [(0, 7, "b"), (7, 8, "waiting"), (8, 9, "joined")]


def test_a_task_waits_for_no_later_stage() -> None:
    run = run_of(
        task("a", 0, 1, source="Efficy"),
        task("early", 2, 1, zone="2-Standard", source="Efficy"),
        task("c", 5, 4, source="PowerBI"),
    )

    assert told(run) == [(0, 5, "waiting"), (5, 9, "c")]


def test_a_task_waits_for_no_other_source_of_its_own_stage() -> None:
    run = run_of(task("a", 0, 2, source="Efficy"), task("b", 3, 4, source="PowerBI"))

    assert told(run) == [(0, 3, "waiting"), (3, 7, "b")]


def test_of_tasks_that_overlap_in_a_lane_one_waits_for_the_last_that_had_ended() -> None:
    run = run_of(task("a", 0, 2), task("b", 1, 4), task("c", 6, 1))

    assert told(run) == [(0, 1, "waiting"), (1, 5, "b"), (5, 6, "waiting"), (6, 7, "c")]


def test_the_producers_start_and_end_of_the_run_are_waiting() -> None:
    run = run_of(run_started(-2), task("a", 0, 3), run_completed(-2, 10))

    assert told(run) == [(-2, 0, "waiting"), (0, 3, "a"), (3, 8, "waiting")]


@pytest.mark.parametrize(
    "record", [run_completed(), task_started()], ids=["run event", "announcement"]
)
def test_a_run_in_which_no_task_ended_has_no_path(record: Record) -> None:
    assert critical_path(run_of(record)) == ()


def test_tasks_without_length_at_one_instant_do_not_wait_for_each_other() -> None:
    run = run_of(*(task(name, 5, 0) for name in "abc"), task("before", 0, 5), task("z", 5, 1))

    assert told(run) == [(0, 5, "before"), (5, 6, "z")]


@few
@given(records)
def test_the_path_covers_the_run_from_start_to_end_without_gap_or_overlap(
    told: list[Record],
) -> None:
    run = run_of(*told)
    pieces = critical_path(run)

    if not any(run.tasks()):
        assert pieces == ()
        return
    assert pieces[0].start_ns == run.start_ns
    assert pieces[-1].end_ns == run.end_ns
    assert [piece.end_ns for piece in pieces[:-1]] == [piece.start_ns for piece in pieces[1:]]
    assert sum(piece.end_ns - piece.start_ns for piece in pieces) == run.end_ns - run.start_ns


@few
@given(records)
def test_a_piece_of_the_path_lasts_as_long_as_its_task_or_is_not_empty(
    told: list[Record],
) -> None:
    for piece in critical_path(run_of(*told)):
        if piece.task:
            record = piece.task.record
            assert (piece.start_ns, piece.end_ns) == (record.start_ns, record.end_ns)
        else:
            assert piece.start_ns < piece.end_ns


@pytest.mark.parametrize(
    ("took_s", "sources", "zones"),
    [
        pytest.param(1, 1, 1, id="one chain"),
        pytest.param(0, 1, 1, id="one instant"),
        pytest.param(1, 90, 10, id="many lanes"),
    ],
)
def test_the_path_of_9000_tasks_is_found_within_a_second(
    took_s: int, sources: int, zones: int
) -> None:
    run = run_of(
        *(
            task(
                f"{number}",
                number * took_s,
                took_s,
                source=f"{number % sources}",
                zone=f"{number * zones // 9_000}",
            )
            for number in range(9_000)
        )
    )
    begun = time.process_time()
    pieces = critical_path(run)

    assert time.process_time() - begun < 1
    assert pieces[-1].end_ns == run.end_ns


def told(run: Run) -> list[tuple[float, float, str]]:
    """The pieces in seconds after the factories' start, each with what went on."""
    return [
        (
            (piece.start_ns - START_NS) / 1e9,
            (piece.end_ns - START_NS) / 1e9,
            piece.task.record.object_name if piece.task else "waiting",
        )
        for piece in critical_path(run)
    ]

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from filrouge.records.record import Record, Remark, TaskOutcome
from filrouge.runs.model import Counts, Run
from filrouge.runs.open_run import OpenRun
from tests.factories import (
    RUN,
    ns,
    run_completed,
    run_of,
    run_started,
    task,
    task_started,
)
from tests.runs.strategies import few, records


@few
@given(records, st.randoms(use_true_random=False))
def test_any_order_of_the_same_records_gives_the_same_run(
    told: list[Record], shuffler: random.Random
) -> None:
    shuffled = shuffler.sample(told, len(told))

    assert values(run_of(*shuffled)) == values(run_of(*told))


@few
@given(records, st.randoms(use_true_random=False))
def test_records_told_again_change_nothing(told: list[Record], shuffler: random.Random) -> None:
    again = [replace(record) for record in told]

    assert values(run_of(*shuffler.sample(told + again, 2 * len(told)))) == values(run_of(*told))


@few
@given(records, st.randoms(use_true_random=False))
def test_as_many_records_are_new_in_any_order(told: list[Record], shuffler: random.Random) -> None:
    assert count_new(shuffler.sample(told, len(told))) == count_new(told)


@few
@given(records, st.data())
def test_what_comes_late_makes_the_run_that_it_would_have_made_in_time(
    told: list[Record], data: st.DataObject
) -> None:
    """Wherever the run was closed before, and however often."""
    closed_after = data.draw(st.sets(st.integers(0, len(told) - 1)))
    run = OpenRun(RUN)
    for number, record in enumerate(told):
        run.add(record)
        if number in closed_after:
            run.close()

    assert values(run.close()) == values(run_of(*told))


@few
@given(records)
def test_every_span_covers_exactly_what_is_below_it(told: list[Record]) -> None:
    run = run_of(*told)

    for stage, lane in run.lanes():
        starts = [each.record.start_ns for each in lane.tasks]
        ends = [each.record.end_ns for each in lane.tasks]
        begun = [each.start_ns for each in lane.unfinished]
        assert (lane.start_ns, lane.end_ns) == (min(starts or begun), max(ends or begun))
        assert {(each.record.zone, each.record.source) for each in lane.tasks} <= {
            (stage.zone, lane.source)
        }
    for stage in run.stages:
        assert stage.start_ns == min(lane.start_ns for lane in stage.lanes)
        assert stage.end_ns == max(lane.end_ns for lane in stage.lanes)
    said = [(event.start_ns, getattr(event, "end_ns", event.start_ns)) for event in run.events]
    below = [(stage.start_ns, stage.end_ns) for stage in run.stages] + said
    assert run.start_ns == min(start for start, _ in below)
    assert run.end_ns == max(end for _, end in below)


@few
@given(records)
def test_counts_add_up_at_every_level(told: list[Record]) -> None:
    run = run_of(*told)

    for _, lane in run.lanes():
        failed = [each for each in lane.tasks if each.record.outcome is TaskOutcome.FAILURE]
        assert lane.counts == Counts(
            len(lane.tasks) - len(failed), len(failed), len(lane.unfinished)
        )
    for stage in run.stages:
        assert stage.counts == Counts.sum(lane.counts for lane in stage.lanes)
    assert run.counts == Counts.sum(stage.counts for stage in run.stages)


@few
@given(records)
def test_span_ids_of_a_run_are_all_different(told: list[Record]) -> None:
    run = run_of(*told)
    ids = [run.span_id, *(stage.span_id for stage in run.stages)]
    ids += [lane.span_id for _, lane in run.lanes()] + [each.span_id for each in run.tasks()]

    assert len(set(ids)) == len(ids)


def test_stages_lanes_and_tasks_stand_in_order_of_start() -> None:
    run = run_of(
        task("c", 9, zone="2-Standard"),
        task("b", 5, source="PowerBI"),
        task("z", 3),
        task("a", 1),
    )

    assert [
        (stage.zone, lane.source, [each.record.object_name for each in lane.tasks])
        for stage, lane in run.lanes()
    ] == [
        ("1-Raw", "Efficy", ["a", "z"]),
        ("1-Raw", "PowerBI", ["b"]),
        ("2-Standard", "Efficy", ["c"]),
    ]


def test_the_same_task_run_again_at_another_time_is_another_span() -> None:
    first, second = run_of(task(at_s=0), task(at_s=60)).tasks()

    assert first.span_id != second.span_id


def test_a_record_that_comes_twice_is_one_span() -> None:
    run = OpenRun(RUN)

    assert [run.add(task()), run.add(task())] == [True, False]
    assert [each.record.remarks for each in run.close().tasks()] == [()]


def test_a_record_spelt_otherwise_is_still_a_duplicate() -> None:
    run = OpenRun(RUN)

    assert [run.add(task(line=b'{"a":1}')), run.add(task(line=b'{"a": 1}'))] == [True, False]


def test_of_records_that_contradict_each_other_the_one_that_ends_last_wins() -> None:
    early, late = task(took_s=1), task(took_s=2)
    [told] = run_of(late, early).tasks()

    assert told.record.end_ns == ns(2)
    assert told.record.remarks == (Remark.CONFLICTING_DUPLICATE,)
    assert [each.end_ns for each in told.superseded] == [ns(1)]


def test_of_contradicting_records_with_one_end_the_failure_wins() -> None:
    [told] = run_of(task(error="'id'"), task()).tasks()

    assert told.record.message == "'id'"
    assert [each.outcome for each in told.superseded] == [TaskOutcome.SUCCESS]


def test_a_contradiction_counts_as_one_task() -> None:
    assert run_of(task(error="'id'"), task()).counts == Counts(failure=1)


def test_a_contradiction_leaves_the_records_that_were_added_as_they_were() -> None:
    added = task(took_s=2)
    run_of(added, task(took_s=1))

    assert added.remarks == ()


def test_remarks_of_the_reader_stay_when_records_contradict_each_other() -> None:
    odd = task(took_s=2, remarks=(Remark.UNKNOWN_ZONE,))
    [told] = run_of(odd, task(took_s=1)).tasks()

    assert told.record.remarks == (Remark.UNKNOWN_ZONE, Remark.CONFLICTING_DUPLICATE)


def test_a_started_task_that_never_ends_is_unfinished_and_no_span() -> None:
    run = run_of(task("Sites"), task_started("Contacts", 5))
    [(_, lane)] = run.lanes()

    assert run.counts == Counts(success=1, unfinished=1)
    assert [each.object_name for each in lane.unfinished] == ["Contacts"]
    assert (lane.start_ns, lane.end_ns) == (ns(0), ns(1))


def test_a_finished_task_answers_its_announcement_whichever_comes_first() -> None:
    before = run_of(task_started(), task())
    after = run_of(task(), task_started())

    assert before.counts == after.counts == Counts(success=1)
    assert [len(lane.started) for _, lane in before.lanes()] == [1]


def test_a_lane_of_unfinished_tasks_alone_lies_at_their_starts() -> None:
    [(_, lane)] = run_of(task_started("a", 2), task_started("b", 7)).lanes()

    assert (lane.start_ns, lane.end_ns, lane.tasks) == (ns(2), ns(7), ())


def test_an_announcement_told_twice_says_nothing_new() -> None:
    run = OpenRun(RUN)

    assert [run.add(task_started()), run.add(task_started())] == [True, False]


def test_an_event_told_twice_is_one_event() -> None:
    run = OpenRun(RUN)

    assert [run.add(run_completed()), run.add(run_completed())] == [True, False]
    assert len(run.close().events) == 1


def test_the_producers_own_times_widen_a_run_but_no_stage() -> None:
    run = run_of(run_started(-5), task(), run_completed(-5, 60))
    [stage] = run.stages

    assert (run.start_ns, run.end_ns) == (ns(-5), ns(55))
    assert (stage.start_ns, stage.end_ns) == (ns(0), ns(1))


def test_a_run_without_tasks_lasts_as_its_producer_says() -> None:
    run = run_of(run_completed(3, 4))

    assert (run.start_ns, run.end_ns, run.stages) == (ns(3), ns(7), ())


def test_a_closed_run_can_be_closed_again_with_a_late_record() -> None:
    run = OpenRun(RUN)
    run.add(task("Sites"))
    first = run.close()
    run.add(task("Contacts", 60))
    second = run.close()

    assert (first.counts.total, second.counts.total) == (1, 2)
    assert first.trace_id == second.trace_id
    assert {each.span_id for each in first.tasks()} < {each.span_id for each in second.tasks()}


def test_a_copy_shifted_in_time_names_the_run_it_was_made_from() -> None:
    assert run_of(task(), rebased_from="2025-09-05-16-45").rebased_from == "2025-09-05-16-45"


def values(run: Run) -> dict[str, Any]:
    """The run as plain values: records compare by identity, their values do not."""
    return asdict(run)


def count_new(told: Sequence[Record]) -> int:
    run = OpenRun(RUN)
    return sum(run.add(record) for record in told)

"""When a run closes."""

from __future__ import annotations

import pytest

from filrouge.monitoring.lifecycle import Heard, Policy, State, closes_at, next_look_ns, state

POLICY = Policy(grace_ns=10, silence_ns=100, stalled_ns=1000)


@pytest.mark.parametrize(
    ("heard", "due"),
    [
        (Heard(5, None, was_closed=True), None),
        (Heard(5, 1), 105),
        (Heard(5, 1, completed=True), 15),
        (Heard(5, 1, completed=True, more_to_come=True), 15),
        (Heard(5, 1, more_to_come=True), 1005),
        (Heard(5, 1, was_closed=True), 15),
        (Heard(200, 1, was_closed=True), 101),
    ],
    ids=[
        "nothing waits",
        "silence",
        "the producer says so",
        "the producer says so, and tasks are missing",
        "more was to come",
        "late record",
        "late records without end",
    ],
)
def test_a_run_closes(heard: Heard, due: int | None) -> None:
    assert closes_at(heard, POLICY) == due


def test_a_run_of_which_more_was_to_come_is_stalled_before_it_closes() -> None:
    heard = Heard(0, 0, more_to_come=True)

    assert [state(heard, POLICY, now) for now in (99, 100, 999, 1000)] == [
        State.OPEN,
        State.STALLED,
        State.STALLED,
        State.CLOSED,
    ]
    assert next_look_ns(heard, POLICY) == 100


def test_a_closed_run_stays_closed() -> None:
    assert state(Heard(0, 0, was_closed=True), POLICY, 1) is State.CLOSED

from __future__ import annotations

from functools import partial

from filrouge_sim.producers.agenda import Agenda
from filrouge_sim.producers.handover import HandOver
from filrouge_sim.producers.progress import Progress
from filrouge_sim.scenarios.order import Order


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now_us = 0

    def __call__(self) -> int:
        return self.now_us


def test_what_is_due_is_done_in_order_and_nothing_else() -> None:
    clock, done = Clock(), list[str]()
    agenda = Agenda(clock)
    for when_us, name in ((30, "c"), (10, "a"), (10, "b"), (99, "later")):
        agenda.at(when_us, partial(done.append, name))

    clock.now_us = 50
    agenda.run_due()

    assert done == ["a", "b", "c"]
    assert len(agenda) == 1


def test_what_comes_to_be_due_on_the_way_is_done_too() -> None:
    clock, done = Clock(), list[str]()
    agenda = Agenda(clock)
    agenda.at(0, lambda: agenda.at(-5, partial(done.append, "overdue")))

    agenda.run_due()

    assert done == ["overdue"]


def test_it_waits_for_what_is_next_but_not_longer_than_asked() -> None:
    agenda = Agenda(Clock())
    assert agenda.wait_s(2.0) == 2.0
    agenda.at(500_000, lambda: None)
    assert agenda.wait_s(2.0) == 0.5
    assert agenda.wait_s(0.1) == 0.1
    agenda.at(-1, lambda: None)
    assert agenda.wait_s(2.0) == 0.0


def test_progress_stays_before_what_is_not_done() -> None:
    progress = Progress()
    assert progress.committable == -1
    for offset in (7, 8, 9):
        progress.begin(offset)
    progress.end(8)
    assert progress.committable == 7
    progress.end(7)
    assert progress.committable == 9
    progress.end(9)
    assert progress.committable == 10


def test_a_hand_over_says_what_it_was_made_of() -> None:
    [assignment] = Order().assignments(0, 10**15)
    given = HandOver("session", "1-Raw", "Efficy", assignment)
    assert HandOver.of_bytes(given.to_bytes()) == given


def test_what_is_no_hand_over_is_none() -> None:
    for value in (b"", b"{", b"[]", b"{}", b'{"assignment": {"seed": 1}}', b'"text"'):
        assert HandOver.of_bytes(value) is None

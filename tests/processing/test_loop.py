"""The loop: what is committed and when, and what happens while nothing gets through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

import pytest
from confluent_kafka import Message

from filrouge.processing import loop as module
from filrouge.processing.health import Health
from filrouge.processing.loop import Loop
from filrouge.processing.member import Claim, Taken
from filrouge.processing.work import Tally
from tests.processing.messages import message


class FakeMember:
    """Gives one message at a time, each from the next partition; keeps what is asked of it."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.committed: list[Taken] = []
        self.is_held = False
        self.before_revoke: Callable[[frozenset[int]], None] = lambda _: None

    def join(self, before_revoke: Callable[[frozenset[int]], None]) -> None:
        self.before_revoke = before_revoke

    def take(self, count: int, wait_s: float) -> Taken | None:  # noqa: ARG002
        if self.is_held:
            return None
        number = len(self.taken)
        each = Taken([message(b"{}", number, number)], {number: number + 1}, {number: Claim()})
        self.taken.append(each)
        return each

    def hold(self) -> None:
        self.is_held = True

    def release(self) -> None:
        self.is_held = False

    def commit(self, taken: Sequence[Taken], wait: bool = False) -> None:  # noqa: ARG002
        self.committed += taken


class FakeCrew:
    """Work that is done when the test says so."""

    def __init__(self) -> None:
        self.futures: list[Future[Tally]] = []

    def process(self, messages: Sequence[Message]) -> Future[Tally]:  # noqa: ARG002
        self.futures.append(Future())
        return self.futures[-1]


class FakeLive:
    """Counts nothing."""

    def add(self, tally: Tally) -> None:
        """Forgets it."""

    def send_if_due(self) -> None:
        """It is never due."""


class Bench:
    def __init__(self) -> None:
        self.member, self.crew, self.health = FakeMember(), FakeCrew(), Health()
        self.loop = Loop(self.member, self.crew, FakeLive(), self.health)
        self.loop.join()

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.loop.turn()

    def committed(self) -> list[int]:
        return [self.member.taken.index(each) for each in self.member.committed]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    for name in ("_HOLD_AFTER_S", "_REVOKE_S", "_STOP_S", "_TAKE_S"):
        monkeypatch.setattr(module, name, 0.05)
    return Bench()


def test_what_is_done_is_committed_in_the_order_in_which_it_was_taken(bench: Bench) -> None:
    bench.turn(3)
    bench.crew.futures[1].set_result(Tally())
    bench.turn()
    assert bench.committed() == []

    bench.crew.futures[0].set_result(Tally())
    bench.turn()

    assert bench.committed() == [0, 1]


def test_nothing_is_taken_while_too_much_is_under_way_but_the_group_is_polled(
    bench: Bench,
) -> None:
    bench.turn(20)
    assert (len(bench.member.taken), bench.member.is_held) == (4, True)

    bench.crew.futures[0].set_result(Tally())
    bench.turn()

    assert (len(bench.member.taken), bench.member.is_held) == (5, False)


def test_what_is_done_in_time_is_committed_before_partitions_go(bench: Bench) -> None:
    bench.turn(3)
    for future in bench.crew.futures[:2]:
        future.set_result(Tally())

    bench.member.before_revoke(frozenset({1}))

    assert bench.committed() == [0, 1]


def test_nothing_that_is_not_delivered_is_committed_when_partitions_go(bench: Bench) -> None:
    bench.turn(2)

    bench.member.before_revoke(frozenset({0, 1}))

    assert bench.committed() == []


def test_nobody_waits_for_a_collector_that_is_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STOP_S", 3600.0)
    bench.turn(2)
    bench.health.collector = "away"

    bench.loop.stop()

    assert bench.committed() == []


def test_a_defect_of_ours_ends_the_loop_and_commits_nothing(bench: Bench) -> None:
    bench.turn(2)
    bench.crew.futures[0].set_exception(ZeroDivisionError())
    bench.crew.futures[1].set_result(Tally())

    with pytest.raises(ZeroDivisionError):
        bench.turn()

    assert bench.committed() == []

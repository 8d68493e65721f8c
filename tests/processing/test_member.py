"""What is done with is committed, whatever becomes of a commit."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from filrouge.processing.health import Health
from filrouge.processing.member import Member, Taken
from filrouge.settings import Settings
from filrouge.stack.stack import Stack
from tests.faults.driving import await_until
from tests.processing.arrival import lag, publish
from tests.simulated import simulated

pytestmark = pytest.mark.slow


class Forgetful:
    """A consumer whose first commit vanishes, as one may that is under way when Kafka dies."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self.vanished: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    def commit(self, **options: Any) -> None:
        if self.vanished:
            self._consumer.commit(**options)
        else:
            self.vanished.append(options)


def test_a_commit_of_which_nothing_is_heard_is_made_again(
    busy_stack: Stack, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = simulated("2026-02-14T06:00", runs=2, tasks=20)
    busy_stack.stop("processing")
    member = Member(settings, Health(), structlog.get_logger())
    consumer = Forgetful(member._consumer)
    monkeypatch.setattr(member, "_consumer", consumer)
    taken: list[Taken] = []

    def take() -> bool:
        if found := member.take(100, 0.1):
            taken.append(found)
        return sum(len(each.messages) for each in taken) == len(lines)

    member.join(lambda _: None)
    try:
        publish(busy_stack, lines)
        await_until(take, "all was taken")
        member.commit(taken)
        assert lag(busy_stack) == len(lines)

        await_until(lambda: not member.take(1, 0.5) and lag(busy_stack) == 0, "all is committed")
    finally:
        member.close()
        busy_stack.start("processing")
    assert len(consumer.vanished) == 1

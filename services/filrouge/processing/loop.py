"""Take, process, commit: the one loop of the service.

Each batch goes its own way through a worker, while the loop goes on asking Kafka for more, which
is also what keeps it a member of the group. What is done with is committed in the order in which
it was taken. While too much is under way, which is when the collector is slow or away, the
partitions are held.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import Final, Protocol

from confluent_kafka import Message

from filrouge.processing.health import Health
from filrouge.processing.member import Taken
from filrouge.processing.work import Tally

_UNDER_WAY: Final = 4
"""Batches taken and not committed: for each worker one in work and one that waits."""
_MESSAGES: Final = 1000
_BYTES: Final = 8 << 20
"""About so much memory for each batch under way, when records are large."""
_TAKE_S: Final = 0.1
"""How long a batch may take to fill, and so how long a lone record waits."""
_HOLD_AFTER_S: Final = 1.0
"""Holding partitions throws away what was read ahead, so it is not done for a short wait."""
_REVOKE_S: Final = 5.0
"""For what is under way when partitions go; until then the whole group waits for us."""
_STOP_S: Final = 10.0
"""For what is under way when the service is to stop; what is left is read again later."""


class Member(Protocol):
    """The loop's side of `member.Member`."""

    def join(self, before_revoke: Callable[[frozenset[int]], None]) -> None:
        """Joins the group."""

    def take(self, count: int, wait_s: float) -> Taken | None:
        """Gives messages; partitions come and go meanwhile."""

    def hold(self) -> None:
        """Gives no messages for a while."""

    def release(self) -> None:
        """Gives messages again."""

    def commit(self, taken: Sequence[Taken], wait: bool = False) -> None:
        """Commits what is still ours."""


class Crew(Protocol):
    """Several workers."""

    def process(self, messages: Sequence[Message], /) -> Future[Tally]:
        """Gives a batch to one of them."""


class Live(Protocol):
    """The loop's side of `live.Live`."""

    def add(self, tally: Tally, /) -> None:
        """Takes what became of a batch."""

    def send_if_due(self) -> None:
        """Sends what was counted, when it is time."""


class Loop:
    """The loop; all of it runs in one thread.

    Args:
        member: gives messages, takes commits.
        crew: does the work.
        live: counts it.
        health: is told that the loop turns; knows whether it is of use to wait for the collector.
    """

    def __init__(self, member: Member, crew: Crew, live: Live, health: Health) -> None:
        self._member = member
        self._crew = crew
        self._live = live
        self._health = health
        self._under_way: deque[tuple[Taken, Future[Tally]]] = deque()
        self._count = _MESSAGES // 10  # until it is known how large they are
        self._is_held = False

    def depth(self) -> int:
        """Batches that were taken and are not committed."""
        return len(self._under_way)

    def join(self) -> None:
        """Joins the group; `turn` must be called from now on."""
        self._member.join(self._before_revoke)

    def turn(self) -> None:
        """Once round: commits what is done, takes what there is room for.

        Raises:
            DeliveryError: the process has to begin anew.
        """
        self._health.turn()
        self._live.send_if_due()
        self._commit_done()
        self._keep_room()
        taken = self._member.take(self._count, _TAKE_S)
        if taken:
            self._under_way.append((taken, self._crew.process(taken.messages)))
            self._count = _fitting(taken.messages)

    def stop(self) -> None:
        """Commits what can be delivered in time; the rest is for whoever reads it next."""
        self._finish(len(self._under_way), _STOP_S)

    def _keep_room(self) -> None:
        if self._is_full() and not self._is_held:
            wait([self._under_way[0][1]], _HOLD_AFTER_S)
            self._commit_done()
        if self._is_full():
            self._is_held = True
            self._member.hold()
        elif self._is_held:
            self._is_held = False
            self._member.release()

    def _is_full(self) -> bool:
        return len(self._under_way) >= _UNDER_WAY

    def _before_revoke(self, partitions: frozenset[int]) -> None:
        concerned = [
            number
            for number, (taken, _) in enumerate(self._under_way, start=1)
            if partitions & taken.ends.keys()
        ]
        self._finish(max(concerned, default=0), _REVOKE_S)

    def _finish(self, first: int, patience_s: float) -> None:
        """Gives the first of those under way a while, and commits what is done.

        When the collector is away there is nothing to wait for.
        """
        deadline_s = time.monotonic() + patience_s
        futures = [future for _, future in list(self._under_way)[:first]]
        while futures and not self._health.collector and time.monotonic() < deadline_s:
            futures = list(wait(futures, _TAKE_S).not_done)
        self._commit_done(wait=True)

    def _commit_done(self, wait: bool = False) -> None:
        done: list[Taken] = []
        while self._under_way and self._under_way[0][1].done():
            taken, future = self._under_way.popleft()
            self._live.add(future.result())
            done.append(taken)
        if done:
            self._member.commit(done, wait)


def _fitting(messages: Sequence[Message]) -> int:
    """How many messages of this size to take at once."""
    size = sum(len(message.value() or b"") for message in messages) // len(messages)
    return max(1, min(_MESSAGES, _BYTES // max(size, 1)))

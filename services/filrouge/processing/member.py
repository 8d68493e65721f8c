"""Our membership of the consumer group: what is ours to read, and how far we have come.

All of it happens in one thread, which must go on calling `take`: within that call partitions come
and go, and one that does not call it is thrown out of the group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from structlog.stdlib import BoundLogger

from filrouge.errors import DeliveryError
from filrouge.kafka.client import client_options
from filrouge.kafka.messages import offset_of, partition_of
from filrouge.kafka.topics import PROCESSING_GROUP, TOPIC
from filrouge.processing.health import Health
from filrouge.settings import Settings

_OPTIONS: Final[Mapping[str, str | float | bool]] = {
    "group.id": PROCESSING_GROUP,
    # Only what moves stops; with the other strategies every change of the group stops everybody.
    "partition.assignment.strategy": "cooperative-sticky",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",  # a new group reads what is there
    # After a kill its partitions wait so long for another reader; by default 45 s. The client's
    # own thread sends a heartbeat each third of it, however busy this process is.
    "session.timeout.ms": 10_000,
    "heartbeat.interval.ms": 3_000,
    # Read ahead at most so much; 64 MiB by default.
    "queued.max.messages.kbytes": 32 * 1024,
    "topic.metadata.refresh.interval.ms": 30_000,  # a topic that comes later is found
    "statistics.interval.ms": 5_000,  # lag, and whether brokers are there
}
_NO_OFFSET: Final = 0


class Claim:
    """A time during which a partition is ours; the next time is another one."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Messages, and what may be committed once they are done with.

    Attributes:
        messages: in order within each partition.
        ends: the offset after the last message, by partition.
        claims: under which each partition was read.
    """

    messages: Sequence[Message]
    ends: Mapping[int, int]
    claims: Mapping[int, Claim]


class Member:
    """A consumer in the group.

    Args:
        settings: the settings in force.
        health: is told whether we are a member.
        log: is told when partitions come and go.
    """

    def __init__(
        self,
        settings: Settings,
        health: Health,
        log: BoundLogger,
    ) -> None:
        self._before_revoke: Callable[[frozenset[int]], None] = _nothing
        self._health = health
        self._log = log
        self._claims: dict[int, Claim] = {}
        self._done: dict[int, int] = {}
        self._done_before: dict[int, int] = {}
        self._is_held = False
        self._lag: dict[int, int] = {}
        self._consumer = Consumer(
            client_options(
                settings,
                {
                    **_OPTIONS,
                    "error_cb": self._on_error,
                    "stats_cb": self._on_statistics,
                    "on_commit": self._on_commit,
                },
            )
        )

    def join(self, before_revoke: Callable[[frozenset[int]], None]) -> None:
        """Joins the group; partitions come, and go, while `take` is called.

        Args:
            before_revoke: is called when partitions are about to go: what is done with in time can
                still be committed, by calling `commit`.
        """
        self._before_revoke = before_revoke
        self._consumer.subscribe(
            [TOPIC], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def lag(self) -> dict[int, int]:
        """Messages that are not committed, by partition; some seconds old."""
        return self._lag.copy()

    def take(self, count: int, wait_s: float) -> Taken | None:
        """Up to so many messages, after so long at most; None when there are none.

        Raises:
            DeliveryError: this client can do no more; the process has to begin anew.
        """
        messages: list[Message] = []
        ends: dict[int, int] = {}
        for message in self._consumer.consume(count, wait_s):
            partition = partition_of(message)
            if self._is_good(message) and partition in self._claims:
                messages.append(message)
                ends[partition] = offset_of(message) + 1
        if not messages:
            return None
        return Taken(messages, ends, {partition: self._claims[partition] for partition in ends})

    def hold(self) -> None:
        """Takes no more for a while; `take` must be called all the same."""
        self._is_held = True
        self._consumer.pause(self._consumer.assignment())

    def release(self) -> None:
        """Takes again."""
        if self._is_held:
            self._is_held = False
            self._consumer.resume(self._consumer.assignment())

    def commit(self, taken: Sequence[Taken], wait: bool = False) -> None:
        """Commits what was taken; not of partitions that are ours no more, or ours again.

        Args:
            taken: in the order in which it was taken.
            wait: until the broker has answered, 10 s at most.
        """
        ends = {
            partition: end
            for each in taken
            for partition, end in each.ends.items()
            if self._claims.get(partition) is each.claims[partition]
        }
        if ends:
            self._done.update(ends)
            self._commit(ends, wait)

    def close(self) -> None:
        """Leaves the group; nothing is committed."""
        self._before_revoke = _nothing
        self._consumer.close()

    def _commit(self, ends: Mapping[int, int], wait: bool) -> None:
        offsets = [TopicPartition(TOPIC, partition, end) for partition, end in ends.items()]
        try:
            if wait:
                self._consumer.commit(offsets=offsets, asynchronous=False)
            else:
                self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException as error:
            self._on_commit(error.args[0], offsets)

    def _is_good(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            return True
        self._on_error(error)
        return False

    def _on_assign(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._claims.update((each.partition, Claim()) for each in partitions)
        self._log.info("partitions assigned", partitions=_numbers(partitions))
        if self._is_held:
            self._consumer.incremental_assign(partitions)
            self._consumer.pause(partitions)

    def _on_revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Last chance to commit: the next owner begins at what is committed when we return."""
        self._before_revoke(frozenset(_numbers(partitions)))
        self._forget(partitions)
        self._log.info("partitions revoked", partitions=_numbers(partitions))

    def _on_lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Others may own them already."""
        self._forget(partitions)
        self._log.warning("partitions lost", partitions=_numbers(partitions))

    def _forget(self, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            for known in (self._claims, self._done, self._done_before, self._lag):
                known.pop(each.partition, None)

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        if error:
            self._log.warning("commit failed", reason=error.str(), partitions=_numbers(partitions))

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            raise DeliveryError(f"{TOPIC} can be read no further: {error.str()}")
        if not error.retriable() or error.code() == KafkaError._ALL_BROKERS_DOWN:
            self._trouble(error.str())

    def _on_statistics(self, text: str) -> None:
        statistics: dict[str, Any] = orjson.loads(text)
        self._judge(statistics)
        partitions = statistics.get("topics", {}).get(TOPIC, {}).get("partitions", {})
        self._measure_lag(partitions)
        self._commit_again(partitions)

    def _judge(self, statistics: dict[str, Any]) -> None:
        group = statistics.get("cgrp", {})
        if group.get("state") != "up":
            self._trouble(f"the group's coordinator is not there ({group.get('state')})")
        elif group.get("join_state") != "steady":
            self._trouble(f"joining the group ({group.get('join_state')})")
        elif self._health.kafka:
            self._health.kafka = None
            self._log.info("member of the group")

    def _commit_again(self, partitions: Mapping[str, Any]) -> None:
        """Commits what was done with at the last statistics, and Kafka does not have.

        Else it would be read again, and count as lag until then. Of a commit that is under way when
        the broker dies nobody may ever be told that it failed.
        """
        missing = {
            number: self._done[number]
            for number, end in self._done_before.items()
            if partitions.get(str(number), {}).get("committed_offset", end) < end
        }
        if missing:
            self._log.info("committing again", partitions=sorted(missing))
            self._commit(missing, wait=False)
        self._done_before = self._done.copy()

    def _measure_lag(self, partitions: Mapping[str, Any]) -> None:
        for number, seen in partitions.items():
            if int(number) in self._claims and seen["hi_offset"] >= _NO_OFFSET:
                begun = seen["committed_offset"]
                begun = begun if begun >= _NO_OFFSET else seen["lo_offset"]
                self._lag[int(number)] = max(0, seen["hi_offset"] - max(begun, _NO_OFFSET))

    def _trouble(self, reason: str) -> None:
        if self._health.kafka != reason:
            self._log.warning("Kafka", reason=reason)
        self._health.kafka = reason


def _nothing(_: frozenset[int]) -> None:
    pass


def _numbers(partitions: Sequence[TopicPartition]) -> list[int]:
    return sorted(each.partition for each in partitions)

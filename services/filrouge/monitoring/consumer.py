"""Reads the topic into the registry, in a group of its own.

Where reading goes on is the registry's word, not the group's: offsets are committed to Kafka too,
but only so that tools which watch the group see how far it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from structlog.stdlib import BoundLogger

from filrouge.kafka.client import client_options
from filrouge.kafka.topics import TOPIC
from filrouge.monitoring.intake import Message, batch
from filrouge.monitoring.lifecycle import Policy
from filrouge.monitoring.registry.intake import MovedOnError, Taken, take
from filrouge.monitoring.registry.offsets import position
from filrouge.observability.messaging import Headers, Messaging, links_to
from filrouge.records.parse import RecordParser
from filrouge.settings import Settings

GROUP: Final = "filrouge-monitoring"
_BATCH: Final = 1000  # larger ones keep others waiting for SQLite's one writer
_BATCH_S: Final = 0.2
_ASK_BROKER_S: Final = 2.0
_ANSWER_S: Final = 5.0
_NOT_OURS: Final = 1 << 63
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 10.0


@dataclass(slots=True)
class Reading:
    """How the reading goes on; written by the reading thread, read by others.

    Attributes:
        positions: of each partition that is read here, the offset to be read next.
        ends: of each, the end of the partition when it was asked last.
        reached: of each, where its end was met: its last offsets may be marks, and no messages.
        known_until_ns: up to when all that came is in the registry, as far as one can know: what
            closes runs by silence must not take for silence that Kafka or the registry was away.
        trouble: what keeps it from reading; empty when nothing does.
    """

    positions: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    reached: dict[int, int] = field(default_factory=dict)
    known_until_ns: int = 0
    trouble: str = "has not been given any partition yet"

    @property
    def lag(self) -> dict[int, int]:
        """How many messages of each partition are still to be read."""
        return {
            partition: max(0, self.ends.get(partition, 0) - max(at, self.reached.get(partition, 0)))
            for partition, at in list(self.positions.items())
        }

    def all_is_read(self, asked_ns: int) -> None:
        """Notes that all is known up to when the ends were asked for, unless something lags.

        It follows a clock that is set back: else every run would be taken for silent until the
        clock has caught up.
        """
        if self.ends and not any(self.lag.values()):
            self.known_until_ns = asked_ns


class RegistryConsumer:
    """Reads until it is stopped.

    Args:
        settings: the settings in force.
        engine: the registry's.
        parser: reads a line.
        log: is told what happens.
        messaging: makes the span of each batch, or None.
        count: is told what became of each batch.
        clock: nanoseconds since 1970 UTC.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        parser: RecordParser,
        log: BoundLogger,
        messaging: Messaging,
        count: Callable[[Taken], None] = lambda _: None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.reading = Reading()
        self._engine = engine
        self._parser = parser
        self._policy = Policy.of(settings)
        self._log = log
        self._messaging = messaging
        self._count = count
        self._clock = clock
        self._asked_ns = 0
        self._next_ask_s = 0.0
        self._pause_s = _FIRST_PAUSE_S
        self._stop = threading.Event()
        self._consumer = Consumer(
            client_options(
                settings,
                {
                    "group.id": GROUP,
                    "enable.auto.commit": False,
                    "enable.partition.eof": True,
                    "auto.offset.reset": "earliest",  # only if what is to be read is gone
                    "partition.assignment.strategy": "cooperative-sticky",
                    "session.timeout.ms": 10_000,  # after a kill, others take over so soon
                },
            )
        )

    def run(self, stop: threading.Event) -> None:
        """Reads until told to stop, then leaves the group."""
        self._stop = stop
        self._consumer.subscribe([TOPIC], on_assign=self._assigned, on_revoke=self._revoked)
        try:
            while not stop.is_set():
                self._read()
        finally:
            self._consumer.close()

    def _read(self) -> None:
        """One batch: kept whole, then the next; what could not be kept is read again."""
        messages, ended = [], []
        for each in self._consumer.consume(_BATCH, timeout=_BATCH_S):
            error = each.error()
            if error is None:
                messages.append(each)
            elif error.code() == KafkaError._PARTITION_EOF:
                ended.append(each)
            else:
                self.reading.trouble = f"Kafka: {error.str()}"
        if not self._keep(messages):
            return
        for each in ended:
            self.reading.reached[_partition(each)] = _offset(each)
        self._look_around()

    def _look_around(self) -> None:
        """Asks now and then where the partitions end, and notes when all up to there is kept."""
        reading = self.reading
        if time.monotonic() >= self._next_ask_s:
            self._next_ask_s = time.monotonic() + _ASK_BROKER_S
            asked_ns = self._clock()
            try:
                ends = {each: self._extent(each)[1] for each in list(reading.positions)}
            except KafkaException as error:
                reading.trouble = f"Kafka does not answer: {error.args[0].str()}"
                return
            reading.ends, self._asked_ns = ends, asked_ns
            reading.trouble = "" if ends else "has no partition; another instance has them all"
        reading.all_is_read(self._asked_ns)

    def _keep(self, found: Sequence[KafkaMessage]) -> bool:
        """Keeps the messages of partitions that are still ours; whether there is nothing left."""
        positions = self.reading.positions
        ours = [
            (Message(_partition(each), _offset(each), each.value() or b""), _headers(each))
            for each in found
            if _offset(each) >= positions.get(_partition(each), _NOT_OURS)
        ]
        if not ours:
            return True
        messages = [message for message, _ in ours]
        hops = links_to(headers for _, headers in ours)
        try:
            with self._messaging.process(TOPIC, len(ours), hops):
                self._take(messages)
        except MovedOnError as error:
            self._log.warning("reading goes on elsewhere", reason=str(error))
            self._place_again(messages)
            return False
        except DBAPIError as error:
            self._log.error("the registry does not take records", reason=str(error.orig).strip())
            self.reading.trouble = "the registry does not take records"
            self._stop.wait(self._pause_s)
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self._place_again(messages)
            return False
        self._pause_s = _FIRST_PAUSE_S
        return True

    def _take(self, messages: Sequence[Message]) -> None:
        """Keeps messages; if the database refuses one of them, all but that one."""
        taken = batch(self._parser, messages, self.reading.positions)
        try:
            counts = take(self._engine, taken, self._policy, self._clock())
        except (DataError, IntegrityError) as error:
            if len(messages) > 1:
                for message in messages:
                    self._take([message])
                return
            [message] = messages
            self._log.error(
                "a record cannot be kept, and is passed over",
                partition=message.partition,
                offset=message.offset,
                reason=str(error.orig).strip(),
            )
            taken.entries.clear()
            taken.spans[message.partition].invalid = 1
            counts = take(self._engine, taken, self._policy, self._clock())
        for partition, span in taken.spans.items():
            self.reading.positions[partition] = span.next
        self._count(counts)
        self._tell_group(taken.spans)

    def _tell_group(self, partitions: Iterable[int]) -> None:
        places = [_place(each, self.reading.positions[each]) for each in partitions]
        with suppress(KafkaException):  # the next batch tells it again
            self._consumer.commit(offsets=places, asynchronous=True)

    def _place_again(self, messages: Iterable[Message]) -> None:
        """Goes on from where the registry is, which forgets what the client has fetched."""
        for partition in {message.partition for message in messages}:
            try:
                self.reading.positions[partition] = self._position(partition)
                self._consumer.seek(_place(partition, self.reading.positions[partition]))
            except (DBAPIError, KafkaException):
                # Read on from the last place that is known; `take` refuses it if it is wrong.
                with suppress(KafkaException):
                    self._consumer.seek(_place(partition, self.reading.positions[partition]))

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Finds where to go on; as long as that is not known, there is nothing else to do."""
        for each in partitions:
            while not self._stop.is_set():
                try:
                    self.reading.positions[each.partition] = self._position(each.partition)
                    break
                except (DBAPIError, KafkaException) as error:
                    self.reading.trouble = "where to go on cannot be found out"
                    self._log.error(self.reading.trouble, reason=str(error))
                    self._stop.wait(1)
        if not self._stop.is_set():
            positions = self.reading.positions
            places = [_place(each.partition, positions[each.partition]) for each in partitions]
            self._consumer.incremental_assign(places)
            self._next_ask_s = 0
            self._log.info("partitions assigned", partitions={each.partition for each in places})

    def _revoked(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            for known in (self.reading.positions, self.reading.ends, self.reading.reached):
                known.pop(each.partition, None)
        self._consumer.incremental_unassign(partitions)
        self._next_ask_s = 0
        self._log.info("partitions revoked", partitions={each.partition for each in partitions})

    def _position(self, partition: int) -> int:
        return position(self._engine, partition, *self._extent(partition))

    def _extent(self, partition: int) -> tuple[int, int]:
        place = TopicPartition(TOPIC, partition)
        low, high = self._consumer.get_watermark_offsets(place, timeout=_ANSWER_S)
        return low, high


def _place(partition: int, offset: int) -> TopicPartition:
    return TopicPartition(TOPIC, partition, offset)


def _partition(message: KafkaMessage) -> int:
    partition = message.partition()
    assert partition is not None  # noqa: S101 - a message that was received has both
    return partition


def _offset(message: KafkaMessage) -> int:
    offset = message.offset()
    assert offset is not None  # noqa: S101 - likewise
    return offset


def _headers(message: KafkaMessage) -> Headers:
    headers = message.headers() or []
    return list(headers.items()) if isinstance(headers, dict) else headers

"""What the measurements do to topics and groups of the real broker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import orjson
from confluent_kafka import (
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from filrouge.kafka.topics import TOPIC

_SILENT: Final = logging.getLogger("benchmarks.services.broker")
_SILENT.addHandler(logging.NullHandler())  # else connections that end are told on standard error
_SILENT.propagate = False
_PATIENCE_S: Final = 60.0
_ANSWER_S: Final = 10.0
_POLL_S: Final = 0.1
_GONE: Final = {KafkaError.GROUP_ID_NOT_FOUND, KafkaError.UNKNOWN_TOPIC_OR_PART}
_NOT_YET: Final = {
    KafkaError._TIMED_OUT,
    KafkaError._TRANSPORT,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NON_EMPTY_GROUP,
    KafkaError.NOT_COORDINATOR,
    KafkaError.TOPIC_ALREADY_EXISTS,  # it is still being deleted
}


class Broker:
    """A broker, asked by its public API.

    Args:
        address: `host:port`.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        options: dict[str, Any] = {"bootstrap.servers": address, "logger": _SILENT}
        self._admin = AdminClient(options)

    def create(self, partitions: int) -> None:
        """The services' topic anew, and empty."""
        self._retried(lambda: self._admin.delete_topics([TOPIC])[TOPIC])
        self._retried(lambda: self._admin.create_topics([NewTopic(TOPIC, partitions, 1)])[TOPIC])

    def fill(self, file: Path, records: int, partitions: int) -> None:
        """Puts so many records of a file onto the topic, each run in one partition."""
        producer = Producer(
            {
                "bootstrap.servers": self.address,
                "logger": _SILENT,
                "compression.type": "zstd",  # as the services have it
                "linger.ms": 20,
                "queue.buffering.max.messages": 200_000,
            }
        )
        with file.open("rb") as lines:
            for _, line in zip(range(records), lines, strict=False):
                self._produce(producer, line.rstrip(b"\n"), partitions)
        producer.flush()

    def forget(self, group: str) -> None:
        """Deletes a group, once its last member has left it."""
        self._retried(lambda: self._admin.delete_consumer_groups([group])[group])

    def committed(self, group: str) -> int:
        """How many records a group has committed, in all partitions."""
        asked = ConsumerGroupTopicPartitions(group)
        answer = self._retried(lambda: self._admin.list_consumer_group_offsets([asked])[group])
        return sum(max(each.offset, 0) for each in answer.topic_partitions or ()) if answer else 0

    def wait_shared(self, group: str, members: int) -> None:
        """Returns when so many members have one partition each.

        Raises:
            TimeoutError: they have not in time.
        """
        deadline_s = time.monotonic() + _PATIENCE_S
        while (seen := self._shares(group)) != [1] * members:
            if time.monotonic() > deadline_s:
                raise TimeoutError(f"{group}: its members have {seen} partitions")
            time.sleep(_POLL_S)

    def _shares(self, group: str) -> list[int]:
        try:
            found = self._admin.describe_consumer_groups([group])[group].result(_ANSWER_S)
        except KafkaException:
            return []
        if found.state is not ConsumerGroupState.STABLE:
            return []
        return [len(each.assignment.topic_partitions) for each in found.members]

    def _produce(self, producer: Producer, line: bytes, partitions: int) -> None:
        partition = 0
        if partitions > 1:
            record = orjson.loads(line)
            run = f"{record['Entreprise']}/{record['No_Sequence']}"
            partition = crc32(run.encode()) % partitions
        while True:
            try:
                producer.produce(TOPIC, line, partition=partition)
            except BufferError:
                producer.poll(_POLL_S)
            else:
                return

    def _retried(self, attempt: Callable[[], Future[Any]]) -> Any:
        """What the broker answers; None if what is asked about is not there."""
        deadline_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return attempt().result()
            except KafkaException as error:
                code = error.args[0].code()
                if code in _GONE:
                    return None
                if code not in _NOT_YET or time.monotonic() > deadline_s:
                    raise
                time.sleep(_POLL_S)

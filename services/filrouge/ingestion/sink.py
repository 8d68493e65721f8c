"""Messages onto Kafka, and word of it once every replica has them, without blocking the loop.

confluent-kafka's own asyncio producer takes no headers, which carry the trace; and waits up to a
second for a batch. So this is the plain client, whose answers are fetched by a thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, Final

from anyio.to_thread import run_sync
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivered
from structlog.stdlib import BoundLogger

from filrouge.errors import FilrougeError, UsageError
from filrouge.ingestion.bodies import Message
from filrouge.kafka.client import client_options
from filrouge.kafka.topics import TOPIC
from filrouge.records.parse import MAX_LINE_BYTES
from filrouge.settings import Settings

_AROUND_BYTES: Final = 1 << 16  # of a message besides the record: key, headers, framing
_MS_PER_S: Final = 1000
_POLL_S: Final = 0.1
_ASK_S: Final = 1.0
"""Between two looks whether a Kafka that was away is back; and for its answer."""
_MANY: Final = 500
"""From so many messages on they are handed over in a thread: 2 µs each would stop the loop."""
_LAST_FLUSH_S: Final = 10.0
_RETRY_S: Final = 5
_RETRY_FULL_S: Final = 1


class NotTakenError(FilrougeError):
    """Kafka has not acknowledged all; what it has will do no harm when it comes again.

    Attributes:
        retry_after_s: when to try again.
    """

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Sink:
    """Puts messages on the topic.

    Args:
        settings: the settings in force.
        log: is told when Kafka goes away and comes back.

    Raises:
        UsageError: an option for the client is wrong.
    """

    def __init__(self, settings: Settings, log: BoundLogger) -> None:
        self._settings = settings
        self._log = log
        self._trouble: str | None = "Kafka has not been asked yet"
        self._fatal: str | None = None
        self._doubt = threading.Event()
        self._doubt.set()
        self._stopping = threading.Event()
        self._producer = self._new_producer()
        self._threads = [
            threading.Thread(target=self._fetch_answers, name="kafka-answers", daemon=True),
            threading.Thread(target=self._watch, name="kafka-watch", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def trouble(self) -> str | None:
        """Why nothing can be sent just now; None if it can."""
        return self._trouble

    @property
    def waiting(self) -> int:
        """Messages that Kafka has not acknowledged yet."""
        return len(self._producer)

    async def send(
        self, messages: Sequence[Message], headers: list[tuple[str, str | bytes | None]]
    ) -> None:
        """Returns when every replica of the broker has all of them.

        Args:
            messages: in order.
            headers: of each.

        Raises:
            NotTakenError: Kafka is away, its queue is full, or it did not answer in time.
        """
        if not messages:
            return
        if trouble := self._trouble:
            raise NotTakenError(f"Kafka takes no records ({trouble}); send them again", _RETRY_S)
        awaited = _Awaited(len(messages))
        if len(messages) < _MANY:
            self._produce(messages, headers, awaited)
        else:
            await run_sync(self._produce, messages, headers, awaited)
        try:
            async with asyncio.timeout(self._settings.ingestion_patience_s):
                error = await awaited.answer
        except TimeoutError:
            self._doubt.set()
            raise NotTakenError(
                "Kafka did not acknowledge the records within "
                f"{self._settings.ingestion_patience_s:g} s; send them again",
                _RETRY_S,
            ) from None
        if error is not None:
            self._doubt.set()
            raise NotTakenError(
                f"Kafka did not take every record ({error.str()}); send them all again, "
                "a record that comes twice counts once",
                _RETRY_S,
            )

    def close(self) -> None:
        """Waits some seconds for the answers that are still to come, and ends."""
        self._stopping.set()
        self._doubt.set()
        for thread in self._threads:
            thread.join()
        if left := self._producer.flush(_LAST_FLUSH_S):
            self._log.warning("ended before Kafka had answered", records=left)
            self._producer.purge()
            self._producer.flush(1)

    def _new_producer(self) -> Producer:
        options = client_options(
            self._settings,
            {
                "enable.idempotence": True,  # implies acknowledgement by all replicas
                "delivery.timeout.ms": int(self._settings.ingestion_patience_s * _MS_PER_S),
                # A connection that a frozen broker holds open is given up as soon.
                "socket.timeout.ms": int(self._settings.ingestion_patience_s * _MS_PER_S),
                "compression.type": "zstd",
                "message.max.bytes": MAX_LINE_BYTES + _AROUND_BYTES,
                "queue.buffering.max.kbytes": self._settings.ingestion_memory_bytes >> 10,
                "queue.buffering.max.messages": self._settings.ingestion_queue_records,
                "linger.ms": 2,  # someone waits for each
                "reconnect.backoff.max.ms": 1000,  # 10 s by default
            },
        )
        try:
            return Producer({**options, "error_cb": self._on_error})
        except KafkaException as error:
            raise UsageError(
                f"the setting kafka_options is wrong: {error.args[0].str()}; librdkafka's "
                "CONFIGURATION.md lists what there is"
            ) from None

    def _produce(
        self,
        messages: Sequence[Message],
        headers: list[tuple[str, str | bytes | None]],
        awaited: _Awaited,
    ) -> None:
        producer = self._producer
        limit = self._settings.ingestion_queue_records
        try:
            if len(producer) + len(messages) > limit:
                raise BufferError
            for each in messages:
                producer.produce(
                    TOPIC, each.value, each.key, headers=headers, on_delivery=awaited.delivered
                )
        except BufferError:
            raise NotTakenError(
                f"{len(producer)} records wait for Kafka, of {limit} that may; send them again",
                _RETRY_FULL_S,
            ) from None
        except KafkaException as error:
            self._doubt.set()
            raise NotTakenError(
                f"Kafka takes no records ({error.args[0].str()}); send them again", _RETRY_S
            ) from None

    def _on_error(self, error: KafkaError) -> None:
        """Told by the client, in the thread that fetches answers."""
        if error.fatal() or error.code() == KafkaError._FATAL:
            self._fatal = error.str()
        elif error.code() in {KafkaError._ALL_BROKERS_DOWN, KafkaError._AUTHENTICATION}:
            self._doubt.set()

    def _fetch_answers(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(_POLL_S)
            if self._fatal is not None:
                self._renew()

    def _renew(self) -> None:
        """After an error that ends an idempotent producer, such as a broker that lost its data.

        What waits in the old one is refused, so that its senders send it again.
        """
        self._log.error("Kafka ended this producer; another is made", error=self._fatal)
        old, self._producer = self._producer, self._new_producer()
        self._fatal = None
        old.purge()
        old.flush(1)

    def _watch(self) -> None:
        """Asks Kafka when there is doubt, and until there is none."""
        while not self._stopping.is_set():
            self._doubt.wait()
            self._doubt.clear()
            trouble = None if self._stopping.is_set() else self._ask()
            if trouble != self._trouble and not self._stopping.is_set():
                self._tell(trouble)
            self._trouble = trouble
            if trouble is not None:
                self._stopping.wait(_ASK_S)
                self._doubt.set()

    def _ask(self) -> str | None:
        """Why records cannot be written; None if they can."""
        try:
            topic = self._producer.list_topics(TOPIC, timeout=_ASK_S).topics[TOPIC]
        except KafkaException as error:
            return f"{self._settings.brokers} does not answer: {error.args[0].str()}"
        if topic.error or not topic.partitions:
            return f"{self._settings.brokers} has no topic {TOPIC}"
        if any(partition.leader < 0 for partition in topic.partitions.values()):
            return f"partitions of {TOPIC} have no leader"
        return None

    def _tell(self, trouble: str | None) -> None:
        if trouble is None:
            self._log.info("Kafka takes records", brokers=self._settings.brokers, topic=TOPIC)
        else:
            self._log.warning("Kafka takes no records", reason=trouble)


class _Awaited:
    """The answers to the messages of one request, of which the first error is kept."""

    def __init__(self, count: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._left = count
        self._error: KafkaError | None = None
        self.answer: asyncio.Future[KafkaError | None] = self._loop.create_future()

    def delivered(self, error: KafkaError | None, _: Delivered | Any) -> None:
        """Told by the client for each message, in one thread."""
        self._left -= 1
        self._error = self._error or error
        if self._left == 0 and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.answer.done():
            self.answer.set_result(self._error)

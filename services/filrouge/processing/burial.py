"""Dead letters onto their topic: acknowledged, or tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from structlog.stdlib import BoundLogger

from filrouge.errors import DeliveryError
from filrouge.kafka.client import client_options
from filrouge.kafka.dead_letters import DeadLetter
from filrouge.kafka.topics import DEAD_LETTERS
from filrouge.settings import Settings
from filrouge.telemetry.sender import RetryableError

_LARGEST_BYTES: Final = 4 << 20
"""More than the topic takes of records; the broker has the last word."""
_POLL_S: Final = 0.1
_BACK_OFF_S: Final = 1.0


class DeadLetters:
    """A producer to `DEAD_LETTERS`; may be used by several threads.

    Args:
        settings: the settings in force.
        abandoned: once set, nothing is tried again.
        log: is told of each letter.
    """

    def __init__(self, settings: Settings, abandoned: Event, log: BoundLogger) -> None:
        options = {
            "enable.idempotence": True,  # implies acknowledgement by all replicas
            "compression.type": "zstd",
            "message.max.bytes": _LARGEST_BYTES,
            "linger.ms": 5,
        }
        self._producer = Producer(client_options(settings, options))
        self._abandoned = abandoned
        self._log = log

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Returns when the broker has acknowledged every letter.

        Raises:
            RetryableError: it had not when all was abandoned.
            DeliveryError: this producer can send no more; the process has to begin anew.
        """
        waiting = list(letters)
        while waiting := self._send(waiting):
            if self._abandoned.wait(_BACK_OFF_S):
                raise RetryableError(f"{DEAD_LETTERS}: {len(waiting)} letters are not acknowledged")
        for letter in letters:
            self._log.warning(
                "dead letter",
                reason=letter.reason,
                message=letter.message,
                origin=f"{letter.topic}[{letter.partition}]@{letter.offset}",
                attempt=letter.attempt,
            )

    def close(self) -> None:
        """Gives up what is not sent; it is not committed either."""
        self._producer.purge()
        self._producer.flush(_POLL_S)

    def _send(self, letters: list[DeadLetter]) -> list[DeadLetter]:
        """Sends all and waits; those to be sent again."""
        outcomes: dict[int, KafkaError | None] = {}
        for number, letter in enumerate(letters):
            self._produce(letter, _noting(outcomes, number))
        while len(outcomes) < len(letters):
            self._producer.poll(_POLL_S)
            if self._abandoned.is_set():
                raise RetryableError(f"{DEAD_LETTERS}: letters are not acknowledged")
        return [
            self._again(letters[number], error)
            for number, error in sorted(outcomes.items())
            if error is not None
        ]

    def _produce(
        self, letter: DeadLetter, noted: Callable[[KafkaError | None, Message | None], None]
    ) -> None:
        while not self._abandoned.is_set():
            try:
                self._producer.produce(
                    DEAD_LETTERS,
                    letter.value,
                    letter.key,
                    headers=[*letter.all_headers()],
                    on_delivery=noted,
                )
            except BufferError:
                self._producer.poll(_POLL_S)
            except KafkaException as error:  # what the client refuses, the broker would too
                noted(error.args[0], None)
                return
            else:
                return

    def _again(self, letter: DeadLetter, error: KafkaError) -> DeadLetter:
        if error.fatal():
            raise DeliveryError(f"{DEAD_LETTERS} takes no more of this process: {error.str()}")
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return letter.cut()
        self._log.error("dead letter not taken; trying again", reason=error.str())
        return letter


def _noting(
    outcomes: dict[int, KafkaError | None], number: int
) -> Callable[[KafkaError | None, Message | None], None]:
    def note(error: KafkaError | None, _: Message | None) -> None:
        outcomes[number] = error

    return note

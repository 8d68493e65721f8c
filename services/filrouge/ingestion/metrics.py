"""What the gateway measures of itself, besides HTTP and messaging, which have conventions.

`docs/services.md` lists these; a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from filrouge.ingestion.bodies import Batch
from filrouge.telemetry import names

RECORDS: Final = "filrouge.ingestion.records"
REQUEST_RECORDS: Final = "filrouge.ingestion.request.records"
WAITING: Final = "filrouge.ingestion.queue.records"
ROOM: Final = "filrouge.ingestion.memory.used"
KAFKA: Final = "filrouge.ingestion.kafka.available"

REASON: Final = "reason"
ACCEPTED: Final = "accepted"
INVALID: Final = "invalid"
UNDELIVERED: Final = "undelivered"

_BOUNDS: Final = (1, 2, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000)


class Metrics:
    """The instruments.

    Args:
        meter: makes them.
        waiting: records that Kafka has not acknowledged yet.
        room: bytes of requests in hand.
        available: whether Kafka takes records.
    """

    def __init__(
        self,
        meter: Meter,
        waiting: Callable[[], int],
        room: Callable[[], int],
        available: Callable[[], bool],
    ) -> None:
        self._records = meter.create_counter(
            RECORDS, "{record}", "Records that were sent here, by what became of them."
        )
        for outcome in (ACCEPTED, INVALID, UNDELIVERED):  # there from 0, for rates to be right
            self._records.add(0, {names.RECORD_OUTCOME.key: outcome})
        self._sizes = meter.create_histogram(
            REQUEST_RECORDS,
            "{record}",
            "Records in a request, good or not.",
            explicit_bucket_boundaries_advisory=_BOUNDS,
        )
        meter.create_observable_gauge(
            WAITING, [_observe(waiting)], "{record}", "Records that Kafka has yet to acknowledge."
        )
        meter.create_observable_gauge(
            ROOM, [_observe(room)], "By", "Bytes kept for requests that are being answered."
        )
        meter.create_observable_gauge(
            KAFKA, [_observe(lambda: int(available()))], "1", "1 while Kafka takes records, else 0."
        )

    def count(self, batch: Batch, delivered: bool) -> None:
        """Counts a request's records, once it is known what became of them."""
        outcome = ACCEPTED if delivered else UNDELIVERED
        self._sizes.record(batch.size)
        self._records.add(len(batch.messages), {names.RECORD_OUTCOME.key: outcome})
        for refusal in batch.refusals:
            attributes = {names.RECORD_OUTCOME.key: INVALID, REASON: refusal.reason}
            self._records.add(1, attributes)


def _observe(value: Callable[[], int]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: [Observation(value())]

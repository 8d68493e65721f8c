"""What the service measures of itself, by the SDK; what it counts of records is in `live.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.semconv._incubating.attributes import messaging_attributes as messaging

from filrouge.kafka.topics import PROCESSING_GROUP, TOPIC

_PREFIX: Final = "filrouge.processing."
EXPORT: Final = f"{_PREFIX}export.duration"
RETRIES: Final = f"{_PREFIX}export.retries"
DEAD_LETTERS: Final = f"{_PREFIX}dead_letters"
LAG: Final = f"{_PREFIX}lag"
DEPTH: Final = f"{_PREFIX}queue.depth"
REASON: Final = f"{_PREFIX}dead_letter.reason"
"""The attribute with a dead letter's reason."""
ACCEPTED: Final = f"{_PREFIX}accepted"
"""The attribute of a hop's span with how many records were accepted."""
DEAD: Final = f"{_PREFIX}dead_letters"
"""The attribute of a hop's span with how many messages became dead letters."""

_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)


class Instruments:
    """The instruments, made once.

    Args:
        meter: makes them.
        lag: messages that are not committed, of each partition that this instance has.
    """

    def __init__(self, meter: Meter, lag: Callable[[], Mapping[int, int]]) -> None:
        self._meter = meter
        self._batch_size = meter.create_histogram(
            f"{_PREFIX}batch.size",
            "{message}",
            "Messages of a batch.",
            explicit_bucket_boundaries_advisory=_SIZES,
        )
        self._export = meter.create_histogram(
            EXPORT,
            "s",
            "From a batch's first request until the collector had taken all, retries included.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._retries = meter.create_counter(
            RETRIES, "{request}", "Requests that the collector did not take."
        )
        self._dead_letters = meter.create_counter(
            DEAD_LETTERS, "{message}", "Messages that became dead letters, by reason."
        )
        meter.create_observable_gauge(
            LAG,
            [_lag_observer(lag)],
            "{message}",
            "Messages of a partition that are not committed yet.",
        )

    def watch_depth(self, depth: Callable[[], int]) -> None:
        """Takes how to ask for the batches that were taken and are not committed yet."""
        self._meter.create_observable_gauge(
            DEPTH,
            [lambda _: [Observation(depth())]],
            "{batch}",
            "Batches that were taken and are not committed yet.",
        )

    def batch(self, messages: int) -> None:
        """A batch of so many messages was taken."""
        self._batch_size.record(messages)

    def exported(self, seconds: float) -> None:
        """The collector took a batch after so long."""
        self._export.record(seconds)

    def retry(self) -> None:
        """The collector did not take a request; it is tried again."""
        self._retries.add(1)

    def dead_letter(self, reason: str) -> None:
        """A message lies safely among the dead letters."""
        self._dead_letters.add(1, {REASON: reason})


def _lag_observer(
    lag: Callable[[], Mapping[int, int]],
) -> Callable[[CallbackOptions], Iterator[Observation]]:
    def observe(_: CallbackOptions) -> Iterator[Observation]:
        for partition, messages in lag().items():
            yield Observation(
                messages,
                {
                    messaging.MESSAGING_DESTINATION_NAME: TOPIC,
                    messaging.MESSAGING_DESTINATION_PARTITION_ID: str(partition),
                    messaging.MESSAGING_CONSUMER_GROUP_NAME: PROCESSING_GROUP,
                },
            )

    return observe

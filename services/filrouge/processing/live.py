"""The live metrics of records, sent now and then as they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from structlog.stdlib import BoundLogger

from filrouge.errors import DeliveryError
from filrouge.processing.delivery import Collector
from filrouge.processing.work import Tally
from filrouge.telemetry import otlp_json
from filrouge.telemetry.batching import Batch, grouped
from filrouge.telemetry.live import LiveMetrics, RecordOutcome
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RetryableError

_INTERVAL_S: Final = 10.0
"""As often as the SDK's metrics of the services; Prometheus' own habit is 15 s."""


class Live:
    """Counts, and sends what it counted; what is not taken is replaced by what comes next.

    Counters begin at 0 with the process, and each process is an instance of its own.

    Args:
        resource: attributes of who measures, with its instance.
        collector: takes metrics; no other thread uses it.
        log: is told when the collector refuses them.
        clock: nanoseconds since 1970 UTC.
    """

    def __init__(
        self,
        resource: Mapping[str, Any],
        collector: Collector,
        log: BoundLogger,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._resource = otlp_json.attributes(resource)
        self._collector = collector
        self._log = log
        self._clock = clock
        self._metrics = LiveMetrics(clock())
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")
        self._sending: Future[None] | None = None
        self._due_s = 0.0

    def add(self, tally: Tally) -> None:
        """Takes what became of a batch."""
        self._metrics.count(RecordOutcome.ACCEPTED, tally.accepted)
        self._metrics.count(RecordOutcome.DUPLICATE, tally.duplicates)
        self._metrics.count(RecordOutcome.INVALID, tally.invalid)
        for run in tally.runs:
            self._metrics.measure(run)

    def send_if_due(self) -> None:
        """Sends in the background what is counted, when it is time and the last time is over."""
        if time.monotonic() >= self._due_s and (self._sending is None or self._sending.done()):
            self._due_s = time.monotonic() + _INTERVAL_S
            self._sending = self._send()

    def close(self, wait_s: float) -> None:
        """Sends what is counted for a last time, and gives up after so long."""
        with suppress(TimeoutError):
            self._send().result(wait_s)
        self._thread.shutdown(wait=False)
        self._collector.close()

    def _send(self) -> Future[None]:
        batch = Batch(Signal.METRICS)
        metrics = self._metrics.metrics(self._clock())
        requests = [
            *batch.add(grouped(Signal.METRICS, self._resource, metrics)),
            *batch.flush(),
        ]
        return self._thread.submit(self._post, requests)

    def _post(self, requests: list[bytes]) -> None:
        try:
            for request in requests:
                self._collector.send_once(Signal.METRICS, request)
        except RetryableError:
            pass  # it is away: spans wait for it, and tell of it
        except DeliveryError as error:
            self._log.warning("live metrics refused", reason=str(error))

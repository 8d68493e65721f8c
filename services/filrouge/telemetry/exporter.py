"""Runs in, export requests out: to every sink the same, in the order runs come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from filrouge.runs.model import Run
from filrouge.telemetry import fragments, names
from filrouge.telemetry.batching import Batch, grouped
from filrouge.telemetry.context import Context
from filrouge.telemetry.gauges import GaugePoints
from filrouge.telemetry.live import LiveMetrics
from filrouge.telemetry.logs import log_groups
from filrouge.telemetry.otlp_json import Fragment, Signal
from filrouge.telemetry.spans import span_groups

_POINTS_PER_REQUEST = 4_000  # about a megabyte


class Sink(Protocol):
    """Somewhere that takes export requests in OTLP/JSON."""

    def write(self, signal: Signal, request: bytes) -> None:
        """Takes one request; may wait until there is room.

        Raises:
            DeliveryError: it, or one before it, could not be handed over.
        """

    def close(self) -> None:
        """Waits until all requests are handed over.

        Raises:
            DeliveryError: one could not be.
        """

    def abandon(self) -> None:
        """Stops as soon as it can; what is under way may be lost."""


class Exporter:
    """Encodes runs once and hands the requests to each sink."""

    def __init__(self, context: Context, sinks: Sequence[Sink]) -> None:
        self._context = context
        self._sinks = sinks
        self._batches = {signal: Batch(signal) for signal in Signal}
        self._gauges = GaugePoints()

    def export_run(self, run: Run) -> None:
        """Takes a closed run: spans, logs and gauges."""
        facts = {
            task.span_id: fragments.facts(task.record)
            for _, lane in run.lanes()
            for task in lane.tasks
        }
        self._add(Signal.TRACES, span_groups(run, self._context, facts))
        self._add(Signal.LOGS, log_groups(run, self._context, facts))
        self._gauges.add(run)
        if self._gauges.count >= _POINTS_PER_REQUEST:
            self._flush_gauges()

    def export_live(self, live: LiveMetrics, service_name: str, time_ns: int) -> None:
        """Takes the live instruments as they stand at an instant."""
        resource = fragments.resource(service_name, self._context.replay)
        self._add(Signal.METRICS, grouped(Signal.METRICS, resource, live.metrics(time_ns)))

    def flush(self) -> None:
        """Hands over what is waiting."""
        self._flush_gauges()
        for batch in self._batches.values():
            self._write(batch.signal, batch.flush())

    def _flush_gauges(self) -> None:
        # Without the mark of a replay: a run's gauges are the same points whoever sends them.
        resource = fragments.resource(names.RUN_SERVICE, replay=False)
        self._add(Signal.METRICS, grouped(Signal.METRICS, resource, self._gauges.take()))

    def _add(self, signal: Signal, groups: Iterable[Fragment]) -> None:
        self._write(signal, self._batches[signal].add(groups))

    def _write(self, signal: Signal, requests: Iterable[bytes]) -> None:
        for request in requests:
            for sink in self._sinks:
                sink.write(signal, request)

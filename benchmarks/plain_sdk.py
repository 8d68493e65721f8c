"""The SDK set up as its documentation shows; and its own encoders, writing to the sink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    LogRecordExporter,
    LogRecordExportResult,
)
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from benchmarks.sink import Sink
from filrouge.telemetry import names
from filrouge.telemetry.otlp_json import Signal

_QUEUE: Final = 1 << 20
"""With the default of 2,048, two thirds of what comes this fast would be dropped."""
_PATIENCE_MS: Final = 300_000
_DURATION_BOUNDS_S: Final = (0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1200)


class Sdk:
    """A tracer, a logger and four instruments.

    Args:
        spans: takes spans.
        logs: takes log records.
        metrics: takes metrics.
        replay: whether all of it is marked as a replay's.
    """

    def __init__(
        self,
        spans: SpanExporter,
        logs: LogRecordExporter,
        metrics: MetricExporter,
        replay: bool = False,
    ) -> None:
        mark = {names.REPLAY.key: True} if replay else {}
        resource = Resource({names.SERVICE_NAME.key: "ingestion", **mark})
        self._tracers = TracerProvider(resource=resource)
        self._tracers.add_span_processor(BatchSpanProcessor(spans, max_queue_size=_QUEUE))
        self._loggers = LoggerProvider(resource=resource)
        self._loggers.add_log_record_processor(BatchLogRecordProcessor(logs, max_queue_size=_QUEUE))
        reader = PeriodicExportingMetricReader(metrics)
        self._meters = MeterProvider([reader], resource=resource)
        self.tracer = self._tracers.get_tracer("plain")
        self.logger = self._loggers.get_logger("plain")
        self._make_instruments()

    @classmethod
    def to_sink(cls, sink: Sink) -> Self:
        """What marks all as a replay's, and writes it where every way does."""
        return cls(_SpanExporter(sink), _LogExporter(sink), _MetricExporter(sink), replay=True)

    def close(self) -> None:
        """Waits until all is with the exporters, and ends."""
        for provider in (self._tracers, self._loggers):
            provider.force_flush(_PATIENCE_MS)  # shutting down alone gives up after 30 s
            provider.shutdown()
        self._meters.shutdown()

    def _make_instruments(self) -> None:
        meter = self._meters.get_meter("plain")
        self.duration = meter.create_histogram(
            names.TASK_DURATION.key, "s", explicit_bucket_boundaries_advisory=_DURATION_BOUNDS_S
        )
        self.cpu_time, self.memory_delta = (
            meter.create_histogram(
                metric.name, metric.unit, explicit_bucket_boundaries_advisory=metric.bounds
            )
            for metric in (names.CPU_TIME, names.MEMORY_DELTA)
        )
        self.records = meter.create_counter(names.RECORDS.name, names.RECORDS.unit)


class _SpanExporter(SpanExporter):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._sink.write(Signal.TRACES, encode_spans(spans).SerializePartialToString())
        return SpanExportResult.SUCCESS


class _LogExporter(LogRecordExporter):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        self._sink.write(Signal.LOGS, encode_logs(batch).SerializePartialToString())
        return LogRecordExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 0) -> bool:  # noqa: ARG002
        return True

    def shutdown(self) -> None:
        pass


class _MetricExporter(MetricExporter):
    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._sink = sink

    def export(
        self,
        metrics_data: MetricsData,
        timeout_millis: float = 0,  # noqa: ARG002
        **_: Any,
    ) -> MetricExportResult:
        self._sink.write(Signal.METRICS, encode_metrics(metrics_data).SerializePartialToString())
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 0) -> bool:  # noqa: ARG002
        return True

    def shutdown(self, timeout_millis: float = 0, **_: Any) -> None:
        pass

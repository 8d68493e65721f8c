"""A service's own telemetry, from its start to its end.

It goes to the collector by the SDK, for it is little and there are instrumentations for it. What
the SDK's `OTEL_…` variables say of headers, time-outs, sampling, queues and limits is followed.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Meter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.environment_variables import OTEL_METRIC_EXPORT_INTERVAL
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.semconv._incubating.attributes import service_attributes as service_names
from opentelemetry.trace import Tracer
from structlog.stdlib import BoundLogger

from filrouge import __version__
from filrouge.observability.logs import logging_to
from filrouge.settings import Settings

NAMESPACE: Final = "filrouge"
"""`service.namespace` of all services; names of services and instrumentation scopes begin so."""

_METRIC_INTERVAL_MS: Final = 10_000.0
"""The SDK's own 60 s would hide a stall of a minute; each export is some kilobytes."""
_LAST_FLUSH_S: Final = 5.0
"""For what is still to be sent at the end. A collector that is away must not hold up a restart."""


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What a service tells of itself with.

    Attributes:
        tracer: makes spans.
        meter: makes instruments.
        log: takes events and their fields: `log.info("ready", port=8080)`.
        tracer_provider: for instrumentations that want one.
        meter_provider: likewise.
    """

    tracer: Tracer
    meter: Meter
    log: BoundLogger
    tracer_provider: TracerProvider
    meter_provider: MeterProvider


@contextmanager
def observe(service: str, settings: Settings) -> Iterator[Observed]:
    """Telemetry of a service while the block runs; what is left is sent at its end, in seconds.

    Spans, metrics and log records go to `settings.collector`, in the background. While that is
    away a line on standard error says so now and then, and nothing else happens.

    Logs also go to standard error, one JSON object a line, with `trace_id` and `span_id`; those of
    libraries by `logging` likewise. It is the process's logging that changes, so one service at a
    time. No global provider is set: what needs one is given it.

    Args:
        service: such as `ingestion`; `service.name` is `filrouge-ingestion`.
        settings: the settings in force.
    """
    name = f"{NAMESPACE}-{service}"
    resource = Resource.create(
        {
            service_names.SERVICE_NAME: name,
            service_names.SERVICE_NAMESPACE: NAMESPACE,
            service_names.SERVICE_VERSION: __version__,
            service_names.SERVICE_INSTANCE_ID: str(uuid.uuid4()),
        }
    )
    meters = _meters(settings, resource)
    tracers = _tracers(settings, resource, meters)
    loggers = _loggers(settings, resource, meters)
    scope = f"{NAMESPACE}.{service}"
    with logging_to(loggers, scope) as log:
        try:
            yield Observed(
                tracers.get_tracer(scope, __version__),
                meters.get_meter(scope, __version__),
                log,
                tracers,
                meters,
            )
        finally:
            _within(_LAST_FLUSH_S, tracers.shutdown, loggers.shutdown, meters.shutdown)


def _tracers(settings: Settings, resource: Resource, meters: MeterProvider) -> TracerProvider:
    provider = TracerProvider(resource=resource, shutdown_on_exit=False, meter_provider=meters)
    exporter = OTLPSpanExporter(f"{settings.collector}/v1/traces", meter_provider=meters)
    provider.add_span_processor(BatchSpanProcessor(exporter, meter_provider=meters))
    return provider


def _loggers(settings: Settings, resource: Resource, meters: MeterProvider) -> LoggerProvider:
    provider = LoggerProvider(resource, shutdown_on_exit=False, meter_provider=meters)
    exporter = OTLPLogExporter(f"{settings.collector}/v1/logs", meter_provider=meters)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter, meter_provider=meters))
    return provider


def _meters(settings: Settings, resource: Resource) -> MeterProvider:
    exporter = OTLPMetricExporter(f"{settings.collector}/v1/metrics")
    interval_ms = None if OTEL_METRIC_EXPORT_INTERVAL in os.environ else _METRIC_INTERVAL_MS
    reader = PeriodicExportingMetricReader(exporter, interval_ms)
    return MeterProvider([reader], resource=resource, shutdown_on_exit=False)


def _within(limit_s: float, *ends: Callable[[], object]) -> None:
    """Ends all at once; what takes longer is left to its fate, for its threads are daemons.

    The SDK's own limit is 30 s for each signal, and it tries again all that while.
    """
    threads = [threading.Thread(target=end, daemon=True) for end in ends]
    for thread in threads:
        thread.start()
    deadline_s = time.monotonic() + limit_s
    for thread in threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))

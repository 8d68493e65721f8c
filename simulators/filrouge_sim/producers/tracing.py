"""Spans of a simulated microservice, under its own name, with the ids that its records speak of."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.semconv._incubating.attributes import service_attributes as names
from opentelemetry.semconv.attributes import error_attributes
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from filrouge import __version__
from filrouge.settings import Settings

__all__ = ["SCOPE", "Tracing", "sender_of", "tracing"]

SCOPE: Final = "filrouge_sim"
_LAST_FLUSH_MS: Final = 5_000
_QUEUE: Final = 65_536
"""Spans that wait to be sent. By default 2,048, of which a run at high speed drops the oldest."""
_PROPAGATOR: Final = TraceContextTextMapPropagator()
_NS_PER_US: Final = 1000


class Tracing:
    """Makes spans.

    Args:
        provider: for spans of an instrumentation, too.
        ids: of that provider.
    """

    def __init__(self, provider: TracerProvider, ids: PlannedIds) -> None:
        self.provider = provider
        self._ids = ids
        self._tracer = provider.get_tracer(SCOPE, __version__)

    def start(
        self,
        name: str,
        parent: Context,
        attributes: Mapping[str, AttributeValue],
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        traceparent: str | None = None,
        start_us: int | None = None,
        links: Sequence[Link] = (),
    ) -> Span:
        """A span that has begun.

        Args:
            name: of few values.
            parent: an empty context for the first of a trace.
            attributes: as the SDK takes them.
            kind: likewise.
            traceparent: names the ids it is to have; None: any. Its trace counts only where there
                is no parent.
            start_us: when it began; None: now.
            links: as the SDK takes them.
        """
        self._ids.plan(traceparent)
        start_ns = None if start_us is None else start_us * _NS_PER_US
        return self._tracer.start_span(
            name, parent, kind, attributes, start_time=start_ns, links=links
        )


@contextmanager
def tracing(service: str, settings: Settings) -> Iterator[Tracing]:
    """What makes spans of a microservice, and sends them to the collector in the background.

    While that is away they are lost in the end, and nothing else happens.

    Args:
        service: `service.name`.
        settings: say where the collector is.
    """
    resource = Resource.create(
        {
            names.SERVICE_NAME: service,
            names.SERVICE_VERSION: __version__,
            names.SERVICE_INSTANCE_ID: str(uuid.uuid4()),
        }
    )
    ids = PlannedIds()
    provider = TracerProvider(resource=resource, id_generator=ids, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{settings.collector}/v1/traces", timeout=_LAST_FLUSH_MS / 1000)
    queue = None if "OTEL_BSP_MAX_QUEUE_SIZE" in os.environ else _QUEUE
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=queue))
    try:
        yield Tracing(provider, ids)
    finally:
        provider.force_flush(_LAST_FLUSH_MS)
        provider.shutdown()


def fail(span: Span, error_type: str, message: str) -> None:
    """Marks a span as failed."""
    span.set_attribute(error_attributes.ERROR_TYPE, error_type)
    span.set_status(Status(StatusCode.ERROR, message))


def sender_of(headers: Mapping[str, str]) -> Context:
    """The context that a message's headers carry; an empty one if they carry none."""
    return _PROPAGATOR.extract(headers, Context())


def within(span: Span) -> Context:
    """The context below a span."""
    return set_span_in_context(span, Context())


class PlannedIds(IdGenerator):
    """Random ids, save for the next span when its ids are decided.

    A record names the span of its producer's work, and is the same for the same seed: so the ids
    of that span are drawn with the record.
    """

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self._trace_id: int | None = None
        self._span_id: int | None = None

    def plan(self, traceparent: str | None) -> None:
        """Decides on the ids of the next span."""
        self._trace_id = self._span_id = None
        if traceparent:
            _, trace_id, span_id, _ = traceparent.split("-")
            self._trace_id, self._span_id = int(trace_id, 16), int(span_id, 16)

    def generate_trace_id(self) -> int:
        """The planned id, once; else a random one."""
        planned, self._trace_id = self._trace_id, None
        return self._random.generate_trace_id() if planned is None else planned

    def generate_span_id(self) -> int:
        """The planned id, once; else a random one."""
        planned, self._span_id = self._span_id, None
        return self._random.generate_span_id() if planned is None else planned

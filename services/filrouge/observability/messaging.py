"""Hops over Kafka as OpenTelemetry's messaging conventions tell them, and the trace across them.

By hand, and not by the instrumentation of confluent-kafka, for that makes one span for all that
`consume()` gives, with the first message's topic and no links; misses some of the client's methods;
and makes a span for each message produced, which costs more than the message.

A request's records are one batch: one `send` span, whose context goes with each of them. A batch
that is processed is one `process` span, which links to the context of every hop that it is from.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter
from opentelemetry.semconv._incubating.attributes import messaging_attributes as names
from opentelemetry.semconv._incubating.metrics import messaging_metrics as metrics
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from filrouge.observability.observe import Observed

Headers = Sequence[tuple[str, bytes | str | None]]
"""As confluent-kafka has them."""

_PROPAGATOR: Final = TraceContextTextMapPropagator()
_BOUNDS_S: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0)


def headers_with_trace(headers: Headers = ()) -> list[tuple[str, bytes]]:
    """The headers of a message, and `traceparent` and `tracestate` of the current span.

    Those that an earlier hop put there are replaced, as W3C trace context asks.
    """
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    kept = [(name, _bytes(value)) for name, value in headers if name not in _PROPAGATOR.fields]
    return kept + [(name, value.encode()) for name, value in carrier.items()]


def links_to(hops: Iterable[Headers | None]) -> list[Link]:
    """A link to each span that sent one of these messages, once; in their order.

    Args:
        hops: the headers of each message.
    """
    found: dict[tuple[int, int], Link] = {}
    for headers in hops:
        carrier = {
            name: _bytes(value).decode(errors="replace")
            for name, value in headers or ()
            if name in _PROPAGATOR.fields
        }
        if link := _link(carrier):
            found.setdefault((link.context.trace_id, link.context.span_id), link)
    return list(found.values())


def links_to_traceparents(traceparents: Iterable[str | None]) -> list[Link]:
    """A link to each span that producers say their records come from, once; in their order."""
    return links_to([("traceparent", each)] for each in traceparents if each)


class Messaging:
    """Spans and metrics of one client of Kafka.

    Args:
        observed: what the service tells of itself with.
        brokers: as the setting says.
        group: of the consumer.
    """

    def __init__(self, observed: Observed, brokers: str, group: str | None = None) -> None:
        self._tracer = observed.tracer
        self._attributes: dict[str, AttributeValue] = {
            names.MESSAGING_SYSTEM: names.MessagingSystemValues.KAFKA.value,
            **_server(brokers),
        }
        if group:
            self._attributes[names.MESSAGING_CONSUMER_GROUP_NAME] = group
        meter = observed.meter
        self._sent = metrics.create_messaging_client_sent_messages(meter)
        self._consumed = metrics.create_messaging_client_consumed_messages(meter)
        self._sending = _seconds(meter, metrics.MESSAGING_CLIENT_OPERATION_DURATION)
        self._processing = _seconds(meter, metrics.MESSAGING_PROCESS_DURATION)

    @contextmanager
    def send(self, topic: str, count: int, links: Sequence[Link] = ()) -> Iterator[Span]:
        """The span of handing a batch over, until the broker has acknowledged it.

        Args:
            topic: where it goes.
            count: of messages.
            links: to what the messages come from.
        """
        attributes = self._of("send", names.MessagingOperationTypeValues.SEND.value, topic)
        begun_s = time.monotonic()
        try:
            with self._span(SpanKind.PRODUCER, attributes, count, links) as span:
                yield span
        finally:
            self._sent.add(count, attributes)
            self._sending.record(time.monotonic() - begun_s, attributes)

    @contextmanager
    def process(
        self, topic: str, count: int, links: Sequence[Link] = (), partition: int | None = None
    ) -> Iterator[Span]:
        """The span of working on a batch, a trace of its own.

        Args:
            topic: where it comes from.
            count: of messages.
            links: to the hops that brought them, as `links_to` has them.
            partition: if they are all of one.
        """
        attributes = self._of("process", names.MessagingOperationTypeValues.PROCESS.value, topic)
        if partition is not None:
            attributes[names.MESSAGING_DESTINATION_PARTITION_ID] = str(partition)
        begun_s = time.monotonic()
        try:
            with self._span(SpanKind.CONSUMER, attributes, count, links) as span:
                yield span
        finally:
            self._consumed.add(count, attributes)
            self._processing.record(time.monotonic() - begun_s, attributes)

    def _of(self, operation: str, kind: str, topic: str) -> dict[str, AttributeValue]:
        return {
            **self._attributes,
            names.MESSAGING_OPERATION_NAME: operation,
            names.MESSAGING_OPERATION_TYPE: kind,
            names.MESSAGING_DESTINATION_NAME: topic,
        }

    @contextmanager
    def _span(
        self,
        kind: SpanKind,
        attributes: dict[str, AttributeValue],
        count: int,
        links: Sequence[Link],
    ) -> Iterator[Span]:
        operation = str(attributes[names.MESSAGING_OPERATION_NAME])
        with self._tracer.start_as_current_span(
            f"{operation} {attributes[names.MESSAGING_DESTINATION_NAME]!s}",
            kind=kind,
            attributes={**attributes, names.MESSAGING_BATCH_MESSAGE_COUNT: count},
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                attributes[error_attributes.ERROR_TYPE] = type(error).__qualname__
                span.set_attribute(error_attributes.ERROR_TYPE, type(error).__qualname__)
                span.set_status(Status(StatusCode.ERROR, str(error)))
                raise


def _seconds(meter: Meter, name: str) -> Histogram:
    return meter.create_histogram(name, "s", explicit_bucket_boundaries_advisory=_BOUNDS_S)


def _link(carrier: dict[str, str]) -> Link | None:
    context = get_current_span(_PROPAGATOR.extract(carrier, Context())).get_span_context()
    return Link(context) if context.is_valid else None


def _server(brokers: str) -> dict[str, AttributeValue]:
    """Where the broker is, if there is only one; which of several is the client's to know."""
    host, _, port = brokers.rpartition(":")
    if "," in brokers or not port.isdecimal():
        return {}
    return {server_attributes.SERVER_ADDRESS: host, server_attributes.SERVER_PORT: int(port)}


def _bytes(value: bytes | str | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""

"""What a service told of itself, as a receiver got it: plain values, for tests of every service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from filrouge.telemetry.otlp_json import Signal
from tests.telemetry.receivers import HttpReceiver


@dataclass(frozen=True)
class ToldSpan:
    """A span; ids in hexadecimal, links as trace id and span id."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    links: list[tuple[str, str]]
    failed: bool


@dataclass(frozen=True)
class ToldLog:
    """A log record."""

    body: Any
    severity: str
    trace_id: str
    span_id: str
    attributes: dict[str, Any]


class Told:
    """What has come to a receiver so far."""

    def __init__(self, receiver: HttpReceiver) -> None:
        self._receiver = receiver

    def resources(self) -> dict[Signal, dict[str, Any]]:
        """The last resource of each signal."""
        return {
            signal: plain(each.resource.attributes)
            for signal in Signal
            for each in self._groups(signal)
        }

    def spans(self) -> list[ToldSpan]:
        return [
            _span(span)
            for group in self._groups(Signal.TRACES)
            for scope in group.scope_spans
            for span in scope.spans
        ]

    def logs(self) -> list[ToldLog]:
        return [
            ToldLog(
                _value(record.body),
                record.severity_text,
                record.trace_id.hex(),
                record.span_id.hex(),
                plain(record.attributes),
            )
            for group in self._groups(Signal.LOGS)
            for scope in group.scope_logs
            for record in scope.log_records
        ]

    def metric(self, name: str) -> list[tuple[dict[str, Any], float]]:
        """The last points of a metric: attributes, and value or, of a histogram, count."""
        found: dict[str, tuple[dict[str, Any], float]] = {}
        for group in self._groups(Signal.METRICS):
            for scope in group.scope_metrics:
                for metric in scope.metrics:
                    if metric.name == name:
                        found |= {str(point[0]): point for point in _points(metric)}
        return list(found.values())

    def _groups(self, signal: Signal) -> list[Any]:
        read: dict[Signal, Any] = {
            Signal.TRACES: lambda body: ExportTraceServiceRequest.FromString(body).resource_spans,
            Signal.LOGS: lambda body: ExportLogsServiceRequest.FromString(body).resource_logs,
            Signal.METRICS: lambda body: (
                ExportMetricsServiceRequest.FromString(body).resource_metrics
            ),
        }
        return [
            group
            for kind, body in list(self._receiver.received)
            if kind is signal
            for group in read[signal](body)
        ]


def plain(attributes: Any) -> dict[str, Any]:
    """Attributes as a dict."""
    pairs: list[KeyValue] = list(attributes)
    return {each.key: _value(each.value) for each in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None


def _span(span: Span) -> ToldSpan:
    return ToldSpan(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=plain(span.attributes),
        links=[(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
        failed=span.status.code == 2,
    )


def _points(metric: Any) -> list[tuple[dict[str, Any], float]]:
    data = getattr(metric, metric.WhichOneof("data"))
    return [
        (
            plain(point.attributes),
            point.count
            if metric.HasField("histogram")
            else getattr(point, point.WhichOneof("value")),
        )
        for point in data.data_points
    ]

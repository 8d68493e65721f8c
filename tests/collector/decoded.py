"""What leaves the collector, as plain values: OTLP's protobuf messages, flat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Plain = dict[str, Any]


def logs(request: ExportLogsServiceRequest) -> Iterator[Plain]:
    """Every log record, as `tests.telemetry.captured` has it, with scope and observed time."""
    for group in request.resource_logs:
        for scope in group.scope_logs:
            for record in scope.log_records:
                yield {
                    **_log(record),
                    "resource": plain(group.resource.attributes),
                    "scope": (scope.scope.name, scope.scope.version),
                }


def spans(request: ExportTraceServiceRequest) -> Iterator[Plain]:
    """Every span, as `tests.telemetry.captured` has it, with its scope."""
    for group in request.resource_spans:
        for scope in group.scope_spans:
            for span in scope.spans:
                yield {
                    **_span(span),
                    "resource": plain(group.resource.attributes),
                    "scope": (scope.scope.name, scope.scope.version),
                }


def points(request: ExportMetricsServiceRequest) -> Iterator[Plain]:
    """Every data point, with name, unit and kind of its metric."""
    for group in request.resource_metrics:
        for scope in group.scope_metrics:
            for metric in scope.metrics:
                for point in _points(metric):
                    yield {**point, "resource": plain(group.resource.attributes)}


def plain(attributes: Iterable[KeyValue]) -> Plain:
    """KeyValues as a dict, in which no key may come twice."""
    found = list(attributes)
    values = {each.key: _value(each.value) for each in found}
    assert len(values) == len(found)
    return values


def _log(record: LogRecord) -> Plain:
    return {
        "name": record.event_name,
        "trace_id": record.trace_id.hex(),
        "span_id": record.span_id.hex(),
        "time_ns": record.time_unix_nano,
        "observed_ns": record.observed_time_unix_nano,
        "severity": (record.severity_number, record.severity_text),
        "body": _value(record.body),
        "attributes": plain(record.attributes),
    }


def _span(span: Span) -> Plain:
    return {
        "name": span.name,
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent": span.parent_span_id.hex() or None,
        "start_ns": span.start_time_unix_nano,
        "end_ns": span.end_time_unix_nano,
        "status": ("unset", "ok", "error")[span.status.code],
        "message": span.status.message,
        "attributes": plain(span.attributes),
        "events": [
            (event.name, event.time_unix_nano, plain(event.attributes)) for event in span.events
        ],
        "links": [
            (link.trace_id.hex(), link.span_id.hex(), plain(link.attributes)) for link in span.links
        ],
    }


def _points(metric: Metric) -> Iterator[Plain]:
    kind = str(metric.WhichOneof("data"))
    for point in getattr(metric, kind).data_points:
        yield {
            "name": metric.name,
            "unit": metric.unit,
            "kind": kind,
            "time_ns": point.time_unix_nano,
            "start_ns": point.start_time_unix_nano,
            "value": _number(point),
            "attributes": plain(point.attributes),
            "point": point,
        }


def _number(point: Any) -> float | None:
    if not hasattr(point, "as_int"):
        return None
    number: float = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
    return number


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return plain(value.kvlist_value.values)
    return None if kind is None else getattr(value, kind)

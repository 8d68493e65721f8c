"""What is in a sink, as plain values that do not depend on which way filled it.

Left out is what a way may word as it likes: service names, statuses' texts, types of errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.sink import Sink, is_json
from filrouge.telemetry import names
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.protobuf import MESSAGES, to_message

_WORDED_FREELY = {names.SERVICE_NAME.key, names.ERROR_TYPE.key, names.EXCEPTION_TYPE.key}


def spans(sink: Sink) -> list[dict[str, Any]]:
    found = list(_spans(sink))
    by_id = {span.span_id: span for _, span in found}
    return _sorted(_span(resource, span, by_id) for resource, span in found)


def log_records(sink: Sink) -> list[dict[str, Any]]:
    by_id = {span.span_id: span for _, span in _spans(sink)}
    return _sorted(
        _log_record(resource, log, by_id)
        for message in _messages(sink, Signal.LOGS)
        for group in message.resource_logs
        for resource in [_attributes(group.resource.attributes)]
        for scope in group.scope_logs
        for log in scope.log_records
    )


def points(sink: Sink, metric_name: str) -> list[dict[str, Any]]:
    """The points of a counter or histogram, without their times."""
    return _sorted(
        _point(point)
        for message in _messages(sink, Signal.METRICS)
        for group in message.resource_metrics
        for scope in group.scope_metrics
        for metric in scope.metrics
        if metric.name == metric_name
        for point in [*metric.sum.data_points, *metric.histogram.data_points]
    )


def _messages(sink: Sink, signal: Signal) -> Iterator[Any]:
    for request in sink.requests[signal]:
        if is_json(request):
            yield to_message(signal, request)
        else:
            yield MESSAGES[signal].FromString(request)


def _spans(sink: Sink) -> Iterator[tuple[dict[str, Any], Any]]:
    for message in _messages(sink, Signal.TRACES):
        for group in message.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    yield _attributes(group.resource.attributes), span


def _span(resource: dict[str, Any], span: Any, by_id: dict[bytes, Any]) -> dict[str, Any]:
    return {
        "path": _path(span, by_id),
        "start_ns": span.start_time_unix_nano,
        "end_ns": span.end_time_unix_nano,
        "kind": span.kind,
        "status": span.status.code,
        "attributes": resource | _attributes(span.attributes),
        "events": [
            (event.name, event.time_unix_nano, _attributes(event.attributes))
            for event in span.events
        ],
    }


def _log_record(resource: dict[str, Any], log: Any, by_id: dict[bytes, Any]) -> dict[str, Any]:
    span = by_id[log.span_id]
    assert log.trace_id == span.trace_id
    return {
        "path": _path(span, by_id),
        "time_ns": log.time_unix_nano,
        "severity": (log.severity_number, log.severity_text),
        "event_name": log.event_name,
        "body": log.body.string_value,
        "attributes": resource | _attributes(log.attributes),
    }


def _point(point: Any) -> dict[str, Any]:
    counted = ("as_int", "count", "bucket_counts", "explicit_bounds")
    fields = {field.name: value for field, value in point.ListFields() if field.name in counted}
    buckets = {name: list(value) if "b" in name else value for name, value in fields.items()}
    return {"attributes": _attributes(point.attributes), **buckets}


def _path(span: Any, by_id: dict[bytes, Any]) -> list[str]:
    """The names from the root to the span."""
    above = _path(by_id[span.parent_span_id], by_id) if span.parent_span_id else []
    return [*above, span.name]


def _attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value"))
        for pair in pairs
        if pair.key not in _WORDED_FREELY
    }


def _sorted(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda each: repr(sorted(each.items())))

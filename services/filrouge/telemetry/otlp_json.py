"""OTLP in its JSON encoding, as fragments of bytes that can be kept and joined.

Most of a run's telemetry repeats: company, zone, source and object stand on every span. So each
fragment is encoded once and joined often, which is what makes this many times faster than building
messages (`benchmarks/`). The rules are those of the OTLP specification: ids are hexadecimal, 64-bit
integers are decimal strings, enumerations are numbers, names are lowerCamelCase.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import orjson

from filrouge.telemetry.names import SCOPE, SCOPE_VERSION, Instrument, LogEvent, Metric

Fragment = bytes
"""A piece of JSON in UTF-8; plural ones hold their items joined by commas."""
Value = str | bool | int | float | Sequence[str]


class Signal(StrEnum):
    """One of OTLP's signals; the value is its path and the stem of its file."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"


class StatusCode:
    """Numbers of `Status.StatusCode`."""

    OK: Final = 1
    ERROR: Final = 2


_KIND_INTERNAL: Final = 1
_FLAGS_PARENT_IS_LOCAL: Final = 256  # SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK, and not remote
_FLAGS_LINK_IS_REMOTE: Final = 768
_CUMULATIVE: Final = 2
_GROUPS: Final = {
    Signal.TRACES: (b"resourceSpans", b"scopeSpans", b"spans"),
    Signal.LOGS: (b"resourceLogs", b"scopeLogs", b"logRecords"),
    Signal.METRICS: (b"resourceMetrics", b"scopeMetrics", b"metrics"),
}


def string(text: str) -> Fragment:
    """A JSON string."""
    return orjson.dumps(text)


def number(value: float) -> Fragment:
    """A JSON number with all its digits, in half the time of `repr`."""
    return orjson.dumps(value)


def attribute(key: str, value: Value) -> Fragment:
    """One KeyValue."""
    return b'{"key":%b,"value":{%b}}' % (string(key), _any_value(value))


def attributes(values: Mapping[str, Value | None]) -> Fragment:
    """KeyValues in the mapping's order; what is None is left out."""
    present = ((key, value) for key, value in values.items() if value is not None)
    return b",".join(attribute(key, value) for key, value in present)


def span_head(trace_id: str, parent_span_id: str | None, attributes: Fragment) -> Fragment:
    """The beginning of Spans: what those share that have one parent. A root has none."""
    parent = b'"parentSpanId":"%b",' % parent_span_id.encode() if parent_span_id else b""
    return b'{"traceId":"%b",%b"flags":%d,"kind":%d,"attributes":[%b' % (
        trace_id.encode(),
        parent,
        _FLAGS_PARENT_IS_LOCAL,
        _KIND_INTERNAL,
        attributes,
    )


# One call a span: its arguments are the fields that vary, by position, for names cost 0.3 µs here.
def span(  # noqa: PLR0913
    head: Fragment,
    attributes: Fragment,
    span_id: str,
    name: Fragment,
    start_ns: int,
    end_ns: int,
    status: Fragment,
    more: Fragment = b"",
) -> Fragment:
    """One Span.

    Args:
        head: from `span_head()`.
        attributes: further ones, each with a comma before it.
        span_id: hexadecimal.
        name: a JSON string.
        start_ns: nanoseconds since 1970 UTC.
        end_ns: the same.
        status: from `status()`.
        more: from `event()` and `links()`.
    """
    return (
        b'%b%b],"spanId":"%b","name":%b,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",'
        b'"status":%b%b}'
    ) % (head, attributes, span_id.encode(), name, start_ns, end_ns, status, more)


def status(code: int, message: str = "") -> Fragment:
    """A Status."""
    return (
        b'{"code":%d,"message":%b}' % (code, string(message)) if message else b'{"code":%d}' % code
    )


def event(name: str, time_ns: int, attributes: Fragment) -> Fragment:
    """The field of a Span that holds its one Event."""
    return b',"events":[{"timeUnixNano":"%d","name":%b,"attributes":[%b]}]' % (
        time_ns,
        string(name),
        attributes,
    )


def links(links: Iterable[tuple[str, str, Fragment]]) -> Fragment:
    """The field of a Span that holds its Links: trace id, span id and attributes of each."""
    encoded = (
        b'{"traceId":"%b","spanId":"%b","attributes":[%b],"flags":%d}'
        % (trace_id.encode(), span_id.encode(), attributes, _FLAGS_LINK_IS_REMOTE)
        for trace_id, span_id, attributes in links
    )
    return b',"links":[%b]' % b",".join(encoded)


def log_head(trace_id: str, attributes: Fragment) -> Fragment:
    """The beginning of LogRecords: what those of one trace share."""
    return b'{"traceId":"%b","attributes":[%b' % (trace_id.encode(), attributes)


def log_record(
    head: Fragment, attributes: Fragment, span_id: str, time_ns: int, kind: Fragment, body: Fragment
) -> Fragment:
    """One LogRecord at event time.

    It has no observed time: that would differ at every replay, and what is written twice must be
    the same.

    Args:
        head: from `log_head()`.
        attributes: further ones, each with a comma before it.
        span_id: hexadecimal.
        time_ns: nanoseconds since 1970 UTC.
        kind: from `log_kind()`.
        body: a JSON string.
    """
    return b'%b%b],"spanId":"%b","timeUnixNano":"%d",%b"body":{"stringValue":%b}}' % (
        head,
        attributes,
        span_id.encode(),
        time_ns,
        kind,
        body,
    )


def log_kind(event: LogEvent) -> Fragment:
    """The fields of a LogRecord that say what happened and how grave it is."""
    return b'"severityNumber":%d,"severityText":"%b","eventName":"%b",' % (
        event.severity.value,
        event.severity.name.encode(),
        event.name.encode(),
    )


def number_point(
    attributes: Fragment, time_ns: int, value: float, start_ns: int | None = None
) -> Fragment:
    """A NumberDataPoint; counters have a start."""
    start = b'"startTimeUnixNano":"%d",' % start_ns if start_ns is not None else b""
    field = b'"asInt":"%d"' % value if isinstance(value, int) else b'"asDouble":%b' % number(value)
    return b'{"attributes":[%b],%b"timeUnixNano":"%d",%b}' % (attributes, start, time_ns, field)


def histogram_point(  # noqa: PLR0913
    attributes: Fragment,
    *,
    start_ns: int,
    time_ns: int,
    bucket_counts: Sequence[int],
    bounds: Sequence[float],
    total: float | None,
    minimum: float,
    maximum: float,
) -> Fragment:
    """A HistogramDataPoint; without `total` for values that may be negative, as OTLP asks."""
    return (
        b'{"attributes":[%b],"startTimeUnixNano":"%d","timeUnixNano":"%d","count":"%d",%b'
        b'"bucketCounts":[%b],"explicitBounds":[%b],"min":%a,"max":%a}'
    ) % (
        attributes,
        start_ns,
        time_ns,
        sum(bucket_counts),
        b"" if total is None else b'"sum":%a,' % float(total),
        b",".join(b'"%d"' % count for count in bucket_counts),
        b",".join(b"%a" % float(bound) for bound in bounds),
        float(minimum),
        float(maximum),
    )


def metric(metric: Metric, points: Iterable[Fragment]) -> Fragment:
    """One Metric with its points; sums and histograms are cumulative."""
    kind = {
        Instrument.GAUGE: b'"gauge":{',
        Instrument.COUNTER: b'"sum":{"aggregationTemporality":%d,"isMonotonic":true,' % _CUMULATIVE,
        Instrument.HISTOGRAM: b'"histogram":{"aggregationTemporality":%d,' % _CUMULATIVE,
    }[metric.instrument]
    return b'{"name":%b,"description":%b,"unit":%b,%b"dataPoints":[%b]}}' % (
        string(metric.name),
        string(metric.brief),
        string(metric.unit),
        kind,
        b",".join(points),
    )


_SCOPE: Final = b'{"name":%b,"version":%b}' % (string(SCOPE), string(SCOPE_VERSION))


def group(signal: Signal, resource_attributes: Fragment, items: Iterable[Fragment]) -> Fragment:
    """The spans, log records or metrics of one resource."""
    _, scope_key, items_key = _GROUPS[signal]
    return b'{"resource":{"attributes":[%b]},"%b":[{"scope":%b,"%b":[%b]}]}' % (
        resource_attributes,
        scope_key,
        _SCOPE,
        items_key,
        b",".join(items),
    )


def request(signal: Signal, groups: Iterable[Fragment]) -> bytes:
    """An export request, as one line without a line break."""
    return b'{"%b":[%b]}' % (_GROUPS[signal][0], b",".join(groups))


def _any_value(value: Value) -> Fragment:
    match value:
        case str():
            return b'"stringValue":' + string(value)
        case bool():
            return b'"boolValue":' + (b"true" if value else b"false")
        case int():
            return b'"intValue":"%d"' % value
        case float():
            return b'"doubleValue":%a' % value
        case _:
            values = b",".join(b'{"stringValue":%b}' % string(item) for item in value)
            return b'"arrayValue":{"values":[%b]}' % values

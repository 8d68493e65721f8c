"""The W3C trace context of a producer, as far as a link needs it."""

from __future__ import annotations

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


def parse_traceparent(header: str) -> tuple[str, str] | None:
    """Trace id and span id in hexadecimal; None when the header is not valid."""
    context = _PROPAGATOR.extract({"traceparent": header})
    caller = get_current_span(context).get_span_context()
    if not caller.is_valid:
        return None
    return format_trace_id(caller.trace_id), format_span_id(caller.span_id)

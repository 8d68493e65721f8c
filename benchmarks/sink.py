"""Where every way hands its export requests."""

from __future__ import annotations

from typing import Any, Final

import orjson

from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.protobuf import MESSAGES

_LISTS: Final = {
    Signal.TRACES: ("resourceSpans", "scopeSpans", "spans"),
    Signal.LOGS: ("resourceLogs", "scopeLogs", "logRecords"),
}
_FIELDS: Final = {
    Signal.TRACES: ("resource_spans", "scope_spans", "spans"),
    Signal.LOGS: ("resource_logs", "scope_logs", "log_records"),
}


class Sink:
    """Keeps the requests, so that what is in them can be counted once the clock has stopped."""

    def __init__(self) -> None:
        self.requests: dict[Signal, list[bytes]] = {signal: [] for signal in Signal}

    def write(self, signal: Signal, request: bytes) -> None:
        """Takes one request, as OTLP/JSON or in protobuf's binary form."""
        self.requests[signal].append(request)

    def close(self) -> None:
        """Nothing is waiting."""

    def abandon(self) -> None:
        """Nothing is waiting, nor kept beyond the process."""


def is_json(request: bytes) -> bool:
    """Whether the request is OTLP/JSON; no message of OTLP begins with a brace."""
    return request.startswith(b"{")


def count_items(sink: Sink, signal: Signal) -> int:
    """How many spans or log records are in the sink."""
    return sum(_count(signal, request) for request in sink.requests[signal])


def _count(signal: Signal, request: bytes) -> int:
    if is_json(request):
        groups, scopes, items = _LISTS[signal]
        found: Any = orjson.loads(request)
        return sum(len(scope[items]) for group in found[groups] for scope in group[scopes])
    groups, scopes, items = _FIELDS[signal]
    message = MESSAGES[signal].FromString(request)
    return sum(
        len(getattr(scope, items))
        for group in getattr(message, groups)
        for scope in getattr(group, scopes)
    )

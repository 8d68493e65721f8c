"""Spans of a trace, as Tempo has them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any, NamedTuple

from filrouge.backends.http import HttpApi


class SpanSeen(NamedTuple):
    """One span: its ids as lower-case hexadecimal text, and its name."""

    trace_id: str
    span_id: str
    name: str


class Tempo:
    """Tempo at an address."""

    def __init__(self, url: str) -> None:
        self._api = HttpApi("Tempo", url)

    def spans(self, trace_id: str) -> Iterator[SpanSeen]:
        """Every span of a trace; none where the trace is unknown.

        Raises:
            BackendError: Tempo is away, or refuses.
        """
        answer = self._api.get(f"/api/v2/traces/{trace_id}") or {}
        trace = answer.get("trace") or {}
        for group in trace.get("resourceSpans", trace.get("batches", [])):
            for scope in group["scopeSpans"]:
                for span in scope["spans"]:
                    yield _seen(span)


def _seen(span: Any) -> SpanSeen:
    return SpanSeen(_hex(span["traceId"]), _hex(span["spanId"]), span.get("name", ""))


def _hex(base64: str) -> str:
    return b64decode(base64).hex()

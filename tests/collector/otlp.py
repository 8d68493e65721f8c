"""OTLP/JSON requests as other services would send them, by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

INTERNAL: Final = 1
SERVER: Final = 2
CLIENT: Final = 3
ERROR: Final = 2
_TIME_NS: Final = 1_757_105_120_000_000_000


def span(
    number: int = 1,
    name: str = "work",
    attributes: Mapping[str, Any] | None = None,
    took_s: float = 1,
    **fields: Any,
) -> dict[str, Any]:
    """A span, of a trace of its own unless `fields` say otherwise."""
    return {
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "name": name,
        "kind": INTERNAL,
        "startTimeUnixNano": str(_TIME_NS),
        "endTimeUnixNano": str(_TIME_NS + round(took_s * 1e9)),
        "attributes": key_values(attributes or {}),
        **fields,
    }


def failed(message: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a span that failed: status, and an event with attributes."""
    event = {"name": "exception", "timeUnixNano": "1", "attributes": key_values(attributes)}
    return {"status": {"code": ERROR, "message": message}, "events": [event]}


def log(body: str, attributes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A log record."""
    return {
        "timeUnixNano": str(_TIME_NS),
        "severityNumber": 9,
        "body": {"stringValue": body},
        "attributes": key_values(attributes or {}),
    }


def traces(spans: Iterable[dict[str, Any]], resource: Mapping[str, Any] | None = None) -> bytes:
    """A request of spans of one resource."""
    return _request("Spans", "spans", spans, resource or {})


def logs(records: Iterable[dict[str, Any]], resource: Mapping[str, Any] | None = None) -> bytes:
    """A request of log records of one resource."""
    return _request("Logs", "logRecords", records, resource or {})


def key_values(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes as OTLP/JSON has them."""
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _request(
    kind: str, items: str, each: Iterable[dict[str, Any]], resource: Mapping[str, Any]
) -> bytes:
    scope = {"scope": {"name": "other"}, items: list(each)}
    group = {"resource": {"attributes": key_values(resource)}, f"scope{kind}": [scope]}
    return orjson.dumps({f"resource{kind}": [group]})


def _value(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case _:
            return {"stringValue": value}

"""What leaves the exporter, as plain values: OTLP/JSON read with orjson alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from filrouge.runs.model import Run
from filrouge.telemetry.context import Context
from filrouge.telemetry.exporter import Exporter
from filrouge.telemetry.live import LiveMetrics
from filrouge.telemetry.otlp_json import Signal

SERVICES: Final = {"1-Raw": "ingestion", "2-Standard": "standardization"}
LIVE_START_NS: Final = 1
LIVE_TIME_NS: Final = 2


class Captured:
    """A sink that keeps every request.

    Attributes:
        requests: signal and bytes of each, in order.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[Signal, bytes]] = []

    def write(self, signal: Signal, request: bytes) -> None:
        self.requests.append((signal, request))

    def close(self) -> None:
        """Nothing is waiting."""

    def abandon(self) -> None:
        """Nothing is under way."""

    def of(self, signal: Signal) -> list[bytes]:
        return [request for kind, request in self.requests if kind is signal]

    def spans(self) -> list[dict[str, Any]]:
        """Every span, flat: ids, times as numbers, attributes as plain dicts."""
        return [_span(*each) for each in self._items(Signal.TRACES, "Spans", "spans")]

    def logs(self) -> list[dict[str, Any]]:
        """Every log record, likewise."""
        return [_log(*each) for each in self._items(Signal.LOGS, "Logs", "logRecords")]

    def points(self) -> list[dict[str, Any]]:
        """Every data point, with the name and unit of its metric."""
        metrics = self._items(Signal.METRICS, "Metrics", "metrics")
        return [point for each in metrics for point in _points(*each)]

    def _items(
        self, signal: Signal, kind: str, items: str
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        for request in self.of(signal):
            for group in orjson.loads(request)[f"resource{kind}"]:
                for scope in group[f"scope{kind}"]:
                    for item in scope[items]:
                        yield group["resource"], item


def exported(
    *runs: Run,
    replay: bool = False,
    live: LiveMetrics | None = None,
    service: str = "measurer",
    time_ns: int = LIVE_TIME_NS,
) -> Captured:
    """What comes out for these runs, and for the live instruments if there are any."""
    captured = Captured()
    exporter = Exporter(Context(SERVICES, replay), [captured])
    for run in runs:
        exporter.export_run(run)
    if live:
        exporter.export_live(live, service, time_ns)
    exporter.flush()
    return captured


def by_name(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The items by their names, of which none may come twice."""
    named = {item["name"]: item for item in items}
    assert len(named) == len(items)
    return named


def plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    """KeyValues as a dict, in which no key may come twice."""
    values = {each["key"]: _value(each["value"]) for each in attributes}
    assert len(values) == len(attributes)
    return values


def _span(resource: dict[str, Any], span: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": span["name"],
        "trace_id": span["traceId"],
        "span_id": span["spanId"],
        "parent": span.get("parentSpanId"),
        "start_ns": int(span["startTimeUnixNano"]),
        "end_ns": int(span["endTimeUnixNano"]),
        "status": ("unset", "ok", "error")[span["status"]["code"]],
        "message": span["status"].get("message", ""),
        "resource": plain(resource["attributes"]),
        "attributes": plain(span["attributes"]),
        "events": [
            (event["name"], int(event["timeUnixNano"]), plain(event["attributes"]))
            for event in span.get("events", [])
        ],
        "links": [
            (link["traceId"], link["spanId"], plain(link["attributes"]))
            for link in span.get("links", [])
        ],
    }


def _log(resource: dict[str, Any], log: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": log["eventName"],
        "trace_id": log["traceId"],
        "span_id": log["spanId"],
        "time_ns": int(log["timeUnixNano"]),
        "severity": (log["severityNumber"], log["severityText"]),
        "body": log["body"]["stringValue"],
        "resource": plain(resource["attributes"]),
        "attributes": plain(log["attributes"]),
    }


def _points(resource: dict[str, Any], metric: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = next(kind for kind in ("gauge", "sum", "histogram") if kind in metric)
    for point in metric[kind]["dataPoints"]:
        yield {
            "name": metric["name"],
            "unit": metric["unit"],
            "kind": kind,
            "time_ns": int(point["timeUnixNano"]),
            "start_ns": int(point.get("startTimeUnixNano", 0)),
            "value": _number(point),
            "resource": plain(resource["attributes"]),
            "attributes": plain(point["attributes"]),
            "point": point,
        }


def _number(point: dict[str, Any]) -> float | None:
    if "asInt" in point:
        return int(point["asInt"])
    return point.get("asDouble")


def _value(value: dict[str, Any]) -> Any:
    [(kind, content)] = value.items()
    match kind:
        case "intValue":
            return int(content)
        case "arrayValue":
            return [_value(each) for each in content["values"]]
        case _:
            return content

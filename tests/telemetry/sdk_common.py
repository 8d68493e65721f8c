"""What the SDK's spans, logs and metrics of a run share, and how messages are compared.

The `sdk_*` modules build the SDK's own objects from a run, by the rules of `docs/telemetry.md` and
with none of our encoder's code, for the SDK's own encoders to encode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext

from filrouge.records.record import TaskFinished, TaskOutcome
from filrouge.runs.failure import error_type
from filrouge.runs.model import Run
from tests.telemetry.captured import SERVICES

SCOPE: Final = InstrumentationScope("filrouge", "1")


def comparable(*messages: Message) -> list[Any]:
    """The resources of some requests, with what makes no difference made equal.

    Attributes are a set, so they are sorted. The SDK puts all items of one resource under one
    heading, where we begin a new one now and then: items of equal resources are put together.
    """
    merged: dict[str, dict[str, Any]] = {}
    for message in messages:
        for groups in MessageToDict(message).values():
            for group in map(_sorted, groups):
                first = merged.setdefault(str(group["resource"]), group)
                if first is not group:
                    _append(first, group)
    return list(merged.values())


def resource(service: str, replay: bool, more: Mapping[str, str] | None = None) -> Resource:
    mark = {"ingestion.replay": True} if replay else {}
    return Resource({"service.name": service, **mark, **(more or {})})


def service_of(zone: str) -> str:
    return SERVICES.get(zone, "unknown_service")


def context(trace_id: str, span_id: str, remote: bool = False) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=remote)


def run_identity(run: Run) -> dict[str, Any]:
    return {
        "ingestion.run.id": run.key.run_id,
        "ingestion.run.attempt": run.key.attempt,
        "ingestion.run.rebased_from": run.rebased_from,
    }


def task_facts(record: TaskFinished) -> dict[str, Any]:
    failed = record.outcome is TaskOutcome.FAILURE
    return {
        "ingestion.object.id": record.object_id,
        "ingestion.object.name": record.object_name,
        "ingestion.transformation": record.transformation,
        "ingestion.task.cpu.time": record.cpu_time_s,
        "ingestion.task.memory.delta": record.memory_delta_bytes,
        "ingestion.task.outcome": str(record.outcome),
        "ingestion.task.remarks": [str(remark) for remark in record.remarks] or None,
        "error.type": error_type(record) if failed else None,
    }


def present(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if value is not None}


def _sorted(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: sorted(map(_sorted, value), key=lambda each: str(each["key"]))
            if key == "attributes"
            else _sorted(value)
            for key, value in node.items()
        }
    return [_sorted(item) for item in node] if isinstance(node, list) else node


def _append(first: dict[str, Any], group: dict[str, Any]) -> None:
    [scopes] = [key for key in group if key.startswith("scope")]
    [scope] = group[scopes]
    [items] = [key for key in scope if key != "scope"]
    first[scopes][0][items] += scope[items]

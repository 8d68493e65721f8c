"""From OTLP/JSON to the official messages, for receivers that take only these."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final

import orjson
from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from filrouge.telemetry.otlp_json import Signal

MESSAGES: Final[dict[Signal, type[Message]]] = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
}
_IDS: Final = frozenset({"traceId", "spanId", "parentSpanId"})


def to_message(signal: Signal, request: bytes) -> Message:
    """The request as its protobuf message.

    OTLP/JSON is protobuf's own JSON mapping but for the ids, which are hexadecimal and not base64.

    Raises:
        google.protobuf.json_format.ParseError: the request is no such message.
    """
    return json_format.ParseDict(_with_base64_ids(orjson.loads(request)), MESSAGES[signal]())


def _with_base64_ids(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: b64encode(bytes.fromhex(value)).decode()
            if key in _IDS
            else _with_base64_ids(value)
            for key, value in node.items()
        }
    return [_with_base64_ids(item) for item in node] if isinstance(node, list) else node

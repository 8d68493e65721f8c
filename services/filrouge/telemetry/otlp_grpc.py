"""OTLP over gRPC. Slower here than HTTP: each request is turned into messages first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import grpc
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from filrouge.errors import DeliveryError
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.protobuf import to_message
from filrouge.telemetry.sender import RetryableError

_RETRYABLE: Final = {  # the OTLP specification's list
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}
_RETRYABLE_WHEN_ASKED: Final = grpc.StatusCode.RESOURCE_EXHAUSTED  # else too large for ever
_OPTIONS: Final = [  # as often as requests are tried again, where gRPC would wait two minutes
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
]
_STUBS: Final[dict[Signal, Any]] = {  # generated code, without types
    Signal.TRACES: TraceServiceStub,
    Signal.LOGS: LogsServiceStub,
    Signal.METRICS: MetricsServiceStub,
}
_NOT_CONNECTED: Final = "failed to connect"
_BROKEN: Final = ("Stream removed", "Socket closed", "Connection reset", "Broken pipe")
_REJECTED: Final = ("rejected_spans", "rejected_log_records", "rejected_data_points")


class GrpcTransport:
    """Calls a collector's OTLP receiver.

    Args:
        url: the receiver, such as `grpc://127.0.0.1:4317`, or `grpcs://` with TLS.
        headers: sent with each call as metadata, such as authorization.
        timeout_s: for one call.
        compress: whether calls are sent with gzip.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], timeout_s: float, compress: bool
    ) -> None:
        parts = urlsplit(url)
        compression = grpc.Compression.Gzip if compress else grpc.Compression.NoCompression
        self._url = url
        self._timeout_s = timeout_s
        self._metadata = [(key.lower(), value) for key, value in headers.items()]
        self._channel = (
            grpc.secure_channel(parts.netloc, grpc.ssl_channel_credentials(), _OPTIONS, compression)
            if parts.scheme == "grpcs"
            else grpc.insecure_channel(parts.netloc, _OPTIONS, compression)
        )
        self._export: dict[Signal, Callable[..., Any]] = {
            signal: stub(self._channel).Export for signal, stub in _STUBS.items()
        }

    def send(self, signal: Signal, request: bytes) -> None:
        """Makes one call.

        Raises:
            RetryableError: no answer, or one that asks to try again.
            DeliveryError: the collector refused the request or a part of it.
        """
        message = to_message(signal, request)
        try:
            answer = self._export[signal](message, timeout=self._timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._told(error) from error
        partial = answer.partial_success
        count = sum(getattr(partial, field, 0) for field in _REJECTED)
        if count:
            raise DeliveryError(f"{self._url} refused {count} items: {partial.error_message}")

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()

    def _told(self, error: grpc.RpcError) -> RetryableError | DeliveryError:
        told = f"{self._url} answers {error.code().name}: {error.details()}"
        asked_s = _retry_after_s(error)
        asked = asked_s is not None and error.code() is _RETRYABLE_WHEN_ASKED
        if asked or error.code() in _RETRYABLE:
            return RetryableError(told, asked_s, unsure=_was_lost(told, error.code()))
        return DeliveryError(told)


def _was_lost(told: str, code: grpc.StatusCode) -> bool:
    """Whether the call went out and no answer came; the library tells only by its words."""
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return True
    return _NOT_CONNECTED not in told and any(words in told for words in _BROKEN)


def _retry_after_s(error: grpc.RpcError) -> float | None:
    """Seconds that the collector asks to wait, or None."""
    metadata: Any = error.trailing_metadata()  # pairs; the stubs take it for one
    details = dict(metadata or ()).get("grpc-status-details-bin", b"")
    for detail in Status.FromString(details).details:
        asked = RetryInfo()
        if detail.Unpack(asked):
            delay: timedelta = asked.retry_delay.ToTimedelta()
            return delay.total_seconds()
    return None

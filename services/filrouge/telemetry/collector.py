"""From an address to a sink that sends there."""

from __future__ import annotations

import os
import socket
from math import inf, nan
from typing import Final
from urllib.parse import SplitResult, urlsplit

from opentelemetry.sdk.environment_variables import (
    OTEL_EXPORTER_OTLP_COMPRESSION,
    OTEL_EXPORTER_OTLP_HEADERS,
    OTEL_EXPORTER_OTLP_TIMEOUT,
)
from opentelemetry.util.re import parse_env_headers

from filrouge.errors import DeliveryError, UsageError
from filrouge.telemetry.sender import CollectorSink, Transport

_PORTS: Final = {"http": 4318, "https": 4318, "grpc": 4317, "grpcs": 4317}  # OTLP's own defaults
_TIMEOUT_S: Final = 10.0  # OTLP's own default
_CONNECT_TIMEOUT_S: Final = 3.0


def collector_sink(url: str, patience_s: float) -> CollectorSink:
    """A sink that sends to the collector at an address, which must be listening now.

    OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT and _COMPRESSION count as they do for every exporter.

    Args:
        url: `http://`, `https://`, `grpc://` or `grpcs://`, host, and port unless it is the usual.
        patience_s: how long one request is tried again.

    Raises:
        UsageError: the address or a setting cannot be understood.
        DeliveryError: nobody listens there.
    """
    parts = _parts(url)
    _must_listen(parts, url)
    return CollectorSink(_transport(parts), patience_s)


def collector_transport(url: str) -> Transport:
    """The way to the collector at an address, whether it is there now or not.

    Args:
        url: as of `collector_sink`.

    Raises:
        UsageError: the address or a setting cannot be understood.
    """
    return _transport(_parts(url))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--otlp {url}: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError(
            f"--otlp {url}: expected an address such as http://127.0.0.1:4318 (OTLP over HTTP) "
            f"or grpc://127.0.0.1:4317 (OTLP over gRPC)"
        )
    return parts if port else parts._replace(netloc=f"{parts.netloc}:{_PORTS[parts.scheme]}")


def _transport(parts: SplitResult) -> Transport:
    headers = parse_env_headers(os.environ.get(OTEL_EXPORTER_OTLP_HEADERS, ""), liberal=True)
    compress = os.environ.get(OTEL_EXPORTER_OTLP_COMPRESSION, "none") == "gzip"
    # Imported here, for gRPC alone takes longer to import than a small file to replay.
    if parts.scheme.startswith("grpc"):
        from filrouge.telemetry.otlp_grpc import GrpcTransport  # noqa: PLC0415

        return GrpcTransport(parts.geturl(), headers, _timeout_s(), compress)
    from filrouge.telemetry.otlp_http import HttpTransport  # noqa: PLC0415

    return HttpTransport(parts.geturl(), headers, _timeout_s(), compress)


def _must_listen(parts: SplitResult, url: str) -> None:
    """Tells a wrong address at once, where a retry would tell it after minutes."""
    address = (parts.hostname or "", parts.port or 0)
    try:
        socket.create_connection(address, timeout=_CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise DeliveryError(
            f"no collector listens at {url} ({error.strerror or error}); start one, "
            f"correct --otlp, or leave --otlp out to write files only"
        ) from error


def _timeout_s() -> float:
    text = os.environ.get(OTEL_EXPORTER_OTLP_TIMEOUT, "")
    try:
        timeout_s = float(text or _TIMEOUT_S)
    except ValueError:
        timeout_s = nan
    if not 0 < timeout_s < inf:
        raise UsageError(f"{OTEL_EXPORTER_OTLP_TIMEOUT} is {text!r}; expected seconds, such as 10")
    return timeout_s

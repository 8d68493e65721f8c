from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics

from filrouge.errors import DeliveryError
from filrouge.telemetry.otlp_grpc import GrpcTransport
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RetryableError
from tests.telemetry.receivers import GrpcReceiver

Code = grpc.StatusCode


@pytest.fixture
def server() -> Iterator[GrpcReceiver]:
    with GrpcReceiver() as server:
        yield server


@pytest.fixture
def transport(server: GrpcReceiver) -> Iterator[GrpcTransport]:
    transport = GrpcTransport(server.url, {}, timeout_s=5, compress=False)
    yield transport
    transport.close()


@pytest.mark.parametrize(
    "code",
    [
        Code.CANCELLED,
        Code.DEADLINE_EXCEEDED,
        Code.ABORTED,
        Code.OUT_OF_RANGE,
        Code.UNAVAILABLE,
        Code.DATA_LOSS,
    ],
)
def test_a_passing_fault_is_retryable(
    code: grpc.StatusCode, server: GrpcReceiver, transport: GrpcTransport
) -> None:
    server.abort(code, "later")

    with pytest.raises(RetryableError, match=f"{server.url} answers {code.name}: later$") as told:
        transport.send(Signal.TRACES, b"{}")
    assert told.value.retry_after_s is None


@pytest.mark.parametrize(
    "code",
    [
        Code.INVALID_ARGUMENT,
        Code.UNAUTHENTICATED,
        Code.PERMISSION_DENIED,
        Code.INTERNAL,
        Code.UNIMPLEMENTED,
        Code.RESOURCE_EXHAUSTED,
    ],
)
def test_any_other_fault_is_final(
    code: grpc.StatusCode, server: GrpcReceiver, transport: GrpcTransport
) -> None:
    server.abort(code, "never")

    with pytest.raises(DeliveryError, match=f"{server.url} answers {code.name}: never$"):
        transport.send(Signal.TRACES, b"{}")


@pytest.mark.parametrize("code", [Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE])
def test_a_collector_that_asks_to_wait_is_tried_again_after_that(
    code: grpc.StatusCode, server: GrpcReceiver, transport: GrpcTransport
) -> None:
    server.abort(code, "full", retry_after_ms=250)

    with pytest.raises(RetryableError, match=r": full, and asks to wait 0.25 s$") as told:
        transport.send(Signal.TRACES, b"{}")
    assert told.value.retry_after_s == 0.25


def test_rejected_log_records_are_an_error(server: GrpcReceiver, transport: GrpcTransport) -> None:
    partial = logs.ExportLogsPartialSuccess(rejected_log_records=2, error_message="too old")
    server.answers.append(lambda _: logs.ExportLogsServiceResponse(partial_success=partial))

    with pytest.raises(DeliveryError, match="refused 2 items: too old"):
        transport.send(Signal.LOGS, b"{}")


def test_rejected_data_points_are_an_error(server: GrpcReceiver, transport: GrpcTransport) -> None:
    partial = metrics.ExportMetricsPartialSuccess(rejected_data_points=2, error_message="too old")
    server.answers.append(lambda _: metrics.ExportMetricsServiceResponse(partial_success=partial))

    with pytest.raises(DeliveryError, match="refused 2 items: too old"):
        transport.send(Signal.METRICS, b"{}")


def test_names_of_headers_are_sent_in_lower_case(server: GrpcReceiver) -> None:
    """gRPC refuses any other."""
    transport = GrpcTransport(server.url, {"X-Tenant": "akonovia"}, timeout_s=5, compress=False)
    transport.send(Signal.TRACES, b"{}")
    transport.close()

    assert server.headers[0]["x-tenant"] == "akonovia"

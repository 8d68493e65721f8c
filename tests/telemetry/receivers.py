"""Real OTLP receivers on 127.0.0.1, over HTTP and gRPC, which can be told to misbehave."""

from __future__ import annotations

import gzip
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol, Self

import grpc
import orjson
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc

from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.protobuf import to_message

UNAVAILABLE: Final = grpc.StatusCode.UNAVAILABLE
DETAILS: Final = "grpc-status-details-bin"
ANSWERS: Final = {
    Signal.TRACES: trace.ExportTraceServiceResponse,
    Signal.LOGS: logs.ExportLogsServiceResponse,
    Signal.METRICS: metrics.ExportMetricsServiceResponse,
}
SERVICES: Final[dict[Signal, tuple[Any, Any]]] = {  # generated code, without types
    Signal.TRACES: (
        trace_grpc.add_TraceServiceServicer_to_server,
        trace_grpc.TraceServiceServicer,
    ),
    Signal.LOGS: (logs_grpc.add_LogsServiceServicer_to_server, logs_grpc.LogsServiceServicer),
    Signal.METRICS: (
        metrics_grpc.add_MetricsServiceServicer_to_server,
        metrics_grpc.MetricsServiceServicer,
    ),
}


class Receiver(Protocol):
    """What both kinds do.

    Attributes:
        url: where it listens.
        received: what came, in order: signal, and body or message.
        headers: of each request, names in lower case.
        open: cleared, it lets every request wait.
        port: on which it listens.
    """

    url: str
    received: list[tuple[Signal, Any]]
    headers: list[dict[str, str]]
    open: threading.Event
    port: int

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: object) -> None: ...

    def again(self) -> Receiver:
        """Another one at the same port."""

    def be_busy(self, times: int) -> None:
        """Answers so many requests with «try again», before all is well."""

    def refuse(self, text: str) -> None:
        """Answers the next request with «bad request»."""

    def refuse_items(self, count: int, text: str) -> None:
        """Takes the next request but for some of its items."""

    def as_received(self, signal: Signal, request: bytes) -> Any:
        """What a request looks like in `received`."""


class HttpReceiver:
    """OTLP over HTTP, in JSON.

    Attributes:
        answers: status, headers and body of the next answers; when there are none, all is well.
        paths: where requests were posted to.
    """

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[Signal, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.open = threading.Event()
        self.open.set()
        self.answers: deque[tuple[int, dict[str, str], bytes]] = deque()
        self.paths: list[str] = []
        self.connections: list[socket.socket] = []
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._thread.join()
        for connection in self.connections:  # which clients keep open
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def again(self) -> HttpReceiver:
        return HttpReceiver(self.port)

    def be_busy(self, times: int) -> None:
        self.answers.extend([(503, {}, b"")] * times)

    def refuse(self, text: str) -> None:
        self.answers.append((400, {}, orjson.dumps({"code": 3, "message": text})))

    def refuse_items(self, count: int, text: str) -> None:
        partial = {"rejectedSpans": str(count), "errorMessage": text}
        self.answers.append((200, {}, orjson.dumps({"partialSuccess": partial})))

    def as_received(self, signal: Signal, request: bytes) -> bytes:  # noqa: ARG002
        return request

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        """Answers one request; what it holds was received only if the answer says so."""
        self.open.wait(10)
        answer = self.answers.popleft() if self.answers else (200, {}, b'{"partialSuccess":{}}')
        self.paths.append(path)
        self.headers.append({name.lower(): value for name, value in headers.items()})
        if answer[0] == 200:
            self.received.append((Signal(path.rpartition("/")[2]), body))
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, *connection: Any) -> None:
        """A client that has gone is no fault."""


def _handler(receiver: HttpReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: in two, the second waits 40 ms

        def setup(self) -> None:
            super().setup()
            receiver.connections.append(self.connection)

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(sent) if self.headers["Content-Encoding"] else sent
            status, headers, answer = receiver.take(self.path, dict(self.headers), body)
            self.send_response(status)
            for name, value in {"Content-Length": f"{len(answer)}", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)
            self.close_connection = int(headers.get("Content-Length", 0)) > len(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Says nothing: a test's output is the test's."""

    return Handler


class GrpcReceiver:
    """OTLP over gRPC, with the official services.

    Attributes:
        answers: what the next calls do; when there are none, all is well.
    """

    def __init__(self, port: int = 0) -> None:
        self.received: list[tuple[Signal, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.open = threading.Event()
        self.open.set()
        self.answers: deque[Callable[[grpc.ServicerContext], Any]] = deque()
        self._server = grpc.server(ThreadPoolExecutor(4))
        for register, servicer in _servicers(self):
            register(servicer, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self.url = f"grpc://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.stop(None).wait()

    def again(self) -> GrpcReceiver:
        return GrpcReceiver(self.port)

    def be_busy(self, times: int) -> None:
        self.answers.extend([lambda context: context.abort(UNAVAILABLE, "busy")] * times)

    def refuse(self, text: str) -> None:
        self.abort(grpc.StatusCode.INVALID_ARGUMENT, text)

    def refuse_items(self, count: int, text: str) -> None:
        partial = trace.ExportTracePartialSuccess(rejected_spans=count, error_message=text)
        answer = trace.ExportTraceServiceResponse(partial_success=partial)
        self.answers.append(lambda _: answer)

    def abort(self, code: grpc.StatusCode, text: str, retry_after_ms: int | None = None) -> None:
        """Answers the next call with an error, which may ask to wait."""

        def answer(context: grpc.ServicerContext) -> None:
            if retry_after_ms is not None:
                context.set_trailing_metadata(((DETAILS, _asking_to_wait(retry_after_ms)),))
            context.abort(code, text)

        self.answers.append(answer)

    def as_received(self, signal: Signal, request: bytes) -> Message:
        return to_message(signal, request)

    def take(self, signal: Signal, request: Message, context: grpc.ServicerContext) -> Any:
        """Answers one call; what it holds was received only if it is no error."""
        self.open.wait(10)
        self.headers.append({key: str(value) for key, value in context.invocation_metadata()})
        answer = self.answers.popleft()(context) if self.answers else None
        self.received.append((signal, request))
        return answer or ANSWERS[signal]()


def _servicers(receiver: GrpcReceiver) -> Iterator[tuple[Callable[..., None], Any]]:
    """Each service's function to register it, and its implementation."""
    for signal, (register, base) in SERVICES.items():

        def export(_: Any, request: Message, context: Any, signal: Signal = signal) -> Any:
            return receiver.take(signal, request, context)

        yield register, type("Servicer", (base,), {"Export": export})()


def _asking_to_wait(ms: int) -> bytes:
    """The details of a status that holds how long to wait."""
    status = Status()
    status.details.add().Pack(RetryInfo(retry_delay=Duration(nanos=ms * 1_000_000)))
    details: bytes = status.SerializeToString()
    return details

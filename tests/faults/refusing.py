"""Stand between the collector and a backend, and refuse for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import requests

from filrouge.stack.ports import HOST

_TIMEOUT_S = 60


class Gate:
    """Whether what comes is refused, and how often it was.

    Attributes:
        address: where it listens, `host:port`.
        is_open: whether all is handed on.
        refused: how many requests were not.
    """

    def __init__(self) -> None:
        self.address = ""
        self.is_open = False
        self.refused = 0


@contextmanager
def http_gate(backend: str, status: int) -> Iterator[Gate]:
    """Answers POST with a status until it is opened, then hands on to a backend's URL."""
    gate = Gate()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not gate.is_open:
                gate.refused += 1
                self._answer(status, b"", {})
                return
            headers = {
                name: text for name, text in self.headers.items() if name.startswith("Content-")
            }
            done = requests.post(backend + self.path, body, headers=headers, timeout=_TIMEOUT_S)
            self._answer(done.status_code, done.content, {"Content-Type": "application/x-protobuf"})

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, text in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    gate.address = f"{HOST}:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield gate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def grpc_gate(backend: str, code: grpc.StatusCode) -> Iterator[Gate]:
    """Answers every call with a status until it is opened, then hands on to `host:port`."""
    gate = Gate()
    with grpc.insecure_channel(backend) as channel:
        server = grpc.server(
            ThreadPoolExecutor(8),
            handlers=[_Forwarding(gate, channel, code)],
            options=[("grpc.max_receive_message_length", -1)],
        )
        gate.address = f"{HOST}:{server.add_insecure_port(f'{HOST}:0')}"
        server.start()
        try:
            yield gate
        finally:
            server.stop(None).wait()


class _Forwarding(grpc.GenericRpcHandler):
    """Takes any unary call as bytes."""

    def __init__(self, gate: Gate, channel: grpc.Channel, code: grpc.StatusCode) -> None:
        self._gate = gate
        self._channel = channel
        self._code = code

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        call: Callable[..., bytes] = self._channel.unary_unary(details.method)

        def handle(request: bytes, context: grpc.ServicerContext) -> bytes:
            if not self._gate.is_open:
                self._gate.refused += 1
                context.abort(self._code, "not now")
            return call(request, timeout=_TIMEOUT_S)

        return grpc.unary_unary_rpc_method_handler(handle)

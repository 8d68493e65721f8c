"""Stand-ins for Tempo, Loki and Prometheus that keep what the collector sends them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Final, Self

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from filrouge.telemetry.otlp_json import Signal
from tests.collector import decoded
from tests.collector.decoded import Plain
from tests.telemetry.receivers import GrpcReceiver, HttpReceiver

PATIENCE_S: Final = 60.0
_POLL_S: Final = 0.05


class Backends:
    """The three, listening while the block lasts.

    Args:
        ports: of Tempo, Loki and Prometheus; free ones by default.

    Attributes:
        tempo: over gRPC, as Tempo is asked.
        loki: over HTTP.
        prometheus: over HTTP.
    """

    def __init__(self, ports: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.tempo = GrpcReceiver(ports[0])
        self.loki = _Loki(ports[1])
        self.prometheus = HttpReceiver(ports[2])
        self._spans = _Inbox(self.tempo.received, decoded.spans)
        self._logs = _Inbox(self.loki.received, _logs)
        self._points = _Inbox(self.prometheus.received, _points)

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            for receiver in (self.tempo, self.loki, self.prometheus):
                opened.enter_context(receiver)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        self._opened.close()

    def again(self) -> Backends:
        """Others at the same ports, once these are gone."""
        return Backends((self.tempo.port, self.loki.port, self.prometheus.port))

    def environment(self) -> dict[str, str]:
        """Where the collector finds them."""
        return {
            "FILROUGE_TEMPO_ENDPOINT": f"127.0.0.1:{self.tempo.port}",
            "FILROUGE_LOKI_URL": self.loki.url,
            "FILROUGE_PROMETHEUS_URL": self.prometheus.url,
        }

    def clear(self) -> None:
        """Forgets what came so far."""
        for inbox in (self._spans, self._logs, self._points):
            inbox.clear()

    def spans(self) -> list[Plain]:
        """Every span that came to Tempo."""
        return self._spans.items()

    def largest_to_tempo(self) -> int:
        """Bytes of the largest request to Tempo."""
        self._spans.items()
        return max(self._spans.sizes)

    def logs(self) -> list[Plain]:
        """Every log record that came to Loki, but for the collector's own."""
        return [log for log in self._logs.items() if not _is_own(log)]

    def own_logs(self) -> list[Plain]:
        """What the collector told Loki of itself."""
        return [log for log in self._logs.items() if _is_own(log)]

    def points(self) -> list[Plain]:
        """Every data point that came to Prometheus."""
        return self._points.items()


class _Loki(HttpReceiver):
    """Takes what the collector says of itself at any time: arranged answers are for the rest."""

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        if all(map(_is_own, _logs(body))):
            self.received.append((Signal.LOGS, body))
            return 200, {}, b'{"partialSuccess":{}}'
        return super().take(path, headers, body)


class _Inbox:
    """What a receiver got, read once; `sizes` of the requests in bytes."""

    def __init__(
        self, received: list[tuple[Signal, Any]], read: Callable[[Any], Iterator[Plain]]
    ) -> None:
        self._received = received
        self._read = read
        self._items: list[Plain] = []
        self.sizes: list[int] = []

    def items(self) -> list[Plain]:
        while self._received:
            request = self._received.pop(0)[1]
            self.sizes.append(len(request) if isinstance(request, bytes) else request.ByteSize())
            self._items += self._read(request)
        return self._items.copy()

    def clear(self) -> None:
        self._received.clear()
        self._items.clear()


def _is_own(log: Plain) -> bool:
    return bool(log["resource"].get("service.name") == "otelcol-filrouge")


def _logs(body: bytes) -> Iterator[Plain]:
    return decoded.logs(ExportLogsServiceRequest.FromString(body))


def _points(body: bytes) -> Iterator[Plain]:
    return decoded.points(ExportMetricsServiceRequest.FromString(body))


def wait_until(fact: str, holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Returns when it holds.

    Raises:
        AssertionError: it did not in time.
    """
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {patience_s:g} s: {fact}"
        time.sleep(_POLL_S)

from __future__ import annotations

import socket

import pytest

from filrouge.errors import UsageError
from filrouge.telemetry.collector import collector_sink
from filrouge.telemetry.otlp_json import Signal
from tests.telemetry.receivers import HttpReceiver


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:4318",
        "localhost",
        "ftp://127.0.0.1:4318",
        "http://",
        "http://:4318",
        "",
        "otlp://127.0.0.1",
    ],
)
def test_what_is_no_address_is_told_with_examples_of_one(url: str) -> None:
    with pytest.raises(UsageError, match=r"expected an address such as http://127.0.0.1:4318"):
        collector_sink(url, patience_s=1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://127.0.0.1:x", "http://[::1"])
def test_what_no_address_can_be_is_told_with_its_fault(url: str) -> None:
    with pytest.raises(UsageError, match=r"^--otlp http://.*: .*(Port|port|IPv6)"):
        collector_sink(url, patience_s=1)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf"])
def test_a_timeout_that_is_no_time_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", text)

    with (
        HttpReceiver() as server,
        pytest.raises(UsageError, match=f"OTEL_EXPORTER_OTLP_TIMEOUT is '{text}'; expected sec"),
    ):
        collector_sink(server.url, patience_s=1)


def test_a_path_before_the_signals_own_is_kept() -> None:
    with HttpReceiver() as server:
        sink = collector_sink(f"{server.url}/otlp", patience_s=1)
        sink.write(Signal.LOGS, b"{}")
        sink.close()

        assert server.paths == ["/otlp/v1/logs"]


@pytest.mark.parametrize("url", ["http://127.0.0.1", "grpc://127.0.0.1"])
def test_the_usual_port_is_taken_when_none_is_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:  # noqa: ARG001
        asked.append(address)
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", connect)
    collector_sink(url, patience_s=1).close()

    assert asked == [("127.0.0.1", 4318 if url.startswith("http") else 4317)]

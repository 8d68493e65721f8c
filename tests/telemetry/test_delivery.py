"""What holds for both ways to a collector, proven with real servers."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from filrouge.errors import DeliveryError
from filrouge.telemetry.collector import collector_sink
from filrouge.telemetry.otlp_json import Signal
from tests.telemetry.captured import Captured
from tests.telemetry.receivers import Receiver
from tests.telemetry.rich import rich_export

PATIENCE_S = 5.0
EMPTY = b'{"resourceSpans":[]}'


def test_everything_arrives_as_it_is_written_to_files(receiver: Receiver) -> None:
    told = rich_export()
    send(receiver, told)

    assert of_each_signal(receiver.received) == of_each_signal(
        [(signal, receiver.as_received(signal, request)) for signal, request in told.requests]
    )


def test_requests_of_a_signal_keep_their_order(receiver: Receiver) -> None:
    numbered = [b'{"resourceSpans":[{"schemaUrl":"%d"}]}' % number for number in range(30)]
    sink = collector_sink(receiver.url, PATIENCE_S)
    for request in numbered:
        sink.write(Signal.TRACES, request)
    sink.close()

    assert [content for _, content in receiver.received] == [
        receiver.as_received(Signal.TRACES, request) for request in numbered
    ]


@pytest.mark.usefixtures("tried")
def test_a_busy_collector_is_tried_again_and_nothing_is_lost_or_doubled(
    receiver: Receiver,
) -> None:
    receiver.be_busy(3)
    told = rich_export()
    send(receiver, told)

    assert len(receiver.headers) == len(told.requests) + 3
    assert len(receiver.received) == len(told.requests)


def test_a_refusal_is_told_in_the_collectors_words(receiver: Receiver) -> None:
    receiver.refuse("span 7 has no name")

    with pytest.raises(DeliveryError, match=f"{receiver.url}.*span 7 has no name"):
        send_one(receiver)
    assert len(receiver.headers) == 1


def test_items_that_were_refused_are_an_error(receiver: Receiver) -> None:
    receiver.refuse_items(3, "too old")

    with pytest.raises(DeliveryError, match=f"{receiver.url}.* refused 3 items: too old"):
        send_one(receiver)


@pytest.mark.usefixtures("tried")
def test_patience_ends_and_the_last_answer_is_told(receiver: Receiver) -> None:
    receiver.be_busy(1000)
    begun = time.monotonic()

    with pytest.raises(DeliveryError, match=r"(503|UNAVAILABLE).*gave up.*otlp_patience_s is 0.3"):
        send_one(receiver, patience_s=0.3)
    assert time.monotonic() - begun < 20
    assert len(receiver.headers) > 2


def test_a_collector_that_went_away_is_tried_until_it_is_back(
    receiver: Receiver, tried: threading.Event
) -> None:
    sink = collector_sink(receiver.url, PATIENCE_S)
    sink.write(Signal.TRACES, EMPTY)
    wait_for(receiver, 1)
    receiver.__exit__(None, None, None)
    sink.write(Signal.TRACES, EMPTY)
    sink.write(Signal.LOGS, b'{"resourceLogs":[]}')
    assert tried.wait(PATIENCE_S), "the sender should have noticed that nobody listens"
    with receiver.again() as back:
        sink.close()

    assert {signal for signal, _ in back.received} == {Signal.TRACES, Signal.LOGS}
    assert len(back.received) == 2


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_that_nobody_listens_is_told_at_once(scheme: str) -> None:
    url = f"{scheme}://127.0.0.1:{free_port()}"
    begun = time.monotonic()

    with pytest.raises(
        DeliveryError, match=rf"no collector listens at {url} \(Connection refused\); start one"
    ):
        collector_sink(url, patience_s=60)
    assert time.monotonic() - begun < 20


def test_a_slow_collector_holds_the_writer_back(receiver: Receiver) -> None:
    receiver.open.clear()
    sink = collector_sink(receiver.url, PATIENCE_S)
    written = []

    def write() -> None:
        for number in range(20):
            sink.write(Signal.TRACES, EMPTY)
            written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    writer.join(0.3)
    held_back = len(written)
    receiver.open.set()
    writer.join()
    sink.close()

    assert held_back == 4
    assert len(receiver.received) == 20


def test_a_signal_does_not_wait_for_another(receiver: Receiver) -> None:
    """Four of one are under way; four of another still find room."""
    receiver.open.clear()
    sink = collector_sink(receiver.url, PATIENCE_S)
    for signal in Signal:
        for _ in range(4):
            sink.write(signal, EMPTY if signal is Signal.TRACES else b"{}")
    receiver.open.set()
    sink.close()

    assert len(receiver.received) == 12


def test_headers_come_from_the_environment(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20abc,X-Tenant=akonovia")
    send_one(receiver)

    assert (
        receiver.headers[0].items()
        >= {
            "authorization": "Basic abc",
            "x-tenant": "akonovia",
        }.items()
    )


def test_requests_are_compressed_when_the_environment_asks(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    told = rich_export()
    send(receiver, told)

    assert len(receiver.received) == len(told.requests)
    assert {
        headers.get("content-encoding", headers.get("grpc-encoding", "gzip"))
        for headers in receiver.headers
    } == {"gzip"}


@pytest.mark.usefixtures("tried")
def test_a_collector_that_does_not_answer_in_time_counts_as_away(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    receiver.open.clear()

    with pytest.raises(DeliveryError, match=r"(timed out|DEADLINE_EXCEEDED).*gave up"):
        send_one(receiver, patience_s=0.3)
    receiver.open.set()


def send(receiver: Receiver, told: Captured) -> None:
    sink = collector_sink(receiver.url, PATIENCE_S)
    for signal, request in told.requests:
        sink.write(signal, request)
    sink.close()


def send_one(receiver: Receiver, patience_s: float = PATIENCE_S) -> None:
    sink = collector_sink(receiver.url, patience_s)
    sink.write(Signal.TRACES, EMPTY)
    sink.close()


def of_each_signal(received: list[tuple[Signal, Any]]) -> dict[Signal, list[Any]]:
    """Signals are sent side by side: only within one is there an order."""
    return {kind: [each for signal, each in received if signal is kind] for kind in Signal}


def wait_for(receiver: Receiver, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(receiver.received) < count:
        assert time.monotonic() < deadline, f"{len(receiver.received)} of {count} received"
        time.sleep(0.005)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

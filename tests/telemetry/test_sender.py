"""What a sink does with what its transport says, without a network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from filrouge.errors import DeliveryError
from filrouge.telemetry import sender
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import CollectorSink, RetryableError


class Scripted:
    """A transport that does as it is told.

    Attributes:
        sent: what was handed to it.
        closed: whether connections were let go.
    """

    def __init__(self, act: Callable[[bytes], None]) -> None:
        self.sent: list[bytes] = []
        self.closed = False
        self._act = act

    def send(self, signal: Signal, request: bytes) -> None:  # noqa: ARG002
        self.sent.append(request)
        self._act(request)

    def close(self) -> None:
        self.closed = True


def test_after_a_failure_nothing_more_is_sent_and_every_call_tells_it() -> None:
    def refuse(request: bytes) -> None:
        raise DeliveryError(f"refused {request!r}")

    transport = Scripted(refuse)
    sink = CollectorSink(transport, patience_s=5)
    sink.write(Signal.TRACES, b"first")

    for _ in range(10):  # more often than there is room
        with pytest.raises(DeliveryError, match="refused b'first'"):
            write_until_told(sink)
    with pytest.raises(DeliveryError, match="refused b'first'"):
        sink.close()
    assert transport.sent == [b"first"]
    assert transport.closed


def test_a_defect_of_a_transport_is_not_lost_in_its_thread() -> None:
    def fail(_: bytes) -> None:
        raise ZeroDivisionError

    sink = CollectorSink(Scripted(fail), patience_s=5)
    sink.write(Signal.LOGS, b"{}")

    with pytest.raises(DeliveryError, match=r"could not send logs: ZeroDivisionError\(\)"):
        sink.close()


def test_closing_waits_until_all_is_handed_over() -> None:
    gate = threading.Event()

    def wait(_: bytes) -> None:
        gate.wait(5)

    transport = Scripted(wait)
    sink = CollectorSink(transport, patience_s=5)
    for number in range(3):
        sink.write(Signal.TRACES, b"%d" % number)
    threading.Timer(0.05, gate.set).start()
    sink.close()

    assert transport.sent == [b"0", b"1", b"2"]
    assert transport.closed


def test_waits_grow_from_try_to_try_up_to_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(sender, "sleep_using_event", lambda _: slept.append)

    def be_busy_often(_: bytes) -> None:
        if len(slept) < 10:
            raise RetryableError("busy")

    transport = Scripted(be_busy_often)
    sink = CollectorSink(transport, patience_s=60)
    sink.write(Signal.TRACES, b"{}")
    sink.close()

    assert len(transport.sent) == 11
    assert 0.2 <= slept[0] <= 1.2
    assert slept[-3:] == [5, 5, 5]


def test_after_no_answer_a_copy_is_sent_some_seconds_after_the_collector_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "APART_S", 0.3)
    times_s: list[float] = []
    failures = [
        RetryableError("connection reset", unsure=True),
        RetryableError("connection refused"),
    ]

    def fail_twice(_: bytes) -> None:
        times_s.append(time.monotonic())
        if failures:
            raise failures.pop(0)

    transport = Scripted(fail_twice)
    sink = CollectorSink(transport, patience_s=60)
    sink.write(Signal.TRACES, b"first")
    sink.write(Signal.TRACES, b"second")
    sink.close()

    assert transport.sent == [b"first", b"{}", b"{}", b"first", b"second"]
    assert times_s[3] - times_s[2] >= 0.3
    assert times_s[4] - times_s[3] < 0.3


def test_abandoning_ends_the_waiting_at_once() -> None:
    tried = threading.Event()

    def be_busy(_: bytes) -> None:
        tried.set()
        raise RetryableError("busy", retry_after_s=30)

    others = set(threading.enumerate())
    transport = Scripted(be_busy)
    sink = CollectorSink(transport, patience_s=60)
    for _ in range(3):
        sink.write(Signal.TRACES, b"{}")
    assert tried.wait(5)
    sink.abandon()

    for worker in set(threading.enumerate()) - others:
        worker.join(5)
        assert not worker.is_alive()
    assert len(transport.sent) <= 2, "the one under way may try a last time, the others never"
    assert transport.closed


def write_until_told(sink: CollectorSink) -> None:
    """A failure is told by the first call after it is known."""
    for _ in range(100):
        sink.write(Signal.TRACES, b"more")
        threading.Event().wait(0.01)

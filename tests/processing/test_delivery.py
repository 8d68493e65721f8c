"""To a collector that is away, wrongly set up, or refuses."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Timer
from typing import Any

import pytest
import structlog

from filrouge.processing.delivery import Collector
from filrouge.processing.health import Health
from filrouge.telemetry.collector import collector_transport
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RefusedRequestError, RetryableError
from tests.telemetry.receivers import HttpReceiver

REQUEST = b'{"resourceSpans":[{}]}'
EMPTY = b'{"resourceSpans":[]}'


class Bench:
    def __init__(self, receiver: HttpReceiver) -> None:
        self.health, self.abandoned, self.retries = Health(), Event(), 0
        log: Any = structlog.get_logger()
        transport = collector_transport(receiver.url)
        self.collector = Collector(transport, self.abandoned, self.health, self._retry, log)

    def _retry(self) -> None:
        self.retries += 1
        self.trouble = self.health.collector

    def send(self) -> None:
        self.collector.send(Signal.TRACES, REQUEST)


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


@pytest.fixture
def bench(receiver: HttpReceiver) -> Iterator[Bench]:
    bench = Bench(receiver)
    yield bench
    bench.collector.close()


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_what_is_not_the_requests_fault_is_tried_again(
    bench: Bench, receiver: HttpReceiver, status: int
) -> None:
    receiver.answers.extend([(status, {}, b"")] * 2)

    bench.send()

    assert receiver.received == [(Signal.TRACES, REQUEST)]
    assert bench.retries == 2
    assert bench.health.collector is None


def test_it_is_known_to_be_away_until_it_takes_something(receiver: HttpReceiver) -> None:
    bench = Bench(receiver)
    receiver.answers.extend([(503, {"Retry-After": "30"}, b"")] * 2)  # a last try at the end
    Timer(0.3, bench.abandoned.set).start()

    with pytest.raises(RetryableError):
        bench.send()

    assert bench.health.troubles()["collector"].endswith("30 s")
    bench.collector.close()


def test_a_refused_request_is_told_when_others_are_taken(
    bench: Bench, receiver: HttpReceiver
) -> None:
    receiver.refuse("bad span")

    with pytest.raises(RefusedRequestError, match="bad span"):
        bench.send()

    assert receiver.received == [(Signal.TRACES, EMPTY)]


def test_who_refuses_everything_is_no_collector_and_no_record_is_to_blame(
    bench: Bench, receiver: HttpReceiver
) -> None:
    for _ in range(2):
        receiver.refuse("no")

    bench.send()

    assert receiver.received == [(Signal.TRACES, REQUEST)]
    assert bench.retries == 1

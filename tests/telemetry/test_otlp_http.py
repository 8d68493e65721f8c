from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from filrouge.errors import DeliveryError
from filrouge.telemetry.collector import collector_sink
from filrouge.telemetry.otlp_http import HttpTransport
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.sender import RetryableError
from tests.telemetry.receivers import HttpReceiver

OK = b'{"partialSuccess":{}}'


@pytest.fixture
def server() -> Iterator[HttpReceiver]:
    with HttpReceiver() as server:
        yield server


@pytest.fixture
def transport(server: HttpReceiver) -> Iterator[HttpTransport]:
    transport = HttpTransport(server.url, {}, timeout_s=5, compress=False)
    yield transport
    transport.close()


def test_each_signal_is_posted_as_json_to_its_own_path(
    server: HttpReceiver, transport: HttpTransport
) -> None:
    for signal in Signal:
        transport.send(signal, b"{}")

    assert server.received == [(signal, b"{}") for signal in Signal]
    assert {each["content-type"] for each in server.headers} == {"application/json"}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_answer_that_asks_to_try_again_is_retryable(
    status: int, server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((status, {"Retry-After": "7"}, b""))

    with pytest.raises(RetryableError, match=f"answers {status} .*, and asks to wait 7 s") as told:
        transport.send(Signal.TRACES, b"{}")
    assert told.value.retry_after_s == 7


@pytest.mark.parametrize("asked", ["Fri, 31 Dec 1999 23:59:59 GMT", "-1", "soon", ""])
def test_a_wait_that_is_not_in_seconds_is_left_to_the_sender(
    asked: str, server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((503, {"Retry-After": asked}, b""))

    with pytest.raises(RetryableError) as told:
        transport.send(Signal.TRACES, b"{}")
    assert told.value.retry_after_s is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 501])
def test_any_other_error_is_final_and_tells_what_the_collector_said(
    status: int, server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((status, {}, b"  no such thing \n"))

    with pytest.raises(DeliveryError, match=rf"/v1/traces answers {status} .*: no such thing$"):
        transport.send(Signal.TRACES, b"{}")


def test_a_request_too_large_comes_with_the_setting_to_raise(
    server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((413, {}, b""))

    with pytest.raises(DeliveryError, match=r"answers 413 .*; raise its max_request_body_size"):
        transport.send(Signal.TRACES, b"{}")


@pytest.mark.parametrize("body", [b"<html>Grafana</html>", b"[]", b'"hello"'])
def test_a_server_that_is_no_collector_is_recognised(
    body: bytes, server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((200, {}, body))

    with pytest.raises(DeliveryError, match="does not answer in OTLP; is a collector's"):
        transport.send(Signal.TRACES, b"{}")


@pytest.mark.parametrize("body", [b"", b"{}", OK, b'{"partialSuccess":{"errorMessage":"slow"}}'])
def test_whatever_rejects_nothing_is_a_success(
    body: bytes, server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((200, {}, body))

    transport.send(Signal.TRACES, b"{}")


@pytest.mark.parametrize("field", ["rejectedSpans", "rejectedLogRecords", "rejectedDataPoints"])
def test_rejected_items_of_each_signal_are_an_error(
    field: str, server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((200, {}, b'{"partialSuccess":{"%b":"2"}}' % field.encode()))

    with pytest.raises(DeliveryError, match="refused 2 items"):
        transport.send(Signal.TRACES, b"{}")


def test_a_server_that_dies_while_it_answers_counts_as_away(
    server: HttpReceiver, transport: HttpTransport
) -> None:
    server.answers.append((200, {"Content-Length": "100"}, b'{"partial'))

    with pytest.raises(RetryableError, match="no answer from"):
        transport.send(Signal.TRACES, b"{}")


def test_a_server_that_is_gone_is_told_by_the_cause_alone() -> None:
    with HttpReceiver() as server:
        transport = HttpTransport(server.url, {}, timeout_s=5, compress=False)

    with pytest.raises(RetryableError, match=r"no answer from .*/v1/traces: Connection refused$"):
        transport.send(Signal.TRACES, b"{}")
    transport.close()


def test_a_slash_at_the_end_of_the_address_changes_nothing(server: HttpReceiver) -> None:
    transport = HttpTransport(f"{server.url}/", {}, timeout_s=5, compress=False)
    transport.send(Signal.LOGS, b"{}")
    transport.close()

    assert server.received == [(Signal.LOGS, b"{}")]


@pytest.mark.usefixtures("tried")
def test_the_collectors_own_wish_to_wait_is_followed(server: HttpReceiver) -> None:
    server.answers.append((503, {"Retry-After": "1"}, b""))
    begun = time.monotonic()
    sink = collector_sink(server.url, patience_s=5)
    sink.write(Signal.TRACES, b"{}")
    sink.close()

    assert 1 <= time.monotonic() - begun < 20
    assert len(server.received) == 1


def test_a_wish_to_wait_beyond_all_patience_ends_it_at_once(server: HttpReceiver) -> None:
    server.answers.append((503, {"Retry-After": "3600"}, b""))
    begun = time.monotonic()
    sink = collector_sink(server.url, patience_s=60)
    sink.write(Signal.TRACES, b"{}")

    with pytest.raises(DeliveryError, match="asks to wait 3600 s; gave up"):
        sink.close()
    assert time.monotonic() - begun < 20

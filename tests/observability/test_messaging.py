"""Hops over Kafka, as the messaging conventions tell them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from filrouge.observability import Observed, observe
from filrouge.observability.messaging import (
    Messaging,
    headers_with_trace,
    links_to,
    links_to_traceparents,
)
from filrouge.settings import load_settings
from tests.observability.told import Told
from tests.telemetry.receivers import HttpReceiver

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with HttpReceiver() as receiver:
        yield receiver


@pytest.fixture
def observed(receiver: HttpReceiver) -> Iterator[Observed]:
    with observe("testing", load_settings(otlp_url=receiver.url)) as observed:
        yield observed


def told(receiver: HttpReceiver, observed: Observed) -> Told:
    observed.tracer_provider.force_flush()
    observed.meter_provider.force_flush()
    return Told(receiver)


def test_sent_messages_bear_the_send_span_and_links_lead_back(
    receiver: HttpReceiver, observed: Observed
) -> None:
    messaging = Messaging(observed, "127.0.0.1:9092")
    with messaging.send("topic", 3, links_to_traceparents([None, "nonsense", PARENT, PARENT])):
        headers = headers_with_trace([("kind", "x"), ("traceparent", b"an older hop's")])

    (span,) = told(receiver, observed).spans()
    assert (span.name, span.kind) == ("send topic", "producer")
    assert span.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": "topic",
        "messaging.batch.message_count": 3,
        "server.address": "127.0.0.1",
        "server.port": 9092,
    }
    assert span.links == [(TRACE, "b7ad6b7169203331")]
    (kind, (name, traceparent)) = headers
    assert (kind, name) == (("kind", b"x"), "traceparent")
    assert traceparent.startswith(f"00-{span.trace_id}-{span.span_id}-0".encode())


def test_a_batch_that_is_processed_links_once_to_each_hop(
    receiver: HttpReceiver, observed: Observed
) -> None:
    hop = [("traceparent", PARENT.encode())]
    messaging = Messaging(observed, "a:1,b:1", "readers")
    with messaging.process("topic", 4, links_to([hop, None, [], hop]), partition=2):
        pass

    (span,) = told(receiver, observed).spans()
    assert (span.name, span.kind, span.parent_id) == ("process topic", "consumer", "")
    assert span.links == [(TRACE, "b7ad6b7169203331")]
    assert span.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "topic",
        "messaging.destination.partition.id": "2",
        "messaging.consumer.group.name": "readers",
        "messaging.batch.message_count": 4,
    }


def test_what_fails_is_marked_on_span_and_metric(
    receiver: HttpReceiver, observed: Observed
) -> None:
    messaging = Messaging(observed, "127.0.0.1:9092")

    def fail() -> None:
        with messaging.send("topic", 3):
            raise TimeoutError("no answer")

    with pytest.raises(TimeoutError):
        fail()
    with messaging.send("topic", 5):
        pass

    found = told(receiver, observed)
    assert [span.failed for span in found.spans()] == [True, False]
    assert found.spans()[0].attributes["error.type"] == "TimeoutError"
    counts = found.metric("messaging.client.sent.messages")
    assert {point.get("error.type"): value for point, value in counts} == {
        "TimeoutError": 3,
        None: 5,
    }
    assert len(found.metric("messaging.client.operation.duration")) == 2


def test_outside_of_a_span_headers_stay_as_they_are() -> None:
    assert headers_with_trace([("a", b"1"), ("b", None)]) == [("a", b"1"), ("b", b"")]

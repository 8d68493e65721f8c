"""The service in front of the real Kafka, which is killed, frozen and started again."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psutil
import pytest
import requests
from confluent_kafka import Consumer, KafkaError, TopicPartition

from filrouge.ingestion.bodies import Message
from filrouge.ingestion.keys import new_key
from filrouge.ingestion.sink import Sink
from filrouge.kafka.topics import PARTITIONS, TOPIC
from filrouge.observability import observe
from filrouge.settings import load_settings
from filrouge.stack.stack import Stack
from tests.conftest import CHECKOUT, free_offset, throwaway
from tests.faults.driving import await_until
from tests.ingestion.serving import Senders, Serving, numbers_on_topic, serving
from tests.records.samples import event, schema1

TRACE = "0af7651916cd43dd8448eb211c80319c"
PATIENCE = {"FILROUGE_INGESTION_PATIENCE_S": "8"}


@pytest.fixture(scope="module")
def broker(stack_roots: Iterator[Path]) -> Iterator[Stack]:
    """Kafka alone. A test that breaks it leaves it mended."""
    with throwaway(Stack(CHECKOUT, next(stack_roots), free_offset())) as stack:
        stack.up(["kafka"])
        yield stack


@pytest.fixture
def service(broker: Stack, tmp_path: Path) -> Iterator[Serving]:
    with serving(broker.place.offset, tmp_path, PATIENCE) as service:
        service.await_status("/readyz", 200)
        yield service


def kafka_process(broker: Stack) -> psutil.Process:
    (part,) = [part for part in broker.status() if part.part == "kafka"]
    assert part.pid is not None
    return psutil.Process(part.pid)


def test_acknowledged_records_lie_on_the_topic_with_key_and_trace(
    broker: Stack, service: Serving
) -> None:
    company = f"company {uuid4()}"
    oddly_spaced = schema1({"Entreprise": company}).replace(b'", "', b'" ,\t"')
    records = [oddly_spaced, event(data={"company": company})]

    answer = service.post(
        b"\n".join(records), headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    )

    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    found = [each for each in messages(broker) if each[0].startswith(company.encode())]
    assert sorted(value for _, value, _ in found) == sorted(records)
    assert {key.decode() for key, _, _ in found} == {f"{company}/2025-09-05-16-45"}
    for _, _, headers in found:
        assert headers["traceparent"].startswith(f"00-{TRACE}-".encode())
        assert b"b7ad6b7169203331" not in headers["traceparent"], "it is the send span's"


def test_ten_thousand_records_of_one_request_are_all_there(broker: Stack, service: Serving) -> None:
    company = f"company {uuid4()}"
    body = b"\n".join(
        schema1({"Entreprise": company, "No_Sequence": "1", "Objet_Id": n}) for n in range(10_000)
    )

    answer = service.post(body)

    assert (answer.status_code, answer.json()["accepted"]) == (202, 10_000)
    assert numbers_on_topic(broker.place.offset, company) == list(range(10_000)), "and in order"


def test_kafka_killed_among_thousands_of_records_loses_none_acknowledged(
    broker: Stack, service: Serving
) -> None:
    with Senders(service.url) as senders:
        senders.await_acknowledged(2000)
        broker.kill("kafka")
        await_until(lambda: 503 in senders.refusals, "a sender is told to come again")
        broker.start("kafka")
        senders.await_acknowledged(2000)

    found = numbers_on_topic(broker.place.offset, senders.company)
    assert senders.acknowledged <= set(found)
    assert set(senders.refusals) <= {503}
    assert service.process.poll() is None


def test_the_service_killed_among_thousands_of_records_loses_none_acknowledged(
    broker: Stack, tmp_path: Path
) -> None:
    offset = broker.place.offset
    with serving(offset, tmp_path) as first:
        first.await_status("/readyz", 200)
        with Senders(first.url) as senders:
            senders.await_acknowledged(2000)
            first.process.kill()
            first.process.wait()
            await_until(lambda: None in senders.refusals, "a sender has no answer")
            with serving(offset, tmp_path):
                senders.await_acknowledged(2000)
                senders.__exit__()

    assert senders.acknowledged <= set(numbers_on_topic(offset, senders.company))


def test_a_service_that_is_asked_to_stop_answers_what_it_has_in_hand(
    broker: Stack, service: Serving
) -> None:
    kafka = kafka_process(broker)
    with Senders(service.url) as senders:
        senders.await_acknowledged(1000)
        kafka.suspend()
        time.sleep(0.5)  # so that each sender has a request in hand
        before = len(senders.acknowledged)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        kafka.resume()
        assert service.process.wait(60) == 0

    assert len(senders.acknowledged) >= before + 20
    assert senders.acknowledged <= set(numbers_on_topic(broker.place.offset, senders.company))
    # The exporter may complain after it.
    assert "stopped" in [each["event"] for each in service.logged()]


def test_a_frozen_kafka_holds_up_nobody_for_ever(broker: Stack, service: Serving) -> None:
    kafka = kafka_process(broker)
    kafka.suspend()
    try:
        begun_s = time.monotonic()
        answer = service.post(schema1())
        waited_s = time.monotonic() - begun_s
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert 7 < waited_s < 18, "as it was told, and not the 20 s of the default"
        service.await_status("/readyz", 503)
        begun_s = time.monotonic()
        assert service.post(schema1()).status_code == 503
        assert time.monotonic() - begun_s < 7, "it is known by now"
        assert service.status("/healthz") == 200
    finally:
        kafka.resume()
    service.await_status("/readyz", 200)
    assert service.post(schema1()).status_code == 202


def test_a_service_that_starts_before_kafka_waits_for_it(broker: Stack, tmp_path: Path) -> None:
    broker.kill("kafka")
    with serving(broker.place.offset, tmp_path) as service:
        assert service.status("/healthz") == 200
        service.await_status("/readyz", 503)
        answer = service.post(schema1())
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0

        broker.start("kafka")

        service.await_status("/readyz", 200)
        assert service.post(schema1()).status_code == 202


def test_a_producer_that_kafka_ended_is_replaced(broker: Stack) -> None:
    company = f"company {uuid4()}"
    value = schema1({"Entreprise": company, "Objet_Id": 7})
    settings = load_settings(stack_port_offset=broker.place.offset)

    async def send(sink: Sink) -> None:
        await sink.send([Message(b"key", value)], [])

    with observe("testing", settings) as own:
        sink = Sink(settings, own.log)
        try:
            await_until(lambda: sink.trouble is None, "Kafka answers")
            asyncio.run(send(sink))
            before = sink._producer
            sink._on_error(KafkaError(KafkaError._FATAL, "sequence out of order", fatal=True))
            await_until(lambda: sink._producer is not before, "there is another producer")
            asyncio.run(send(sink))
        finally:
            sink.close()

    assert numbers_on_topic(broker.place.offset, company) == [7, 7]


def test_a_full_queue_sends_requests_away_whole(broker: Stack, tmp_path: Path) -> None:
    limits = {
        "FILROUGE_INGESTION_QUEUE_RECORDS": "50",
        "FILROUGE_INGESTION_REQUEST_RECORDS": "50",
        **PATIENCE,
    }
    company = f"company {uuid4()}"
    body = b"\n".join(schema1({"Entreprise": company, "Objet_Id": n}) for n in range(30))
    kafka = kafka_process(broker)
    with serving(broker.place.offset, tmp_path, limits) as service:
        service.await_status("/readyz", 200)
        kafka.suspend()
        try:
            with Senders(service.url, senders=1, batch=30):
                time.sleep(1)
                answer = service.post(body)
                kafka.resume()
        finally:
            kafka.resume()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "30 records wait for Kafka, of 50" in answer.json()["detail"]
    assert numbers_on_topic(broker.place.offset, company) == []


def test_nobody_can_write_for_others_through_the_real_thing(broker: Stack, tmp_path: Path) -> None:
    plain, key = new_key("akonovia", "ours")
    file = tmp_path / "keys.toml"
    fields = "".join(
        f"{name} = {orjson.dumps(v).decode()}\n" for name, v in key.model_dump().items()
    )
    file.write_text(f"[[key]]\n{fields}")
    more = {"FILROUGE_INGESTION_KEYS": str(file)}
    with serving(broker.place.offset, tmp_path, more) as service:
        service.await_status("/readyz", 200)
        assert service.post(schema1()).status_code == 401
        headers = {"authorization": f"Bearer {plain}"}
        assert service.post(schema1(), headers=headers).status_code == 202
        theirs = schema1({"Entreprise": "other"})
        assert service.post(theirs, headers=headers).status_code == 403
        assert plain not in orjson.dumps(service.logged()).decode()


def test_one_that_never_ends_its_headers_is_let_go(service: Serving) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    address = host, int(port)
    with socket.create_connection(address) as silent, socket.create_connection(address) as slow:
        slow.settimeout(90)
        silent.settimeout(90)
        slow.sendall(b"POST /v1/records HTTP/1.1\r\nhost: x\r\n")
        assert slow.recv(100) == b""
        assert silent.recv(100) == b""
    assert requests.get(f"{service.url}/healthz", timeout=30).status_code == 200


def messages(broker: Stack) -> list[tuple[bytes, bytes, dict[str, bytes]]]:
    """Key, value and headers of all that lies on the topic."""
    settings = load_settings(stack_port_offset=broker.place.offset)
    consumer = Consumer(
        {"bootstrap.servers": settings.brokers, "group.id": "t", "enable.auto.commit": False}
    )
    try:
        found = []
        for partition in range(PARTITIONS):
            low, high = consumer.get_watermark_offsets(TopicPartition(TOPIC, partition), 10)
            consumer.assign([TopicPartition(TOPIC, partition, low)])
            while low < high:
                for message in consumer.consume(1000, 1):
                    headers: Any = dict(message.headers() or ())
                    found.append((message.key() or b"", message.value() or b"", headers))
                    low = (message.offset() or 0) + 1
        return found
    finally:
        consumer.close()

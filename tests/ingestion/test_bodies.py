"""What bodies are taken for records, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.ingestion.gateway import NDJSON, RunningGateway, array, lines, receipt
from tests.records.samples import LEFT_OUT, event, schema1

EVENT = {"content-type": "application/cloudevents+json"}
EVENTS = {"content-type": "application/cloudevents-batch+json; charset=utf-8"}
PRETTY = orjson.dumps(orjson.loads(schema1()), option=orjson.OPT_INDENT_2)


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningGateway]:
    with RunningGateway(ingestion_request_records=1000) as gateway:
        yield gateway


@pytest.fixture
def gateway(shared: RunningGateway) -> RunningGateway:
    shared.kafka.sent.clear()
    return shared


@pytest.mark.parametrize(
    ("body", "headers", "values"),
    [
        (schema1(), {}, [schema1()]),
        (event(), {}, [event()]),
        (PRETTY + b"\r\n", {}, [PRETTY]),
        (b"\xef\xbb\xbf" + schema1(), {}, [schema1()]),
        (array(schema1(), event()), {}, [schema1(), event()]),
        (b" [ " + PRETTY + b" ,\n" + PRETTY + b"\n]\n", {}, [PRETTY, PRETTY]),
        (b"[]", {}, []),
        (lines(schema1(), b"", event()), NDJSON, [schema1(), event()]),
        (schema1() + b"\r\n" + event(), NDJSON, [schema1(), event()]),
        (schema1(), {"content-type": "application/jsonl"}, [schema1()]),
        (event(), EVENT, [event()]),
        (array(event(), event("run.started")), EVENTS, [event(), event("run.started")]),
    ],
    ids=[
        "one record",
        "one event",
        "one of several lines",
        "byte order mark",
        "array",
        "array of several lines",
        "empty array",
        "lines",
        "lines of Windows",
        "one line",
        "structured event",
        "batched events",
    ],
)
def test_good_bodies_go_on_byte_for_byte(
    gateway: RunningGateway, body: bytes, headers: dict[str, str], values: list[bytes]
) -> None:
    answer = gateway.post(body, headers)

    assert receipt(answer) == (202, len(values), 0)
    assert answer.json()["refusals"] == []
    assert gateway.values == values


def test_company_and_run_are_the_key(gateway: RunningGateway) -> None:
    gateway.post(array(schema1({"Entreprise": "é", "No_Sequence": "7"}), event()))

    assert [message.key.decode() for message in gateway.kafka.sent] == [
        "é/7",
        "akonovia/2025-09-05-16-45",
    ]


def test_a_binary_event_goes_on_as_a_structured_one(gateway: RunningGateway) -> None:
    data = orjson.loads(event())["data"]
    raw = orjson.dumps(data).replace(b'"zone":', b'"zone" :  ')
    headers = {
        "ce-specversion": "1.0",
        "ce-type": "io.filrouge.task.completed",
        "ce-id": "caf%C3%A9 7",
        "ce-source": "/here",
        "ce-traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }

    assert receipt(gateway.post(raw, headers)) == (202, 1, 0)

    (value,) = gateway.values
    assert orjson.loads(value) == {
        "specversion": "1.0",
        "type": "io.filrouge.task.completed",
        "id": "café 7",
        "source": "/here",
        "traceparent": headers["ce-traceparent"],
        "datacontenttype": "application/json",
        "data": data,
    }
    assert raw in value


@pytest.mark.parametrize("data", [b'{}, "type": "x"', b"{", b"", b"{}{}"])
def test_the_data_of_a_binary_event_cannot_reach_its_envelope(
    gateway: RunningGateway, data: bytes
) -> None:
    headers = {"ce-specversion": "1.0", "ce-type": "io.filrouge.run.started", "ce-id": "1"}

    answer = gateway.post(data, headers)

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:filrouge:problem:malformed-body"


def test_good_records_go_through_and_bad_ones_are_named(gateway: RunningGateway) -> None:
    body = lines(
        schema1(),
        b"{poison",
        schema1({"Etat": "OK"}),
        b"",
        event(data={"started_at": "yesterday"}),
        b"\xff",
        event(),
    )

    answer = gateway.post(body, NDJSON)

    assert receipt(answer) == (202, 2, 4)
    refusals = answer.json()["refusals"]
    assert [(each["index"], each["line"], each["reason"], each["field"]) for each in refusals] == [
        (1, 2, "invalid_json", None),
        (2, 3, "unknown_state", "Etat"),
        (3, 5, "invalid_time", "data.started_at"),
        (4, 6, "invalid_utf8", None),
    ]
    assert "SUCCESS or FAILED" in refusals[1]["detail"]
    assert gateway.values == [schema1(), event()]


def test_when_nothing_is_good_it_is_a_problem_that_says_why(gateway: RunningGateway) -> None:
    answer = gateway.post(array(schema1({"Etat": LEFT_OUT}), b"7"))

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("urn:filrouge:problem:no-record", 422)
    assert problem["detail"] == (
        "none of 2 records was taken; the first: Etat is missing; no record goes without"
    )
    assert (problem["accepted"], problem["refused"]) == (0, 2)
    assert [each["reason"] for each in problem["refusals"]] == ["missing_field", "not_an_object"]
    assert gateway.values == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [(schema1(), EVENT), (array(schema1()), EVENTS)],
    ids=["structured", "batched"],
)
def test_what_is_called_an_event_must_be_one(
    gateway: RunningGateway, body: bytes, headers: dict[str, str]
) -> None:
    (refusal,) = gateway.post(body, headers).json()["refusals"]

    assert (refusal["reason"], refusal["field"]) == ("missing_field", "specversion")


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"", {}, 400, "empty"),
        (b" \n", NDJSON, 400, "empty"),
        (event(), EVENTS, 400, "array"),
        (schema1(), {"content-type": ""}, 415, "Content-Type is missing"),
        (schema1(), {"content-type": "text/plain"}, 415, "'text/plain'"),
        (schema1(), {"content-type": "application/json; charset=utf-16"}, 415, "'utf-16'"),
        (schema1(), {"content-encoding": "br"}, 415, "'br'"),
        (schema1(), {"content-encoding": "gzip, zstd"}, 415, "one at most"),
        (schema1(), {"content-encoding": "gzip"}, 400, "no gzip"),
        (schema1(), {"content-encoding": "zstd"}, 400, "no zstd"),
        (array(*[b"7"] * 1001), {}, 413, "over 1000 records"),
        (b"x" * (8 << 20) + b"x", {}, 413, "8388608 bytes"),
    ],
)
def test_bodies_that_are_not_read_at_all(
    gateway: RunningGateway, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = gateway.post(body, headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert gateway.values == []


def test_an_unsupported_answer_names_what_is_supported(gateway: RunningGateway) -> None:
    assert (
        "application/x-ndjson" in gateway.post(b"x", {"content-type": "a/b"}).headers["accept-post"]
    )
    answer = gateway.post(b"x", {"content-encoding": "br"})
    assert answer.headers["accept-encoding"] == "gzip, zstd"


def test_a_body_that_says_no_length_is_bounded_too(gateway: RunningGateway) -> None:
    async def endless() -> Any:
        while True:
            yield b"x" * (1 << 20)

    answer = gateway.post(endless())

    assert answer.status_code == 413

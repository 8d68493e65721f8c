"""Who may send how much, what is answered while Kafka is away, and what is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from filrouge.errors import UsageError
from filrouge.ingestion import openapi
from filrouge.ingestion.admission import Rates
from filrouge.ingestion.keys import Key, Keys, new_key, read_keys
from filrouge.ingestion.problems import Kind, ProblemError
from filrouge.ingestion.sink import NotTakenError
from filrouge.observability import observe
from filrouge.settings import load_settings
from tests.ingestion.gateway import NDJSON, RunningGateway, array, lines, receipt
from tests.records.samples import event, schema1
from tests.telemetry.receivers import HttpReceiver

OURS, OUR_KEY = new_key("akonovia", "ours")
ALL, ALL_KEY = new_key("*", "agent")
TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = f"00-{TRACE}-b7ad6b7169203331-01"
PRODUCER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
def gateway() -> Iterator[RunningGateway]:
    with RunningGateway() as gateway:
        yield gateway


@pytest.fixture
def locked() -> Iterator[RunningGateway]:
    with RunningGateway([OUR_KEY, ALL_KEY]) as gateway:
        yield gateway


@pytest.mark.parametrize(
    "headers", [{}, bearer("wrong"), {"authorization": f"Basic {OURS}"}, bearer("")]
)
def test_without_a_known_key_nothing_is_read(
    locked: RunningGateway, headers: dict[str, str]
) -> None:
    answer = locked.post(schema1(), headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:filrouge:problem:unauthorized"
    assert locked.values == []


def test_a_company_cannot_write_anothers_records(locked: RunningGateway) -> None:
    theirs = schema1({"Entreprise": "other"})

    mixed = locked.post(array(theirs, schema1(), event(data={"company": "Akonovia"})), bearer(OURS))
    only_theirs = locked.post(theirs, bearer(OURS))

    assert receipt(mixed) == (202, 1, 2)
    assert {each["reason"] for each in mixed.json()["refusals"]} == {"foreign_company"}
    assert only_theirs.status_code == 403
    assert only_theirs.json()["type"] == "urn:filrouge:problem:foreign-company"
    assert locked.values == [schema1()]


def test_the_last_of_two_fields_of_one_name_is_the_company(locked: RunningGateway) -> None:
    """As every reader of the topic has it."""
    twice = schema1().replace(b'"Zone"', b'"Entreprise": "other", "Zone"')

    assert locked.post(twice, bearer(OURS)).status_code == 403


def test_a_key_for_all_companies_writes_all(locked: RunningGateway) -> None:
    body = array(schema1({"Entreprise": "a"}), schema1({"Entreprise": "b"}))

    assert receipt(locked.post(body, bearer(ALL))) == (202, 2, 0)


def test_a_key_is_in_no_log_and_no_span(
    locked: RunningGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    locked.post(schema1(), bearer(OURS))
    locked.post(schema1(), bearer("flr_wrong"))
    told = locked.told()

    everything = capsys.readouterr().err + repr(told.spans()) + repr(told.logs())
    assert len(told.spans()) == 3
    assert OURS not in everything
    assert "flr_wrong" not in everything


def test_requests_beyond_the_rate_are_told_when_to_come_again() -> None:
    with RunningGateway([OUR_KEY, ALL_KEY], ingestion_request_rate="3/hour") as gateway:
        answers = [gateway.post(schema1(), bearer(OURS)) for _ in range(4)]
        other = gateway.post(schema1(), bearer(ALL))

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert 0 < int(answers[3].headers["retry-after"]) <= 3600
    assert answers[3].json()["type"] == "urn:filrouge:problem:rate-limited"
    assert other.status_code == 202, "each sender has a count of its own"
    assert len(gateway.values) == 4


def test_records_beyond_the_rate_are_not_taken_in_part() -> None:
    with RunningGateway(ingestion_record_rate="10/hour") as gateway:
        first = gateway.post(array(*[schema1()] * 8))
        second = gateway.post(array(*[schema1()] * 3))
        third = gateway.post(array(*[schema1()] * 2))

    assert [each.status_code for each in (first, second, third)] == [202, 429, 202]
    assert len(gateway.values) == 10


def test_a_rate_counts_each_kind_by_itself() -> None:
    rates = Rates("2/minute", "100/minute")
    rates.count_records("a", 100)
    rates.count_request("a")

    with pytest.raises(ProblemError) as raised:
        rates.count_records("a", 1)

    assert raised.value.kind is Kind.RATE_LIMITED
    rates.count_request("a")


def test_when_kafka_does_not_take_them_it_says_so_and_when_to_retry(
    gateway: RunningGateway,
) -> None:
    gateway.kafka.refusal = NotTakenError("Kafka takes no records (away); send them again", 5)

    answer = gateway.post(schema1())

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["detail"] == "Kafka takes no records (away); send them again"
    (span,) = [span for span in gateway.told().spans() if span.name.startswith("send")]
    assert span.failed
    assert span.attributes["error.type"] == "NotTakenError"


def test_requests_that_would_fill_the_memory_are_sent_away() -> None:
    with RunningGateway(ingestion_memory_bytes=1 << 20, ingestion_body_bytes=1 << 20) as gateway:
        statuses: list[int] = []

        async def slow() -> AsyncIterator[bytes]:
            yield schema1()
            while len(statuses) < 1:
                await asyncio.sleep(0.01)

        async def both() -> None:
            transport = httpx.ASGITransport(gateway.app)
            headers = {"content-type": "application/json"}
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                first = asyncio.create_task(
                    client.post("/v1/records", content=slow(), headers=headers)
                )
                await asyncio.sleep(0.05)
                second = await client.post("/v1/records", content=schema1(), headers=headers)
                assert second.headers["retry-after"] == "1"
                statuses.append(second.status_code)
                statuses.append((await first).status_code)

        asyncio.run(both())
        assert statuses == [503, 202]
        assert gateway.post(schema1()).status_code == 202, "the room is given back"


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.sleep(30)

    with RunningGateway(ingestion_read_s=0.2) as gateway:
        answer = gateway.post(stuck())

    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"


def test_probes_tell_life_from_readiness(gateway: RunningGateway) -> None:
    assert gateway.ask("GET", "/readyz").json() == {"status": "ok"}
    gateway.kafka.trouble = "no leader"

    not_ready = gateway.ask("GET", "/readyz")

    assert gateway.ask("GET", "/healthz").status_code == 200
    assert not_ready.status_code == 503
    assert "no leader" in not_ready.json()["detail"]
    assert gateway.told().spans() == [], "probes leave no spans"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/records", 405), ("GET", "/elsewhere", 404)]
)
def test_the_frameworks_errors_are_problems_too(
    gateway: RunningGateway, method: str, path: str, status: int
) -> None:
    answer = gateway.ask(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_what_nobody_foresaw_is_a_problem_and_in_the_log(
    gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("secret of ours")

    monkeypatch.setattr(gateway.kafka, "send", fail)

    answer = gateway.post(schema1())

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert gateway.post(schema1()).status_code == 500, "the room is given back"


def test_the_callers_trace_goes_on_to_kafka(gateway: RunningGateway) -> None:
    body = lines(event(envelope={"traceparent": PRODUCER}), event(), schema1())

    gateway.post(body, NDJSON | {"traceparent": CALLER, "tracestate": "vendor=1"})

    spans = {span.name: span for span in gateway.told().spans()}
    send, server = spans["send ingestion-logs"], spans["POST /v1/records"]
    assert (server.kind, server.trace_id, server.parent_id) == ("server", TRACE, "b7ad6b7169203331")
    assert (send.kind, send.trace_id, send.parent_id) == ("producer", TRACE, server.span_id)
    assert send.links == [("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")]
    assert send.attributes["messaging.batch.message_count"] == 3
    assert server.attributes["http.response.status_code"] == 202
    headers = dict(gateway.kafka.headers)
    assert headers["tracestate"] == b"vendor=1"
    assert headers["traceparent"] is not None
    assert bytes(headers["traceparent"]).startswith(f"00-{TRACE}-{send.span_id}-".encode())  # type: ignore[arg-type]


def test_metrics_count_what_became_of_each_record(gateway: RunningGateway) -> None:
    before = gateway.told().metric("filrouge.ingestion.records")
    gateway.post(lines(schema1(), b"{poison", schema1({"Etat": "OK"}), schema1()), NDJSON)
    gateway.kafka.refusal = NotTakenError("away", 1)
    gateway.kafka.trouble = "away"
    gateway.kafka.waiting = 12
    gateway.post(array(*[schema1()] * 5))

    told = gateway.told()

    assert {point["ingestion.record.outcome"]: value for point, value in before} == {
        "accepted": 0,
        "invalid": 0,
        "undelivered": 0,
    }
    counts = {
        (point["ingestion.record.outcome"], point.get("reason")): value
        for point, value in told.metric("filrouge.ingestion.records")
    }
    assert counts == {
        ("accepted", None): 2,
        ("invalid", None): 0,
        ("invalid", "invalid_json"): 1,
        ("invalid", "unknown_state"): 1,
        ("undelivered", None): 5,
    }
    assert told.metric("filrouge.ingestion.request.records") == [({}, 2)]
    assert told.metric("filrouge.ingestion.queue.records") == [({}, 12)]
    assert told.metric("filrouge.ingestion.kafka.available") == [({}, 0)]
    assert told.metric("filrouge.ingestion.memory.used") == [({}, 0)]
    durations = told.metric("http.server.request.duration")
    assert {point["http.response.status_code"] for point, _ in durations} == {202, 503}


def test_every_example_of_the_description_is_taken(gateway: RunningGateway) -> None:
    described = gateway.ask("GET", "/openapi.json").json()
    content = described["paths"]["/v1/records"]["post"]["requestBody"]["content"]

    answers = {}
    for media, described_body in content.items():
        for name, example in described_body["examples"].items():
            value = example["value"]
            body = value.encode() if isinstance(value, str) else orjson.dumps(value)
            answers[media, name] = receipt(gateway.post(body, {"content-type": media}))

    assert len(answers) == 8
    assert {(status, refused) for status, _, refused in answers.values()} == {(202, 0)}
    assert openapi.RECORD in [orjson.loads(value) for value in gateway.values]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


def entry(key: Key) -> str:
    return f'[[key]]\nid = "{key.id}"\ncompany = "{key.company}"\nsha256 = "{key.sha256}"\n'


def test_a_key_is_taken_and_withdrawn_while_the_service_runs(file: Path) -> None:
    now_s = 0.0
    file.write_text(entry(OUR_KEY))
    with (
        HttpReceiver() as receiver,
        observe("testing", load_settings(otlp_url=receiver.url)) as own,
    ):
        keys = Keys(file, own.log, lambda: now_s)
        assert (keys.find(OURS), keys.find(ALL)) == (OUR_KEY, None)

        file.write_text(entry(ALL_KEY) + "\n")
        assert keys.find(OURS) == OUR_KEY, "the file is looked at once a second"
        now_s = 1.0
        assert (keys.find(OURS), keys.find(ALL)) == (None, ALL_KEY)

        file.write_text("[[key]")
        now_s = 2.0
        assert keys.find(ALL) == ALL_KEY, "the keys stay as they were"
        file.unlink()
        now_s = 3.0
        assert keys.find(ALL) == ALL_KEY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[key]", "cannot be read"),
        ('[[key]]\nid = "a"\ncompany = "b"\nsha256 = "the key itself"\n', "key.0.sha256"),
        ('[[key]]\nid = "a"\nsha256 = "' + "0" * 64 + '"\n', "key.0.company"),
        (entry(OUR_KEY) * 2, "twice"),
        ("", "key: Field required"),
    ],
)
def test_a_wrong_keys_file_is_told_without_what_is_in_it(file: Path, text: str, said: str) -> None:
    file.write_text(text)

    with pytest.raises(UsageError) as raised:
        read_keys(file)

    assert said in str(raised.value)
    assert str(file) in str(raised.value)
    assert "the key itself" not in str(raised.value)

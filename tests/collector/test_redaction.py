"""Secrets and personal data do not leave, wherever in a span or log record they stand."""

from __future__ import annotations

import json
from typing import Final

import pytest

from filrouge.telemetry.otlp_json import Signal
from tests.collector import otlp
from tests.collector.backends import Backends, wait_until
from tests.collector.bench import Bench

pytestmark = pytest.mark.stack

_JWT: Final = (
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP"
)
_ZOHO: Final = "1000." + "0a1b2c3d" * 4 + "." + "9f8e7d6c" * 4

MASKED: Final = {
    f"401 with Authorization: Bearer {_JWT}": "401 with Authorization: Bearer ****",
    "authorization: basic YWxhZGRpbjpvcGVuc2VzYW1l": "authorization: basic ****",
    f"Zoho-oauthtoken {_ZOHO} is stale": "Zoho-oauthtoken **** is stale",
    f"the token {_JWT} has expired": "the token **** has expired",
    f"code {_ZOHO}": "code ****",
    "push as ghp_16C7e42F292c6912E7710c838347Ae178B4a": "push as ****",
    "glpat-0123456789abcdef revoked": "**** revoked",
    "xoxb-123456789012-abcdef": "****",
    "key AKIAIOSFODNN7EXAMPLE": "key ****",
    "GET https://ana:hunter2@example.com/a failed": "GET https://****@example.com/a failed",
    "postgresql://etl:p@ss@db:5432/raw": "postgresql://****@db:5432/raw",
    "https://x?access_token=abc123&page=2": "https://x?access_token=****&page=2",
    "?apikey=abc&API-KEY=def;client_secret=ghi": "?apikey=****&API-KEY=****;client_secret=****",
    "https://store/blob?sv=2024&sig=a%2Fb%3D&se=1": "https://store/blob?sv=2024&sig=****&se=1",
    "env PGPASSWORD=hunter2, HOME=/root": "env PGPASSWORD=****, HOME=/root",
    '{"user": "ana", "password": "hunter2"}': '{"user": "ana", "password": "****"}',
    "{'client_secret': 'abc', 'a': 1}": "{'client_secret': '****', 'a': 1}",
    "login failed, password: hunter2": "login failed, password: ****",
    "no mailbox jean.dupont+etl@example.co.uk": "no mailbox ****",
    "Zoë.Ünal@exämple.fr: denied": "****: denied",
}
KEPT: Final = (
    "'id'",
    "KeyError: 'token'",
    "Invalid token: expired",
    "basic authentication is not supported",
    "bearer token missing",
    "2025-09-05-16-45",
    "fe2279ab03cf5948453eb2e90e37ee33",
    "run daily@2025-09-05",
    "list=Contrats&site=Operations&expand=fields&top=5000",
    "module=portals&key_field=id&sort=signed",
    "https://example.com/@ana/list?page=1",
    "Tout roule, pas de stress!",
)
CASES: Final = {**MASKED, **{text: text for text in KEPT}}
_IDS: Final = {
    "ingestion.company": "ana@example.com",
    "ingestion.zone": "1-Raw?token=x",
    "ingestion.source": "https://a:b@c",
    "ingestion.run.id": "password=1",
    "ingestion.object.id": "a@example.com",
    "ingestion.object.name": "bearer 0123456789abcdef0",
}


def test_error_texts_of_spans_are_masked_in_status_attributes_and_events(
    bench: Bench, backends: Backends
) -> None:
    spans = [
        otlp.span(
            number,
            attributes={"text": text, "count": 5},
            **otlp.failed(text, {"exception.message": text, "exception.type": "KeyError"}),
        )
        for number, text in enumerate(CASES, 1)
    ]
    assert bench.send(Signal.TRACES, otlp.traces(spans)) == 200
    wait_until("all spans are there", lambda: len(backends.spans()) == len(CASES))
    by_number = {int(span["span_id"], 16): span for span in backends.spans()}
    for number, (text, masked) in enumerate(CASES.items(), 1):
        span = by_number[number]
        event = {"exception.message": masked, "exception.type": "KeyError"}
        assert (text, span["message"]) == (text, masked)
        assert span["attributes"] == {"text": masked, "count": 5}
        assert span["events"] == [("exception", 1, event)]


def test_bodies_and_attributes_of_logs_are_masked(bench: Bench, backends: Backends) -> None:
    records = [otlp.log(text, {"text": text, "number": str(n)}) for n, text in enumerate(CASES)]
    assert bench.send(Signal.LOGS, otlp.logs(records)) == 200
    wait_until("all are there", lambda: len(backends.logs()) == len(CASES))
    found = {int(log["attributes"]["number"]): log for log in backends.logs()}
    for number, (text, masked) in enumerate(CASES.items()):
        assert (text, found[number]["body"]) == (text, masked)
        assert found[number]["attributes"] == {"text": masked, "number": str(number)}


def test_a_masked_record_is_still_json(bench: Bench, backends: Backends) -> None:
    bodies = [json.dumps({"Description": text, "n": n}) for n, text in enumerate(CASES)]
    assert bench.send(Signal.LOGS, otlp.logs(map(otlp.log, bodies))) == 200
    wait_until("all are there", lambda: len(backends.logs()) == len(CASES))
    found = [json.loads(log["body"]) for log in backends.logs()]
    by_number = {each["n"]: each["Description"] for each in found}
    for number, (text, masked) in enumerate(CASES.items()):
        assert (text, by_number[number]) == (text, masked)


def test_masking_twice_changes_nothing_more(bench: Bench, backends: Backends) -> None:
    masked = list(MASKED.values())
    assert bench.send(Signal.LOGS, otlp.logs(map(otlp.log, masked))) == 200
    wait_until("all are there", lambda: len(backends.logs()) == len(masked))
    assert sorted(log["body"] for log in backends.logs()) == sorted(masked)


def test_ids_are_never_masked(bench: Bench, backends: Backends) -> None:
    attributes = {**_IDS, "text": "password=1"}
    span = otlp.span(name="task a@example.com", attributes=attributes)
    resource = {"service.name": "b@example.com", "ingestion.company": "ana@example.com"}
    assert bench.send(Signal.TRACES, otlp.traces([span], resource)) == 200
    assert bench.send(Signal.LOGS, otlp.logs([otlp.log("x", attributes)], resource)) == 200
    wait_until("both are there", lambda: bool(backends.spans() and backends.logs()))
    for item in (*backends.spans(), *backends.logs()):
        assert item["attributes"] == {**_IDS, "text": "password=****"}
        assert item["resource"] == resource
    assert backends.spans()[0]["name"] == "task a@example.com"


def test_a_record_from_kafka_is_masked_in_body_and_error_text(
    bench: Bench, backends: Backends
) -> None:
    record = json.loads(
        '{"No_Sequence":"r","Entreprise":"c","Zone":"1-Raw","Source":"s","Objet_Id":1,"Objet":"o",'
        '"Etat":"FAILED","Debut":"05-09-2025 16:45:26","Fin":"05-09-2025 16:45:28"}'
    )
    text = 'HTTP 401 for ana@example.com, "password": "hunter2"'
    bench.publish([json.dumps({**record, "Description": text}).encode()])
    wait_until("it is there", lambda: bool(backends.logs()))
    [log] = backends.logs()
    masked = 'HTTP 401 for ****, "password": "****"'
    assert log["attributes"]["exception.message"] == masked
    assert log["attributes"]["error.type"] == "401"
    assert json.loads(log["body"]) == {**record, "Description": masked}

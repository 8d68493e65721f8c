"""What is on the topic and no record: kept, shown as such, in nobody's way."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest

from filrouge.telemetry import names
from tests.collector.backends import Backends, wait_until
from tests.collector.bench import Bench
from tests.records import samples

pytestmark = pytest.mark.stack

INVALID = names.RECORD_INVALID.name
_NS_PER_S = 1_000_000_000


@pytest.mark.parametrize(
    ("message", "body", "reason"),
    [
        (b"WARNING rate limited\n", "WARNING rate limited\n", "invalid_json"),
        (samples.schema1()[:-9], samples.schema1()[:-9].decode(), "invalid_json"),
        (b"", "", "invalid_json"),
        (b"[1]", "[1]", "invalid_record"),
        (b"{}", "{}", "invalid_record"),
        (b"caf\xe9", "caf\ufffd", "invalid_json"),
        (b'{"x": "\x00"', '{"x": "\x00"', "invalid_json"),
    ],
    ids=["text", "cut", "empty", "array", "no field", "not UTF-8", "null character"],
)
def test_what_is_no_record_is_a_warning_with_its_text_and_place(
    bench: Bench, backends: Backends, message: bytes, body: str, reason: str
) -> None:
    before_ns = time.time_ns() - _NS_PER_S
    bench.publish([message])
    wait_until("it is there", lambda: bool(backends.logs()))
    [log] = backends.logs()
    place = {
        key: log["attributes"].pop(key)
        for key in ("messaging.destination.partition.id", "messaging.kafka.offset")
    }
    assert int(place["messaging.destination.partition.id"]) in range(6)
    assert place["messaging.kafka.offset"] >= 0
    assert before_ns < log.pop("time_ns") < time.time_ns() + _NS_PER_S
    assert log == {
        "name": INVALID,
        "trace_id": "",
        "span_id": "",
        "observed_ns": 0,
        "severity": (names.RECORD_INVALID.severity, "WARN"),
        "body": body,
        "attributes": {
            "error.type": reason,
            "messaging.system": "kafka",
            "messaging.destination.name": bench.topic,
        },
        "resource": {"service.name": "unknown_service"},
        "scope": ("filrouge", "1"),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"Objet": None},
        {"Entreprise": 5},
        {"Zone": " "},
        {"Etat": "OK"},
        {"Debut": "31-02-2025 10:00:00"},
        {"Fin": "05-09-2025 16:45:20"},
        {"memory_used (bytes)": 0.5},
        {"Objet_Id": 2**53},
    ],
    ids=str,
)
def test_a_record_with_a_fault_keeps_its_text(
    bench: Bench, backends: Backends, changes: dict[str, object]
) -> None:
    line = samples.schema1(changes)
    bench.publish([line])
    wait_until("it is there", lambda: bool(backends.logs()))
    [log] = backends.logs()
    assert (log["name"], log["body"]) == (INVALID, line.decode())
    assert log["attributes"]["error.type"] == "invalid_record"


def test_poison_stops_nobody(bench: Bench, backends: Backends) -> None:
    good = [samples.schema1({"Objet_Id": number}) for number in range(200)]
    poison = [f"poison {number}".encode() for number in range(200)]
    bench.publish(message for pair in zip(good, poison, strict=True) for message in pair)
    wait_until("all are there", lambda: len(backends.logs()) >= 400)
    assert Counter(log["name"] for log in backends.logs()) == {
        "ingestion.task.completed": 200,
        INVALID: 200,
    }
    bodies = Counter(log["body"] for log in backends.logs())
    assert bodies == Counter(message.decode() for message in (*good, *poison))


def test_a_record_of_a_mebibyte_comes_through(bench: Bench, backends: Backends) -> None:
    line = samples.schema1({"Parametres": "x" * (1_000_000)})
    bench.publish([line, samples.schema1()])
    wait_until("both are there", lambda: len(backends.logs()) >= 2)
    assert {log["body"] for log in backends.logs()} == {line.decode(), samples.schema1().decode()}
    assert {log["name"] for log in backends.logs()} == {"ingestion.task.completed"}
    assert json.loads(line)["Parametres"]

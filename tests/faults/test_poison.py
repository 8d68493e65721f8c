"""What is no record, is too large or bears an absurd time: the records around it arrive."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from confluent_kafka import Producer

from filrouge.backends.loki import LineSeen, Loki
from filrouge.kafka.topics import TOPIC
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.faults.driving import (
    assert_everywhere,
    await_until,
    measured,
    replay_of,
    verdicts,
    work,
)
from tests.records.samples import schema1

pytestmark = pytest.mark.slow

MEBIBYTE = 1 << 20
NS = 1_000_000_000
INVALID_JSON: list[bytes | None] = [
    b"{poison",
    b"",
    None,  # a tombstone
    b" \n",
    b"42",
    b"null",
    bytes(range(256)) * 16,
    bytes(4096),
    b"[" * MEBIBYTE,
    b'{"a":' * 200_000,
    b'{"No_Sequence": 1' + b"0" * 100_000 + b"}",
]
INVALID_RECORD: list[bytes | None] = [
    b"{}",
    b"[1, 2, 3]",
    b'{"Entreprise": "\xff\xfe\x80"}',
    b'{"specversion": "1.0", "type": "io.filrouge.task.completed"}',
    b'{"specversion": "1.0", "type": "io.filrouge.run.started", "data": "x"}',
    schema1({"Entreprise": {"a": 1}, "Debut": 5, "Objet_Id": [1]}),
]


def put(stack: Stack, messages: Sequence[bytes | None], key: str) -> None:
    """Onto one partition of the topic, in this order, as any producer might."""
    options = {"bootstrap.servers": stack.address(Port.KAFKA), "message.max.bytes": 3_000_000}
    producer = Producer(options)
    for message in messages:
        producer.produce(TOPIC, message, key)
    assert producer.flush(30) == 0


def records(count: int, **changes: str) -> list[bytes]:
    """Good ones, of a run of their own."""
    run = {"No_Sequence": f"run {uuid4()}", **changes}
    return [schema1({**run, "Objet_Id": number}) for number in range(count)]


def write(path: Path, lines: Sequence[bytes]) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def timed(year: int, **changes: str) -> bytes:
    day = f"05-09-{year}"
    return schema1(
        {
            **changes,
            "No_Sequence": str(year),
            "Debut": f"{day} 16:45:26",
            "Fin": f"{day} 16:45:28.25",
        }
    )


def invalid(stack: Stack, since_s: float) -> list[LineSeen]:
    """What Loki shows of messages that were no records."""
    query = '{service_name="unknown_service"} | error_type=~"invalid_.*"'
    loki = Loki(stack.url(Port.LOKI_HTTP))
    return list(loki.lines(query, int(since_s * NS), int((time.time() + 60) * NS)))


def test_poison_on_the_topic_is_shown_and_its_neighbours_arrive(
    broken_stack: Stack, tmp_path: Path
) -> None:
    poison = [*INVALID_JSON, *INVALID_RECORD]
    good = records(len(poison))
    since_s = time.time() - 1

    put(broken_stack, [m for pair in zip(good, poison, strict=True) for m in pair], "poison")

    assert_everywhere(broken_stack, write(tmp_path / "good.ndjson", good), "loki")
    await_until(lambda: len(invalid(broken_stack, since_s)) >= len(poison), "all poison is shown")
    shown = sorted(
        (int(line.labels["messaging_kafka_offset"]), line.labels["error_type"])
        for line in invalid(broken_stack, since_s)
    )
    kinds = ["invalid_json"] * len(INVALID_JSON) + ["invalid_record"] * len(INVALID_RECORD)
    assert [kind for _, kind in shown] == kinds
    first = shown[0][0]
    assert [offset for offset, _ in shown] == [first + 2 * n for n in range(len(poison))]


def test_a_record_too_large_for_loki_is_refused_alone(broken_stack: Stack, tmp_path: Path) -> None:
    good = records(20)
    large = schema1({"No_Sequence": "large", "Description": "x" * (2 * MEBIBYTE)})
    refused = "otelcol_exporter_send_failed_log_records"
    before = measured(broken_stack, refused, "loki")

    put(broken_stack, [*good[:10], large, *good[10:]], "large")

    await_until(lambda: measured(broken_stack, refused, "loki") > before, "the refusal is told")
    assert_everywhere(broken_stack, write(tmp_path / "good.ndjson", good), "loki")
    assert "max entry size" in broken_stack.log("collector").read_text()


def test_records_outside_the_retention_are_refused_alone(
    broken_stack: Stack, tmp_path: Path
) -> None:
    """Times that a clock set wrong makes; each is beside good ones in the same request."""
    company = f"company {uuid4()}"
    good = records(20, Entreprise=company)
    untimely = [timed(year, Entreprise=company) for year in (1970, 2010, 2019, 2100, 2200)]
    file = write(tmp_path / "all.ndjson", [*good[:10], *untimely, *good[10:]])

    for _ in range(2):
        with work(broken_stack, tmp_path, *replay_of(broken_stack, file)) as replay:
            assert replay.finish() == (0, "")
        with work(broken_stack, tmp_path, "publish", file) as publish:
            assert publish.finish() == (0, "")

        assert_everywhere(broken_stack, write(tmp_path / "good.ndjson", good))
    found = {
        run["run_id"]: {place: each["found"] for place, each in run["places"].items()}
        for run in verdicts(broken_stack, write(tmp_path / "bad.ndjson", untimely), wait_s=0)[1]
    }
    nowhere_but_in_tempo = {"tempo": 4, "loki": 0, "prometheus": 0}
    years = ("1970", "2010", "2019", "2100", "2200")
    assert found == dict.fromkeys(years, nowhere_but_in_tempo)

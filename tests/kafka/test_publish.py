"""`filrouge publish` to the real Kafka, and what lies there afterwards."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from confluent_kafka import Producer

from filrouge.kafka.reading import TopicReader
from filrouge.kafka.topics import TOPIC, message_key
from filrouge.records.parse import MAX_LINE_BYTES
from filrouge.records.reading.counting import run_of
from filrouge.records.reading.line import Line
from filrouge.records.record import RunKey
from filrouge.settings import Settings, load_settings
from filrouge.stack.stack import Stack
from tests.commands import filrouge, settings_of
from tests.records.samples import event, schema1


@pytest.fixture
def company() -> str:
    """A company of the test's own, for the topic is shared."""
    return f"company {uuid4()}"


@pytest.fixture
def settings(stack: Stack) -> Settings:
    return load_settings(stack_port_offset=stack.place.offset)


def lines_of(company: str, settings: Settings) -> list[Line]:
    lines = TopicReader(settings).lines()
    return [line for line in lines if (run := run_of(line.data)) and run.company == company]


def test_records_lie_on_the_topic_byte_for_byte(
    stack: Stack, settings: Settings, company: str, tmp_path: Path
) -> None:
    oddly_spaced = schema1({"Entreprise": company}).replace(b'", "', b'" ,\t"')
    records = [oddly_spaced, event(data={"company": company, "object_name": "Devis – été ☀️"})]
    (tmp_path / "records.json").write_bytes(b"\n".join(records))

    done = filrouge("publish", "records.json", cwd=tmp_path, env=settings_of(stack))

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"2 records published on {TOPIC} at {settings.brokers}\n"
    assert sorted(line.data for line in lines_of(company, settings)) == sorted(records)
    assert not (tmp_path / "out").exists()


def test_a_run_stays_in_order_in_one_partition(
    stack: Stack, settings: Settings, company: str, tmp_path: Path
) -> None:
    records = [
        schema1({"Entreprise": company, "No_Sequence": f"run {number % 20}", "Objet_Id": number})
        for number in range(400)
    ]
    (tmp_path / "records.json").write_bytes(b"\n".join(records))

    assert filrouge("publish", "records.json", cwd=tmp_path, env=settings_of(stack)).returncode == 0

    partitions = defaultdict[str, set[str]](set)
    objects = defaultdict[str, list[int]](list)
    for line in lines_of(company, settings):
        record = orjson.loads(line.data)
        partitions[record["No_Sequence"]].add(line.file)
        objects[record["No_Sequence"]].append(record["Objet_Id"])
    assert [len(found) for found in partitions.values()] == [1] * 20
    assert dict(objects) == {f"run {n}": list(range(n, 400, 20)) for n in range(20)}
    assert len(set.union(*partitions.values())) > 1, "20 runs share the work of several partitions"


def test_what_is_no_record_is_set_aside_with_its_reason(
    stack: Stack, settings: Settings, company: str, tmp_path: Path
) -> None:
    good = schema1({"Entreprise": company})
    too_long = schema1({"Entreprise": company, "Description": "x" * (2 << 20)})
    (tmp_path / "records.json").write_bytes(b"\n".join([b"{poison", good, too_long]))

    done = filrouge("publish", "records.json", cwd=tmp_path, env=settings_of(stack))

    assert done.returncode == 1
    assert done.stderr.decode() == "2 lines rejected; they are in out/rejected.jsonl\n"
    rejected = (tmp_path / "out" / "rejected.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["reason"] for line in rejected] == ["invalid_json", "too_long"]
    assert [line.data for line in lines_of(company, settings)] == [good]


def test_the_longest_record_that_is_one_is_published(
    stack: Stack, settings: Settings, company: str, tmp_path: Path
) -> None:
    empty = schema1({"Entreprise": company, "Description": ""})
    record = schema1({"Entreprise": company, "Description": "x" * (MAX_LINE_BYTES - len(empty))})
    assert len(record) == MAX_LINE_BYTES
    (tmp_path / "records.json").write_bytes(record)

    done = filrouge("publish", "records.json", cwd=tmp_path, env=settings_of(stack))

    assert (done.returncode, done.stderr) == (0, b"")
    assert [line.data for line in lines_of(company, settings)] == [record]


def test_a_reader_ends_where_the_topic_ended_when_it_was_made(
    settings: Settings, company: str
) -> None:
    run = RunKey(company, "run", 1)
    before, after = (schema1({"Entreprise": company, "Objet": name}) for name in ("a", "b"))
    producer = Producer({"bootstrap.servers": settings.brokers})
    producer.produce(TOPIC, before, message_key(run))
    producer.flush()

    reader = TopicReader(settings)
    producer.produce(TOPIC, after, message_key(run))
    producer.flush()

    found = [line.data for line in reader.lines() if run_of(line.data) == run_of(before)]
    assert found == [before]
    assert len(lines_of(company, settings)) == 2


def test_the_mark_that_ends_a_transaction_is_no_record(settings: Settings, company: str) -> None:
    """Its offset is the partition's last, and no message ever comes from there."""
    record = schema1({"Entreprise": company})
    producer = Producer({"bootstrap.servers": settings.brokers, "transactional.id": str(uuid4())})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(TOPIC, record, message_key(RunKey(company, "run", 1)))
    producer.commit_transaction()

    assert [line.data for line in lines_of(company, settings)] == [record]


def test_a_kafka_that_is_away_is_told_with_its_address(tmp_path: Path) -> None:
    (tmp_path / "records.json").write_bytes(schema1())

    done = filrouge(
        "publish", "records.json", cwd=tmp_path, env={"FILROUGE_KAFKA_BROKERS": "127.0.0.1:1"}
    )

    assert done.returncode == 2
    assert done.stderr.decode().startswith("filrouge: Kafka at 127.0.0.1:1 does not answer (")
    assert "FILROUGE_KAFKA_BROKERS" in done.stderr.decode()
    assert b"Traceback" not in done.stderr

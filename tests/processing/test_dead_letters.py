"""What is no record: kept with all its bytes, listed, shown and put back."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import uuid4

import orjson
import pytest
from confluent_kafka import Producer

from filrouge.kafka.dead_letter_topic import read_letters
from filrouge.kafka.dead_letters import DeadLetter, Position
from filrouge.kafka.topics import DEAD_LETTERS, TOPIC
from filrouge.settings import Settings
from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.commands import filrouge, settings_of
from tests.faults.driving import await_until
from tests.processing.arrival import assert_all_arrive, lag
from tests.records.samples import schema1

TRACEPARENT: Final = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
POISON: Final = {
    "not JSON": (b"{", "invalid_json"),
    "not UTF-8": (b'{"Entreprise": "\xff\xfe"}', "invalid_utf8"),
    "empty": (b"", "invalid_json"),
    "nothing at all": (None, "invalid_json"),
    "a list": (b"[1, 2]", "not_an_object"),
    "without end": (b'{"a":' * 300, "too_deep"),
    "too long": (b'{"a": "' + b"x" * (2 << 20) + b'"}', "too_long"),
    "no company": (schema1({"Entreprise": ""}), "empty_field"),
}


def put(
    stack: Stack, value: bytes | None, key: bytes = b"", topic: str = TOPIC, **headers: bytes
) -> None:
    producer = Producer(
        {"bootstrap.servers": stack.address(Port.KAFKA), "message.max.bytes": 4 << 20}
    )
    producer.produce(topic, value, key, headers=list(headers.items()))
    assert producer.flush(30) == 0


def letters_with(settings: Settings, key: bytes) -> list[tuple[Position, DeadLetter]]:
    return [each for each in read_letters(settings) if each[1].key == key]


def await_letter(settings: Settings, key: bytes, count: int = 1) -> tuple[Position, DeadLetter]:
    await_until(lambda: len(letters_with(settings, key)) >= count, "it is a dead letter")
    found = letters_with(settings, key)
    assert len(found) == count
    return found[-1]


def run(stack: Stack, folder: Path, *arguments: str) -> Any:
    return filrouge("dlq", *arguments, cwd=folder, env=settings_of(stack))


@pytest.fixture
def key() -> bytes:
    """A key of the test's own, for the topic is shared."""
    return str(uuid4()).encode()


@pytest.mark.parametrize("case", POISON)
def test_a_dead_letter_has_the_original_and_says_what_is_wrong_with_it(
    busy_stack: Stack, settings: Settings, key: bytes, case: str
) -> None:
    value, reason = POISON[case]

    put(busy_stack, value, key, traceparent=TRACEPARENT, odd=b"\x00\xff")

    _, letter = await_letter(settings, key)
    assert (letter.value, letter.reason) == (value, reason)
    assert letter.headers == (("traceparent", TRACEPARENT), ("odd", b"\x00\xff"))
    assert (letter.topic, letter.attempt, letter.size) == (TOPIC, 1, None)
    assert letter.partition >= 0
    assert letter.offset >= 0
    assert letter.time_ms is not None
    assert letter.message
    await_until(lambda: lag(busy_stack) == 0, "the message is committed")


def test_good_records_between_poison_go_through(
    busy_stack: Stack, settings: Settings, key: bytes
) -> None:
    good = [schema1({"No_Sequence": key.decode(), "Objet": f"O{n}"}) for n in range(20)]

    for record in good:
        put(busy_stack, record, key)
        put(busy_stack, b"poison", key)

    await_letter(settings, key, count=20)
    assert_all_arrive(busy_stack, good)


def test_a_message_too_large_with_our_headers_is_cut_and_says_so(
    busy_stack: Stack, settings: Settings, key: bytes
) -> None:
    """It fits the topic by a hair; compression would make room, so it is noise."""
    value = Random(1).randbytes(3_145_600 - len(key))  # noqa: S311

    put(busy_stack, value, key)

    _, letter = await_letter(settings, key)
    assert letter.size == len(value)
    assert letter.value == value[: 1 << 16]
    done = run(busy_stack, Path.cwd(), "replay", _id(await_letter(settings, key)[0]))
    assert done.returncode == 1
    assert b"only a part of their message" in done.stderr


def test_operators_list_and_show_letters(
    busy_stack: Stack, settings: Settings, key: bytes, tmp_path: Path
) -> None:
    value = b'{"Entreprise": "\x1b[31m\xff"}'
    put(busy_stack, value, key, traceparent=TRACEPARENT)
    position, letter = await_letter(settings, key)

    listed = run(busy_stack, tmp_path, "list", "--format", "json", "--reason", "invalid_utf8")
    shown = run(busy_stack, tmp_path, "show", _id(position))
    raw = run(busy_stack, tmp_path, "show", _id(position), "--raw")
    table = run(busy_stack, tmp_path, "list")

    by_id = {each["id"]: each for each in map(orjson.loads, listed.stdout.splitlines())}
    assert by_id[_id(position)]["offset"] == letter.offset
    assert {each["reason"] for each in by_id.values()} == {"invalid_utf8"}
    assert raw.stdout == value
    assert b"\x1b" not in shown.stdout + table.stdout
    assert TRACEPARENT in shown.stdout
    assert b"byte 22 of the record is not UTF-8" in shown.stdout
    assert table.returncode == shown.returncode == 0


def test_a_letter_that_can_be_read_now_is_put_back_and_arrives(
    busy_stack: Stack, settings: Settings, key: bytes, tmp_path: Path
) -> None:
    """As after an upgrade: the message is good, and an older service had refused it."""
    record = schema1({"No_Sequence": key.decode()})
    old = DeadLetter("unknown_state", "Etat", None, TOPIC, 0, 1, None, key, record, ())
    put(busy_stack, record, key, DEAD_LETTERS, **dict(old.all_headers()))  # type: ignore[arg-type]
    position, _ = await_letter(settings, key)

    done = run(busy_stack, tmp_path, "replay", _id(position))

    assert (done.returncode, done.stdout) == (0, b"1 messages put back\n")
    assert_all_arrive(busy_stack, [record])


def test_a_letter_put_back_in_vain_comes_again_as_the_second_try(
    busy_stack: Stack, settings: Settings, key: bytes, tmp_path: Path
) -> None:
    put(busy_stack, b"still no record", key, traceparent=TRACEPARENT)
    position, first = await_letter(settings, key)

    done = run(busy_stack, tmp_path, "replay", _id(position))

    assert done.returncode == 0
    _, second = await_letter(settings, key, count=2)
    assert second.attempt == 2
    assert (second.value, second.key, second.headers) == (first.value, first.key, first.headers)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["replay"], "say which"),
        (["replay", "0@999999999"], "has no letter 0@999999999"),
        (["show", "x"], "'x' is no id"),
        (["show", "0@999999999"], "filrouge dlq list"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    busy_stack: Stack, tmp_path: Path, arguments: list[str], text: str
) -> None:
    done = run(busy_stack, tmp_path, *arguments)

    assert done.returncode == 2
    assert text in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def _id(position: Position) -> str:
    return f"{position[0]}@{position[1]}"

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.errors import RejectedRecord
from filrouge.records.parse import MAX_LINE_BYTES
from filrouge.records.record import Record, Remark, TaskFinished
from tests.records.samples import encode, event, parser, schema1

PARSER = parser()
SAMPLES = [
    schema1(),
    *map(event, ["task.started", "task.completed", "task.failed", "run.started", "run.completed"]),
]
FIELDS = sorted({*json.loads(schema1()), *json.loads(event("task.failed"))["data"], "data", "type"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(FIELDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=12,
)


def parsed(line: bytes) -> Record | None:
    """The record, or None where it is refused in the stated way; any other error is a failure."""
    with suppress(RejectedRecord):
        return PARSER.parse(line)
    return None


@given(st.binary() | st.text('{}[]",:\\ 1eNa').map(str.encode))
def test_no_bytes_raise_anything_but_a_refusal(line: bytes) -> None:
    assert parsed(line) is None


@given(JSON)
def test_no_json_raises_anything_but_a_refusal(value: object) -> None:
    assert parsed(json.dumps(value).encode()) is None


@given(st.sampled_from(SAMPLES), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3))
def test_no_field_raises_anything_but_a_refusal(line: bytes, changes: dict[str, object]) -> None:
    record = json.loads(line)
    parsed(encode(record | changes))
    if "data" in record:
        parsed(encode(record | {"data": record["data"] | changes}))


@given(st.sampled_from(SAMPLES), st.data())
def test_no_changed_byte_raises_anything_but_a_refusal(line: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line) - 1))
    parsed(line[:at] + data.draw(st.binary(max_size=2)) + line[at + 1 :])


@given(st.binary(min_size=1, max_size=4), st.sampled_from([b"Contacts", b"akonovia", b"e-1"]))
def test_no_text_that_is_not_utf8_is_taken(odd: bytes, name: bytes) -> None:
    for sample in SAMPLES:
        line = sample.replace(name, odd)
        if parsed(line):
            line.decode()


@pytest.mark.parametrize("line", SAMPLES, ids=lambda line: json.loads(line).get("type", "schema 1"))
def test_record_keeps_its_line(line: bytes) -> None:
    assert PARSER.parse(line).line == line


def test_blanks_around_a_record_do_not_matter() -> None:
    plain, padded = PARSER.parse(schema1()), PARSER.parse(b" \t" + schema1() + b" \r")

    assert asdict(padded) | {"line": b""} == asdict(plain) | {"line": b""}


def test_record_of_the_largest_size_is_taken() -> None:
    line = schema1().ljust(MAX_LINE_BYTES)

    assert parsed(line)
    assert parsed(line + b" ") is None


def test_name_of_an_attribute_in_a_text_makes_no_event() -> None:
    assert isinstance(PARSER.parse(schema1({"Description": '"specversion"'})), TaskFinished)


def test_unknown_zone_is_remarked_behind_what_else_is_odd() -> None:
    record = PARSER.parse(schema1({"Zone": "9-Gold", "Duree secondes": 900}))

    assert isinstance(record, TaskFinished)
    assert record.remarks == (Remark.DURATION_CONTRADICTS_TIMES, Remark.UNKNOWN_ZONE)


def test_unknown_zone_of_an_event_is_remarked() -> None:
    record = PARSER.parse(event(data={"zone": "9-Gold"}))

    assert isinstance(record, TaskFinished)
    assert record.remarks == (Remark.UNKNOWN_ZONE,)

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.errors import RejectedRecord
from filrouge.records.reading.counting import count_records_by_run, run_of
from filrouge.records.reading.line import Line
from filrouge.records.record import RunKey
from tests.records.samples import encode, event, parser, schema1

PARSER = parser()
TEXTS = st.sampled_from(["a", "b", "é", '"', "\\", "\n", "specversion", '"Entreprise":"x"'])
ODD: st.SearchStrategy[Any] = st.sampled_from(["", " ", 0, -1, True, None, 1.0, 2**70, [], {}])
NAMES = st.integers(0, 9).flatmap(lambda dice: TEXTS if dice else ODD)
ATTEMPTS = st.integers(0, 9).flatmap(lambda dice: st.integers(1, 3) if dice else ODD)
KINDS = st.sampled_from(["task.started", "task.completed", "run.started", "run.completed"])


def line(data: bytes) -> Line:
    return Line(data, 1, 0, "f")


@st.composite
def nearly_records(draw: st.DrawFn) -> bytes:
    """Records of either schema, many of them right, with names repeated, nested and escaped."""
    if draw(st.booleans()):
        names = {"Entreprise": draw(NAMES), "No_Sequence": draw(NAMES)}
        data = schema1(names | draw(st.dictionaries(TEXTS, TEXTS | st.just(names), max_size=2)))
        again = {"Entreprise": draw(NAMES)}
    else:
        names = {"company": draw(NAMES), "run_id": draw(NAMES), "attempt": draw(ATTEMPTS)}
        more = draw(st.dictionaries(TEXTS, TEXTS | st.just(names), max_size=2))
        data = event(draw(KINDS), names | more)
        again = {"data": json.loads(event(draw(KINDS), {"run_id": draw(NAMES)}))["data"]}
    if draw(st.booleans()):  # the last of two fields of one name counts
        data = data[:-1] + b", " + encode(again)[1:]
    if draw(st.booleans()):
        letter = draw(st.sampled_from("ENsdc"))
        escaped = f"\\u{ord(letter):04x}".encode()
        data = data.replace(letter.encode(), escaped, draw(st.integers(1, 3)))
    return data


@given(nearly_records())
def test_record_that_parses_was_counted_under_its_very_key(data: bytes) -> None:
    try:
        key = PARSER.parse(data).run
    except RejectedRecord:
        return
    assert run_of(data) == key
    assert count_records_by_run([line(data)]) == {key: 1}


@given(st.lists(nearly_records() | st.binary(max_size=20), max_size=8))
def test_no_run_is_counted_short(lines: list[bytes]) -> None:
    parsed: Counter[RunKey] = Counter()
    for data in lines:
        try:
            parsed[PARSER.parse(data).run] += 1
        except RejectedRecord:
            continue

    counted = count_records_by_run(map(line, lines))

    assert parsed <= counted
    assert counted.total() == sum(run_of(data) is not None for data in lines)


def test_runs_of_both_schemas_are_counted() -> None:
    lines = [schema1(), event(), schema1({"Objet": "Projets"}), event("run.completed")]

    assert count_records_by_run(map(line, lines)) == {
        RunKey("akonovia", "2025-09-05-16-45", 1): 2,
        RunKey("akonovia", "2025-09-05-16-45", 2): 2,
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b'{"Entreprise": "a"}',
        b'{"Entreprise": "a", "No_Sequence": 5}',
        b'{"specversion": "1.0", "data": []}',
        b'{"specversion": "1.0", "data": {"company": "a", "run_id": "b", "attempt": true}}',
        schema1()[:-1],
        b"\xff",
    ],
)
def test_line_that_names_no_run_counts_for_nothing(data: bytes) -> None:
    assert run_of(data) is None
    assert count_records_by_run([line(data)]) == {}


def test_number_that_only_the_parser_takes_hides_no_run() -> None:
    data = schema1()[:-1] + b', "x": 1e999}'

    assert run_of(data) == RunKey("akonovia", "2025-09-05-16-45", 1)

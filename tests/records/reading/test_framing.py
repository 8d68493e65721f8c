from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filrouge.errors import BrokenInputError
from filrouge.records.reading.framing import frame
from filrouge.records.reading.line import Fault, Line
from filrouge.records.rejection import Reason

CUT = Fault(Reason.TRUNCATED, "the file ends in the middle of this record")
CHUNK_SIZES = st.integers(1, 40)
BLANKS = st.text(" \t\r\n", max_size=3).map(str.encode)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def framed(data: bytes, size: int = 1 << 20) -> list[Line]:
    return list(frame(in_chunks(data, size), "f"))


def pieces(data: bytes) -> list[bytes]:
    return [line.data for line in framed(data)]


@given(st.binary(max_size=200), CHUNK_SIZES)
def test_chunk_size_makes_no_difference(data: bytes, size: int) -> None:
    assert framed(data, size) == framed(data)


@given(st.text('{}[]",:\\a1 \n', max_size=60), CHUNK_SIZES)
def test_chunk_size_makes_no_difference_to_nearly_json(text: str, size: int) -> None:
    data = b"[" + text.encode()
    assert framed(data, size) == framed(data)


@given(st.text('{}[]",:\\a1 \n\r', max_size=60).map(str.encode) | st.binary(max_size=200))
def test_every_line_stands_in_the_file_where_it_says(data: bytes) -> None:
    at = 0
    for line in framed(data):
        assert line.offset >= at
        at = line.offset + len(line.data)
        assert data[line.offset : at] == line.data
        assert line.number == data.count(b"\n", 0, line.offset) + 1


@given(st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line), max_size=9))
def test_lines_are_neither_lost_nor_altered(lines: list[bytes]) -> None:
    first = b"{}"  # not an array, nor a byte order mark
    expected = [line.removesuffix(b"\r") for line in lines if not line.isspace()]

    assert pieces(b"\n".join([first, *lines]) + b"\n") == [first, *expected]


@given(st.lists(st.tuples(BLANKS, JSON, BLANKS), max_size=6), st.sampled_from([None, 0, 2]))
def test_elements_are_neither_lost_nor_altered(
    elements: list[tuple[bytes, object, bytes]], indent: int | None
) -> None:
    written = [json.dumps(value, indent=indent).encode() for _, value, _ in elements]
    padded = [a + data + b for (a, _, b), data in zip(elements, written, strict=True)]

    assert pieces(b"[" + b",".join(padded) + b"]") == written


@given(st.lists(JSON, max_size=6), st.sampled_from([0, 1, 4]))
def test_array_printed_over_many_lines_gives_what_it_holds(
    values: list[object], indent: int
) -> None:
    data = json.dumps(values, indent=indent, ensure_ascii=False).encode()

    assert [json.loads(piece) for piece in pieces(data)] == values


GOOD = b'{"a": {"b": ["}", "\\"", 1]}}'


@pytest.mark.parametrize(
    "broken",
    [
        b'{"a": "x}',
        b'{"a": "x',
        b'{"a": 1',
        b'{"a": ',
        b'{"a": {"b": 1}',
        b'{"a": [1, 2',
        b'{"a": [{"b": 1}',
        b'{"a": 1]',
        b'{"a": [1}',
        b'"x',
        b'{"a": "x\n  y"}',
        b'{"a":\n  {"b": "x\n  }',
    ],
)
def test_broken_element_harms_none_that_begins_a_line(broken: bytes) -> None:
    data = b"[\n" + b",\n".join((GOOD, broken, GOOD, GOOD)) + b"\n]\n" + GOOD

    assert pieces(data) == [GOOD, broken.strip(), GOOD, GOOD, GOOD]


def test_broken_element_at_the_end_of_an_array_harms_no_line_after_it() -> None:
    assert pieces(b'[\n{"a": "x}\n]\n' + GOOD) == [b'{"a": "x}', GOOD]


def test_reading_goes_on_at_no_line_inside_a_broken_element() -> None:
    broken = b'  {\n    "a": [\n      {"b": 1},\n      {"c": "x}\n    ]\n  }'
    good = b"  " + GOOD
    data = b"[\n" + b",\n".join((good, broken, good)) + b"\n]"

    assert pieces(data) == [GOOD, broken.strip(), GOOD]


@given(st.text('{}":,\\a1 \t', max_size=20).map(str.encode))
def test_no_line_of_an_array_harms_another_line(line: bytes) -> None:
    first, *_, third, fourth = pieces(b"[\n" + b",\n".join((GOOD, line, GOOD, GOOD)) + b"\n]")

    assert (first, third, fourth) == (GOOD, GOOD, GOOD)


@pytest.mark.parametrize("bracket", [b"}", b"]"])
def test_closing_bracket_too_many_is_an_element_of_its_own(bracket: bytes) -> None:
    assert pieces(b"[" + GOOD + bracket + b", " + GOOD + b"]") == [GOOD, bracket, GOOD]


def test_element_without_end_is_given_up_where_it_is_too_long_for_a_record() -> None:
    filler = b'{"x": "' + b"y" * 2000 + b'"}'
    data = b'[\n{"a": [1,\n' + b",\n".join([filler] * 600) + b"\n]"

    assert pieces(data) == [b'{"a": [1', *[filler] * 600]


def test_long_element_on_one_line_stays_in_one_piece() -> None:
    long = b'{"x": "' + b"y" * (3 << 20) + b'"}'

    assert pieces(b"[" + GOOD + b"," + long + b"," + GOOD + b"]") == [GOOD, long, GOOD]


def test_of_a_pathological_line_the_beginning_is_kept() -> None:
    data = b'{"first": 1}\n' + b"x" * 1000 + b'\r\n{"last": 2}'

    assert list(frame(in_chunks(data, 7), "f", kept_bytes=100)) == [
        Line(b'{"first": 1}', 1, 0, "f"),
        Line(
            b"x" * 100,
            2,
            13,
            "f",
            Fault(
                Reason.TOO_LONG,
                "more than 100 bytes, of which no more are kept; the limit for a record is 1048576",
            ),
        ),
        Line(b'{"last": 2}', 3, 1015, "f"),
    ]


def test_of_a_pathological_element_the_beginning_is_kept() -> None:
    data = b'[{"first": 1},\n{"x": "' + b"y" * 1000 + b'"},\n{"last": 2}]'

    first, long, last = frame(in_chunks(data, 7), "f", kept_bytes=100)

    assert (first.data, last) == (b'{"first": 1}', Line(b'{"last": 2}', 3, 1026, "f"))
    assert (long.data, long.fault and long.fault.reason) == (data[15:115], Reason.TOO_LONG)


@pytest.mark.parametrize("start", [b"", b"[", b'[{"a": "'])
def test_endless_line_does_not_fill_memory(start: bytes) -> None:
    chunk = b"x" * (1 << 16)

    def endless() -> Iterator[bytes]:
        yield start
        for _ in range(500):
            yield chunk

    tracemalloc.start()
    lines = list(frame(endless(), "f", kept_bytes=1 << 20))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [line.fault and line.fault.reason for line in lines[:1]] == [Reason.TOO_LONG]
    assert peak_bytes < 8 << 20


@pytest.mark.parametrize("opening", [b"", b"["])
@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (b"", [b"{}", (b"", "broken")]),
        (b'{"a": 1}', [b"{}", b'{"a": 1}', (b"", "broken")]),
        (b'{"a": 1', [b"{}", (b'{"a": 1', "broken")]),
    ],
    ids=["between records", "behind a whole record", "in a record"],
)
def test_broken_stream_gives_what_was_read_and_one_fault(
    opening: bytes, tail: bytes, expected: list[object]
) -> None:
    def broken() -> Iterator[bytes]:
        yield opening + b"{}\n" + tail
        raise BrokenInputError(Reason.UNREADABLE, "broken")

    lines = frame(broken(), "f")

    assert [
        (line.data, line.fault.message) if line.fault else line.data for line in lines
    ] == expected


@given(st.binary(max_size=60).map(lambda data: data.translate(None, b'"\\\n')))
def test_last_line_that_is_cut_in_a_text_is_known_as_such(text: bytes) -> None:
    data = b'{"a": "' + text

    assert framed(data) == [Line(data.removesuffix(b"\r"), 1, 0, "f", CUT)]

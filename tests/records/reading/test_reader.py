from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from filrouge.records.reading.line import Fault, Line
from filrouge.records.reading.reader import Rejection, parse_line
from filrouge.records.record import TaskFinished
from filrouge.records.rejection import Reason
from tests.records.samples import parser, read_lines, schema1


def rejection(original: bytes) -> Rejection:
    return Rejection("a.json", 3, 27, Reason.INVALID_JSON, None, "not JSON", original)


def original_in(line: bytes) -> bytes:
    """What `docs/records.md` tells people to do with a line of rejected.jsonl."""
    entry = json.loads(line)
    if "original" in entry:
        return str(entry["original"]).encode()
    return b64decode(entry["original_base64"])


@given(st.binary() | st.text().map(str.encode))
def test_original_can_be_had_back_to_the_byte(original: bytes) -> None:
    line = rejection(original).to_json()

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert original_in(line) == original


def test_rejection_is_one_line_of_json() -> None:
    assert json.loads(rejection('{"é": '.encode()).to_json()) == {
        "file": "a.json",
        "line": 3,
        "offset": 27,
        "reason": "invalid_json",
        "field": None,
        "message": "not JSON",
        "original": '{"é": ',
    }


def test_original_that_is_no_text_is_in_base64() -> None:
    assert json.loads(rejection(b"\xff{").to_json())["original_base64"] == "/3s="


def test_fault_found_by_the_reader_is_a_rejection() -> None:
    line = Line(b'{"a', 3, 27, "a.json", Fault(Reason.TRUNCATED, "the file ends here"))

    assert parse_line(parser(), line) == Rejection(
        "a.json", 3, 27, Reason.TRUNCATED, None, "the file ends here", b'{"a'
    )


def test_refused_records_can_be_read_again_after_a_fix(tmp_path: Path) -> None:
    path, again = tmp_path / "records.json", tmp_path / "again.json"
    path.write_bytes(b"[\n" + schema1({"Etat": "OK"}).replace(b', "', b',\n  "') + b"\n]")
    (line,) = read_lines(path)
    refused = parse_line(parser(), line)
    assert isinstance(refused, Rejection)

    fixed = original_in(refused.to_json()).replace(b'"OK"', b'"SUCCESS"')
    again.write_bytes(b"[" + fixed + b"]")

    (record,) = (parse_line(parser(), line) for line in read_lines(again))
    assert isinstance(record, TaskFinished)

"""Every kind of bad input gets its stated result, and does no harm to its neighbours."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from filrouge.records.reading.reader import Rejection
from filrouge.records.record import Record, Remark
from filrouge.records.rejection import Reason
from tests.records.samples import LEFT_OUT, event, parser, read_records, schema1

BEFORE = schema1({"Objet_Id": "before"})
AFTER = schema1({"Objet_Id": "after", "Etat": "FAILED", "Description": "'id'"})
LONG = schema1({"Description": "x" * (1 << 20)})
LATIN1 = schema1({"Description": "échec"}).decode().encode("latin-1")


class Case(NamedTuple):
    """One record between two good ones; it is taken, with remarks, or refused."""

    name: str
    record: bytes
    reason: Reason | None = None
    field: str | None = None
    message: str = ""
    remarks: tuple[Remark, ...] = ()


def changed(**changes: Any) -> bytes:
    return schema1(changes)


CASES = [
    # What is no JSON object
    Case("not JSON", b"hello", Reason.INVALID_JSON, None, "not JSON: expected value"),
    Case("a comma too many", b'{"a": 1,}', Reason.INVALID_JSON, None, "not JSON: trailing comma"),
    Case(
        "cut in the middle",
        schema1()[: schema1().index(b"Contacts") + 3],
        Reason.INVALID_JSON,
        None,
        "not JSON: EOF while parsing a string",
    ),
    Case("an array", b"[1, 2]", Reason.NOT_AN_OBJECT, None, "expected a JSON object, seen [1, 2]"),
    Case("a text", b'"hello"', Reason.NOT_AN_OBJECT, None, "expected a JSON object, seen 'hello'"),
    Case("null", b"null", Reason.NOT_AN_OBJECT, None, "expected a JSON object, seen None"),
    Case(
        "nested 300 levels deep",
        schema1()[:-1] + b', "x": ' + b"[" * 300 + b"]" * 300 + b"}",
        Reason.TOO_DEEP,
        None,
        "nested deeper than 200 levels; send it flatter",
    ),
    Case("nested 100 levels deep", schema1()[:-1] + b', "x": ' + b"[" * 100 + b"]" * 100 + b"}"),
    Case(
        "over 1 MiB",
        LONG,
        Reason.TOO_LONG,
        None,
        f"{len(LONG)} bytes; the limit for a record is 1048576",
    ),
    Case("just under 1 MiB", changed(Description="x" * ((1 << 20) - 500))),
    # What is no text
    Case(
        "Latin-1",
        LATIN1,
        Reason.INVALID_UTF8,
        None,
        f"byte {LATIN1.index(0xE9) + 1} of the record is not UTF-8 "
        "(invalid continuation byte); send UTF-8",
    ),
    Case(
        "half a surrogate pair",
        schema1().replace(b"Contacts", rb"\ud83d"),
        Reason.INVALID_JSON,
        None,
        "not JSON: unexpected end of hex escape",
    ),
    # What identifies the task
    Case(
        "no company",
        changed(Entreprise=LEFT_OUT),
        Reason.MISSING_FIELD,
        "Entreprise",
        "Entreprise is missing; no record goes without",
    ),
    Case(
        "an empty object",
        b"{}",
        Reason.MISSING_FIELD,
        "No_Sequence",
        "No_Sequence, Entreprise, Zone, Source, Objet_Id, Objet, Etat, Debut, Fin are missing; "
        "no record goes without",
    ),
    Case(
        "an empty run",
        changed(No_Sequence=""),
        Reason.EMPTY_FIELD,
        "No_Sequence",
        "No_Sequence is empty; no record goes without",
    ),
    Case(
        "a source of blanks",
        changed(Source=" \t\u00a0"),
        Reason.EMPTY_FIELD,
        "Source",
        "Source is empty; no record goes without",
    ),
    Case(
        "an empty object id",
        changed(Objet_Id=""),
        Reason.EMPTY_FIELD,
        "Objet_Id",
        "Objet_Id is empty; no record goes without",
    ),
    Case(
        "a name of 10,000 characters",
        changed(Objet="x" * 10_000),
        Reason.NAME_TOO_LONG,
        "Objet",
        "Objet has 10000 characters; the limit is 512, shorten it",
    ),
    Case(
        "an object id of 10,000 characters",
        changed(Objet_Id="x" * 10_000),
        Reason.NAME_TOO_LONG,
        "Objet_Id",
        "Objet_Id has 10000 characters; the limit is 512, shorten it",
    ),
    Case("a name of 512 characters", changed(Objet="é" * 512)),
    Case("control characters in a name", changed(Objet="a\x00b\x1b[31m\r\n")),
    Case("separators of paths in names", changed(Source="a/b|c:d", Objet="\x1f\x1e,;\u2028")),
    # Types
    Case(
        "a number for a company",
        changed(Entreprise=7),
        Reason.WRONG_TYPE,
        "Entreprise",
        "Entreprise is 7; expected a valid string",
    ),
    Case(
        "null for a zone",
        changed(Zone=None),
        Reason.WRONG_TYPE,
        "Zone",
        "Zone is None; expected a valid string",
    ),
    Case(
        "half an object id",
        changed(Objet_Id=1.5),
        Reason.WRONG_TYPE,
        "Objet_Id",
        "Objet_Id is 1.5; expected a valid integer or a valid string",
    ),
    Case(
        "true for an object id",
        changed(Objet_Id=True),
        Reason.WRONG_TYPE,
        "Objet_Id",
        "Objet_Id is True; expected a valid integer or a valid string",
    ),
    Case(
        "an object id that many readers would round",
        changed(Objet_Id=2**53),
        Reason.OUT_OF_RANGE,
        "Objet_Id",
        "Objet_Id is 9007199254740992; it must be less than or equal to 9007199254740991",
    ),
    Case(
        "a list for a description",
        changed(Description=["a"]),
        Reason.WRONG_TYPE,
        "Description",
        "Description is ['a']; expected a valid string",
    ),
    Case(
        "true for a duration",
        schema1({"Duree secondes": True}),
        Reason.WRONG_TYPE,
        "Duree secondes",
        "Duree secondes is True; expected a valid number or a valid string",
    ),
    Case(
        "a decimal comma",
        schema1({"cpu_time (sec)": "0,09"}),
        Reason.WRONG_TYPE,
        "cpu_time (sec)",
        "cpu_time (sec) is '0,09', which is no number",
    ),
    Case(
        "half a byte",
        schema1({"memory_used (bytes)": "0.5"}),
        Reason.WRONG_TYPE,
        "memory_used (bytes)",
        "memory_used (bytes) is '0.5'; expected a whole number",
    ),
    Case(
        "more memory than there is",
        schema1({"memory_used (bytes)": 2**53}),
        Reason.OUT_OF_RANGE,
        "memory_used (bytes)",
        "memory_used (bytes) is 9007199254740992; the limit is 2^53 - 1",
    ),
    Case(
        "numbers in strings",
        schema1(
            {"Duree secondes": "2.25", "cpu_time (sec)": " 1e-2 ", "memory_used (bytes)": "-4096"}
        ),
    ),
    Case(
        "no measurements",
        schema1({"Duree secondes": LEFT_OUT, "cpu_time (sec)": "", "memory_used (bytes)": None}),
    ),
    Case("unknown fields", changed(Parametres="a=b", nested={"list": [1, 2.5, None, {}]})),
    Case("redundant fields of a wrong type", changed(Date_Sequence=20250905, Heure_Sequence=[16])),
    # NaN and infinity, which JSON has not but many writers let through
    Case(
        "NaN for a duration",
        schema1({"Duree secondes": float("nan")}),
        Reason.NOT_FINITE,
        "Duree secondes",
        "Duree secondes is nan; send a finite number or leave it out",
    ),
    Case(
        "infinite memory",
        schema1({"memory_used (bytes)": float("-inf")}),
        Reason.NOT_FINITE,
        "memory_used (bytes)",
        "memory_used (bytes) is -inf; send a finite number or leave it out",
    ),
    Case(
        "NaN in a string",
        schema1({"cpu_time (sec)": "nan"}),
        Reason.NOT_FINITE,
        "cpu_time (sec)",
        "cpu_time (sec) is 'nan'; send a finite number or leave it out",
    ),
    Case(
        "negative CPU time",
        schema1({"cpu_time (sec)": "-0.01"}),
        Reason.OUT_OF_RANGE,
        "cpu_time (sec)",
        "cpu_time (sec) is '-0.01'; expected seconds from 0 to 2^53 - 1",
    ),
    Case(
        "CPU time that adds up to infinity",
        schema1({"cpu_time (sec)": "1e308"}),
        Reason.OUT_OF_RANGE,
        "cpu_time (sec)",
        "cpu_time (sec) is '1e308'; expected seconds from 0 to 2^53 - 1",
    ),
    Case(
        "infinity inside an unknown field",
        changed(nested={"list": [float("inf")]}),
        Reason.NOT_FINITE,
        "nested",
        "nested is not finite; send a number or leave it out",
    ),
    Case(
        "a number too large for a double",
        schema1()[:-1] + b', "x": 1e999}',
        Reason.NOT_FINITE,
        "x",
        "x is not finite; send a number or leave it out",
    ),
    Case(
        "NaN in a redundant field",
        changed(Date_Sequence=float("nan")),
        Reason.NOT_FINITE,
        "Date_Sequence",
        "Date_Sequence is not finite; send a number or leave it out",
    ),
    # Times
    Case(
        "another form of time",
        changed(Debut="2025-09-05T16:45:26"),
        Reason.INVALID_TIME,
        "Debut",
        "Debut is '2025-09-05T16:45:26'; "
        "expected day-month-year, such as 05-09-2025 16:45:26.191702",
    ),
    Case(
        "a day that is in no calendar",
        changed(Fin="31-02-2025 16:45:26"),
        Reason.INVALID_TIME,
        "Fin",
        "Fin is '31-02-2025 16:45:26', which is in no calendar or clock",
    ),
    Case(
        "hour 24",
        changed(Debut="05-09-2025 24:00:00"),
        Reason.INVALID_TIME,
        "Debut",
        "Debut is '05-09-2025 24:00:00', which is in no calendar or clock",
    ),
    Case(
        "the year 2925",
        changed(Fin="05-09-2925 16:45:28"),
        Reason.OUT_OF_RANGE,
        "Fin",
        "Fin is '05-09-2925 16:45:28'; expected a time from 1970 to 2261",
    ),
    Case(
        "end before start",
        changed(Fin="05-09-2025 16:45:26.191701"),
        Reason.END_BEFORE_START,
        "Fin",
        "Fin 05-09-2025 16:45:26.191701 lies before Debut 05-09-2025 16:45:26.191702",
    ),
    Case("end at the start", schema1({"Fin": "05-09-2025 16:45:26.191702", "Duree secondes": 0})),
    Case(
        "a duration that contradicts the times",
        schema1({"Duree secondes": 900}),
        remarks=(Remark.DURATION_CONTRADICTS_TIMES,),
    ),
    # Words
    Case("an unknown zone", changed(Zone="9-Gold"), remarks=(Remark.UNKNOWN_ZONE,)),
    Case(
        "an unknown state",
        changed(Etat="RUNNING"),
        Reason.UNKNOWN_STATE,
        "Etat",
        "Etat is 'RUNNING'; expected SUCCESS or FAILED",
    ),
    Case("a state in small letters", changed(Etat=" success ")),
    Case(
        "an unknown type of event",
        event(envelope={"type": "io.filrouge.task.paused"}),
        Reason.UNKNOWN_EVENT,
        "type",
        "type is 'io.filrouge.task.paused'; expected one of 'io.filrouge.task.started', "
        "'io.filrouge.task.completed', 'io.filrouge.task.failed', 'io.filrouge.run.started', "
        "'io.filrouge.run.completed'",
    ),
    Case(
        "an event without type",
        event(envelope={"type": LEFT_OUT}),
        Reason.MISSING_FIELD,
        "type",
        "type is missing; no record goes without",
    ),
    # What the run, not the reader, knows to be a repetition
    Case("a duplicate record", BEFORE),
    Case(
        "the same task run twice",
        schema1(
            {"Objet_Id": "before", "Debut": "05-09-2025 16:50:00", "Fin": "05-09-2025 16:50:02.25"}
        ),
    ),
    Case("schema 2 among schema 1", event()),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_record_among_lines_gets_its_stated_result(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\n".join((BEFORE, case.record, AFTER)) + b"\n")

    before, result, after = read_records(path)

    assert described(before) == described(parser().parse(BEFORE))
    assert described(after) == described(parser().parse(AFTER))
    if case.reason:
        offset = len(BEFORE) + 1
        assert result == Rejection(
            str(path), 2, offset, case.reason, case.field, case.message, case.record
        )
    else:
        assert not isinstance(result, Rejection)
        assert getattr(result, "remarks", ()) == case.remarks


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("separator", [b",\n", b"\n,", b" ,\n\t"], ids=repr)
def test_one_record_among_elements_of_an_array_harms_no_neighbour(
    case: Case, separator: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(b"[" + separator.join((BEFORE, case.record, AFTER)) + b"]\n")

    before, *results, after = read_records(path)

    assert described(before) == described(parser().parse(BEFORE))
    assert described(after) == described(parser().parse(AFTER))
    refused = [result for result in results if isinstance(result, Rejection)]
    assert bool(refused) == bool(case.reason)
    assert {result.line for result in refused} <= {2}


def described(record: Record | Rejection) -> dict[str, Any]:
    return asdict(record)

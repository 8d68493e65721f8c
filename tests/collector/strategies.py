"""Records of both schemas as hypothesis makes them: nasty names, thin errors, odd numbers.

Most are records; every fifth or so has one fault, for what Filrouge refuses must be refused here.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

_LARGEST: Final = 2**53 - 1
_FAULTY: Final = 5

_characters = st.one_of(
    st.characters(exclude_categories=["Cs"]),  # lone surrogates are no UTF-8
    st.sampled_from("|/\\\"'`${}%#&=?<>;:,\n\r\t\x00\x1b\x7f\u200f\u202e\u0301\u200b😀"),
)
_names = st.one_of(
    st.text(_characters, min_size=1, max_size=20).filter(str.strip),
    st.sampled_from(
        ["null", "nil", "<nil>", "None", "0", "-1", "true", "[]", "{}", "${1}", "$$", "%s", "\\n"]
    ),
    st.sampled_from(
        ["e\u0301", "é", "\u05d0\u05d1 abc", "\ufeffx", "\x1c", "\u200b", "\U0010ffff"]
    ),
    st.sampled_from([" x", "x ", "\tx\n", "\u00a0x\u3000", "a|b", "a/b", 'a"b', "a'b", "\u2028"]),
    st.sampled_from(["a" * 512, "é" * 512, "😀" * 512, "\n" + "x" * 511]),
).filter(lambda name: any(not character.isspace() or character == "\x1c" for character in name))
_no_names: st.SearchStrategy[Any] = st.sampled_from(
    ["", " ", "\u00a0", "\u2003\u3000", "\x85", "a" * 513, "😀" * 513, None, 5, True, [], {}]
)
_object_ids = st.one_of(
    st.integers(-_LARGEST, _LARGEST), st.sampled_from([0, 1, 10**15, _LARGEST, -_LARGEST]), _names
)
_no_object_ids = st.one_of(_no_names, st.sampled_from([2**53, -(2**53), 10**21, 1.5]))
_zones = st.one_of(st.sampled_from(["1-Raw", "2-Standard", "3-Application"]), _names)

_blanks = st.sampled_from(["", " ", "\t", "\u00a0 ", "\n"])
_errors = st.one_of(
    st.text(_characters, max_size=60),
    st.sampled_from(
        ["'id'", '"id"', " 'id'\n", "'a' and 'b'", "'" + "k" * 100 + "'", "\x1c'k'\x1f"]
    ),
    st.sampled_from(["'" + "k" * 101 + "'", "''", "'a\nb'", "\u00a0'id'\u2003", "'id\""]),
    st.sampled_from(
        [
            "KeyError: 'x'",
            "requests.exceptions.ReadTimeout: no answer",
            "  builtins.ValueError: x",
            "Access Denied",
            "ÀccessDenied: x",
            "a.b.ÉError: x",
            "ÉError: x",
            "Some textErrorX",
            "OSErrors",
            "XError_",
            "1XError",
            "AError\u0301",
            "x.y.Zé9Timeout",
            "IOError",
        ]
    ),
    st.sampled_from(
        [
            "HTTP 500 x",
            "status code: 404",
            "error\n503",
            "500 Server",
            "HTTP/1.1 429 Too Many",
            "HTTP500",
            "x status 599a",
            "error code 4044",
            "Error_500 status",
            "ERRORs 404",
            "errör 500",
            "error            500",
            "error             500",
            "code=٤٠٤",
            "\u017ftatus 404",
        ]
    ),
    st.sampled_from(["timed out", "Time-out", "connect timeout=5", "TIMED OUT", "time  out"]),
    st.sampled_from(["a" * 4096, "a" * 4097, "é" * 4095, "é" * 4096, "é" * 4097, "😀\n" * 2100]),
)
_texts = st.one_of(st.none(), st.just(""), _errors)
_no_texts = st.sampled_from([5, 1.5, True, [], {}])

_finite = st.floats(0, 1e9) | st.integers(0, _LARGEST)
_numbers = st.one_of(
    st.none(),
    _finite,
    st.tuples(
        _blanks, _finite.map(str) | st.sampled_from(["1e3", "+5", ".5", "5.", "-0"]), _blanks
    ).map("".join),
    st.sampled_from(["", -0.0, 1e15, 123456789.123, 5e-324, "0.09"]),
)
_no_numbers = st.sampled_from(
    [
        "abc",
        "0x10",
        "inf",
        "nan",
        "1e999",
        "1,5",
        "1 2",
        " ",
        "-1",
        -1,
        2**53,
        "\x1c1",
        True,
        [],
        {},
    ]
)
_whole_numbers = st.one_of(
    st.none(),
    st.integers(-_LARGEST, _LARGEST),
    st.integers(-(10**9), 10**9).map(float),
    st.integers(-_LARGEST, _LARGEST).map(str),
    st.sampled_from(["", "1e3", " 12 ", "-5.0", 0, -0.0]),
)
_no_whole_numbers = st.sampled_from([0.5, "0.5", "x", "inf", 2**53, str(-(2**53)), True, []])

_moments = st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1))  # noqa: DTZ001 - wall time
_lengths_s = st.sampled_from([0, 1, 59, 780, 3600])
_fractions = st.sampled_from(
    ["", ".5", ".123456", ".123456789", ".000000001", ".100", ".999999999"]
)
_no_wall_times = st.sampled_from(
    [
        "05-09-2025 16:45",
        "31-02-2025 10:00:00",
        "29-02-2023 00:00:00",
        "05-13-2025 16:45:00",
        "5-09-2025 16:45:26",
        "05-09-2025T16:45:26",
        "05-09-2025 16:45:26,5",
        "05-09-2025 24:00:00",
        "05-09-2025 16:45:60",
        "05-09-1969 16:45:26",
        "01-01-2262 00:00:00",
        "05-09-2025 16:45:26.",
        "05-09-2025 16:45:26.1234567890",
        "05-09-2025 16:45:26\n",
        "\u0660\u0665-09-2025 16:45:26",
        "",
        5,
        None,
    ]
)
_offsets = st.sampled_from(["Z", "z", "+00:00", "-00:00", "-05:00", "+05:45", "-12:34", "+23:59"])
_no_instants = st.sampled_from(
    [
        "2025-09-05T16:45:26",
        "2025-02-30T00:00:00Z",
        "2025-09-05T24:00:01Z",
        "2025-09-05T16:45:60Z",
        "1969-12-31T23:00:00Z",
        "2262-01-01T00:00:00+10:00",
        "2025-09-05T16:45:26.1234567890Z",
        "2025-09-05T16:45:26+24:00",
        "2025-09-05T16:45:26+0500",
        "2025-09-05T16:45:26.Z",
        "2025-9-5T16:45:26Z",
        "2025-09-05T16:45:26Z\n",
        "",
        5,
        None,
    ]
)


@st.composite
def _wall_interval(draw: st.DrawFn) -> tuple[str, str, float]:
    start, length_s, fraction = draw(_moments), draw(_lengths_s), draw(_fractions)
    end = start + timedelta(seconds=length_s)
    return _wall(start) + fraction, _wall(end) + fraction, length_s


def _wall(moment: datetime) -> str:
    return f"{moment:%d-%m}-{moment.year:04} {moment:%H:%M:%S}"


@st.composite
def _interval(draw: st.DrawFn) -> tuple[str, str]:
    start, length_s = draw(_moments), draw(_lengths_s)
    separator, fraction, offset = draw(st.sampled_from("Tt ")), draw(_fractions), draw(_offsets)
    both = (start, start + timedelta(seconds=length_s))
    first, last = (f"{moment:%Y-%m-%d}{separator}{moment:%H:%M:%S}" for moment in both)
    return first + fraction + offset, last + fraction + offset


_more_fields = st.dictionaries(
    _names,
    st.one_of(st.none(), st.booleans(), st.integers(), _errors, st.lists(_names, max_size=2)),
    max_size=2,
)


def _one_fault(draw: st.DrawFn, record: dict[str, Any], faults: dict[str, Any]) -> None:
    """Now and then spoils a field, or takes it away."""
    if draw(st.integers(1, _FAULTY)) == 1:
        field = draw(st.sampled_from([name for name in faults if name in record]))
        record[field] = draw(faults[field])


def _optional(draw: st.DrawFn, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: draw(values) for name, values in fields.items() if draw(st.integers(0, 4))}


@st.composite
def schema1_lines(draw: st.DrawFn) -> bytes:
    """A line of schema 1."""
    start, end, length_s = draw(_wall_interval())
    record = {
        **draw(_more_fields),
        "No_Sequence": draw(_names),
        "Entreprise": draw(_names),
        "Zone": draw(_zones),
        "Source": draw(_names),
        "Objet_Id": draw(_object_ids),
        "Objet": draw(_names),
        "Etat": draw(
            st.sampled_from(["SUCCESS", "FAILED", "FAILED", " success\t", "\u2003Failed"])
        ),
        "Debut": start,
        "Fin": end,
        **_optional(
            draw,
            {
                "Duree secondes": st.sampled_from([length_s, str(length_s), length_s + 0.05])
                | _numbers,
                "Description": _texts,
                "Transformation": _texts,
                "cpu_time (sec)": _numbers,
                "memory_used (bytes)": _whole_numbers,
            },
        ),
    }
    faults = {
        **dict.fromkeys(("No_Sequence", "Entreprise", "Zone", "Source", "Objet"), _no_names),
        "Objet_Id": _no_object_ids,
        "Etat": st.sampled_from(["OK", "", "SUCCES", None, 5]),
        "Debut": _no_wall_times,
        "Fin": _no_wall_times | st.just("01-01-1971 00:00:00"),
        **dict.fromkeys(("Description", "Transformation"), _no_texts),
        "cpu_time (sec)": _no_numbers,
        "memory_used (bytes)": _no_whole_numbers,
    }
    _one_fault(draw, record, faults)
    return _line(draw, record)


@st.composite
def schema2_lines(draw: st.DrawFn) -> bytes:
    """A line of schema 2, of any of its five types."""
    kind = draw(
        st.sampled_from(
            ["task.started", "task.completed", "task.failed", "run.started", "run.completed"]
        )
    )
    start, end = draw(_interval())
    data = {
        **draw(_more_fields),
        "company": draw(_names),
        "run_id": draw(_names),
        "started_at": start,
        **_optional(draw, {"attempt": st.integers(1, _LARGEST) | st.integers(1, 3)}),
    }
    faults = {
        **dict.fromkeys(("company", "run_id"), _no_names),
        "started_at": _no_instants,
        "attempt": st.sampled_from([0, -1, 2**53, "1", True, 1.5]),
    }
    if kind.startswith("task"):
        _add_task(draw, data, faults)
    else:
        data |= _optional(
            draw,
            {"expected_tasks": st.none() | st.integers(0, _LARGEST), "outcome": _outcomes(kind)},
        )
        faults["expected_tasks"] = st.sampled_from([-1, 2**53, "5", 1.5, True])
    if not kind.endswith("started"):
        _add_end(draw, kind, end, data, faults)
    _one_fault(draw, data, faults)
    return _line(draw, _envelope(draw, kind, data))


def _outcomes(kind: str) -> st.SearchStrategy[str | None]:
    known = ["success", "partial", "failure", None]
    return st.sampled_from(known if kind == "run.completed" else [*known, "anything"])


def _add_task(draw: st.DrawFn, data: dict[str, Any], faults: dict[str, Any]) -> None:
    data |= {
        "zone": draw(_zones),
        "source": draw(_names),
        "object_id": draw(_object_ids),
        "object_name": draw(_names),
        **_optional(draw, {"transformation": _texts, "parameters": _errors}),
    }
    faults |= {
        **dict.fromkeys(("zone", "source", "object_name"), _no_names),
        "object_id": _no_object_ids,
        "transformation": _no_texts,
    }


def _add_end(
    draw: st.DrawFn, kind: str, end: str, data: dict[str, Any], faults: dict[str, Any]
) -> None:
    data["ended_at"] = end
    faults["ended_at"] = _no_instants | st.just("1971-01-01T00:00:00Z")  # before the start
    if kind == "run.completed":
        faults["outcome"] = st.sampled_from(["ok", "", 5, "SUCCESS"])
        return
    data |= _optional(
        draw,
        {
            "cpu_time_s": st.none() | _finite,
            "memory_delta_bytes": st.none() | st.integers(-_LARGEST, _LARGEST),
            "message": _texts,
        },
    )
    faults |= {
        "cpu_time_s": st.sampled_from([-1, 2**53, "1", True]),
        "memory_delta_bytes": st.sampled_from([2**53, "1", True, 1.5]),
        "message": _no_texts,
    }
    if kind == "task.failed":
        types = st.none() | st.just("") | _names
        data["error"] = {"message": draw(_errors), **_optional(draw, {"type": types})}
        faults["error"] = st.sampled_from([None, "x", [], {}, {"message": None}, {"message": 5}])


def _envelope(draw: st.DrawFn, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    envelope = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/akonovia/ingestion",
        "type": f"io.filrouge.{kind}",
        "data": data,
        **_optional(draw, {"time": st.none() | st.just("any"), "traceparent": st.none() | _names}),
    }
    faults = {
        "specversion": st.sampled_from(["1.1", 1.0]),
        "id": st.sampled_from(["", 5, None]),
        "source": st.sampled_from(["", 5, None]),
        "type": st.sampled_from(["io.filrouge.task.done", None, 5]),
        "data": st.sampled_from([None, "x", [], {}]),
        "time": st.just(5),
        "traceparent": st.just(5),
    }
    if draw(st.booleans()):
        _one_fault(draw, envelope, faults)
    return envelope


def _line(draw: st.DrawFn, record: dict[str, Any]) -> bytes:
    """The record as producers write it: with letters as they are, or escaped."""
    return json.dumps(record, ensure_ascii=draw(st.booleans())).encode()

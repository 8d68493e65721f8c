"""Files that are odd or broken as a whole, read by the real reader and parser."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

import pytest
import zstandard

from filrouge.records.reading.reader import Rejection
from filrouge.records.rejection import Reason
from tests.records.samples import read_records, schema1

FIRST = schema1({"Objet_Id": "first"})
LAST = schema1({"Objet_Id": "last", "Description": "Été à Orléans"})
CUT = LAST[: LAST.index(b"Contacts")]
ENDS_HERE = "the file ends in the middle of this record"


class Taken(NamedTuple):
    """A record that is taken, by the id of its object."""

    object_id: str


class Refused(NamedTuple):
    line: int
    offset: int
    reason: Reason
    message: str
    original: bytes = b""


class Case(NamedTuple):
    name: str
    content: bytes
    results: list[Taken | Refused]


BOTH: list[Taken | Refused] = [Taken("first"), Taken("last")]
NO_END = "the array that begins on line 1 has no end; records may be missing"
ANOTHER_LINE = len(FIRST) + 1
WIDE = (
    "the file is UTF-16 or UTF-32, of which nothing was read; convert it to UTF-8, "
    "such as with: iconv -f UTF-16 -t UTF-8"
)

CASES = [
    Case("an empty file", b"", []),
    Case("nothing but blank lines", b"\n \t\n\r\n", []),
    Case("a byte order mark", b"\xef\xbb\xbf" + FIRST + b"\n" + LAST + b"\n", BOTH),
    Case("Windows line breaks", FIRST + b"\r\n" + LAST + b"\r\n", BOTH),
    Case("blank lines", b"\n" + FIRST + b"\n\n  \n\r\n" + LAST + b"\n\n", BOTH),
    Case("no line break at the end", FIRST + b"\n" + LAST, BOTH),
    Case("a carriage return at the end", FIRST + b"\n" + LAST + b"\r", BOTH),
    Case(
        "an end in the middle of a record",
        FIRST + b"\n" + CUT,
        [Taken("first"), Refused(2, ANOTHER_LINE, Reason.TRUNCATED, ENDS_HERE, CUT)],
    ),
    Case(
        "an end in the middle of a letter",
        FIRST + b"\n" + LAST[: LAST.index("É".encode()) + 1],
        [
            Taken("first"),
            Refused(
                2,
                ANOTHER_LINE,
                Reason.TRUNCATED,
                ENDS_HERE,
                LAST[: LAST.index("É".encode()) + 1],
            ),
        ],
    ),
    Case(
        "a last line that is no JSON, and not cut either",
        FIRST + b"\nthe end",
        [
            Taken("first"),
            Refused(2, ANOTHER_LINE, Reason.INVALID_JSON, "not JSON: expected ident", b"the end"),
        ],
    ),
    Case(
        "UTF-16",
        (FIRST + b"\n" + LAST).decode().encode("utf-16"),
        [Refused(1, 0, Reason.INVALID_UTF8, WIDE)],
    ),
    Case(
        "UTF-32, big-endian",
        b"\x00\x00\xfe\xff" + FIRST.decode().encode("utf-32-be"),
        [Refused(1, 0, Reason.INVALID_UTF8, WIDE)],
    ),
    # Arrays
    Case("an empty array", b"[]", []),
    Case("an array in one line", b"[" + FIRST + b", " + LAST + b"]", BOTH),
    Case("an array after blank lines", b"\n \n[\n" + FIRST + b",\n" + LAST + b"\n]\n", BOTH),
    Case("an array behind a byte order mark", b"\xef\xbb\xbf[" + FIRST + b"," + LAST + b"]", BOTH),
    Case("commas too many and too few", b"[," + FIRST + LAST + b",,]", BOTH),
    Case("lines after an array", b"[" + FIRST + b"]\n" + LAST + b"\n", BOTH),
    Case("an array after an array", b"[" + FIRST + b"]\n[" + LAST + b"]\n", BOTH),
    Case(
        "an array without end",
        b"[" + FIRST + b",\n" + LAST + b"\n",
        [*BOTH, Refused(3, len(FIRST) + len(LAST) + 4, Reason.TRUNCATED, NO_END)],
    ),
    Case(
        "an array that ends in the middle of a record",
        b"[" + FIRST + b",\n" + CUT,
        [Taken("first"), Refused(2, len(FIRST) + 3, Reason.TRUNCATED, ENDS_HERE, CUT)],
    ),
    Case(
        "elements that are no objects",
        b'["a", 12,\nnull]',
        [
            Refused(1, 1, Reason.NOT_AN_OBJECT, "expected a JSON object, seen 'a'", b'"a"'),
            Refused(1, 6, Reason.NOT_AN_OBJECT, "expected a JSON object, seen 12", b"12"),
            Refused(2, 10, Reason.NOT_AN_OBJECT, "expected a JSON object, seen None", b"null"),
        ],
    ),
    # Compressed
    Case("gzip", gzip.compress(FIRST + b"\n" + LAST), BOTH),
    Case("zstd", zstandard.compress(FIRST + b"\n" + LAST), BOTH),
    Case("several gzip members", gzip.compress(FIRST) + gzip.compress(b"\n" + LAST), BOTH),
    Case("several zstd frames", zstandard.compress(FIRST) + zstandard.compress(b"\n" + LAST), BOTH),
    Case("gzip with padding", gzip.compress(FIRST + b"\n" + LAST) + bytes(512), BOTH),
    Case("an empty file in gzip", gzip.compress(b""), []),
    Case(
        "a byte order mark inside gzip",
        gzip.compress(b"\xef\xbb\xbf" + FIRST + b"\n" + LAST),
        BOTH,
    ),
    Case(
        "gzip that is cut behind the first record",
        gzip.compress(FIRST + b"\n") + gzip.compress(b"\n" + LAST)[:5],
        [
            Taken("first"),
            Refused(
                2,
                ANOTHER_LINE,
                Reason.TRUNCATED,
                "the file ends in the middle of its gzip data",
            ),
        ],
    ),
    Case(
        "gzip and then something else",
        gzip.compress(FIRST + b"\n") + b"something else",
        [
            Taken("first"),
            Refused(
                2,
                ANOTHER_LINE,
                Reason.UNREADABLE,
                "the file's gzip data cannot be decompressed from here on "
                "(Error -3 while decompressing data: incorrect header check)",
            ),
        ],
    ),
    Case(
        "gzip with a wrong checksum",
        gzip.compress(FIRST + b"\n" + LAST)[:-8] + bytes(8),
        [
            *BOTH,
            Refused(
                2,
                ANOTHER_LINE,
                Reason.UNREADABLE,
                "the file's gzip data cannot be decompressed from here on "
                "(Error -3 while decompressing data: incorrect data check)",
            ),
        ],
    ),
    Case(
        "zstd that is cut in the first record",
        zstandard.compress(FIRST + b"\n" + LAST)[:-5],
        [
            Refused(
                1,
                0,
                Reason.TRUNCATED,
                "the file ends in the middle of its zstd data",
            ),
        ],
    ),
    Case(
        "zstd and then something else",
        zstandard.compress(FIRST + b"\n") + b"something else",
        [
            Taken("first"),
            Refused(
                2,
                ANOTHER_LINE,
                Reason.UNREADABLE,
                "the file's zstd data cannot be decompressed from here on "
                "(zstd decompressor error: Unknown frame descriptor)",
            ),
        ],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_odd_or_broken_file_gets_its_stated_results(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.write_bytes(case.content)

    results = [
        Refused(result.line, result.offset, result.reason, result.message, result.original)
        if isinstance(result, Rejection)
        else Taken(getattr(result, "object_id", ""))
        for result in read_records(path)
    ]

    assert results == case.results

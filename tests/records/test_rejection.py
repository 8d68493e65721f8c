from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from filrouge.errors import RejectedRecord
from filrouge.records.record import Remark
from filrouge.records.rejection import Reason, shown
from tests.records.samples import event, parser, schema1

PAGE = (Path(__file__).parents[2] / "docs" / "records.md").read_text("utf-8")


def table_under(heading: str) -> list[str]:
    """The codes in the first column of the table under that heading of docs/records.md."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([a-z0-9_]+)`", section, flags=re.MULTILINE)


def test_page_lists_every_reason() -> None:
    assert table_under("Refusals") == list(Reason)


def test_page_lists_every_remark() -> None:
    assert table_under("Remarks") == list(Remark)


@pytest.mark.parametrize("line", [schema1(), event("task.failed")], ids=["schema 1", "schema 2"])
def test_page_names_every_field_of_a_record(line: bytes) -> None:
    names = set(re.findall(r'"([^"]+)": ', line.decode()))

    assert {name for name in names if f"`{name}`" not in PAGE} == set()


@pytest.mark.parametrize(
    ("value", "text"),
    [("a\nb", r"'a\nb'"), ("x" * 100, "'" + "x" * 79 + "…"), (float("nan"), "nan")],
)
def test_value_is_shown_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_first_faulty_field_is_named_when_none_is_missing() -> None:
    assert refusal({"Zone": 5, "Objet": ""}) == ("wrong_type", "Zone")


def test_missing_fields_are_named_before_faulty_ones() -> None:
    record = schema1({"Source": 5}).replace(b'"Objet": "Contacts", ', b"")

    with pytest.raises(RejectedRecord) as raised:
        parser().parse(record)

    assert raised.value.reason == Reason.MISSING_FIELD
    assert str(raised.value) == "Objet is missing; no record goes without"


def test_name_of_an_unknown_field_cannot_reach_the_terminal_raw() -> None:
    _, field = refusal({"\x1b[31m": float("nan")})

    assert field == r"'\x1b[31m'"


def refusal(changes: dict[str, Any]) -> tuple[str, str | None]:
    with pytest.raises(RejectedRecord) as raised:
        parser().parse(schema1(changes))
    return raised.value.reason, raised.value.field

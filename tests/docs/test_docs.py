from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from filrouge.docs.__main__ import main
from filrouge.docs.markdown import table
from filrouge.docs.pages import pages, stale
from filrouge.settings import Settings
from filrouge.telemetry import names

DOCS = Path(__file__).parents[2] / "docs"
TELEMETRY = (DOCS / "telemetry.md").read_text("utf-8")


def test_the_committed_pages_are_fresh() -> None:
    assert stale(DOCS) == [], "run `make docs`"


def test_a_check_names_what_is_stale_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(tmp_path)])
    (tmp_path / "settings.md").write_text("by hand")
    (tmp_path / "schema1.json").unlink()

    assert main([str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/settings.md is stale: run `make docs`\n"
        f"{tmp_path}/schema1.json is stale: run `make docs`\n"
    )
    assert (tmp_path / "settings.md").read_text() == "by hand"


def test_pages_just_written_are_fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "new")])

    assert main([str(tmp_path / "new"), "--check"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", [each.key for each in names.ATTRIBUTES])
def test_every_attribute_has_a_row(name: str) -> None:
    assert len(re.findall(rf"^\| `{re.escape(name)}` \|.+\|$", TELEMETRY, re.MULTILINE)) >= 1


def test_the_worked_example_follows_from_the_rule() -> None:
    parts = ["filrouge/1", "akonovia", "2025-09-05-16-45", "1"]
    hexes = [sha256(part.encode()).hexdigest() for part in parts]
    joined = sha256("".join(hexes).encode()).hexdigest()
    task = ["task", "1-Raw", "zohoprojects", "607", "bugs"]
    path = "".join([*hexes, *(sha256(part.encode()).hexdigest() for part in task)])
    span_id = sha256((path + "05-09-2025 16:47:45.991557").encode()).hexdigest()[:16]

    for part, digest in zip(parts, hexes, strict=True):
        assert f'| `hex("{part}")` | `{digest}` |' in TELEMETRY
    assert f"| its first 16 bytes: the trace id | `{joined[:32]}` |" in TELEMETRY
    assert f"| … of the task | `{span_id}` |" in TELEMETRY


def test_every_setting_has_a_row_with_its_variable() -> None:
    page = pages()["settings.md"].decode()

    for name in Settings.model_fields:
        assert f"| `{name}` | `FILROUGE_{name.upper()}` |" in page


@pytest.mark.parametrize("name", ["schema1.json", "schema2.json"])
def test_published_schemas_are_valid_json_schemas(name: str) -> None:
    Draft202012Validator.check_schema(orjson.loads((DOCS / name).read_bytes()))


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(["a"], [["b|c"]]) == "| a |\n| --- |\n| b\\|c |"

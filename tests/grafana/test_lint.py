"""Someone else's judgement of the dashboards."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from filrouge.stack.built import built
from grafana.asking.questions import FOLDER
from tests.conftest import CHECKOUT

_EXCLUSIONS: Final = yaml.safe_load((FOLDER / ".lint").read_text())["exclusions"]


def lint(dashboard: Path, config: Path) -> subprocess.CompletedProcess[str]:
    linter = str(built(CHECKOUT).executable("dashboard-linter"))
    return subprocess.run(
        [linter, "lint", "--strict", "--config", str(config), str(dashboard)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.stack
@pytest.mark.parametrize("dashboard", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_the_linter_finds_nothing_but_what_is_reasoned(dashboard: Path) -> None:
    told = lint(dashboard, FOLDER / ".lint")

    assert told.returncode == 0, told.stdout


@pytest.mark.stack
@pytest.mark.parametrize("rule", _EXCLUSIONS)
def test_every_exception_is_needed(rule: str, tmp_path: Path) -> None:
    config = tmp_path / ".lint"
    without = {name: entry for name, entry in _EXCLUSIONS.items() if name != rule}
    config.write_text(yaml.safe_dump({"exclusions": without}))

    assert any(lint(dashboard, config).returncode for dashboard in FOLDER.glob("*.json"))


def test_every_exception_has_a_reason() -> None:
    assert all(entry["reason"] for entry in _EXCLUSIONS.values())

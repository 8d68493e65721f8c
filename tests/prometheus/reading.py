"""Rules and their unit tests, as they lie in the checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from filrouge.stack.built import built
from scripts.rules import RULES
from tests.conftest import CHECKOUT

HERE = Path(__file__).parent
UNIT_TESTS = sorted(HERE.glob("*.yaml"))
RUNBOOKS = sorted((CHECKOUT / "docs/runbooks").glob("[!R]*.md"))


def promtool() -> str:
    """The built one."""
    return str(built().executable("promtool"))


def rules() -> list[dict[str, Any]]:
    """Every rule of every file."""
    files = [yaml.safe_load(path.read_text()) for path in sorted(RULES.glob("*.yaml"))]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]
RECORDS = [rule for rule in rules() if "record" in rule]
ALERT_NAMES = sorted({rule["alert"] for rule in ALERTS})


@dataclass(frozen=True)
class Case:
    """One of promtool's tests, and what it expects of one alert: at each time, whether it fires."""

    name: str
    fires: tuple[bool, ...]


def cases(alert: str) -> list[Case]:
    """The unit tests that look for an alert by name, in the order of their times."""
    found = []
    for path in UNIT_TESTS:
        for test in yaml.safe_load(path.read_text())["tests"]:
            asked = [
                bool(each.get("exp_samples"))
                for each in test["promql_expr_test"]
                if re.search(rf'alertname="{alert}"', each["expr"])
            ]
            if asked:
                found.append(Case(test["name"], tuple(asked)))
    return found


class Query(NamedTuple):
    """A query of a runbook."""

    page: str
    language: str
    text: str


def queries(path: Path) -> list[Query]:
    """All queries of a runbook."""
    found = re.findall(r"```(promql|logql|traceql)\n(.*?)\n```", path.read_text(), re.DOTALL)
    return [Query(path.stem, language, text) for language, text in found]

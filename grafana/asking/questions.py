"""Every query of a dashboard's JSON: of its panels and of its variables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[1] / "dashboards"


@dataclass(frozen=True, slots=True)
class Question:
    """One query.

    Attributes:
        dashboard: its uid.
        panel: its title; of a variable `variable NAME`.
        letter: which of the panel's queries.
        target: the query as the JSON has it.
    """

    dashboard: str
    panel: str
    letter: str
    target: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.dashboard}: {self.panel} {self.letter}"

    @property
    def text(self) -> str:
        """The query's text, variables and macros in it."""
        return str(self.target.get("expr") or self.target.get("query") or "")


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard's JSON by its uid."""
    read = [json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))]
    return {each["uid"]: each for each in read}


def questions() -> list[Question]:
    """All queries of all dashboards, in their order."""
    return [each for dashboard in dashboards().values() for each in _of(dashboard)]


def _of(dashboard: Mapping[str, Any]) -> Iterator[Question]:
    uid = dashboard["uid"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            target = {
                "datasource": variable["datasource"],
                "regex": variable["regex"],
                **variable["query"],
            }
            yield Question(uid, f"variable {variable['name']}", "", target)
    for panel in dashboard["panels"]:
        yield from of_panel(uid, panel)


def of_panel(uid: str, panel: Mapping[str, Any]) -> Iterator[Question]:
    """The queries of a panel."""
    for target in panel.get("targets", []):
        yield Question(uid, panel["title"], target["refId"], target)

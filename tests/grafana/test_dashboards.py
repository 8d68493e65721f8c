"""The committed dashboards are those of the code, and each panel says what people need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.asking.questions import FOLDER, dashboards, questions
from grafana.generate import limits
from grafana.generate.dashboards import written
from grafana.generate.links import Uid
from grafana.generate.palette import STATES, Colour
from grafana.generate.panels import Clock

_DASHBOARDS: Final = dashboards()
_PANELS: Final = [
    (uid, panel) for uid, dashboard in _DASHBOARDS.items() for panel in dashboard["panels"]
]
_ROOT: Final = Path(__file__).parents[2]


def ids(panel: object) -> str:
    return panel["title"] if isinstance(panel, dict) else str(panel)


def test_the_committed_files_are_what_the_code_writes() -> None:
    committed = {file.name: file.read_text() for file in FOLDER.glob("*.json")}

    assert committed == written(), "run `make dashboards`"


def test_every_dashboard_is_there_under_its_uid() -> None:
    assert set(_DASHBOARDS) == set(Uid)


@pytest.mark.parametrize("uid", _DASHBOARDS)
def test_the_schema_knows_every_key(uid: str) -> None:
    known = json.loads(json.dumps(Dashboard.from_json(_DASHBOARDS[uid]), cls=JSONEncoder))

    assert known == _DASHBOARDS[uid]


@pytest.mark.parametrize(("uid", "panel"), _PANELS, ids=ids)
def test_every_panel_says_what_it_shows(uid: str, panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]

    assert panel["title"]
    counted, bad, following, clock = panel["description"].split("\n\n")
    assert counted
    assert (bad[:5], following[:6]) == ("Bad: ", "Next: ")
    assert clock in set(Clock)
    if panel["type"] != "text":
        assert clock != Clock.NONE
        assert panel["targets"]
        assert panel["links"], uid
        assert defaults["unit"]
        assert defaults["noValue"]


@pytest.mark.parametrize("uid", _DASHBOARDS)
def test_panels_fill_the_grid_without_overlap(uid: str) -> None:
    covered = [
        (x, y)
        for panel in _DASHBOARDS[uid]["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    height = max(y for _, y in covered) + 1
    assert len(covered) == len(set(covered)) == 24 * height
    numbers = [panel["id"] for panel in _DASHBOARDS[uid]["panels"]]
    assert len(numbers) == len(set(numbers))


def test_a_state_has_one_colour_everywhere() -> None:
    seen: dict[str, set[str]] = {}
    for _, panel in _PANELS:
        for state, colour in _colours(panel):
            seen.setdefault(state, set()).add(colour)

    assert {state: seen[state] for state in STATES if state in seen} == {
        state: {colour} for state, colour in STATES.items() if state in seen
    }
    assert {"success", "partial", "failure", "critical"} <= set(seen)


def test_no_colour_is_outside_the_palette() -> None:
    text = " ".join(file.read_text() for file in FOLDER.glob("*.json"))

    assert set(re.findall(r"#[0-9A-Fa-f]{6}\b", text)) <= set(Colour)
    for key in ("color", "fixedColor"):
        assert set(re.findall(rf'"{key}": "(\w+)"', text)) == set()


def _colours(panel: dict[str, Any]) -> Iterator[tuple[str, str]]:
    config = panel["fieldConfig"]
    for override in config["overrides"]:
        for each in override["properties"]:
            if each["id"] == "color":
                yield override["matcher"]["options"], each["value"]["fixedColor"]
            if each["id"] == "mappings":
                yield from _mapped(each["value"])
    yield from _mapped(config["defaults"].get("mappings", []))


def _mapped(mappings: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for mapping in mappings:
        if mapping["type"] == "value":
            yield from ((each["text"], each["color"]) for each in mapping["options"].values())


@pytest.mark.parametrize("dichromacy", ["protan", "deutan", "tritan"])
def test_states_differ_for_colour_blind_people(dichromacy: str) -> None:
    seen = [_as_seen(colour, dichromacy) for colour in Colour]
    distances = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for at, one in enumerate(seen)
        for other in seen[at + 1 :]
    ]

    assert min(distances) > 0.08


def _as_seen(colour: str, dichromacy: str) -> tuple[float, ...]:
    """Linear RGB as a dichromat sees it (Viénot 1999; tritan after Brettel, one plane)."""
    rgb = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in rgb]
    matrix = {
        "protan": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
        "deutan": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
        "tritan": ((1, 0.14461, -0.14461), (0, 0.85924, 0.14076), (0, 0.85924, 0.14076)),
    }[dichromacy]
    return tuple(sum(m * c for m, c in zip(row, linear, strict=True)) for row in matrix)


def test_no_query_names_a_company_a_zone_or_a_source() -> None:
    records = [json.loads(line) for line in (_ROOT / "logs.json").read_text().splitlines()]
    known = {record[key] for record in records for key in ("Entreprise", "Zone", "Source")}

    texts = [question.text for question in questions()]
    assert [text for text in texts if any(name in text for name in known)] == []


def test_figures_can_be_filtered_where_there_are_filters() -> None:
    filtered = {
        uid
        for uid, dashboard in _DASHBOARDS.items()
        if {"company", "zone", "source"}
        <= {variable["name"] for variable in dashboard["templating"]["list"]}
    }

    assert filtered == set(Uid) - {Uid.RUN, Uid.PIPELINE}


def test_links_lead_to_dashboards_that_are_there() -> None:
    text = " ".join(file.read_text() for file in FOLDER.glob("*.json"))
    targets = set(re.findall(r"/d/([\w-]+)", text))

    assert targets <= set(Uid)
    assert {Uid.RUN, Uid.RUNS, Uid.HEALTH} <= targets


@pytest.mark.parametrize("alert", sorted((_ROOT / "prometheus" / "rules").glob("*.yaml")), ids=ids)
def test_alerts_lead_to_dashboards_that_are_there_with_their_variables(alert: Path) -> None:
    for uid, query in re.findall(r"/d/([\w-]+)\?([^'\"\s]*)", alert.read_text()):
        variables = {each["name"] for each in _DASHBOARDS[uid]["templating"]["list"]}
        assert set(re.findall(r"var-(\w+)=", query)) <= variables


def test_limits_of_panels_rise() -> None:
    for uid, panel in _PANELS:
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        values = [step["value"] for step in steps[1:]]
        assert steps[0]["value"] is None
        assert all(low < high for low, high in pairwise(values)), (uid, panel["title"])


def test_limits_are_those_of_the_alerts() -> None:
    steps = {
        panel["title"]: [
            step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]
        ]
        for _, panel in _PANELS
    }

    assert steps["Failure rate"] == [limits.FAILURE_RATIO]
    assert steps["Peak memory of a task"] == [limits.HEAVY_MEMORY_BYTES]
    assert steps["p95 of CPU time by source"][-1] == limits.HEAVY_CPU_S
    assert steps["p95 of the newest run, times the usual"][-1] == limits.SLOW_FACTOR

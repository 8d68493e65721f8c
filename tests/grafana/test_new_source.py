"""A company and a source that nobody has heard of are on the dashboards without an edit."""

from __future__ import annotations

from pathlib import Path

from grafana.asking.macros import Choice
from tests.backends.asking import eventually
from tests.backends.sending import AT_NOON, DAY, record, replay, written
from tests.grafana.conftest import Asked

COMPANY, ZONE, SOURCE = "Nouvelle Cie (Québec)", "4-Gold", "new.source+"
"""With signs that mean something in a regular expression."""


def test_a_new_company_and_source_can_be_chosen_and_seen(asked: Asked, tmp_path: Path) -> None:
    new = {"Entreprise": COMPANY, "Zone": ZONE, "Source": SOURCE, "Etat": "FAILED"}
    line = record(No_Sequence="2025-11-04-07-00", Description="'id'", **new, **AT_NOON)
    replay(asked.stack, written(tmp_path / "new.json", [line]))
    chosen = Choice(*DAY, {"company": [COMPANY], "zone": [ZONE], "source": [SOURCE]})

    def values(name: str) -> tuple[str, ...]:
        return asked.ask("filrouge-health", f"variable {name}", "", chosen).values

    eventually(
        lambda: [values(name) for name in ("company", "zone", "source")],
        [
            (COMPANY,),
            (ZONE,),
            (SOURCE,),
        ],
    )
    eventually(
        lambda: asked.ask("filrouge-reliability", "Failure rate by source", choice=chosen).by(
            "ingestion_company", "ingestion_source"
        ),
        {(COMPANY, SOURCE): 1.0},
    )
    eventually(lambda: _shown(asked, "Runs", chosen), [COMPANY])
    eventually(lambda: _shown(asked, "Failed tasks", chosen), [COMPANY])
    partial = asked.ask("filrouge-runs", "Runs by outcome", "C", chosen)
    assert sum(value for series in partial.series for _, value in series.points) == 1


def _shown(asked: Asked, panel: str, chosen: Choice) -> list[str]:
    return [
        row["ingestion.company"] for row in asked.ask("filrouge-runs", panel, choice=chosen).rows
    ]

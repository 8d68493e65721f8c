"""The landing page: in one line whether all is well, and where to go if it is not."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    Panel,
    ValueMap,
    ValueMappingResult,
)

from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import prometheus_name
from grafana.generate import palette, queries, sources
from grafana.generate.frame import framed
from grafana.generate.links import Uid, explore_alerts, to_dashboard, to_lane
from grafana.generate.objectives import least_budget
from grafana.generate.palette import Colour
from grafana.generate.panels import UP, Clock, Column, Look, Says, figure, grid, rows, words
from grafana.generate.runs import timeline

_BLIND = f"(-1 * absent({prometheus_name(names.LAST_RECORD)}))"
"""Monitoring tells nothing: then no alert about a source can fire, and silence is no good sign."""
_CRITICAL = "(count(ALERTS{alertstate=`firing`, severity=`critical`}) * 0 + 2)"
_WARNING = "(count(ALERTS{alertstate=`firing`}) * 0 + 1)"


def dashboard() -> Dashboard:
    """The landing page."""
    return framed(
        Uid.HOME,
        "Filrouge",
        "Whether all is well, in one line.",
        grid(
            (5, [(_verdict(), 24)]),
            (8, [(_alerts(), 16), (_ways(), 8)]),
            (4, [(each, 6) for each in sources.by_state()]),
            (8, [(least_budget(), 8), (timeline(), 16)]),
        ),
    )


def _verdict() -> Panel:
    well = ValueMap(
        {
            "-1": ValueMappingResult("No word from monitoring", Colour.SILENT, index=0),
            "0": ValueMappingResult("All is well", Colour.GOOD, index=1),
            "1": ValueMappingResult("Warnings: see the alerts below", Colour.WARNING, index=2),
            "2": ValueMappingResult("Critical: see the alerts below", Colour.BAD, index=3),
        }
    )
    return figure(
        "Is all well?",
        Says(
            "Whether an alert fires, of any company, and whether one is critical. “All is well” is "
            "said only while monitoring tells of sources: else nothing could fire.",
            "anything but “All is well”.",
            "an alert in the table below; each leads to its source.",
            Clock.NOW,
            "No answer from Prometheus: is it up?",
        ),
        Look(mappings=(well,)),
        [queries.now(f"{_BLIND} or {_CRITICAL} or {_WARNING} or vector(0)")],
        [to_dashboard("Pipeline", Uid.PIPELINE), explore_alerts("Alerts")],
    )


def _alerts() -> Panel:
    severity = Look(mappings=(palette.coloured(),))
    kept = f"alertname, severity, {queries.LANE}"
    return rows(
        "Alerts that fire",
        Says(
            "A row for each alert that fires now.",
            "any row; critical ones first.",
            "the alert's name: the health of its source. docs/runbooks has a page for each alert.",
            Clock.NOW,
            "No alert fires",
        ),
        [
            Column("severity", "Severity", severity, coloured=True, width=100),
            Column(
                "alertname",
                "Alert",
                links=(to_lane("Health", Uid.HEALTH), to_lane("Runs", Uid.RUNS)),
            ),
            Column(queries.COMPANY, "Company"),
            Column(queries.ZONE, "Zone"),
            Column(queries.SOURCE, "Source"),
        ],
        [queries.now(f"max by ({kept}) (ALERTS{{alertstate=`firing`}})", table=True)],
        [explore_alerts("All alerts")],
        sort=[("Severity", UP)],
    )


def _ways() -> Panel:
    return words(
        "Where to look",
        "\n".join(
            f"- [{title}](/d/{uid}): {what}"
            for title, uid, what in (
                ("Health", Uid.HEALTH, "what fails, and which source went silent"),
                ("Reliability", Uid.RELIABILITY, "objectives and what is left of their budgets"),
                ("Performance", Uid.PERFORMANCE, "where the time went"),
                ("Runs", Uid.RUNS, "each run, with its trace, log lines and page"),
                ("Pipeline", Uid.PIPELINE, "whether Filrouge itself works"),
            )
        ),
    )

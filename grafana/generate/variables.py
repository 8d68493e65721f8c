"""The dashboards' variables; a company or source that is new is in them without an edit."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from filrouge.telemetry import names
from filrouge.telemetry.names import Attribute
from filrouge.telemetry.prometheus_names import label_name, prometheus_name
from grafana.generate.links import MONITORING_URL, MONITORING_VARIABLE, PROMETHEUS

_ANY: Final = ".+"
"""What all of them are: Loki refuses a selector that would match nothing at all."""


def company() -> build.QueryVariable:
    """Which companies."""
    return _labels("company", "Company", names.COMPANY)


def zone() -> build.QueryVariable:
    """Which zones of these."""
    return _labels("zone", "Zone", names.ZONE, _chosen(names.COMPANY, "company"))


def source() -> build.QueryVariable:
    """Which sources of these."""
    chosen = _chosen(names.COMPANY, "company"), _chosen(names.ZONE, "zone")
    return _labels("source", "Source", names.SOURCE, *chosen)


def state() -> build.CustomVariable:
    """Which outcomes of runs."""
    return (
        build.CustomVariable("state")
        .label("State")
        .values("success,partial,failure")
        .multi(True)
        .include_all(True)
        .all_value(_ANY)
        .current(_ALL)
    )


def trace() -> build.TextBoxVariable:
    """Which run, by its trace id."""
    return (
        build.TextBoxVariable("trace")
        .label("Trace id")
        .description("Of a run: from the grid of runs, a log line, or `filrouge inspect`.")
        .default_value("")
    )


def monitoring() -> build.ConstantVariable:
    """Where monitoring's pages are."""
    return build.ConstantVariable(MONITORING_VARIABLE).value(MONITORING_URL)


def _chosen(attribute: Attribute, variable: str) -> str:
    return f"{label_name(attribute)}=~`${{{variable}:regex}}`"


def _labels(name: str, title: str, attribute: Attribute, *chosen: str) -> build.QueryVariable:
    """The values of a label: of the runs in the time range, and of the sources of now.

    By a query of series, for Prometheus finds no label values of points that came out of order
    lately, as all of history does.
    """
    label = label_name(attribute)
    of_runs, of_now = (
        f"{prometheus_name(metric)}{{{', '.join(chosen)}}}"
        for metric in (names.SOURCE_DURATION, names.LAST_RECORD)
    )
    series = f"group by ({label}) (last_over_time({of_runs}[$__range]) or {of_now})"
    return (
        build.QueryVariable(name)
        .label(title)
        .datasource(PROMETHEUS)
        .query({"query": f"query_result({series})", "refId": name})
        .definition(f"query_result({series})")
        .regex(f'/{label}="([^"]+)"/')
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
        .multi(True)
        .include_all(True)
        .all_value(_ANY)
        .hide(VariableHide.DONT_HIDE)
        .current(_ALL)
    )


_ALL: Final = VariableOption(text=["All"], value=["$__all"])

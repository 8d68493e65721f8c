"""Where links lead: dashboards by their uids, a run's trace, its log lines, its page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import DashboardLink, DashboardLinkType

from filrouge.settings import Settings
from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import label_name

_DEFAULTS: Final = Settings.model_fields
TEMPO: Final = DataSourceRef("tempo", _DEFAULTS["grafana_tempo_uid"].default)
LOKI: Final = DataSourceRef("loki", _DEFAULTS["grafana_loki_uid"].default)
PROMETHEUS: Final = DataSourceRef("prometheus", _DEFAULTS["grafana_prometheus_uid"].default)

MONITORING_VARIABLE: Final = "monitoring"
MONITORING_URL: Final = "http://127.0.0.1:8082"
"""Where monitoring is as browsers see it, in compose too: files of dashboards know no environment.
The dashboards' constant of that name holds it."""

_FILTERS: Final = ("company", "zone", "source")
_TRACE: Final = "${__data.fields.traceIdHidden}"


class Uid(StrEnum):
    """The dashboards."""

    HOME = "filrouge-home"
    HEALTH = "filrouge-health"
    RELIABILITY = "filrouge-reliability"
    PERFORMANCE = "filrouge-performance"
    RUNS = "filrouge-runs"
    RUN = "filrouge-run"
    PIPELINE = "filrouge-pipeline"


def to_dashboard(title: str, uid: Uid, **variables: str) -> DashboardLink:
    """To a dashboard at the same time; the filters go along, unless they are given here."""
    filters = [f"${{{name}:queryparam}}" for name in _FILTERS if name not in variables]
    given = [f"var-{name}={value}" for name, value in variables.items()]
    query = "&".join([*given, *filters, "${__url_time_range}"])
    return _link(title, f"/d/{uid}?{query}")


def to_lane(title: str, uid: Uid) -> DashboardLink:
    """To a dashboard about the company, zone and source of a row of a table."""
    labels = zip(_FILTERS, (names.COMPANY, names.ZONE, names.SOURCE), strict=True)
    return to_dashboard(
        title,
        uid,
        **{name: f'${{__data.fields["{label_name(attribute)}"]}}' for name, attribute in labels},
    )


def of_found_run() -> list[DashboardLink]:
    """From a row that Tempo found: to the run's detail, its trace, its log lines, its page."""
    return [
        to_dashboard("This run", Uid.RUN, trace=_TRACE),
        _link("Trace", _explore(TEMPO, {"queryType": "traceql", "query": _TRACE})),
        _link("Log lines", _explore(LOKI, {"expr": lines_of(_TRACE)})),
        _link("Run page", f"${{{MONITORING_VARIABLE}}}/runs/{_TRACE}", blank=True),
    ]


def of_chosen_run() -> list[DashboardLink]:
    """The same on the dashboard of one run."""
    return [
        _link("Trace", _explore(TEMPO, {"queryType": "traceql", "query": "${trace}"})),
        _link("Run page", f"${{{MONITORING_VARIABLE}}}/runs/${{trace}}", blank=True),
    ]


def lines_of(trace: str) -> str:
    """The log lines of a trace. Tempo's search leaves out the zeros that an id begins with."""
    return f"{{{label_name(names.COMPANY)}=~`.+`}} | trace_id=~`0*{trace}`"


def explore_alerts(title: str) -> DashboardLink:
    """To Grafana's own list of alerts."""
    return _link(title, "/alerting/list?state=firing")


def _explore(source: DataSourceRef, query: dict[str, str]) -> str:
    reference = {"type": source.type_val, "uid": source.uid}
    pane: dict[str, Any] = {
        "datasource": source.uid,
        "queries": [{"refId": "A", "datasource": reference, **query}],
        "range": {"from": "${__from}", "to": "${__to}"},
    }
    panes = quote(json.dumps({"filrouge": pane}, separators=(",", ":")), safe="${}_.")
    return f"/explore?schemaVersion=1&orgId=1&panes={panes}"


def _link(title: str, url: str, blank: bool = False) -> DashboardLink:
    return DashboardLink(title, DashboardLinkType.LINK, url=url, target_blank=blank)


def data_links(links: Iterable[DashboardLink]) -> list[dict[str, object]]:
    """The same links as those of a field of a table."""
    return [
        {"title": link.title, "url": link.url, "targetBlank": link.target_blank} for link in links
    ]

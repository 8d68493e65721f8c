"""Links into Grafana's Explore: a run's trace, its log lines, its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from filrouge.runs.model import Run
from filrouge.settings import Settings
from filrouge.telemetry.names import COMPANY, SOURCE_DURATION
from filrouge.telemetry.prometheus_names import label_name, prometheus_name

_NS_PER_MS = 1_000_000
_MARGIN_MS = 60_000
"""Before and after a run: Tempo looks for a trace within the range, and clocks differ a little."""


@dataclass(frozen=True, slots=True)
class Grafana:
    """A Grafana with data sources for Tempo, Loki and Prometheus.

    Attributes:
        url: its address without a slash at the end.
        tempo_uid: the uid of the data source, as those that follow.
    """

    url: str
    tempo_uid: str
    loki_uid: str = "loki"
    prometheus_uid: str = "prometheus"

    @staticmethod
    def of(settings: Settings) -> Grafana | None:
        """The configured one; None when there is none."""
        if settings.grafana_url is None:
            return None
        return Grafana(
            settings.grafana_url,
            settings.grafana_tempo_uid,
            settings.grafana_loki_uid,
            settings.grafana_prometheus_uid,
        )

    def explore_trace(self, trace_id: str, start: str = "now-1h", end: str = "now") -> str:
        """The page that shows a trace; `start` and `end` are milliseconds or Grafana's words."""
        query = {"queryType": "traceql", "query": trace_id}
        return self._explore("tempo", self.tempo_uid, query, start, end)

    def explore_logs(self, company: str, trace_id: str, start: str, end: str) -> str:
        """The page that shows the log lines of a trace."""
        query = f'{_selector(company)} | trace_id="{trace_id}"'
        return self._explore("loki", self.loki_uid, {"expr": query}, start, end)

    def explore_metrics(self, company: str, start: str, end: str) -> str:
        """The page that shows how long each source of a company took."""
        query = f"{prometheus_name(SOURCE_DURATION)}{_selector(company)}"
        return self._explore("prometheus", self.prometheus_uid, {"expr": query}, start, end)

    def _explore(self, kind: str, uid: str, query: Mapping[str, Any], start: str, end: str) -> str:
        queries = [{"refId": "A", "datasource": {"type": kind, "uid": uid}, **query}]
        pane = {"datasource": uid, "queries": queries, "range": {"from": start, "to": end}}
        panes = orjson.dumps({"filrouge": pane}).decode()
        return f"{self.url}/explore?{urlencode({'schemaVersion': 1, 'orgId': 1, 'panes': panes})}"


def trace_link(grafana: Grafana | None, run: Run) -> str | None:
    """The page that shows a run's trace at its own time; None without a Grafana."""
    return None if grafana is None else grafana.explore_trace(run.trace_id, *_range(run))


def more_links(grafana: Grafana | None, run: Run) -> list[tuple[str, str]]:
    """What else Grafana shows of a run at its own time, each with a word for it."""
    if grafana is None:
        return []
    company = run.key.company
    return [
        ("Logs", grafana.explore_logs(company, run.trace_id, *_range(run))),
        ("Metrics", grafana.explore_metrics(company, *_range(run))),
    ]


def _range(run: Run) -> tuple[str, str]:
    start_ms = run.start_ns // _NS_PER_MS - _MARGIN_MS
    end_ms = run.end_ns // _NS_PER_MS + _MARGIN_MS
    return str(start_ms), str(end_ms)


def _selector(company: str) -> str:
    r"""The label of a company, in the quotes that LogQL and PromQL share with JSON."""
    return f"{{{label_name(COMPANY)}={orjson.dumps(company).decode()}}}"

"""Links into Grafana's Explore."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

from filrouge.runs.model import Run

_NS_PER_MS = 1_000_000
_MARGIN_MS = 60_000
"""Before and after a run: Tempo looks for a trace within the range, and clocks differ a little."""


@dataclass(frozen=True, slots=True)
class Grafana:
    """A Grafana with a data source for Tempo.

    Attributes:
        url: its address without a slash at the end.
        tempo_uid: the uid of the data source.
    """

    url: str
    tempo_uid: str

    def explore_trace(self, trace_id: str, start: str = "now-1h", end: str = "now") -> str:
        """The page that shows a trace; `start` and `end` are milliseconds or Grafana's words."""
        query = {
            "refId": "A",
            "datasource": {"type": "tempo", "uid": self.tempo_uid},
            "queryType": "traceql",
            "query": trace_id,
        }
        times = {"from": start, "to": end}
        pane = {"datasource": self.tempo_uid, "queries": [query], "range": times}
        panes = orjson.dumps({"filrouge": pane}).decode()
        return f"{self.url}/explore?{urlencode({'schemaVersion': 1, 'orgId': 1, 'panes': panes})}"


def trace_link(grafana: Grafana | None, run: Run) -> str | None:
    """The page that shows a run's trace at its own time; None without a Grafana."""
    if grafana is None:
        return None
    start_ms = run.start_ns // _NS_PER_MS - _MARGIN_MS
    end_ms = run.end_ns // _NS_PER_MS + _MARGIN_MS
    return grafana.explore_trace(run.trace_id, str(start_ms), str(end_ms))

"""Whether a run, or many, can be seen in a backend, asked by the backends' public APIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from benchmarks.stack.records import Records
from filrouge.backends.http import HttpApi, Query
from filrouge.records.utctime import NS_PER_S
from filrouge.settings import Settings
from filrouge.stack.ports import Port
from filrouge.verify.expected import Expected, Place
from filrouge.verify.look import looks

Probe = Callable[[Expected], bool]
"""Whether all of a run can be seen, and nothing more."""

_BY_ID: Final = {
    Place.TEMPO: "Tempo, trace by id",
    Place.LOKI: "Loki",
    Place.PROMETHEUS: "Prometheus",
}
SEARCH: Final = "Tempo, search"
LOKI: Final = _BY_ID[Place.LOKI]
_MARGIN_S: Final = 3600


def probes(settings: Settings) -> dict[str, Probe]:
    """A probe for each way to look, by what people call it."""
    found = {
        name: _as_verify_looks(settings, place)  # as verify compares, so each has its own
        for place, name in _BY_ID.items()
    }
    return {**found, SEARCH: _search(settings)}


def _as_verify_looks(settings: Settings, place: Place) -> Probe:
    look = looks(settings, [place], ())[place]
    return lambda expected: look(expected) == expected.items[place]


def _search(settings: Settings) -> Probe:
    api = HttpApi("Tempo", settings.backend(Port.TEMPO_HTTP))

    def is_seen(expected: Expected) -> bool:
        run = expected.run
        asked: Query = {
            "q": f'{{ span.ingestion.run.id = "{run.key.run_id}" '
            f'&& span.ingestion.company = "{run.key.company}" }}',
            "start": run.start_ns // NS_PER_S - _MARGIN_S,
            "end": run.end_ns // NS_PER_S + _MARGIN_S,
        }
        traces = api.get("/api/search", asked).get("traces", [])
        spans = expected.items[Place.TEMPO].total()
        return [trace["spanSet"]["matched"] for trace in traces] == [spans]

    return is_seen


def counts(settings: Settings, records: Records) -> Mapping[Place, Callable[[], bool]]:
    """For each backend, whether it counts as many as a file has."""
    loki = HttpApi("Loki", settings.backend(Port.LOKI_HTTP))
    tempo = HttpApi("Tempo", settings.backend(Port.TEMPO_HTTP))
    prometheus = HttpApi("Prometheus", settings.backend(Port.PROMETHEUS))
    window = f"[{(records.end - records.start).total_seconds():.0f}s]"
    lines = f'sum(count_over_time({{ingestion_company=~".+"}}{window}))'
    runs = f"sum(count_over_time(ingestion_run_duration_seconds{window}))"
    return {
        Place.LOKI: lambda: (
            _value(loki, "/loki/api/v1/query", lines, records.end) == records.records
        ),
        Place.TEMPO: lambda: _found(tempo, records) == records.runs,
        Place.PROMETHEUS: lambda: (
            _value(prometheus, "/api/v1/query", runs, records.end) == records.runs
        ),
    }


def _value(api: HttpApi, path: str, query: str, at: datetime) -> int:
    """The one number that a query gives; 0 where there is nothing."""
    answer = api.get(path, {"query": query, "time": f"{at.timestamp():.0f}"})
    series: list[Any] = answer["data"]["result"]
    return int(series[0]["value"][1]) if series else 0


def _found(api: HttpApi, records: Records) -> int:
    """How many runs a search finds."""
    asked: Query = {
        "q": '{ span.ingestion.level = "run" }',
        "start": int(records.start.timestamp()),
        "end": int(records.end.timestamp()),
        "limit": 2 * records.runs,
    }
    return len(api.get("/api/search", asked).get("traces", []))

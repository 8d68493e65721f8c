"""Asks the backends as people do, over their public interfaces; answers are lines of text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import requests

from filrouge.stack.ports import Port
from filrouge.stack.stack import Stack
from tests.backends.page import Query

DAY_START_S: Final = int(datetime(2025, 9, 5, tzinfo=UTC).timestamp())
"""The day of the sample begins."""
DAY_END_S: Final = DAY_START_S + 86_400
_WEEK: Final = (DAY_START_S - 4 * 86_400, DAY_START_S + 3 * 86_400)
_MANY_LINES: Final = 10
"""A longer answer is told as its number of lines."""
_PATIENCE_S: Final = 60.0

Answer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backends:
    """A stack whose backends are asked."""

    stack: Stack

    def ask(self, query: Query) -> Answer:
        """What the backend answers to a query of the page."""
        match query.language:
            case "traceql" if "metrics" in query.options:
                return self._span_metrics(query)
            case "traceql":
                period = _WEEK if "week" in query.options else (DAY_START_S, DAY_END_S)
                return self.search(query.text, *period)
            case "logql" if "metrics" in query.options:
                return _vector(self._loki("query", query=query.text, time=DAY_END_S))
            case "logql":
                return self.lines(query.text)
            case _:
                return self.value(query.text, None if "now" in query.options else DAY_END_S)

    def search(self, query: str, start_s: int = DAY_START_S, end_s: int = DAY_END_S) -> Answer:
        """The spans that Tempo finds, by name, or by their group and its size."""
        found = self._get(
            Port.TEMPO_HTTP,
            "/api/search",
            {"q": query, "start": start_s, "end": end_s, "limit": 1000, "spss": 10_000},
        )
        sets = [spans for trace in found.get("traces", []) for spans in trace["spanSets"]]
        return _sorted(line for spans in sets for line in _span_lines(spans))

    def trace(self, trace_id: str) -> list[dict[str, Any]]:
        """All spans of a trace, as OTLP/JSON has them; none if it is not known."""
        answer = requests.get(
            f"{self.stack.url(Port.TEMPO_HTTP)}/api/traces/{trace_id}", timeout=_PATIENCE_S
        )
        if answer.status_code == requests.codes.not_found:
            return []
        answer.raise_for_status()
        scopes = [scope for batch in answer.json()["batches"] for scope in batch["scopeSpans"]]
        return [span for scope in scopes for span in scope["spans"]]

    def lines(self, query: str, start_s: int = DAY_START_S, end_s: int = DAY_END_S) -> Answer:
        """The lines that Loki finds, or how many if they are many."""
        lines = [line for _, line in self.entries(query, start_s, end_s)]
        return _sorted(lines) if len(lines) <= _MANY_LINES else (f"{len(lines)} lines",)

    def entries(self, query: str, start_s: int, end_s: int) -> list[tuple[Mapping[str, str], str]]:
        """Labels and structured metadata of each entry that Loki finds, and its line."""
        streams = self._loki("query_range", query=query, start=start_s, end=end_s, limit=10_000)
        return [
            (stream["stream"], line) for stream in streams["result"] for _, line in stream["values"]
        ]

    def value(self, query: str, at_s: int | None) -> Answer:
        """What Prometheus answers as of a time, or now."""
        parameters = {"query": query} | ({} if at_s is None else {"time": at_s})
        return _vector(self._get(Port.PROMETHEUS, "/api/v1/query", parameters)["data"])

    def exemplars(self, query: str) -> list[Mapping[str, str]]:
        """Labels of all exemplars that Prometheus has of the last hour."""
        now_s = time.time()
        series = self._get(
            Port.PROMETHEUS,
            "/api/v1/query_exemplars",
            {"query": query, "start": now_s - 3600, "end": now_s + 60},
        )["data"]
        return [exemplar["labels"] for each in series for exemplar in each["exemplars"]]

    def series(self, query: str, start_s: int, end_s: int) -> list[list[float]]:
        """The values of each series that TraceQL metrics give, minute by minute."""
        found = self._get(
            Port.TEMPO_HTTP,
            "/api/metrics/query_range",
            {"q": query, "start": start_s, "end": end_s, "step": "1m"},
        )
        return [
            [sample.get("value", 0.0) for sample in each["samples"]]
            for each in found.get("series", [])
        ]

    def _span_metrics(self, query: Query) -> Answer:
        steps = [option for option in query.options if option.startswith("step=")]
        parameters = {"q": query.text, "start": DAY_START_S, "end": DAY_END_S}
        if not steps:
            found = self._get(Port.TEMPO_HTTP, "/api/metrics/query", parameters)
            return _sorted(
                f"{_span_label(series)}: {_number(series['value'])}"
                for series in found.get("series", [])
            )
        parameters["step"] = steps[0].removeprefix("step=")
        found = self._get(Port.TEMPO_HTTP, "/api/metrics/query_range", parameters)
        return _sorted(
            f"{_clock(sample['timestampMs'])}: {_number(sample['value'])}"
            for series in found.get("series", [])
            for sample in series["samples"]
            if "value" in sample
        )

    def _loki(self, path: str, **parameters: object) -> Any:
        return self._get(Port.LOKI_HTTP, f"/loki/api/v1/{path}", parameters)["data"]

    def _get(self, port: Port, path: str, parameters: Mapping[str, Any]) -> Any:
        answer = requests.get(self.stack.url(port) + path, params=parameters, timeout=_PATIENCE_S)
        assert answer.status_code == requests.codes.ok, answer.text
        return answer.json()


def eventually(ask: Callable[[], object], expected: object, within_s: float = _PATIENCE_S) -> None:
    """Asks again until the answer is the expected one; fails with the last answer after a while."""
    deadline = time.monotonic() + within_s
    while (answer := ask()) != expected and time.monotonic() < deadline:
        time.sleep(0.5)
    assert answer == expected, answer


def _span_lines(spans: Mapping[str, Any]) -> Iterator[str]:
    groups = [each["value"] for each in spans.get("attributes", []) if each["key"][:3] == "by("]
    if groups:
        yield f"{_first(groups[0])}: {spans['matched']}"
    else:
        yield from (span["name"] for span in spans["spans"])


def _span_label(series: Mapping[str, Any]) -> str:
    return next(str(_first(each["value"])) for each in series["labels"] if each["key"] != "p")


def _first(value: Mapping[str, object]) -> object:
    return next(iter(value.values()))


def _vector(data: Mapping[str, Any]) -> Answer:
    return _sorted(
        ", ".join(value for _, value in sorted(series["metric"].items()))
        + (": " if series["metric"] else "")
        + _number(float(series["value"][1]))
        for series in data["result"]
    )


def _number(value: float) -> str:
    """Whole numbers in full, others in six digits."""
    return str(int(value)) if value == int(value) else f"{value:.6g}"


def _clock(timestamp_ms: str) -> str:
    return f"{datetime.fromtimestamp(int(timestamp_ms) / 1000, UTC):%H:%M}"


def _sorted(lines: Iterable[str]) -> Answer:
    return tuple(sorted(lines))

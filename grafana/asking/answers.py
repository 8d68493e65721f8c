"""Puts questions to Prometheus, Loki and Tempo, by the interfaces that Grafana uses."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from grafana.asking.macros import Choice
from grafana.asking.questions import Question

_PATIENCE_S: Final = 60


class RefusedError(Exception):
    """A backend did not answer a query; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series.

    Attributes:
        labels: what it is of.
        points: Unix seconds and value.
    """

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float:
        """Its last value."""
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        series: figures.
        rows: found spans and log lines, by the fields that Grafana gives them; newest first.
        values: of a variable.
        seconds: how long it took.
    """

    series: tuple[Series, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    values: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.series or self.rows or self.values)

    def by(self, *labels: str) -> dict[tuple[str, ...], float]:
        """The last value of each series, by these labels."""
        return {
            tuple(each.labels.get(name, "") for name in labels): each.last for each in self.series
        }


@dataclass(frozen=True, slots=True)
class Backends:
    """Where they are, by address without a slash at the end."""

    prometheus: str
    loki: str
    tempo: str

    def ask(self, question: Question, choice: Choice) -> Answer:
        """The answer to a question.

        Raises:
            RefusedError: the backend refused it, or is away.
        """
        begun = time.perf_counter()
        answer = self._ask(question.target, choice)
        return Answer(answer.series, answer.rows, answer.values, time.perf_counter() - begun)

    def _ask(self, target: Mapping[str, Any], choice: Choice) -> Answer:
        match target["datasource"]["type"]:
            case "prometheus" if "expr" not in target:
                return self._values(target, choice)
            case "prometheus":
                return self._prometheus(target, choice)
            case "loki":
                return self._loki(target, choice)
            case _ if target["queryType"] == "serviceMap":
                return self._service_graph(choice)
            case _ if target["query"].startswith("{"):
                return self._search(target, choice)
            case _:
                return self._trace(choice.written(target["query"]))

    def _values(self, target: Mapping[str, Any], choice: Choice) -> Answer:
        """What a variable's pattern takes out of the texts of series."""
        query = choice.written(target["query"].removeprefix("query_result(").removesuffix(")"))
        asked = {"query": query, "time": choice.end_s}
        series = self._get(f"{self.prometheus}/api/v1/query", asked)["data"]["result"]
        pattern = re.compile(target["regex"].strip("/"))
        texts = [
            ",".join(f'{name}="{value}"' for name, value in each["metric"].items())
            for each in series
        ]
        found = (pattern.search(text) for text in texts)
        return Answer(values=tuple(sorted(each[1] for each in found if each)))

    def _prometheus(self, target: Mapping[str, Any], choice: Choice) -> Answer:
        least = target.get("interval", "")
        query = choice.written(target["expr"], least)
        if target.get("instant"):
            asked: dict[str, Any] = {"query": query, "time": choice.end_s}
            return _figures(self._get(f"{self.prometheus}/api/v1/query", asked))
        step_s = choice.step_s(least)
        start_s = choice.start_s // step_s * step_s
        asked = {"query": query, "start": start_s, "end": choice.end_s, "step": step_s}
        return _figures(self._get(f"{self.prometheus}/api/v1/query_range", asked))

    def _loki(self, target: Mapping[str, Any], choice: Choice) -> Answer:
        least = target.get("step", "")
        query = choice.written(target["expr"], least)
        if target["queryType"] == "instant":
            asked: dict[str, Any] = {"query": query, "time": choice.end_s}
            return _figures(self._get(f"{self.loki}/loki/api/v1/query", asked))
        asked = {
            "query": query,
            "start": choice.start_s,
            "end": choice.end_s,
            "step": choice.step_s(least),
            "limit": target.get("maxLines", 1000),
        }
        answer = self._get(f"{self.loki}/loki/api/v1/query_range", asked)
        return _lines(answer) if answer["data"]["resultType"] == "streams" else _figures(answer)

    def _search(self, target: Mapping[str, Any], choice: Choice) -> Answer:
        asked = {
            "q": choice.written(target["query"]),
            "start": choice.start_s,
            "end": choice.end_s,
            "limit": target["limit"],
            "spss": target["spss"],
        }
        traces = self._get(f"{self.tempo}/api/search", asked).get("traces", [])
        rows = [row for trace in traces for row in _spans(trace)]
        return Answer(rows=tuple(sorted(rows, key=lambda row: -row["time"])))

    def _trace(self, trace_id: str) -> Answer:
        answer = self._get(f"{self.tempo}/api/v2/traces/{trace_id}", {}).get("trace", {})
        return Answer(
            rows=tuple(
                {
                    "name": span["name"],
                    "id": span["spanId"],
                    "parent": span.get("parentSpanId", ""),
                    "time": int(span["startTimeUnixNano"]) / 1e9,
                    "end": int(span["endTimeUnixNano"]) / 1e9,
                    "failed": span.get("status", {}).get("code") == "STATUS_CODE_ERROR",
                }
                for group in answer.get("resourceSpans", [])
                for scope in group["scopeSpans"]
                for span in scope["spans"]
            )
        )

    def _service_graph(self, choice: Choice) -> Answer:
        """What Grafana asks Prometheus for, to draw the graph."""
        window = f"{choice.end_s - choice.start_s}s"
        query = (
            f"sum by (client, server) (increase(traces_service_graph_request_total[{window}])) > 0"
        )
        asked = {"query": query, "time": choice.end_s}
        return _figures(self._get(f"{self.prometheus}/api/v1/query", asked))

    @staticmethod
    def _get(url: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        answer = requests.get(
            url,
            params=dict(asked),
            headers={"Accept": "application/json"},
            timeout=_PATIENCE_S,
        )
        if answer.status_code != requests.codes.ok:
            raise RefusedError(f"{url} answered {answer.status_code}: {answer.text[:500]}\n{asked}")
        told: dict[str, Any] = answer.json()
        return told


def _figures(answer: Mapping[str, Any]) -> Answer:
    data = answer["data"]
    match data["resultType"]:
        case "matrix":
            pairs = ((each["metric"], each["values"]) for each in data["result"])
        case _:
            pairs = ((each["metric"], [each["value"]]) for each in data["result"])
    return Answer(
        series=tuple(
            Series(labels, tuple((float(at), float(value)) for at, value in values))
            for labels, values in pairs
        )
    )


def _lines(answer: Mapping[str, Any]) -> Answer:
    rows = [
        {**stream["stream"], "time": int(time_ns) / 1e9, "line": line}
        for stream in answer["data"]["result"]
        for time_ns, line, *_ in stream["values"]
    ]
    return Answer(rows=tuple(sorted(rows, key=lambda row: -row["time"])))


def _spans(trace: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for spans in trace["spanSets"]:
        for span in spans["spans"]:
            yield {
                "traceIdHidden": trace["traceID"],
                "spanID": span["spanID"],
                "time": int(span["startTimeUnixNano"]) / 1e9,
                "duration": int(span["durationNanos"]),
                "name": span.get("name", ""),
                **_attributes(span.get("attributes", [])),
            }


def _attributes(listed: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in listed}

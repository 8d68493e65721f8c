"""What each place must hold of a run: the telemetry that a replay makes of it, taken apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from filrouge.runs.model import Run
from filrouge.telemetry import fragments, names
from filrouge.telemetry.context import Context
from filrouge.telemetry.gauges import GaugePoints
from filrouge.telemetry.logs import log_groups
from filrouge.telemetry.otlp_json import Fragment
from filrouge.telemetry.prometheus_names import label_name, prometheus_name
from filrouge.telemetry.spans import span_groups
from filrouge.verify.items import Item, log_line, message, sample, span

_PROMETHEUS_NAMES: Final = {metric.name: prometheus_name(metric) for metric in names.METRICS}
_LABELS: Final = {attribute.key: label_name(attribute) for attribute in names.ATTRIBUTES}
_NS_PER_MS: Final = 1_000_000


class Place(StrEnum):
    """Where a run is looked for."""

    TOPIC = "topic"
    TEMPO = "tempo"
    LOKI = "loki"
    PROMETHEUS = "prometheus"


@dataclass(frozen=True, slots=True)
class Expected:
    """A run, and the items of it that each place must hold, with how many of each."""

    run: Run
    items: Mapping[Place, Counter[Item]]

    @property
    def trace_ids(self) -> set[str]:
        """The run's trace and those of its parts."""
        return {str(item.key[0]) for item in self.items[Place.TEMPO]}


def expected(run: Run) -> Expected:
    """What must be found of a closed run.

    It is read off the very telemetry that is sent, so the two cannot disagree on what a run is.
    """
    context = Context({})  # items are told apart by ids, not by service
    facts = {task.span_id: fragments.facts(task.record) for task in run.tasks()}
    logs = list(_log_records(log_groups(run, context, facts)))
    return Expected(
        run,
        {
            Place.TOPIC: Counter(
                message(record["body"]["stringValue"].encode()) for record in logs
            ),
            Place.TEMPO: Counter(_spans(span_groups(run, context, facts))),
            Place.LOKI: Counter(map(_log_line, logs)),
            Place.PROMETHEUS: Counter(_samples(run)),
        },
    )


def _spans(groups: Iterable[Fragment]) -> Iterator[Item]:
    for group in map(orjson.loads, groups):
        for scope in group["scopeSpans"]:
            for each in scope["spans"]:
                yield span(each["traceId"], each["spanId"], each["name"])


def _log_records(groups: Iterable[Fragment]) -> Iterator[dict[str, Any]]:
    for group in map(orjson.loads, groups):
        for scope in group["scopeLogs"]:
            yield from scope["logRecords"]


def _log_line(record: dict[str, Any]) -> Item:
    return log_line(
        record["traceId"], record["spanId"], int(record["timeUnixNano"]), record["eventName"]
    )


def _samples(run: Run) -> Iterator[Item]:
    points = GaugePoints()
    points.add(run)
    for metric in map(orjson.loads, points.take()):
        name = _PROMETHEUS_NAMES[metric["name"]]
        for point in metric["gauge"]["dataPoints"]:
            labels = {
                _LABELS[each["key"]]: each["value"]["stringValue"] for each in point["attributes"]
            }
            time_ms = int(point["timeUnixNano"]) // _NS_PER_MS
            yield sample(name, labels, time_ms, _value(point))


def _value(point: dict[str, Any]) -> float:
    return float(point["asInt"] if "asInt" in point else point["asDouble"])

"""A closed run as the requests that tell of it: all spans at once, root first. Pure.

What was written once stays: Tempo keeps a span as it came first, or shows two versions. So a span
is encoded as the run stood when the span was first sent, however much is known by now; the
corrected truth is in the registry, the log lines and the gauges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from filrouge.runs.model import Run
from filrouge.telemetry import fragments, names
from filrouge.telemetry.batching import MAX_REQUEST_BYTES, Batch, grouped
from filrouge.telemetry.context import Context
from filrouge.telemetry.gauges import GaugePoints
from filrouge.telemetry.otlp_json import Signal
from filrouge.telemetry.spans import span_groups

_CORRECTION_NS: Final = 1_000_000
"""How far gauges move with each late addition: a sample of Prometheus is one of a millisecond."""

_RESENT: Final = {"key": names.RESENT, "value": {"boolValue": True}}
_ROOT_LEVEL: Final = "run"


@dataclass(frozen=True, slots=True)
class Spans:
    """A run's spans in requests that follow each other at once."""

    requests: tuple[bytes, ...]
    count: int


def spans(waves: Sequence[Run], context: Context, counts_run: bool) -> Spans:
    """All spans of a run, each as it was first written.

    Args:
        waves: the run as it stood at each closing, the newest last.
        context: what telemetry depends on besides.
        counts_run: whether the collector counts the run's own span in its span metrics: once. Tasks
            are counted when they come, by who sends them one by one.
    """
    first: dict[tuple[str, str], Any] = {}
    for run in waves[:-1]:
        for group in _groups(run, context):
            for span in _spans(group):
                first.setdefault(_ids(span), span)
    batch = Batch(Signal.TRACES)
    requests: list[bytes] = []
    count = 0
    for group in _groups(waves[-1], context):
        held = _spans(group)
        held[:] = [first.get(_ids(span), span) for span in held]
        count += len(held)
        if not (counts_run and _is_root(held[0])):
            group["resource"]["attributes"].append(_RESENT)
        requests += batch.add(_sized(group))
    requests += batch.flush()
    return Spans(tuple(requests), count)


def gauges(runs: Iterable[tuple[Run, int]]) -> Iterator[bytes]:
    """The event-time gauges of runs, each with the number of its closing, from 1."""
    points = GaugePoints()
    for run, wave in runs:
        points.add(run, (wave - 1) * _CORRECTION_NS)
    batch = Batch(Signal.METRICS)
    resource = fragments.resource(names.RUN_SERVICE, replay=False)
    yield from batch.add(grouped(Signal.METRICS, resource, points.take()))
    yield from batch.flush()


def _groups(run: Run, context: Context) -> Iterator[Any]:
    """The spans by resource, as the messages that they encode."""
    facts = {task.span_id: fragments.facts(task.record) for task in run.tasks()}
    return map(orjson.loads, span_groups(run, context, facts))


def _spans(group: Any) -> list[Any]:
    [scope] = group["scopeSpans"]
    spans: list[Any] = scope["spans"]
    return spans


def _ids(span: Any) -> tuple[str, str]:
    return span["traceId"], span["spanId"]


def _is_root(span: Any) -> bool:
    return any(
        each["key"] == names.LEVEL.key and each["value"].get("stringValue") == _ROOT_LEVEL
        for each in span["attributes"]
    )


def _sized(group: Any) -> Iterator[bytes]:
    """The group as bytes; in pieces if the mark made it too long for a request."""
    encoded = orjson.dumps(group)
    if len(encoded) <= MAX_REQUEST_BYTES:
        yield encoded
        return
    attributes = orjson.dumps(group["resource"]["attributes"])[1:-1]
    yield from grouped(Signal.TRACES, attributes, map(orjson.dumps, _spans(group)))

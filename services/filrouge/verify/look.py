"""What each place holds of a run, asked by the backends' public APIs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import orjson

from filrouge.backends.loki import LineSeen, Loki
from filrouge.backends.prometheus import Prometheus
from filrouge.backends.tempo import Tempo
from filrouge.records.reading.counting import run_of
from filrouge.records.reading.line import Line
from filrouge.records.record import RunKey
from filrouge.records.utctime import NS_PER_S
from filrouge.settings import Settings
from filrouge.stack.ports import Port
from filrouge.telemetry import names
from filrouge.telemetry.names import Instrument
from filrouge.telemetry.prometheus_names import label_name, prometheus_name
from filrouge.verify.expected import Expected, Place
from filrouge.verify.items import Item, log_line, message, sample, span

Look = Callable[[Expected], Counter[Item]]
"""What one place holds of a run."""

_MARGIN_NS: Final = 3600 * NS_PER_S
"""Around the run, to find what bears a wrong time; a clock set wrong is mostly wrong by an hour."""
_NS_PER_MS: Final = 1_000_000
_GAUGES: Final = "|".join(
    prometheus_name(metric) for metric in names.METRICS if metric.instrument is Instrument.GAUGE
)


def looks(settings: Settings, places: Iterable[Place], topic: Iterable[Line]) -> dict[Place, Look]:
    """How to look into each of the places.

    Args:
        settings: where the backends are.
        places: which are wanted.
        topic: what lies on the topic; read here, if the topic is wanted.
    """
    makers: Mapping[Place, Callable[[], Look]] = {
        Place.TOPIC: lambda: _topic(topic),
        Place.TEMPO: lambda: _tempo(Tempo(settings.backend(Port.TEMPO_HTTP))),
        Place.LOKI: lambda: _loki(Loki(settings.backend(Port.LOKI_HTTP))),
        Place.PROMETHEUS: lambda: _prometheus(Prometheus(settings.backend(Port.PROMETHEUS))),
    }
    return {place: makers[place]() for place in places}


def _tempo(tempo: Tempo) -> Look:
    def look(expected: Expected) -> Counter[Item]:
        return Counter(
            span(*seen) for trace_id in expected.trace_ids for seen in tempo.spans(trace_id)
        )

    return look


def _loki(loki: Loki) -> Look:
    def look(expected: Expected) -> Counter[Item]:
        run = expected.run
        lines = loki.lines(log_query(run.key), run.start_ns - _MARGIN_NS, run.end_ns + _MARGIN_NS)
        return Counter(_log_lines(expected, lines))

    return look


def log_query(run: RunKey) -> str:
    """The LogQL that finds all lines of a run."""
    company, run_id = label_name(names.COMPANY), label_name(names.RUN_ID)
    attempt = label_name(names.RUN_ATTEMPT)
    return (
        f"{{{company}={_quoted(run.company)}}} | {run_id}={_quoted(run.run_id)} "
        f'| {attempt}="{run.attempt}"'
    )


def _log_lines(expected: Expected, lines: Iterable[LineSeen]) -> Iterator[Item]:
    """The lines as items; what was told without knowing how large a run is joins its part."""
    own = expected.run.trace_id
    parts = {item.key[1]: str(item.key[0]) for item in expected.items[Place.LOKI]}
    for time_ns, labels, _ in lines:
        trace_id, span_id = labels.get("trace_id", ""), labels.get("span_id", "")
        if trace_id == own:
            trace_id = parts.get(span_id, own)
        yield log_line(trace_id, span_id, time_ns, "log line")


def _prometheus(prometheus: Prometheus) -> Look:
    company = label_name(names.COMPANY)

    def look(expected: Expected) -> Counter[Item]:
        run = expected.run
        selector = f'{{__name__=~"{_GAUGES}",{company}={_quoted(run.key.company)}}}'
        seen = prometheus.samples(selector, run.end_ns // _NS_PER_MS)
        return Counter(
            sample(each.metric, _own_labels(each.labels), each.time_ms, each.value) for each in seen
        )

    return look


def _own_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Without those that say who sent or took it; of two that differ in these, one is double."""
    return {name: value for name, value in labels.items() if name.startswith(_OUR_PREFIX)}


_OUR_PREFIX: Final = f"{names.COMPANY.key.split('.', maxsplit=1)[0]}_"


def _topic(lines: Iterable[Line]) -> Look:
    """Messages by run; one that lies there twice counts once, for the topic is at least once."""
    by_run: dict[RunKey, set[Item]] = {}
    for line in lines:
        if run := run_of(line.data):
            by_run.setdefault(run, set()).add(message(line.data))
    return lambda expected: Counter(by_run.get(expected.run.key, ()))


def _quoted(text: str) -> str:
    """A string literal of LogQL and PromQL, whose escapes are those of JSON."""
    return orjson.dumps(text).decode()

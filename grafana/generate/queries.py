"""The queries' common pieces: names from their register, filters by the variables.

Text of queries stands in backticks, which PromQL, LogQL and TraceQL share: a backslash that
`${…:regex}` writes would be an escape in double quotes.
"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import loki, prometheus, tempo
from grafana_foundation_sdk.models.loki import LokiQueryType
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.tempo import SearchTableType

from filrouge.telemetry import names
from filrouge.telemetry.names import Attribute, Metric
from filrouge.telemetry.prometheus_names import label_name, prometheus_name
from grafana.generate.links import LOKI, PROMETHEUS, TEMPO

COMPANY: Final = label_name(names.COMPANY)
ZONE: Final = label_name(names.ZONE)
SOURCE: Final = label_name(names.SOURCE)
OBJECT: Final = label_name(names.OBJECT_NAME)
OUTCOME: Final = label_name(names.TASK_OUTCOME)
RUN_OUTCOME: Final = label_name(names.RUN_OUTCOME)
TIMELINESS: Final = label_name(names.RUN_TIMELINESS)
DURATION: Final = label_name(names.TASK_DURATION)
CPU: Final = label_name(names.TASK_CPU_TIME)
MEMORY: Final = label_name(names.TASK_MEMORY_DELTA)

LANE: Final = f"{COMPANY}, {ZONE}, {SOURCE}"
"""The labels of a source."""

_OF_COMPANY: Final = f"{COMPANY}=~`${{company:regex}}`"
_OF_LANE: Final = f"{_OF_COMPANY}, {ZONE}=~`${{zone:regex}}`, {SOURCE}=~`${{source:regex}}`"

STREAMS: Final = f"{{{_OF_LANE}}}"
"""Loki's streams of the chosen sources."""
TASKS: Final = f"{STREAMS} | {OUTCOME}=~`success|failure`"
FAILURES: Final = f"{STREAMS} | {OUTCOME}=`failure`"


def of_lanes(metric: Metric, *more: str) -> str:
    """A metric of the chosen sources."""
    return f"{prometheus_name(metric)}{{{', '.join([_OF_LANE, *more])}}}"


def of_companies(metric: Metric, *more: str) -> str:
    """A metric of the chosen companies."""
    return f"{prometheus_name(metric)}{{{', '.join([_OF_COMPANY, *more])}}}"


def spans(series: str, *more: str) -> str:
    """Metrics from spans of the chosen sources: `calls_total`, `duration_seconds_bucket`."""
    chosen = ", ".join([f"{label_name(names.LEVEL)}=`task`", _OF_LANE, *more])
    return f"traces_span_metrics_{series}{{{chosen}}}"


AHEAD: Final = "offset -$__interval"
"""Looks ahead of each step and not back: else the runs of the step under way, which are what people
look for, would be shown only when it is over."""


def _equals(attribute: Attribute, variable: str) -> str:
    return f"span.{attribute.key} =~ `${{{variable}:regex}}`"


def level(name: str) -> str:
    """TraceQL's condition for spans of a level."""
    return f"span.{names.LEVEL.key} = `{name}`"


SPANS_OF_COMPANIES: Final = _equals(names.COMPANY, "company")
SPANS_OF_LANES: Final = " && ".join(
    [SPANS_OF_COMPANIES, _equals(names.ZONE, "zone"), _equals(names.SOURCE, "source")]
)


def now(expression: str, legend: str = "", *, table: bool = False) -> prometheus.Dataquery:
    """Prometheus at the end of the time range."""
    query = (
        prometheus.Dataquery()
        .datasource(PROMETHEUS)
        .expr(expression)
        .instant()
        .legend_format(legend or "__auto")
    )
    return query.format(PromQueryFormat.TABLE) if table else query


def over_time(
    expression: str, legend: str, *, exemplars: bool = False, least: str = "1m"
) -> prometheus.Dataquery:
    """Prometheus over the time range; `least` is the shortest step."""
    return (
        prometheus.Dataquery()
        .datasource(PROMETHEUS)
        .expr(expression)
        .range()
        .interval(least)
        .exemplar(exemplars)
        .legend_format(legend)
    )


def lines(expression: str, most: int) -> loki.Dataquery:
    """Loki's lines, newest first."""
    return (
        loki.Dataquery()
        .datasource(LOKI)
        .expr(expression)
        .query_type(LokiQueryType.RANGE)
        .max_lines(most)
    )


def counted(expression: str, legend: str = "") -> loki.Dataquery:
    """A figure from Loki over the whole time range."""
    query = loki.Dataquery().datasource(LOKI).expr(expression).query_type(LokiQueryType.INSTANT)
    return query.legend_format(legend) if legend else query


def counted_over_time(expression: str, legend: str, step: str) -> loki.Dataquery:
    """Figures from Loki, step by step."""
    return (
        loki.Dataquery()
        .datasource(LOKI)
        .expr(expression)
        .query_type(LokiQueryType.RANGE)
        .step(step)
        .legend_format(legend)
    )


def found(query: str, most: int) -> tempo.Dataquery:
    """Spans that Tempo finds, a row each."""
    return (
        tempo.Dataquery()
        .datasource(TEMPO)
        .query_type("traceql")
        .query(query)
        .table_type(SearchTableType.SPANS)
        .limit(most)
        .spss(most)
        .filters([])
    )


def one_trace(trace: str) -> tempo.Dataquery:
    """All of a trace."""
    return tempo.Dataquery().datasource(TEMPO).query_type("traceql").query(trace).filters([])


def services() -> tempo.Dataquery:
    """The graph of services, which Grafana draws from the collector's service graph."""
    return tempo.Dataquery().datasource(TEMPO).query_type("serviceMap").filters([])

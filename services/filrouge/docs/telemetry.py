"""`docs/telemetry.md`: what is sent, from the register of names and the code that derives ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from filrouge.docs.ids import ids_section
from filrouge.docs.markdown import code, paragraphs, table
from filrouge.runs.parts import MAX_TASKS_PER_TRACE
from filrouge.telemetry import names
from filrouge.telemetry.names import Attribute, Metric, Place
from filrouge.telemetry.prometheus_names import prometheus_name

_SPANS: Final = (Place.RUN, Place.STAGE, Place.SOURCE, Place.TASK)


def telemetry_page() -> str:
    """The page as Markdown."""
    return paragraphs(
        "# Telemetry",
        "Generated from `services/filrouge/telemetry/names.py` by `make docs`.",
        f"""\
One run of one company is one trace. Everything is OTLP, scope `{names.SCOPE}` version
`{names.SCOPE_VERSION}`: the version of what is written, which changes only with the meaning of
spans, for a replay must write the same ones again. Times are those of the records.""",
        "## Spans",
        _SPAN_TREE,
        _spans_table(),
        _SPAN_NOTES,
        ids_section(),
        "## Attributes",
        _attributes_table(),
        "## Events and links",
        _events_table(),
        "## Logs",
        _LOG_NOTES,
        _logs_table(),
        "## Metrics",
        _metrics_table(names.METRICS),
        _METRIC_NOTES,
        "## Sources, as monitoring knows them",
        _SOURCE_NOTES,
        _metrics_table(names.EXPECTATION_METRICS),
        "## Replays",
        _REPLAY_NOTES,
        "## Runs sent whole",
        _RESENT_NOTES,
        "## Runs too large for one trace",
        _PART_NOTES,
    )


_SPAN_TREE: Final = f"""\
```text
{names.run_span_name("akonovia")}
└─ {names.stage_span_name("1-Raw")}
   ├─ {names.source_span_name("sharepoint_graph")}
   │  ├─ {names.task_span_name("sharepoint_graph", "Contrats")}
   │  └─ …
   └─ {names.source_span_name("zohoprojects")}
      └─ {names.task_span_name("zohoprojects", "bugs")}
```"""

_SPAN_NOTES: Final = f"""\
The setting `services` names the microservice of each zone; a zone that it does not know has
`{names.UNKNOWN_SERVICE}`. Kind is always internal. Status is ok or error, never unset; a failed
task's message says what failed and why, and the spans above say how many failed and the text of the
first. An unfinished task, begun and never heard of again, has no span: it counts on those above."""

_LOG_NOTES: Final = """\
One log record for each record that says something new. Its body is the record's line, byte for
byte; trace id and span id are those of its task, or of the run for what is said of a run. What is
on the resource is little and bounded, for Loki makes labels of it."""

_METRIC_NOTES: Final = f"""\
The gauges are about one run and bear the time of its end, so a replay writes the same points again
and history can be charted. Counter and histograms are live: cumulative since the process began,
at the time of measuring. Bucket bounds, upper ones included: CPU time
{", ".join(f"{bound:g}" for bound in names.CPU_TIME.bounds)} s; memory
{", ".join(f"{bound:,}" for bound in names.MEMORY_DELTA.bounds)} bytes."""

_SOURCE_NOTES: Final = f"""\
Told every ten seconds by one instance of monitoring, from its registry alone, for each source that
is expected or known, also one that never came ([expectations](expectations.md)). `service.name` is
`filrouge-monitoring` and there is no instance, so a restart changes no series. History, which is
what was older than the setting `history_s` when it came, counts for nothing here.
`{names.RUN_TIMELINESS.key}`: {names.RUN_TIMELINESS.brief}"""

_REPLAY_NOTES: Final = f"""\
`filrouge replay` tells of the past at its own times, and marks the resources of spans, logs and
live metrics with `{names.REPLAY.key}` = true. A run's gauges bear no mark, for they are the same
points whoever sends them. With `--rebase now` runs are copies that end now: they have ids of
their own, no such mark, and `{names.REBASED_FROM.key}` on every span and log record instead."""

_RESENT_NOTES: Final = f"""\
When a run closes, and again when a late record joins it, monitoring sends all its spans in one
batch, for Tempo searches what came together. Spans that were counted as they came, or by an earlier
such batch, have `{names.RESENT}` = true on their resource: span metrics leave them out, and the
collector takes the mark off before Tempo, so that a span stays the same however often it comes."""

_PART_NOTES: Final = f"""\
A run with more than {MAX_TASKS_PER_TRACE:,} finished tasks keeps run, stage and source spans in its
own trace. The tasks of each source go to parts of at most {MAX_TASKS_PER_TRACE:,}, each a trace of
its own below a second `source` span that bears `{names.TRACE_PART.key}`. The run's span links to
each part, each part's topmost span to the run. Log records bear the trace id of the part; task
spans keep their span ids."""


def _spans_table() -> str:
    service = "the zone's microservice"
    return table(
        ["span", "parent", "`service.name`", "from … to"],
        [
            [code(names.run_span_name("{company}")), "none", code(names.RUN_SERVICE), _RUN_TIMES],
            [code(names.stage_span_name("{zone}")), "run", service, "first start … last end below"],
            [code(names.source_span_name("{source}")), "stage", service, "the same"],
            [
                code(names.task_span_name("{source}", "{object}")),
                "source",
                service,
                "as the record says",
            ],
        ],
    )


_RUN_TIMES: Final = "as its stages, widened by what the producer says of the run"


def _attributes_table() -> str:
    return table(
        ["attribute", "type", "on", "meaning", "example"],
        (
            [code(each.key), each.type, _places(each), each.brief, code(each.example)]
            for each in names.ATTRIBUTES
        ),
    )


def _places(attribute: Attribute) -> str:
    """The places in words: `every span` where all four kinds have it."""
    others = [str(place) for place in Place if place in attribute.places - frozenset(_SPANS)]
    spans = [place for place in _SPANS if place in attribute.places]
    if len(spans) == len(_SPANS):
        return ", ".join(["every span", *others])
    return ", ".join([*map(str, spans), *others])


def _events_table() -> str:
    return table(
        ["what", "on", "meaning", "attributes"],
        [
            [
                f"event {code(names.EXCEPTION_EVENT)}",
                "failed task span, at its end",
                "the error",
                _keys(each for each in names.ATTRIBUTES if Place.EVENT in each.places),
            ],
            ["link", "task span", "the producer's own span, from the record's `traceparent`", ""],
            [
                "link",
                "run span of a run too large for one trace",
                "each part",
                _keys(each for each in names.ATTRIBUTES if Place.LINK in each.places),
            ],
            ["link", "topmost span of a part", "the run span", ""],
        ],
    )


def _logs_table() -> str:
    return table(
        ["event name", "severity", "time", "meaning"],
        (
            [code(each.name), f"{each.severity.name} ({each.severity})", each.time, each.brief]
            for each in names.LOG_EVENTS
        ),
    )


def _metrics_table(metrics: Iterable[Metric]) -> str:
    return table(
        ["metric", "in Prometheus", "unit", "kind", "attributes", "meaning"],
        (
            [
                code(metric.name),
                code(prometheus_name(metric)),
                code(metric.unit),
                metric.instrument,
                _keys(metric.attributes),
                metric.brief,
            ]
            for metric in metrics
        ),
    )


def _keys(attributes: Iterable[Attribute]) -> str:
    return ", ".join(code(attribute.key) for attribute in attributes)

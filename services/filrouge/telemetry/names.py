"""Every name on the wire, once: attributes, metrics, log events and spans.

`docs/telemetry.md` is generated from this module, and a test compares it with what was emitted.
There is no semantic convention for data pipelines, hence the private namespace `ingestion`; where
a convention exists, its name is used as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from opentelemetry.semconv.attributes import error_attributes, exception_attributes
from opentelemetry.semconv.attributes import service_attributes as service


class Place(StrEnum):
    """Where an attribute stands."""

    RESOURCE = "resource"
    RUN = "run span"
    STAGE = "stage span"
    SOURCE = "source span"
    TASK = "task span"
    EVENT = "exception event"
    LINK = "link"
    LOG = "log record"
    METRIC = "metric point"


_UPPER_SPANS: Final = frozenset({Place.RUN, Place.STAGE, Place.SOURCE})
_SPANS: Final = _UPPER_SPANS | {Place.TASK}
_TASK_AND_LOG: Final = frozenset({Place.TASK, Place.LOG})


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One attribute.

    Attributes:
        type: string, int, double, boolean or string[]; the unit in brackets where there is one.
        places: where it may stand.
        example: a value as it is seen.
    """

    key: str
    type: str
    places: frozenset[Place]
    brief: str
    example: str


class Instrument(StrEnum):
    """What kind of metric it is."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One metric; `unit` in UCUM; `bounds` are a histogram's upper bucket bounds."""

    name: str
    unit: str
    instrument: Instrument
    brief: str
    attributes: tuple[Attribute, ...]
    bounds: tuple[float, ...] = ()


class Severity(IntEnum):
    """OpenTelemetry's numbers of the severities that are used; the name is the text."""

    INFO = 9
    WARN = 13
    ERROR = 17


@dataclass(frozen=True, slots=True, eq=False)
class LogEvent:
    """One kind of log record; `time` says which moment it bears."""

    name: str
    severity: Severity
    time: str
    brief: str


SERVICE_NAME: Final = Attribute(
    service.SERVICE_NAME,
    "string",
    frozenset({Place.RESOURCE}),
    "Spans and logs: the microservice of the zone, `pipeline` for the run. Live metrics: "
    "who measured.",
    "ingestion",
)
REPLAY: Final = Attribute(
    "ingestion.replay",
    "boolean",
    frozenset({Place.RESOURCE}),
    "True on what `filrouge replay` sends of the past at its own times, so that objectives on "
    "the present can leave it out. Absent otherwise.",
    "true",
)
COMPANY: Final = Attribute(
    "ingestion.company",
    "string",
    _SPANS | {Place.RESOURCE, Place.METRIC},
    "The company whose data is ingested. On the resource for logs.",
    "akonovia",
)
RUN_ID: Final = Attribute(
    "ingestion.run.id",
    "string",
    _SPANS | {Place.LOG},
    "The run's id, unique for a company.",
    "2025-09-05-16-45",
)
RUN_ATTEMPT: Final = Attribute(
    "ingestion.run.attempt",
    "int",
    _SPANS | {Place.LOG},
    "1, and one more each time the whole run is tried again.",
    "1",
)
REBASED_FROM: Final = Attribute(
    "ingestion.run.rebased_from",
    "string",
    _SPANS | {Place.LOG},
    "The run this one is a copy of, shifted in time. Absent on what really happened.",
    "2025-09-05-16-45",
)
RUN_OUTCOME: Final = Attribute(
    "ingestion.run.outcome",
    "string",
    frozenset({Place.RUN}),
    "`success`, `partial`, or `failure`: no task succeeded, or the producer says so.",
    "partial",
)
LEVEL: Final = Attribute(
    "ingestion.level",
    "string",
    _SPANS,
    "`run`, `stage`, `source` or `task`: the span's place in the tree.",
    "task",
)
ZONE: Final = Attribute(
    "ingestion.zone",
    "string",
    _SPANS - {Place.RUN} | {Place.RESOURCE, Place.METRIC, Place.LINK},
    "The zone: a stage of the run. On the resource for logs.",
    "1-Raw",
)
SOURCE: Final = Attribute(
    "ingestion.source",
    "string",
    frozenset({Place.SOURCE, Place.TASK, Place.RESOURCE, Place.METRIC, Place.LINK}),
    "The business system the data comes from. On the resource for logs.",
    "sharepoint_graph",
)
OBJECT_ID: Final = Attribute(
    "ingestion.object.id",
    "string",
    _TASK_AND_LOG,
    "Unique for an object of a source.",
    "12",
)
OBJECT_NAME: Final = Attribute(
    "ingestion.object.name", "string", _TASK_AND_LOG, "The object's name.", "Sites"
)
TRANSFORMATION: Final = Attribute(
    "ingestion.transformation",
    "string",
    _TASK_AND_LOG,
    "The function that did the work.",
    "Graph_API_get_data",
)
TASK_OUTCOME: Final = Attribute(
    "ingestion.task.outcome",
    "string",
    _TASK_AND_LOG | {Place.METRIC},
    "`success` or `failure`; on metrics also `unfinished`: begun and never heard of again.",
    "failure",
)
TASK_DURATION: Final = Attribute(
    "ingestion.task.duration",
    "double [s]",
    frozenset({Place.LOG}),
    "How long the task took; a span says so by its times.",
    "784.2",
)
TASK_CPU_TIME: Final = Attribute(
    "ingestion.task.cpu.time", "double [s]", _TASK_AND_LOG, "CPU time of the task.", "0.09"
)
TASK_MEMORY_DELTA: Final = Attribute(
    "ingestion.task.memory.delta",
    "int [By]",
    _TASK_AND_LOG,
    "Change of resident memory; may be 0 or negative.",
    "-4096",
)
TASK_REMARKS: Final = Attribute(
    "ingestion.task.remarks",
    "string[]",
    _TASK_AND_LOG,
    "What was odd about the record; `docs/records.md` lists the words.",
    "ambiguous_local_time",
)
TASK_EXTRA: Final = Attribute(
    "ingestion.task.extra",
    "string",
    frozenset({Place.TASK}),
    "`ingestion.task.extra.<field>`: a field that the schema does not know, as text.",
    "depth=2",
)
TASKS_TOTAL: Final = Attribute(
    "ingestion.tasks.total", "int", _UPPER_SPANS, "Tasks below this span.", "72"
)
TASKS_FAILED: Final = Attribute(
    "ingestion.tasks.failed", "int", _UPPER_SPANS, "Failed tasks below this span.", "1"
)
TASKS_UNFINISHED: Final = Attribute(
    "ingestion.tasks.unfinished",
    "int",
    _UPPER_SPANS,
    "Tasks below this span that were begun and never heard of again.",
    "0",
)
TASKS_EXPECTED: Final = Attribute(
    "ingestion.tasks.expected",
    "int",
    frozenset({Place.RUN}),
    "How many tasks the producer announced, if it did.",
    "72",
)
TRACE_PART: Final = Attribute(
    "ingestion.trace.part",
    "int",
    frozenset({Place.SOURCE, Place.LINK}),
    "Which part of a lane a trace holds, when the run is too large for one trace; from 0.",
    "0",
)
RECORD_OUTCOME: Final = Attribute(
    "ingestion.record.outcome",
    "string",
    frozenset({Place.METRIC}),
    "`accepted`, `duplicate`, `late` or `invalid`.",
    "accepted",
)
ERROR_TYPE: Final = Attribute(
    error_attributes.ERROR_TYPE,
    "string",
    _TASK_AND_LOG,
    "The class of a failure: the producer's word, or what the error text shows, else `_OTHER`.",
    "KeyError",
)
EXCEPTION_TYPE: Final = Attribute(
    exception_attributes.EXCEPTION_TYPE,
    "string",
    frozenset({Place.EVENT}),
    "The same as `error.type`.",
    "KeyError",
)
EXCEPTION_MESSAGE: Final = Attribute(
    exception_attributes.EXCEPTION_MESSAGE,
    "string",
    frozenset({Place.EVENT, Place.LOG}),
    "The error's text, cut at 4,096 characters; the log record's body has it whole.",
    "'id'",
)

ATTRIBUTES: Final = tuple(value for value in vars().values() if isinstance(value, Attribute))

_LANE: Final = (COMPANY, ZONE, SOURCE)
_MIB: Final = 1 << 20

RUN_DURATION: Final = Metric(
    "ingestion.run.duration",
    "s",
    Instrument.GAUGE,
    "How long a run took; one point a run, at the run's end.",
    (COMPANY,),
)
RUN_TASKS: Final = Metric(
    "ingestion.run.tasks",
    "{task}",
    Instrument.GAUGE,
    "Tasks of a run by outcome, zeros included; at the run's end.",
    (COMPANY, TASK_OUTCOME),
)
RUN_COMPLETENESS: Final = Metric(
    "ingestion.run.completeness",
    "1",
    Instrument.GAUGE,
    "Finished tasks of a run as a share of those announced; only where they were; at its end.",
    (COMPANY,),
)
SOURCE_DURATION: Final = Metric(
    "ingestion.source.duration",
    "s",
    Instrument.GAUGE,
    "How long a source's lane took within a run; at the run's end.",
    _LANE,
)
SOURCE_TASKS: Final = Metric(
    "ingestion.source.tasks",
    "{task}",
    Instrument.GAUGE,
    "Tasks of a source within a run by outcome, zeros included; at the run's end.",
    (*_LANE, TASK_OUTCOME),
)
SOURCE_CPU_TIME: Final = Metric(
    "ingestion.source.cpu.time",
    "s",
    Instrument.GAUGE,
    "CPU time of all tasks of a source within a run; at the run's end.",
    _LANE,
)
SOURCE_MEMORY_PEAK: Final = Metric(
    "ingestion.source.memory.peak",
    "By",
    Instrument.GAUGE,
    "Largest growth of memory in one task of a source within a run; at the run's end.",
    _LANE,
)
RECORDS: Final = Metric(
    "ingestion.records",
    "{record}",
    Instrument.COUNTER,
    "Records read, by what became of them; every outcome is there from 0.",
    (RECORD_OUTCOME,),
)
CPU_TIME: Final = Metric(
    "ingestion.task.cpu.time",
    "s",
    Instrument.HISTOGRAM,
    "CPU time of a task. The bucket bounds hold the alert's limit of 60 s.",
    _LANE,
    (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300),
)
MEMORY_DELTA: Final = Metric(
    "ingestion.task.memory.delta",
    "By",
    Instrument.HISTOGRAM,
    "Change of resident memory in a task. It has no sum, for values may be negative. The bucket "
    "bounds hold the alert's limit of 150 MB.",
    _LANE,
    (0, _MIB, 5 * _MIB, 10 * _MIB, 25 * _MIB, 50 * _MIB, 100 * _MIB, 150_000_000, 300_000_000),
)

METRICS: Final = tuple(value for value in vars().values() if isinstance(value, Metric))

RUN_TIMELINESS: Final = Attribute(
    "filrouge.run.timeliness",
    "string",
    frozenset({Place.METRIC}),
    "`on_time`, `late`, or `missed`: none began before the next was due.",
    "on_time",
)

CADENCE: Final = Metric(
    "filrouge.source.cadence",
    "s",
    Instrument.GAUGE,
    "Expected time between two runs of a source; absent until it is known.",
    _LANE,
)
SILENCE_LIMIT: Final = Metric(
    "filrouge.source.silence.limit",
    "s",
    Instrument.GAUGE,
    "A source whose last record is older than this is silent.",
    _LANE,
)
FRESHNESS_LIMIT: Final = Metric(
    "filrouge.source.freshness.limit",
    "s",
    Instrument.GAUGE,
    "A source whose last success is older than this is stale.",
    _LANE,
)
LAST_RECORD: Final = Metric(
    "filrouge.source.last_record.time",
    "s",
    Instrument.GAUGE,
    "When the last record of a source ended, in Unix time; if none came: since when one is "
    "expected.",
    _LANE,
)
LAST_SUCCESS: Final = Metric(
    "filrouge.source.last_success.time",
    "s",
    Instrument.GAUGE,
    "When the last successful task of a source ended, in Unix time; if none did: since when one is "
    "expected.",
    _LANE,
)
LANE_TASKS: Final = Metric(
    "filrouge.source.tasks",
    "{task}",
    Instrument.COUNTER,
    "Tasks of a source by outcome, without history; every outcome is there from 0.",
    (*_LANE, TASK_OUTCOME),
)
LANE_RUNS: Final = Metric(
    "filrouge.source.runs",
    "{run}",
    Instrument.COUNTER,
    "Closed runs of a source by the outcome of its part, without history; likewise from 0.",
    (*_LANE, RUN_OUTCOME),
)
DURATION_P95: Final = Metric(
    "filrouge.source.duration.p95",
    "s",
    Instrument.GAUGE,
    "95 % of the source's tasks in its newest closed run took no longer.",
    _LANE,
)
DURATION_BASELINE: Final = Metric(
    "filrouge.source.duration.baseline",
    "s",
    Instrument.GAUGE,
    "Median of that over the closed runs before it; absent while there are fewer than five.",
    _LANE,
)
MEMORY_P95: Final = Metric(
    "filrouge.source.memory.p95",
    "By",
    Instrument.GAUGE,
    "95 % of the source's tasks in its newest closed run took no more memory.",
    _LANE,
)
CPU_P95: Final = Metric(
    "filrouge.source.cpu.p95",
    "s",
    Instrument.GAUGE,
    "95 % of the source's tasks in its newest closed run took no more CPU time.",
    _LANE,
)
OBJECT_FAILURES: Final = Metric(
    "filrouge.source.object.failures",
    "{failure}",
    Instrument.GAUGE,
    "Most failures of one object within ten minutes, of those that came in the last ten minutes.",
    _LANE,
)
OBJECTS_EXPECTED: Final = Metric(
    "filrouge.source.objects.expected",
    "{object}",
    Instrument.GAUGE,
    "How many objects a run of the source is to bring; absent until it is known.",
    _LANE,
)
COMPLETENESS: Final = Metric(
    "filrouge.source.completeness",
    "1",
    Instrument.GAUGE,
    "Expected objects that succeeded in the source's newest closed run, as a share.",
    _LANE,
)
RECOVERY_TIME: Final = Metric(
    "filrouge.source.recovery.time",
    "s",
    Instrument.GAUGE,
    "Mean time to recovery: from the first run that was no success to the next that was; absent "
    "when there was none.",
    _LANE,
)
FAILING_TIME: Final = Metric(
    "filrouge.source.failing.time",
    "s",
    Instrument.GAUGE,
    "For how long the source's runs have been no success; 0 when the newest was one.",
    _LANE,
)
RUNS_DUE: Final = Metric(
    "filrouge.runs.due",
    "{run}",
    Instrument.COUNTER,
    "Runs with a deadline, by how they kept it; every answer is there from 0.",
    (COMPANY, RUN_TIMELINESS),
)
DIFFERENCES: Final = Metric(
    "filrouge.reconciliation.differences",
    "{difference}",
    Instrument.GAUGE,
    "What `/v1/reconciliation` finds wrong; 0 when all agrees.",
    (),
)

EXPECTATION_METRICS: Final = tuple(
    value
    for value in vars().values()
    if isinstance(value, Metric) and value.name.startswith("filrouge.")
)
"""What monitoring tells of sources from the registry, always; `METRICS` tell of runs."""

RESENT: Final = "ingestion.resent"
"""True on the resource of spans that are sent again to be found together, and were counted when
they came. Spans are the same with and without it: the collector heeds it and takes it off."""

SCOPE: Final = "filrouge"
SCOPE_VERSION: Final = "1"
"""The version of what is written, not of the package: an upgrade must write the same spans."""

RUN_SERVICE: Final = "pipeline"
"""`service.name` of run spans and of metrics about runs."""
UNKNOWN_SERVICE: Final = "unknown_service"
"""`service.name` of a zone that no setting assigns to a microservice; OpenTelemetry's default."""
EXCEPTION_EVENT: Final = "exception"

TASK_COMPLETED: Final = LogEvent(
    "ingestion.task.completed", Severity.INFO, "the task's end", "A task succeeded."
)
TASK_FAILED: Final = LogEvent(
    "ingestion.task.failed", Severity.ERROR, "the task's end", "A task failed."
)
TASK_STARTED: Final = LogEvent(
    "ingestion.task.started", Severity.INFO, "the task's start", "A task was begun."
)
RUN_STARTED: Final = LogEvent(
    "ingestion.run.started", Severity.INFO, "the run's start", "The producer opened the run."
)
RUN_COMPLETED: Final = LogEvent(
    "ingestion.run.completed", Severity.INFO, "the run's end", "The producer closed the run."
)

RECORD_INVALID: Final = LogEvent(
    "ingestion.record.invalid",
    Severity.WARN,
    "when it was read",
    "A message on the topic is no record. Written by the collector; a replay rejects such a line.",
)

LOG_EVENTS: Final = tuple(value for value in vars().values() if isinstance(value, LogEvent))


def run_span_name(company: str) -> str:
    """The name of a run's span."""
    return f"run {company}"


def stage_span_name(zone: str) -> str:
    """The name of a stage's span."""
    return f"stage {zone}"


def source_span_name(source: str) -> str:
    """The name of a source lane's span."""
    return f"source {source}"


def task_span_name(source: str, object_name: str) -> str:
    """The name of a task's span."""
    return f"task {source}/{object_name}"

"""Figures of tasks at the records' own time, from Loki.

Each record is one line there, however often it came, so these are exact over any time range.
"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Panel

from filrouge.telemetry import names
from filrouge.telemetry.prometheus_names import label_name
from grafana.generate import limits, queries
from grafana.generate.links import Uid, of_found_run, to_dashboard, to_lane
from grafana.generate.palette import Colour
from grafana.generate.panels import (
    DOWN,
    Clock,
    Column,
    Look,
    Says,
    bars,
    figure,
    lines,
    log,
    rows,
    upto,
)

_EMPTY: Final = "No task ended in this time range"
_SOURCE_LEGEND: Final = f"{{{{{queries.COMPANY}}}}} {{{{{queries.SOURCE}}}}}"
_BY_SOURCE: Final = f"{queries.COMPANY}, {queries.SOURCE}"
_ERRORS: Final = (
    f"{queries.FAILURES} | line_format `{{{{.{queries.COMPANY}}}}} {{{{.{queries.ZONE}}}}} "
    f"{{{{.{queries.SOURCE}}}}}/{{{{.{queries.OBJECT}}}}}: "
    f"{{{{.{label_name(names.EXCEPTION_MESSAGE)}}}}}`"
)
_SECONDS: Final = Look("s", decimals=1)


def _count(selected: str, window: str = "$__range") -> str:
    return f"count_over_time({selected} [{window}])"


def _quantile(share: float, attribute: str, by: str, window: str = "$__range") -> str:
    return f"quantile_over_time({share}, {queries.TASKS} | unwrap {attribute} [{window}]) by ({by})"


def _ratio(by: str, window: str = "$__range") -> str:
    """Failed tasks as a share of all, 0 where none failed; nothing where there was no task."""
    failed, every = _count(queries.FAILURES, window), _count(queries.TASKS, window)
    of_all = f"sum by ({by}) ({every})"
    return f"(sum by ({by}) ({failed}) or {of_all} * 0) / {of_all}"


def failure_rate() -> Panel:
    """Failed tasks as a share of all."""
    return figure(
        "Failure rate",
        Says(
            "Failed tasks as a share of all tasks that ended in the time range.",
            f"{limits.FAILURE_RATIO:.0%} or more: IngestionFailureRate fires above it.",
            "the last errors, or Runs.",
            Clock.EVENT,
            _EMPTY,
        ),
        upto(limits.FAILURE_RATIO, "percentunit", most=1),
        [queries.counted(_ratio(""))],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def failed_tasks() -> Panel:
    """How many tasks failed."""
    every = f"sum({_count(queries.TASKS)})"
    return figure(
        "Failed tasks",
        Says(
            "Tasks that failed in the time range.",
            "above 0: IngestionTaskFailed fires for each.",
            "the last errors below, or Runs.",
            Clock.EVENT,
            _EMPTY,
        ),
        Look("short", ((None, Colour.GOOD), (1, Colour.BAD)), decimals=0),
        [queries.counted(f"sum({_count(queries.FAILURES)}) or {every} * 0")],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def ended_tasks() -> Panel:
    """How many tasks ended."""
    return figure(
        "Tasks",
        Says(
            "Tasks that ended in the time range, whatever their outcome.",
            "fewer than usual: a source is silent, or a run stopped in the middle.",
            "the table of sources.",
            Clock.EVENT,
            _EMPTY,
        ),
        Look("short", decimals=0),
        [queries.counted(f"sum({_count(queries.TASKS)})")],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def p95() -> Panel:
    """The p95 of all durations."""
    return figure(
        "p95 of task durations",
        Says(
            "95 % of the tasks in the time range took no longer.",
            f"over {limits.TASK_DURATION_S:.0f} s, what the objective on durations asks for.",
            "Performance: which source, which object.",
            Clock.EVENT,
            _EMPTY,
        ),
        Look("s", ((None, Colour.GOOD), (limits.TASK_DURATION_S, Colour.WARNING)), decimals=1),
        [queries.counted(_quantile(0.95, queries.DURATION, ""))],
        [to_dashboard("Performance", Uid.PERFORMANCE)],
    )


def memory_peak() -> Panel:
    """The most that a task's memory grew."""
    return figure(
        "Peak memory of a task",
        Says(
            "The most that resident memory grew within one task in the time range.",
            f"over {limits.HEAVY_MEMORY_BYTES / 1e6:.0f} MB: near it a worker may be killed.",
            "Performance: which source.",
            Clock.EVENT,
            _EMPTY,
        ),
        upto(limits.HEAVY_MEMORY_BYTES, "decbytes"),
        [
            queries.counted(
                f"max(max_over_time({queries.TASKS} | unwrap {queries.MEMORY} [$__range]))"
            )
        ],
        [to_dashboard("Performance", Uid.PERFORMANCE)],
    )


def slowest_sources() -> Panel:
    """Sources by their p95."""
    return bars(
        "Slowest sources by p95",
        Says(
            "The ten sources whose p95 of task durations is the longest.",
            f"over {limits.TASK_DURATION_S:.0f} s, or a source that is not usually on top.",
            "Performance: its slowest object.",
            Clock.EVENT,
            _EMPTY,
        ),
        Look(
            "s",
            ((None, Colour.GOOD), (limits.TASK_DURATION_S, Colour.WARNING)),
            decimals=1,
            least=0,
        ),
        [
            queries.counted(
                f"sort_desc(topk(10, {_quantile(0.95, queries.DURATION, _BY_SOURCE)}))",
                _SOURCE_LEGEND,
            )
        ],
        [to_dashboard("Performance", Uid.PERFORMANCE)],
    )


def last_errors() -> Panel:
    """The last five errors with their text."""
    return log(
        "The last five errors",
        Says(
            "The last five tasks that failed in the time range, each with its error's text.",
            "the same text again and again; an object that is there more than once.",
            "a line: its trace, its run's page.",
            Clock.EVENT,
            "No task failed in this time range",
        ),
        queries.lines(_ERRORS, 5),
        [to_dashboard("Runs", Uid.RUNS)],
    )


def error_lines() -> Panel:
    """All errors with their text."""
    return log(
        "Errors",
        Says(
            "Tasks that failed in the time range, two hundred at most, each with its error's text.",
            "the same text again and again.",
            "a line: its trace, its run's page.",
            Clock.EVENT,
            "No task failed in this time range",
        ),
        queries.lines(_ERRORS, 200),
        [to_dashboard("Health", Uid.HEALTH)],
    )


def failure_rate_by_source() -> Panel:
    """Failed tasks of each source as a share of all of its own."""
    ratio = _ratio(_BY_SOURCE)
    return bars(
        "Failure rate by source",
        Says(
            "Failed tasks of each source as a share of its own, over the time range.",
            f"{limits.FAILURE_RATIO:.0%} or more. Of few tasks one is much: one of ten is 10 %.",
            "a bar: the source's runs.",
            Clock.EVENT,
            _EMPTY,
        ),
        upto(limits.FAILURE_RATIO, "percentunit"),
        [queries.counted(f"sort_desc({ratio})", _SOURCE_LEGEND)],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def failures_over_time() -> Panel:
    """Failed tasks of each source, when they failed."""
    failed = _count(queries.FAILURES, "$__interval")
    return lines(
        "Failed tasks by source",
        Says(
            "Tasks that failed in each step, by source. A step without a failure has no point.",
            "points that come back at every run, or one that is high: a burst.",
            "Runs of that time.",
            Clock.EVENT,
            "No task failed in this time range",
        ),
        Look("short", decimals=0, least=0),
        [queries.counted_over_time(f"sum by ({_BY_SOURCE}) ({failed})", _SOURCE_LEGEND, "15m")],
        [to_dashboard("Runs", Uid.RUNS)],
        points=True,
        least_interval="15m",
    )


def durations_by_source() -> Panel:
    """p50, p95 and p99 of each source."""
    lane = f"{queries.COMPANY}, {queries.ZONE}, {queries.SOURCE}"
    return _durations(
        "Durations by source",
        lane,
        [
            Column(queries.SOURCE, "Source", links=(to_lane("Runs", Uid.RUNS),)),
            Column(queries.COMPANY, "Company"),
            Column(queries.ZONE, "Zone"),
        ],
    )


def durations_by_object() -> Panel:
    """p50, p95 and p99 of each object."""
    return _durations(
        "Durations by object",
        f"{queries.COMPANY}, {queries.ZONE}, {queries.SOURCE}, {queries.OBJECT}",
        [
            Column(queries.OBJECT, "Object"),
            Column(queries.SOURCE, "Source", links=(to_lane("Runs", Uid.RUNS),)),
            Column(queries.COMPANY, "Company"),
            Column(queries.ZONE, "Zone"),
        ],
    )


def _durations(title: str, by: str, keys: list[Column]) -> Panel:
    what = title.removeprefix("Durations by ")
    quantiles = (("Value #A", "p50", 0.5), ("Value #B", "p95", 0.95), ("Value #C", "p99", 0.99))
    slow = Look("s", ((None, Colour.GOOD), (limits.TASK_DURATION_S, Colour.WARNING)), decimals=1)
    return rows(
        title,
        Says(
            f"Quantiles of the durations of each {what}'s tasks in the time range, by linear "
            "interpolation; and how many tasks they are of. A p99 of few tasks is the slowest.",
            f"a p95 over {limits.TASK_DURATION_S:.0f} s; a p99 far from the p50.",
            "the source: its runs; a trace shows where the time went.",
            Clock.EVENT,
            _EMPTY,
        ),
        [
            *keys,
            *(Column(name, text, slow, coloured=text == "p95") for name, text, _ in quantiles),
            Column("Value #D", "Tasks", Look("short", decimals=0)),
        ],
        [
            *(queries.counted(_quantile(share, queries.DURATION, by)) for _, _, share in quantiles),
            queries.counted(f"sum by ({by}) ({_count(queries.TASKS)})"),
        ],
        [to_dashboard("Runs", Uid.RUNS)],
        sort=[("p95", DOWN)],
    )


def p95_over_time() -> Panel:
    """The p95 of each source, run by run."""
    return lines(
        "p95 of task durations by source, over time",
        Says(
            "95 % of a source's tasks that ended in each step took no longer.",
            "a source whose points climb from run to run.",
            "Runs of that time.",
            Clock.EVENT,
            _EMPTY,
        ),
        _SECONDS,
        [
            queries.counted_over_time(
                _quantile(0.95, queries.DURATION, _BY_SOURCE, "$__interval"), _SOURCE_LEGEND, "15m"
            )
        ],
        [to_dashboard("Runs", Uid.RUNS)],
        points=True,
        least_interval="15m",
    )


def cpu_by_source() -> Panel:
    """The p95 of CPU time of each source."""
    return _heavy("CPU time", "s", queries.CPU, limits.HEAVY_CPU_S, f"{limits.HEAVY_CPU_S:.0f} s")


def memory_by_source() -> Panel:
    """The p95 of memory of each source."""
    limit = f"{limits.HEAVY_MEMORY_BYTES / 1e6:.0f} MB"
    return _heavy("memory", "decbytes", queries.MEMORY, limits.HEAVY_MEMORY_BYTES, limit)


def _heavy(what: str, unit: str, attribute: str, limit: float, words: str) -> Panel:
    return bars(
        f"p95 of {what} by source",
        Says(
            f"95 % of a source's tasks in the time range took no more {what}.",
            f"{words} or more: IngestionHeavy fires above it.",
            "a bar: the source's runs.",
            Clock.EVENT,
            _EMPTY,
        ),
        upto(limit, unit, near=limit * 0.8),
        [queries.counted(f"sort_desc({_quantile(0.95, attribute, _BY_SOURCE)})", _SOURCE_LEGEND)],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def failed_table() -> Panel:
    """Failed tasks, as Tempo finds them."""
    wanted = f"{queries.level('task')} && status = error && {queries.SPANS_OF_LANES}"
    shown = (names.OBJECT_NAME, names.SOURCE, names.ZONE, names.COMPANY, names.RUN_ID)
    chosen = ", ".join(f"span.{attribute.key}" for attribute in shown)
    return rows(
        "Failed tasks",
        Says(
            "Tasks that failed in the time range, newest first, a hundred at most.",
            "any row; an object that is there more than once.",
            "the object: its run, trace, log lines, page.",
            Clock.EVENT,
            "No task failed in this time range",
        ),
        [
            Column("time", "Started", Look("dateTimeAsIso"), width=180),
            Column(names.OBJECT_NAME.key, "Object", links=tuple(of_found_run())),
            Column(names.SOURCE.key, "Source"),
            Column(names.ZONE.key, "Zone"),
            Column(names.COMPANY.key, "Company"),
            Column("statusMessage", "Why", width=420),
            Column("duration", "Took", Look("ns")),
            Column("traceIdHidden", "Trace", width=290),
        ],
        [queries.found(f"{{ {wanted} }} | select({chosen}, statusMessage)", 100)],
        [to_dashboard("Health", Uid.HEALTH)],
        sort=[("Started", DOWN)],
    )

"""The grid of runs: filters, and a way from each row to its trace, log lines and page."""

from __future__ import annotations

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from filrouge.telemetry import names
from grafana.generate import palette, queries, tasks, variables
from grafana.generate.frame import framed
from grafana.generate.links import Uid, of_found_run, to_dashboard
from grafana.generate.panels import DOWN, Clock, Column, Look, Says, columns, grid, rows

_RUN = f"{queries.level('run')} && {queries.SPANS_OF_COMPANIES}"
_OUTCOME = f"span.{names.RUN_OUTCOME.key}"


def dashboard() -> Dashboard:
    """Runs by company, zone, source, state and time."""
    return framed(
        Uid.RUNS,
        "Filrouge 4 · Runs",
        "Every run; each row opens its detail, its trace, its log lines and its page.",
        grid(
            (6, [(timeline(), 24)]),
            (14, [(_table(), 24)]),
            (9, [(tasks.failed_table(), 24)]),
            (9, [(tasks.error_lines(), 24)]),
        ),
        [variables.state()],
    )


def timeline() -> Panel:
    """Runs over time, stacked by outcome."""
    return columns(
        "Runs by outcome",
        Says(
            "Runs that ended in each step, by the outcome of their tasks; all sources of a company "
            "together. A run that a late record made longer counts twice; what only the producer "
            "says of a run is in the table on Runs.",
            "partial or failure; a gap where runs are due.",
            "Runs: the row of that time.",
            Clock.EVENT,
            "No run ended in this time range",
        ),
        Look("short", decimals=0),
        [
            _ended("success", f"({_FAILED} + {_UNFINISHED} == 0) and {_SUCCEEDED} > 0"),
            _ended("partial", f"({_FAILED} + {_UNFINISHED} > 0) and {_SUCCEEDED} > 0"),
            _ended("failure", f"{_SUCCEEDED} == 0"),
        ],
        [to_dashboard("Runs", Uid.RUNS)],
        least_interval="15m",
    )


def _points(outcome: str) -> str:
    """How many tasks of an outcome the run had that ended in this minute, by company.

    A point is seen for five minutes; asked minute by minute, it counts in its own alone.
    """
    metric = queries.of_companies(names.RUN_TASKS, f"{queries.OUTCOME}=`{outcome}`")
    return f"sum by ({queries.COMPANY}) ({metric} and timestamp({metric}) > time() - 60)"


_SUCCEEDED, _FAILED, _UNFINISHED = (
    _points(outcome) for outcome in ("success", "failure", "unfinished")
)


def _ended(outcome: str, condition: str) -> prometheus.Dataquery:
    counted = f"sum(sum_over_time(count({condition})[$__interval:1m] {queries.AHEAD}))"
    return queries.over_time(counted, outcome, least="15m")


def _table() -> Panel:
    lane = f"{{ {queries.level('source')} && {queries.SPANS_OF_LANES} }}"
    run = f"{{ {_RUN} && {_OUTCOME} =~ `${{state:regex}}` }}"
    shown = (
        names.COMPANY,
        names.RUN_ID,
        names.RUN_ATTEMPT,
        names.RUN_OUTCOME,
        names.TASKS_TOTAL,
        names.TASKS_FAILED,
        names.TASKS_UNFINISHED,
    )
    chosen = ", ".join(f"span.{attribute.key}" for attribute in shown)
    state = Look(mappings=(palette.coloured(),))
    whole = Look("short", decimals=0)
    return rows(
        "Runs",
        Says(
            "Closed runs in which a chosen source took part, newest first, two hundred at most. "
            "A run that is still open is on monitoring's own page.",
            "partial: some task failed. Failure: none succeeded, or the producer says so.",
            "the run: its detail here, its trace, its log lines, its page.",
            Clock.EVENT,
            "No run in this time range. History? Set the time to that of the records",
        ),
        [
            Column("time", "Started", Look("dateTimeAsIso"), width=180),
            Column(names.RUN_ID.key, "Run", links=tuple(of_found_run())),
            Column(names.COMPANY.key, "Company"),
            Column(names.RUN_OUTCOME.key, "Outcome", state, coloured=True, width=110),
            Column("duration", "Took", Look("ns")),
            Column(names.TASKS_TOTAL.key, "Tasks", whole),
            Column(names.TASKS_FAILED.key, "Failed", whole),
            Column(names.TASKS_UNFINISHED.key, "Unfinished", whole),
            Column(names.RUN_ATTEMPT.key, "Attempt", whole),
            Column("traceIdHidden", "Trace", width=290),
        ],
        [queries.found(f"{lane} << {run} | select({chosen})", 200)],
        [to_dashboard("Health", Uid.HEALTH)],
        sort=[("Started", DOWN)],
    )

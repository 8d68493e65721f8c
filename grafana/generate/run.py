"""One run: its trace, its tasks, its log lines."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from grafana.generate import palette, queries, variables
from grafana.generate.frame import framed
from grafana.generate.links import Uid, lines_of, of_chosen_run
from grafana.generate.palette import Colour
from grafana.generate.panels import DOWN, UP, Clock, Column, Look, Says, figure, grid, log, rows
from grafana.generate.panels import trace as waterfall

_LINES = lines_of("${trace}")
_TASKS = f"{_LINES} | {queries.OUTCOME}=~`success|failure`"
_EMPTY = "No such run in this time range: set the time to that of the run"


def dashboard() -> Dashboard:
    """All that there is of a run."""
    return framed(
        Uid.RUN,
        "Filrouge 4 · One run",
        "One run, by its trace id; the time range has to hold the run.",
        grid(
            (4, [(_tasks(), 6), (_failed(), 6), (_longest(), 6), (_cpu(), 6)]),
            (16, [(_trace(), 24)]),
            (10, [(_table(), 24)]),
            (10, [(_lines(), 24)]),
        ),
        [variables.trace()],
        filters=False,
    )


def _figure(title: str, counted: str, bad: str, look: Look, expression: str) -> Panel:
    says = Says(counted, bad, "the table of tasks below.", Clock.EVENT, _EMPTY)
    return figure(title, says, look, [queries.counted(expression)], of_chosen_run())


def _tasks() -> Panel:
    return _figure(
        "Tasks",
        "Tasks of the run that ended.",
        "fewer than usual.",
        Look("short", decimals=0),
        f"sum(count_over_time({_TASKS} [$__range]))",
    )


def _failed() -> Panel:
    every = f"sum(count_over_time({_TASKS} [$__range]))"
    return _figure(
        "Failed tasks",
        "Tasks of the run that failed.",
        "above 0.",
        Look("short", ((None, Colour.GOOD), (1, Colour.BAD)), decimals=0),
        f"sum(count_over_time({_LINES} | {queries.OUTCOME}=`failure` [$__range])) or {every} * 0",
    )


def _longest() -> Panel:
    return _figure(
        "Longest task",
        "How long the longest task of the run took.",
        "longer than usual: the bar in the trace that the others wait for.",
        Look("s", decimals=1),
        f"max(max_over_time({_TASKS} | unwrap {queries.DURATION} [$__range]))",
    )


def _cpu() -> Panel:
    return _figure(
        "CPU time",
        "CPU time of all tasks of the run.",
        "more than usual.",
        Look("s", decimals=1),
        f"sum(sum_over_time({_TASKS} | unwrap {queries.CPU} [$__range]))",
    )


def _trace() -> Panel:
    return waterfall(
        "Trace",
        Says(
            "The run as a trace: run, stages, sources, tasks. A run of over 8,000 tasks is in "
            "parts, to which the run's span links.",
            "a red mark: a failed task; a long bar that others wait for.",
            "a span: its log lines, its source's metrics.",
            Clock.EVENT,
            "No trace of this id",
        ),
        queries.one_trace("${trace}"),
        of_chosen_run(),
    )


def _table() -> Panel:
    by = f"{queries.OBJECT}, {queries.SOURCE}, {queries.ZONE}, {queries.OUTCOME}"
    unwrapped = (queries.DURATION, queries.CPU, queries.MEMORY)
    outcome = Look(mappings=(palette.coloured(),))
    return rows(
        "Tasks of the run",
        Says(
            "Each object of the run with its outcome and what it took; of several tries the most.",
            "failure; a task that took far longer than the others.",
            "the log lines below: the error's text.",
            Clock.EVENT,
            _EMPTY,
        ),
        [
            Column(queries.OUTCOME, "Outcome", outcome, coloured=True, width=110),
            Column(queries.OBJECT, "Object"),
            Column(queries.SOURCE, "Source"),
            Column(queries.ZONE, "Zone"),
            Column("Value #A", "Took", Look("s", decimals=1)),
            Column("Value #B", "CPU time", Look("s", decimals=2)),
            Column("Value #C", "Memory", Look("decbytes", decimals=1)),
        ],
        [
            queries.counted(
                f"max by ({by}) (max_over_time({_TASKS} | unwrap {attribute} [$__range]))"
            )
            for attribute in unwrapped
        ],
        of_chosen_run(),
        sort=[("Outcome", UP), ("Took", DOWN)],  # failures first
    )


def _lines() -> Panel:
    return log(
        "Log lines of the run",
        Says(
            "The run's records, as its producers wrote them.",
            "lines of severity error.",
            "a line: all its fields.",
            Clock.EVENT,
            _EMPTY,
        ),
        queries.lines(_LINES, 1000),
        of_chosen_run(),
    )

"""Performance: where the time went, and what it took."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

from filrouge.telemetry import names
from grafana.generate import limits, queries, tasks
from grafana.generate.frame import framed
from grafana.generate.links import Uid, to_dashboard
from grafana.generate.panels import Clock, Look, Says, bars, columns, grid, lines, upto

_LEGEND = f"{{{{{queries.COMPANY}}}}} {{{{{queries.SOURCE}}}}}"
_LANE_LEGEND = f"{{{{{queries.COMPANY}}}}} {{{{{queries.ZONE}}}}} {{{{{queries.SOURCE}}}}}"


def dashboard() -> Dashboard:
    """Durations, CPU time and memory by source and object."""
    return framed(
        Uid.PERFORMANCE,
        "Filrouge 3 · Performance",
        "Durations, CPU time and memory, by source and by object.",
        grid(
            (9, [(tasks.durations_by_source(), 14), (_against_baseline(), 10)]),
            (9, [(tasks.p95_over_time(), 12), (_live_p95(), 12)]),
            (8, [(_runs(), 24)]),
            (8, [(tasks.cpu_by_source(), 12), (tasks.memory_by_source(), 12)]),
            (10, [(tasks.durations_by_object(), 24)]),
        ),
    )


def _against_baseline() -> Panel:
    p95, usual = queries.of_lanes(names.DURATION_P95), queries.of_lanes(names.DURATION_BASELINE)
    return bars(
        "p95 of the newest run, times the usual",
        Says(
            "The p95 of each source's newest run, divided by the median of that over the runs "
            "before. There is none before six runs.",
            f"over {limits.SLOW_FACTOR:.0f}: IngestionSlow fires, for sources of five objects or "
            "more.",
            "a bar: the source's runs.",
            Clock.NOW,
            "No source has six closed runs yet",
        ),
        upto(limits.SLOW_FACTOR, "×", near=1.5),
        [queries.now(f"sort_desc(max by ({queries.LANE}) ({p95} / ({usual} > 0)))", _LANE_LEGEND)],
        [to_dashboard("Runs", Uid.RUNS)],
    )


def _live_p95() -> Panel:
    buckets = queries.spans("duration_seconds_bucket")
    by_source = f"sum by (le, {queries.COMPANY}, {queries.SOURCE})"
    return lines(
        "p95 of task durations by source, live",
        Says(
            "As the panel beside it, estimated from what passes the collector. The dots are "
            "tasks: each leads to its trace.",
            "a dot far above the others.",
            "a dot: its trace.",
            Clock.LIVE,
            "No task has passed the collector in this time range",
        ),
        Look("s", decimals=1),
        [
            queries.over_time(
                f"histogram_quantile(0.95, {by_source} (increase({buckets}[$__rate_interval])))"
                " >= 0",
                _LEGEND,
                exemplars=True,
                least="5m",
            )
        ],
        [to_dashboard("Runs", Uid.RUNS)],
        points=True,
        least_interval="5m",
    )


def _runs() -> Panel:
    points = queries.of_lanes(names.SOURCE_DURATION)
    by_source = f"sum by ({queries.COMPANY}, {queries.SOURCE})"
    return columns(
        "Runs of each source, per five minutes or longer step",
        Says(
            "Runs that ended in each step, by source: one for each zone. The step is five minutes "
            "while the time range is no longer than some days; a corrected run counts once more.",
            "a gap where runs are due; more than one run where there should be one.",
            "Runs of that time.",
            Clock.EVENT,
            "No run ended in this time range",
        ),
        Look("short", decimals=0),
        [
            queries.over_time(
                f"{by_source} (count_over_time({points}[$__interval] {queries.AHEAD}))",
                _LEGEND,
                least="5m",
            )
        ],
        [to_dashboard("Runs", Uid.RUNS)],
    )

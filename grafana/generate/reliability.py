"""Reliability: how often it fails, how soon it recovers, whether objectives hold."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.generate import objectives, sources, tasks
from grafana.generate.frame import framed
from grafana.generate.links import Uid
from grafana.generate.panels import grid


def dashboard() -> Dashboard:
    """Objectives, and what they are about."""
    return framed(
        Uid.RELIABILITY,
        "Filrouge 2 · Reliability and objectives",
        "Failure rates, time to recovery, freshness, and what is left of the error budgets.",
        grid(
            (
                7,
                [
                    (tasks.failure_rate(), 4),
                    (objectives.least_budget(), 8),
                    (tasks.failure_rate_by_source(), 12),
                ],
            ),
            (9, [(objectives.table(), 24)]),
            (8, [(objectives.budget_over_time(), 12), (objectives.burn_over_time(), 12)]),
            (9, [(sources.freshness(), 12), (sources.recovery(), 12)]),
            (8, [(tasks.failures_over_time(), 12), (objectives.deadlines(), 12)]),
            (9, [(sources.completeness(), 24)]),
        ),
    )

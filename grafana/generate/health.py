"""Health: does it work now, what failed, which source went silent."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.generate import runs, sources, tasks
from grafana.generate.frame import framed
from grafana.generate.links import Uid
from grafana.generate.panels import grid


def dashboard() -> Dashboard:
    """What the engineer on call looks at first."""
    figures = [
        tasks.failure_rate(),
        tasks.failed_tasks(),
        tasks.p95(),
        tasks.memory_peak(),
    ]
    return framed(
        Uid.HEALTH,
        "Filrouge 1 · Health",
        "Does it work, what failed and why, which source went silent.",
        grid(
            (4, [(each, 6) for each in figures]),
            (10, [(sources.table(), 24)]),
            (8, [(runs.timeline(), 14), (tasks.slowest_sources(), 10)]),
            (6, [(tasks.last_errors(), 24)]),
        ),
    )

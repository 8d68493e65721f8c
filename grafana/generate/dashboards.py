"""All dashboards, and their JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.generate import health, home, performance, pipeline, reliability, run, runs

ALL: Final[tuple[Callable[[], Dashboard], ...]] = (
    home.dashboard,
    health.dashboard,
    reliability.dashboard,
    performance.dashboard,
    runs.dashboard,
    run.dashboard,
    pipeline.dashboard,
)


def written() -> dict[str, str]:
    """The text of every file of grafana/dashboards/, by its name."""
    made = [each() for each in ALL]
    return {f"{each.uid}.json": _text(each) for each in made}


def _text(dashboard: Dashboard) -> str:
    return json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True) + "\n"

"""What all dashboards have: the way to the others, the refresh, the tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLinkType,
    Panel,
    VariableModel,
)

from grafana.generate import variables
from grafana.generate.links import Uid

TAG: Final = "filrouge"


def framed(
    uid: Uid,
    title: str,
    description: str,
    panels: Sequence[Panel],
    more: Sequence[Builder[VariableModel]] = (),
    *,
    since: str = "now-24h",
    filters: bool = True,
) -> Dashboard:
    """A dashboard of these panels, with the filters and what is more."""
    chosen = [variables.company(), variables.zone(), variables.source()] if filters else []
    made = (
        build.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .timezone("browser")
        .time(since, "now")
        .refresh("1m")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(
            build.DashboardLink("Filrouge")
            .type(DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .include_vars(True)
            .keep_time(True)
        )
        .variables([*chosen, *more, variables.monitoring()])
        .build()
    )
    made.panels = list(panels)
    return made

"""Panels of every kind: each has a unit, a text for when there is nothing, and says what it tells.

A panel is made by its kind's builder, which knows the kind's options, and finished by `Panels`,
which gives it its place and what all panels must have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from grafana_foundation_sdk.builders import bargauge, common, dashboard, logs, stat, table, text
from grafana_foundation_sdk.builders import nodegraph as graph
from grafana_foundation_sdk.builders import timeseries as series
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    LogsSortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardFieldConfigSourceOverrides,
    DashboardLink,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    FieldConfig,
    FieldConfigSource,
    GridPos,
    MatcherConfig,
    Panel,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
    ValueMapping,
)
from grafana_foundation_sdk.models.text import TextMode

from grafana.generate.links import data_links
from grafana.generate.palette import STATES, Colour

Query = Builder[Dataquery]


class Clock(StrEnum):
    """Which times a panel is about."""

    EVENT = "Time: that of the records, so history and replays are in it."
    LIVE = "Time: live. What was measured within the time range; history is not in it."
    NOW = "Time: now, or the end of the time range. Runs of today; history is not in it."
    NONE = "Time: none."


@dataclass(frozen=True, slots=True)
class Says:
    """What a panel tells people.

    Attributes:
        counted: what is counted.
        bad: what bad looks like.
        go: where to click next.
        clock: which times it is about.
        empty: what stands there when there is nothing.
    """

    counted: str
    bad: str
    go: str
    clock: Clock
    empty: str = "Nothing in this time range"

    @property
    def description(self) -> str:
        """The text behind a panel's ⓘ."""
        return f"{self.counted}\n\nBad: {self.bad}\n\nNext: {self.go}\n\n{self.clock}"


@dataclass(frozen=True, slots=True)
class Look:
    """How values look.

    Attributes:
        steps: the colour from each value on; the first from minus infinity.
        mappings: values that are shown as words.
        least: where a bar begins; None: Grafana decides.
        most: where it ends.
    """

    unit: str = "short"
    steps: tuple[tuple[float | None, Colour], ...] = ((None, Colour.PLAIN),)
    mappings: tuple[ValueMapping, ...] = ()
    decimals: int | None = None
    least: float | None = None
    most: float | None = None


def upto(limit: float, unit: str, *, near: float | None = None, **more: float) -> Look:
    """Good below a limit, bad from it on; a warning from `near` on."""
    steps: list[tuple[float | None, Colour]] = [(None, Colour.GOOD)]
    if near is not None:
        steps.append((near, Colour.WARNING))
    steps.append((limit, Colour.BAD))
    return Look(unit, tuple(steps), least=more.get("least", 0), most=more.get("most"))


def at_least(limit: float, good: float, unit: str) -> Look:
    """Bad below a limit, a warning below `good`."""
    steps = ((None, Colour.BAD), (limit, Colour.WARNING), (good, Colour.GOOD))
    return Look(unit, steps)


UP: Final = False
DOWN: Final = True
"""How a table is sorted by a column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: of the field that the query gives.
        title: what stands above it.
        coloured: whether the cell has its value's colour.
    """

    name: str
    title: str
    look: Look = field(default_factory=Look)
    coloured: bool = False
    width: int | None = None
    links: tuple[DashboardLink, ...] = ()


def figure(
    title: str,
    says: Says,
    look: Look,
    queries: Sequence[Query],
    links: Sequence[DashboardLink] = (),
    *,
    names: bool = False,
) -> Panel:
    """One figure, or a few with their names."""
    builder = (
        stat.Panel()
        .color_mode(BigValueColorMode.BACKGROUND_SOLID if not names else BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE)
        .text_mode(BigValueTextMode.VALUE_AND_NAME if names else BigValueTextMode.VALUE)
        .reduce_options(_last())
    )
    return _finished(builder.build(), title, says, look, queries, links)


def bars(
    title: str,
    says: Says,
    look: Look,
    queries: Sequence[Query],
    links: Sequence[DashboardLink] = (),
) -> Panel:
    """A bar for each series, by its last value."""
    builder = (
        bargauge.Panel()
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .reduce_options(_last())
        .show_unfilled(True)
    )
    panel = _finished(builder.build(), title, says, look, queries, links)
    _defaults(panel).links = list(links) or None
    return panel


def lines(
    title: str,
    says: Says,
    look: Look,
    queries: Sequence[Query],
    links: Sequence[DashboardLink] = (),
    *,
    points: bool = False,
    least_interval: str = "1m",
) -> Panel:
    """A line for each series; single points where runs are too few to be joined."""
    builder = (
        _over_time(least_interval)
        .draw_style(GraphDrawStyle.POINTS if points else GraphDrawStyle.LINE)
        .line_width(2)
        .fill_opacity(0)
        .point_size(6 if points else 4)
        .show_points(VisibilityMode.AUTO)
    )
    return _finished(builder.build(), title, says, look, queries, links, states=True)


def columns(
    title: str,
    says: Says,
    look: Look,
    queries: Sequence[Query],
    links: Sequence[DashboardLink] = (),
    *,
    least_interval: str = "5m",
) -> Panel:
    """Stacked columns over time, a colour for each state."""
    builder = (
        _over_time(least_interval)
        .draw_style(GraphDrawStyle.BARS)
        .fill_opacity(90)
        .line_width(0)
        .stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    )
    return _finished(builder.build(), title, says, look, queries, links, states=True)


def rows(
    title: str,
    says: Says,
    shown: Sequence[Column],
    queries: Sequence[Query],
    links: Sequence[DashboardLink] = (),
    *,
    sort: Sequence[tuple[str, bool]],
) -> Panel:
    """A table with just these columns, in this order; queries are joined by their labels.

    Sorted by columns, by their titles: the first counts most.
    """
    builder = table.Panel().show_header(True)
    builder.sort_by(
        [common.TableSortByFieldState().display_name(name).desc(down) for name, down in sort]
    )
    panel = _finished(builder.build(), title, says, Look(), queries, links)
    panel.transformations = [
        DataTransformerConfig("merge", options={}),
        DataTransformerConfig(
            "filterFieldsByName", options={"include": {"names": [each.name for each in shown]}}
        ),
        DataTransformerConfig(
            "organize",
            options={
                "indexByName": {each.name: at for at, each in enumerate(shown)},
                "renameByName": {each.name: each.title for each in shown},
            },
        ),
    ]
    _config(panel).overrides = [_column(each) for each in shown]
    return panel


def log(title: str, says: Says, query: Query, links: Sequence[DashboardLink] = ()) -> Panel:
    """Log lines, newest first."""
    builder = (
        logs.Panel()
        .show_time(True)
        .wrap_log_message(True)
        .enable_log_details(True)
        .sort_order(LogsSortOrder.DESCENDING)
    )
    return _finished(builder.build(), title, says, Look(), [query], links)


def trace(title: str, says: Says, query: Query, links: Sequence[DashboardLink] = ()) -> Panel:
    """A trace as a waterfall."""
    return _finished(Panel(type_val="traces"), title, says, Look(), [query], links)


def node_graph(title: str, says: Says, query: Query, links: Sequence[DashboardLink] = ()) -> Panel:
    """A graph of services."""
    return _finished(graph.Panel().build(), title, says, Look(), [query], links)


def words(title: str, content: str) -> Panel:
    """A text."""
    panel = text.Panel().mode(TextMode.MARKDOWN).content(content).build()
    says = Says("A text.", "nothing.", "its links.", Clock.NONE)
    return _finished(panel, title, says, Look(), [], [])


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)


def _over_time(least_interval: str) -> series.Panel:
    """What lines and columns have in common."""
    return (
        series.Panel()
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .interval(least_interval)
    )


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
    )


def _finished(
    panel: Panel,
    title: str,
    says: Says,
    look: Look,
    queries: Sequence[Query],
    links: Sequence[DashboardLink],
    *,
    states: bool = False,
) -> Panel:
    panel.title = title
    panel.description = says.description
    panel.links = list(links) or None
    panel.targets = [query.build() for query in queries]
    for letter, target in zip("ABCDEFGH", panel.targets, strict=False):
        target.ref_id = letter  # type: ignore[attr-defined]  # every kind of query has one
    if panel.targets:
        panel.datasource = panel.targets[0].datasource  # type: ignore[attr-defined]  # likewise
    defaults = _defaults(panel)
    defaults.unit = look.unit
    defaults.no_value = says.empty
    defaults.decimals = look.decimals
    defaults.min_val, defaults.max_val = look.least, look.most
    defaults.mappings = list(look.mappings) or None
    defaults.thresholds = _thresholds(look)
    if states:
        _config(panel).overrides = [_state(name, colour) for name, colour in STATES.items()]
    return panel


def _config(panel: Panel) -> FieldConfigSource:
    if panel.field_config is None:
        panel.field_config = FieldConfigSource()
    return panel.field_config


def _defaults(panel: Panel) -> FieldConfig:
    return _config(panel).defaults


def _thresholds(look: Look) -> ThresholdsConfig:
    builder = dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE)
    return builder.steps([Threshold(value, colour) for value, colour in look.steps]).build()


def _state(name: str, colour: Colour) -> DashboardFieldConfigSourceOverrides:
    fixed = {"mode": FieldColorModeId.FIXED, "fixedColor": colour}
    return DashboardFieldConfigSourceOverrides(
        matcher=MatcherConfig("byName", name), properties=[DynamicConfigValue("color", fixed)]
    )


def _column(column: Column) -> DashboardFieldConfigSourceOverrides:
    look = column.look
    properties: dict[str, object] = {"unit": look.unit, "thresholds": _thresholds(look)}
    if look.mappings:
        properties["mappings"] = list(look.mappings)
    if look.decimals is not None:
        properties["decimals"] = look.decimals
    if column.coloured:
        properties["custom.cellOptions"] = {"type": "color-background", "mode": "basic"}
    if column.width is not None:
        properties["custom.width"] = column.width
    if column.links:
        properties["links"] = data_links(column.links)
    return DashboardFieldConfigSourceOverrides(
        matcher=MatcherConfig("byName", column.title),
        properties=[DynamicConfigValue(name, value) for name, value in properties.items()],
    )


COLUMNS: Final = 24
"""How many columns Grafana's grid has."""


def grid(*bands: tuple[int, Sequence[tuple[Panel, int]]]) -> list[Panel]:
    """All panels in their places: a height for each band, and a width for each panel of it.

    Raises:
        ValueError: a band is not as wide as the grid.
    """
    placed: list[Panel] = []
    top = 0
    for height, band in bands:
        left = 0
        for panel, width in band:
            panel.grid_pos = GridPos(h=height, w=width, x=left, y=top)
            panel.id_val = len(placed) + 1
            placed.append(panel)
            left += width
        if left != COLUMNS:
            raise ValueError(f"a band of panels at {top} is {left} wide; expected {COLUMNS}")
        top += height
    return placed

"""Draws a dashboard: its panels in their places, each in the way of its kind."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

from grafana.asking.answers import Answer, Backends, Series
from grafana.asking.macros import Choice, seconds
from grafana.asking.questions import of_panel
from grafana.preview.tables import table
from grafana.preview.units import mapped, shown, threshold

_COLUMN_IN: Final = 0.62
_ROW_IN: Final = 0.36
_HEAD_IN: Final = 0.55
_GAP: Final = 0.05
_DPI: Final = 80
_COLOURS: Final = 128
"""Of a file: a third of its size. They cover all, for a rare colour may be that of a state."""
_PAPER: Final = "#f4f5f5"
_INK: Final = "#24292e"
_FAINT: Final = "#6e7781"
_SERIES: Final = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#999999",
    "#000000",
)
_MARKS: Final = ("o", "^", "s", "x")
"""A series more than there are colours has another mark."""
_NAMED: Final = 12
"""As many series have their names below a panel."""
mpl.rcParams["font.size"] = 8
mpl.rcParams["text.parse_math"] = False


class Drawn:
    """A panel's place on the picture, and what is drawn in it.

    Args:
        figure: the picture.
        box: left, bottom, width and height in shares of it.
        panel: as the JSON has it.
        answers: to its queries.
        times: the time range, in Unix seconds.
    """

    def __init__(
        self,
        figure: Figure,
        box: tuple[float, float, float, float],
        panel: Mapping[str, Any],
        answers: Sequence[Answer],
        times: tuple[int, int],
    ) -> None:
        self.times = times
        self.panel = panel
        self.answers = answers
        self.defaults = panel["fieldConfig"]["defaults"]
        self._figure = figure
        self._box = box
        self.width_in = box[2] * figure.get_figwidth()
        self.height_in = box[3] * figure.get_figheight()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(self.answers)

    @property
    def series(self) -> list[tuple[str, Series]]:
        """All series with their legends."""
        return [
            (_legend(target, series), series)
            for target, answer in zip(self.panel["targets"], self.answers, strict=True)
            for series in answer.series
        ]

    def axes(self, margins: tuple[float, float, float, float] = (0.1, 0.1, 0.35, 0.1)) -> Axes:
        """Axes within the panel; margins left, right, top, bottom in inches."""
        left, right, top, bottom = margins
        x, y, width, height = self._box
        across, up = self._figure.get_figwidth(), self._figure.get_figheight()
        return self._figure.add_axes(
            (
                x + left / across,
                y + bottom / up,
                width - (left + right) / across,
                height - (top + bottom) / up,
            )
        )

    def blank(self) -> Axes:
        """Axes without lines, from 0 to 1 both ways, from the top left."""
        axes = self.axes()
        axes.axis("off")
        axes.set_xlim(0, 1)
        axes.set_ylim(1, 0)
        return axes

    def text(self, value: float) -> str:
        """A value in the panel's unit, or its word."""
        word, _ = mapped(float(value), self.defaults.get("mappings", []))
        decimals = self.defaults.get("decimals")
        return word or shown(value, self.defaults["unit"], decimals)

    def colour(self, value: float) -> str:
        """The colour of a value."""
        _, colour = mapped(float(value), self.defaults.get("mappings", []))
        return colour or threshold(value, self.defaults["thresholds"]["steps"])

    def state_colour(self, name: str) -> str | None:
        """The colour of a series that has the name of a state."""
        for override in self.panel["fieldConfig"]["overrides"]:
            if override["matcher"]["options"] == name:
                return str(override["properties"][0]["value"]["fixedColor"])
        return None


def draw(dashboard: Mapping[str, Any], asked: Backends, choice: Choice, file: Path) -> None:
    """Draws a dashboard into a PNG, with what the backends answer."""
    panels = dashboard["panels"]
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    height = rows * _ROW_IN + _HEAD_IN
    figure = Figure(figsize=(24 * _COLUMN_IN, height), facecolor=_PAPER)
    _head(figure, dashboard, choice, height)
    for panel in panels:
        answers = [asked.ask(question, choice) for question in of_panel(dashboard["uid"], panel)]
        _panel(figure, panel, answers, height, choice)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=_DPI)
    small = (
        Image.open(drawn)
        .convert("RGB")
        .quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    small.save(file, optimize=True)


def _head(figure: Figure, dashboard: Mapping[str, Any], choice: Choice, height: float) -> None:
    y = 1 - _HEAD_IN / 2 / height
    figure.text(0.008, y, dashboard["title"], fontsize=14, weight="bold", color=_INK, va="center")
    times = [f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}" for at in _range(choice)]
    note = f"{times[0]} to {times[1]} UTC · preview, not a picture of Grafana"
    figure.text(0.992, y, note, fontsize=8, color=_FAINT, va="center", ha="right")


def _range(choice: Choice) -> tuple[int, int]:
    return choice.start_s, choice.end_s


def _panel(
    figure: Figure,
    panel: Mapping[str, Any],
    answers: Sequence[Answer],
    height: float,
    choice: Choice,
) -> None:
    place = panel["gridPos"]
    x = place["x"] / 24
    top = (_HEAD_IN + place["y"] * _ROW_IN) / height
    box_height = place["h"] * _ROW_IN / height
    gap_x, gap_y = _GAP / figure.get_figwidth(), _GAP / height
    box = (
        x + gap_x,
        1 - top - box_height + gap_y,
        place["w"] / 24 - 2 * gap_x,
        box_height - 2 * gap_y,
    )
    figure.add_artist(
        Rectangle(
            box[:2],
            box[2],
            box[3],
            facecolor="white",
            edgecolor="#d5d8db",
            linewidth=0.6,
            zorder=-1,
        )
    )
    title_y = box[1] + box[3] - 0.17 / height
    figure.text(box[0] + gap_x * 2, title_y, panel["title"], weight="bold", color=_INK, va="center")
    drawn = Drawn(figure, box, panel, answers, _range(choice))
    if drawn.empty and panel["type"] != "text":
        _nothing(drawn)
    else:
        _KINDS[panel["type"]](drawn)


def _nothing(drawn: Drawn) -> None:
    text = "\n".join(textwrap.wrap(drawn.defaults["noValue"], max(12, int(drawn.width_in * 9))))
    drawn.blank().text(0.5, 0.45, text, ha="center", va="center", color=_FAINT)


def _stat(drawn: Drawn) -> None:
    axes = drawn.blank()
    _, series = drawn.series[0]
    word = drawn.text(series.last)
    axes.add_patch(Rectangle((0, 0), 1, 1, color=drawn.colour(series.last)))
    size = min(30.0, drawn.width_in * 72 / max(len(word), 4) * 1.1, drawn.height_in * 26)
    axes.text(0.5, 0.5, word, ha="center", va="center", fontsize=size, color="white", weight="bold")


def _bars(drawn: Drawn) -> None:
    axes = drawn.blank()
    pairs = drawn.series
    room = max(1, int(drawn.height_in / 0.24))
    most = max([series.last for _, series in pairs] + [drawn.defaults.get("max") or 0.0])
    least = drawn.defaults.get("min") or 0.0
    lines = pairs[:room]
    step = 1 / max(len(lines), 5)
    for at, (name, series) in enumerate(lines):
        middle = (at + 0.5) * step
        share = (series.last - least) / ((most - least) or 1)
        axes.text(0, middle, _short(name, drawn.width_in * 0.4), va="center", color=_INK)
        axes.add_patch(Rectangle((0.42, middle - step * 0.32), 0.44, step * 0.64, color="#eceef0"))
        axes.add_patch(
            Rectangle(
                (0.42, middle - step * 0.32),
                0.44 * min(max(share, 0.004), 1),
                step * 0.64,
                color=drawn.colour(series.last),
            )
        )
        axes.text(1, middle, drawn.text(series.last), va="center", ha="right", color=_INK)
    if len(pairs) > room:
        axes.text(1, -0.05, f"… and {len(pairs) - room} more", ha="right", color=_FAINT)


def _short(text: str, width_in: float) -> str:
    """What of a text has room."""
    letters = int(width_in * 14)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _over_time(drawn: Drawn) -> None:
    axes = drawn.axes((0.6, 0.15, 0.4, 0.75))
    custom = drawn.defaults.get("custom", {})
    style = custom.get("drawStyle", "line")
    base: dict[float, float] = {}
    for at, (name, series) in enumerate(drawn.series):
        colour = drawn.state_colour(name) or _SERIES[at % len(_SERIES)]
        times = [datetime.fromtimestamp(moment, UTC) for moment, _ in series.points]
        values = [value for _, value in series.points]
        if style == "bars":
            below = [base.get(moment, 0.0) for moment, _ in series.points]
            for moment, value in series.points:
                base[moment] = base.get(moment, 0.0) + value
            width = 0.8 * seconds(drawn.panel["interval"]) / 86_400
            axes.bar(times, values, width=width, bottom=below, color=colour, label=name)  # type: ignore[arg-type]  # dates are units too
        else:
            dots = style == "points" or len(values) < 30  # noqa: PLR2004 - else it is a line
            axes.plot(
                times,  # type: ignore[arg-type]  # likewise
                values,
                color=colour,
                label=name,
                marker=_MARKS[at // len(_SERIES) % len(_MARKS)] if dots else None,
                markersize=3,
                linestyle="" if style == "points" else "-",
            )
    _dress(drawn, axes)


def _dress(drawn: Drawn, axes: Axes) -> None:
    axes.yaxis.set_major_formatter(lambda value, _: drawn.text(value))
    if drawn.defaults.get("min") is not None:
        axes.set_ylim(drawn.defaults["min"], drawn.defaults.get("max"))
    clock = DateFormatter("%H:%M")  # type: ignore[no-untyped-call]  # its maker has no types
    axes.xaxis.set_major_formatter(clock)
    axes.set_xlim(*(datetime.fromtimestamp(at, UTC) for at in drawn.times))  # type: ignore[arg-type]  # likewise
    if drawn.defaults.get("decimals") == 0 and drawn.defaults["unit"] == "short":
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.tick_params(labelsize=7, colors=_FAINT)
    axes.grid(axis="y", color="#e6e8ea", linewidth=0.6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > _NAMED:
        labels = [*labels[: _NAMED - 1], f"… and {len(labels) - _NAMED + 1} more"]
    axes.legend(
        handles[: len(labels)],
        labels,
        loc="upper left",
        bbox_to_anchor=(0, -0.12),
        ncols=max(1, int(drawn.width_in / 1.75)),
        fontsize=6.5,
        frameon=False,
    )


def _table(drawn: Drawn) -> None:
    axes = drawn.blank()
    columns, rows = table(drawn.panel, drawn.answers)
    looks = {
        override["matcher"]["options"]: {
            each["id"]: each["value"] for each in override["properties"]
        }
        for override in drawn.panel["fieldConfig"]["overrides"]
    }
    room = max(1, int((drawn.height_in - 0.7) / 0.21))
    step = 0.21 / (drawn.height_in - 0.45)
    weights = [_weight(title, field, rows) for field, title in columns]
    x = 0.0
    for (field, title), weight in zip(columns, weights, strict=True):
        width = weight / sum(weights)
        look = looks[title]
        axes.text(x + 0.004, step * 0.5, title, va="center", weight="bold", color=_FAINT)
        for at, row in enumerate(rows[:room], 1):
            _cell(axes, (x, at * step, width, step), row.get(field), look)
        x += width
    left_out = len(rows) - room
    if left_out > 0:
        axes.text(0.004, (room + 1.5) * step, f"… and {left_out} more", va="center", color=_FAINT)


def _weight(title: str, field: str, rows: Sequence[Mapping[str, Any]]) -> int:
    if field == "time":
        return 21
    texts = [str(row.get(field, "")) for row in rows[:30] if isinstance(row.get(field), str)]
    return min(max([len(title) + 2, 12, *map(len, texts)]), 44)


def _cell(
    axes: Axes,
    box: tuple[float, float, float, float],
    value: object,
    look: Mapping[str, Any],
) -> None:
    if value is None or value == "":
        return
    x, y, width, height = box
    number = _number(value)
    word, colour = mapped(number if number is not None else value, look.get("mappings", []))
    if "custom.cellOptions" in look:
        if colour is None and number is not None:
            colour = threshold(number, look["thresholds"]["steps"])
        axes.add_patch(
            Rectangle((x, y + height * 0.06), width * 0.97, height * 0.88, color=colour or "white")
        )
    decimals = look.get("decimals")
    text = word or (str(value) if number is None else shown(number, look["unit"], decimals))
    ink = "white" if "custom.cellOptions" in look else _INK
    axes.text(x + 0.004, y + height / 2, text[:46], va="center", color=ink, clip_on=True)


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value):
        return float(value)
    return None


def _log(drawn: Drawn) -> None:
    axes = drawn.blank()
    room = max(1, int((drawn.height_in - 0.5) / 0.21))
    step = 0.21 / (drawn.height_in - 0.45)
    letters = int(drawn.width_in * 13)
    for at, row in enumerate(drawn.answers[0].rows[:room]):
        text = f"{datetime.fromtimestamp(row['time'], UTC):%Y-%m-%d %H:%M:%S}  {row['line']}"
        failed = row.get("detected_level") == "error"
        axes.add_patch(
            Rectangle(
                (0, (at + 0.1) * step), 0.003, step * 0.8, color="#D55E00" if failed else "#0072B2"
            )
        )
        axes.text(
            0.007, (at + 0.5) * step, text[:letters], va="center", family="monospace", fontsize=7
        )


def _trace(drawn: Drawn) -> None:
    axes = drawn.blank()
    spans = _in_order(drawn.answers[0].rows)
    room = max(1, int((drawn.height_in - 0.5) / 0.15))
    start = min(span["time"] for span in spans)
    length = max(span["end"] for span in spans) - start
    step = 1 / min(len(spans), room)
    for at, span in enumerate(spans[:room]):
        middle = (at + 0.5) * step
        left = 0.3 + 0.66 * (span["time"] - start) / length
        width = max(0.66 * (span["end"] - span["time"]) / length, 0.0015)
        colour = "#D55E00" if span["failed"] else "#0072B2"
        axes.add_patch(Rectangle((left, middle - step * 0.35), width, step * 0.7, color=colour))
        mark = "! " if span["failed"] else ""
        indent = " " * 3 * span["depth"]
        axes.text(0, middle, f"{indent}{mark}{span['name']}"[:48], va="center", fontsize=6.5)
        took = shown(span["end"] - span["time"], "s")
        axes.text(1, middle, took, va="center", ha="right", fontsize=6.5, color=_FAINT)
    if len(spans) > room:
        axes.text(0.3, -0.02, f"… and {len(spans) - room} more spans below", color=_FAINT)


def _in_order(spans: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each span below its parent, by start."""
    below: dict[str, list[Mapping[str, Any]]] = {}
    known = {span["id"] for span in spans}
    for span in sorted(spans, key=lambda span: span["time"]):
        below.setdefault(span["parent"] if span["parent"] in known else "", []).append(span)

    def walk(parent: str, depth: int) -> list[dict[str, Any]]:
        return [
            each
            for span in below.get(parent, [])
            for each in [{**span, "depth": depth}, *walk(span["id"], depth + 1)]
        ]

    return walk("", 0)


def _graph(drawn: Drawn) -> None:
    axes = drawn.blank()
    for at, (_, series) in enumerate(drawn.series[:8]):
        y = (at + 0.5) / max(len(drawn.series), 4)
        for x, name in ((0.25, "client"), (0.7, "server")):
            box = FancyBboxPatch(
                (x - 0.09, y - 0.06), 0.18, 0.12, boxstyle="round,pad=0.005", color="#e6f0f7"
            )
            axes.add_patch(box)
            axes.text(x, y, series.labels.get(name, ""), ha="center", va="center", color=_INK)
        axes.annotate("", (0.6, y), (0.35, y), arrowprops={"arrowstyle": "->", "color": _FAINT})
        calls = f"{series.last:.0f} calls"
        axes.text(0.475, y - 0.02, calls, ha="center", va="bottom", color=_FAINT)


def _words(drawn: Drawn) -> None:
    axes = drawn.blank()
    content = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", drawn.panel["options"]["content"])
    for at, line in enumerate(content.splitlines()):
        axes.text(0.01, 0.1 + at * 0.12, line.replace("- ", "→ ", 1), va="center", color=_INK)


def _legend(target: Mapping[str, Any], series: Series) -> str:
    pattern = target.get("legendFormat") or "__auto"
    if pattern == "__auto":
        return ", ".join(series.labels.values()) or "value"
    return re.sub(r"\{\{(\w+)\}\}", lambda found: series.labels.get(found[1], ""), pattern).strip()


_KINDS: Final[Mapping[str, Callable[[Drawn], None]]] = {
    "bargauge": _bars,
    "logs": _log,
    "nodeGraph": _graph,
    "stat": _stat,
    "table": _table,
    "text": _words,
    "timeseries": _over_time,
    "traces": _trace,
}

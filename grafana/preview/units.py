"""Values as Grafana writes them, near enough."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_SHORT = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def shown(value: float, unit: str, decimals: int | None = None) -> str:
    """A value with its unit."""
    match unit:
        case "percentunit":
            return f"{value * 100:.{1 if decimals is None else decimals}f} %"
        case "s":
            return _duration(value)
        case "ns":
            return _duration(value / 1e9)
        case "decbytes":
            return _scaled(value, (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))) or f"{value:.0f} B"
        case "dateTimeAsIso":
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S}"
        case "×":
            return f"{value:.2f} ×"
        case _:
            whole = value == int(value) or decimals == 0
            return f"{value:.0f}" if whole else f"{value:.{2 if decimals is None else decimals}f}"


def _duration(seconds: float) -> str:
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3))
    return _scaled(seconds, units) or "0 s"


def _scaled(value: float, units: tuple[tuple[str, float], ...]) -> str:
    for name, size in units:
        if abs(value) >= size:
            return f"{value / size:.3g} {name}"
    return ""


def mapped(value: object, mappings: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    """The word and the colour that mappings give a value; None where they give none."""
    for mapping in mappings:
        options = mapping["options"]
        if mapping["type"] == "value":
            key = f"{value:g}" if isinstance(value, float) else str(value)
            if key in options:
                return options[key].get("text"), options[key].get("color")
        elif mapping["type"] == "range" and isinstance(value, float):
            low, high = options.get("from"), options.get("to")
            if (low is None or value >= low) and (high is None or value <= high):
                return options["result"].get("text"), options["result"].get("color")
    return None, None


def threshold(value: float, steps: list[dict[str, Any]]) -> str:
    """The colour that thresholds give a value."""
    colour = steps[0]["color"]
    for step in steps[1:]:
        if value >= step["value"]:
            colour = step["color"]
    return str(colour)

"""What Grafana writes for variables and macros, as far as the dashboards have them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::regex)?\}|\$(__\w+|\w+)")
_POINTS: Final = 1000
"""How many points a panel asks for: about its width in pixels."""
_SCRAPE_S: Final = 15
_ROUND_S: Final = (15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPECIAL: Final = re.compile(r"([\\^$.*+?()[\]{}|/])")


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody has chosen in a dashboard.

    Attributes:
        start_s: the time range begins; Unix seconds.
        end_s: it ends.
        values: of variables; one that is not there is All.
    """

    start_s: int
    end_s: int
    values: Mapping[str, Sequence[str] | str] = field(default_factory=dict)

    def step_s(self, least: str = "") -> int:
        """The step of a query over time: the range in a thousand points, in round numbers."""
        wanted = max((self.end_s - self.start_s) / _POINTS, seconds(least or "15s"))
        return next((step for step in _ROUND_S if step >= wanted), 86_400)

    def written(self, text: str, least: str = "") -> str:
        """A query's text as it is sent; `least` is its shortest step.

        Raises:
            KeyError: it has a macro that is not known here.
        """
        step_s = self.step_s(least)
        macros = {
            "__range": f"{self.end_s - self.start_s}s",
            "__interval": f"{step_s}s",
            "__rate_interval": f"{max(step_s + _SCRAPE_S, 4 * _SCRAPE_S)}s",
        }

        def value(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            return macros[name] if name.startswith("__") else self._regex(name)

        return _VARIABLE.sub(value, text)

    def _regex(self, name: str) -> str:
        chosen = self.values.get(name, ".+")  # the value of All is not escaped
        if isinstance(chosen, str):
            return chosen
        escaped = [_SPECIAL.sub(r"\\\1", each) for each in chosen]
        return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def seconds(duration: str) -> float:
    """A duration such as `15m` in seconds."""
    return float(duration[:-1]) * _UNITS_S[duration[-1]]

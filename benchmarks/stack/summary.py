"""Many figures in few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some figures, and what all but one in twenty stay below."""

    p50: float
    p95: float
    samples: int


def spread(figures: Sequence[float]) -> Spread:
    """The spread of two figures or more."""
    twentieths = quantiles(figures, n=20, method="inclusive")
    return Spread(p50=twentieths[9], p95=twentieths[18], samples=len(figures))


@dataclass(frozen=True, slots=True)
class Busiest:
    """Where the CPU time of some processes went.

    Attributes:
        name: which of them took most.
        share: how much of what all took, from 0 to 1.
        busy: how much of the machine's time all of them took, from 0 to 1.
    """

    name: str
    share: float
    busy: float


def busiest(cpu_s: Mapping[str, float], wall_s: float, cores: int) -> Busiest:
    """Which process is most in the way.

    Args:
        cpu_s: CPU time of each.
        wall_s: how long it was watched.
        cores: of the machine.
    """
    total_s = sum(cpu_s.values())
    name = max(cpu_s, key=lambda each: cpu_s[each])
    return Busiest(name, cpu_s[name] / total_s, total_s / (wall_s * cores))

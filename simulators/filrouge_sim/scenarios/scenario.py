"""What makes a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Final

from filrouge_sim.delivery import Delivery
from filrouge_sim.tasks import Task

__all__ = ["ONCE", "Attempt", "Scenario", "Scene"]


@dataclass(frozen=True)
class Scene:
    """A run to which something may happen."""

    company: str
    number: int
    """Of the run within its company, from 0."""
    place: int
    """Of the run within the scenario, which begins anew when it is over."""
    is_last: bool
    """Whether the scenario ends with this run."""
    random: Random
    """For this run and purpose alone."""


@dataclass(frozen=True)
class Attempt:
    """One try of a whole run; times are seconds after the run was due."""

    due_s: float = 0.0
    cut_s: float | None = None
    """When the first microservice stops in the middle; the others then never begin."""
    is_ended: bool = True
    """Whether somebody says that it is over."""


ONCE: Final = (Attempt(),)


def _as_it_was(_: Scene, tasks: list[Task]) -> list[Task]:
    return tasks


def _as_written(_: Scene, deliveries: list[Delivery]) -> list[Delivery]:
    return deliveries


@dataclass(frozen=True)
class Scenario:
    """A course of runs of which one or some meet a kind of trouble.

    It comes to the first company only; runs of all others are quiet.
    """

    happens: str
    seen: str
    """What monitoring and alerts make of it."""
    runs: int = 1
    """Until it begins anew, and unless another number is asked for."""
    least_runs: int = 1
    """Fewer show nothing."""
    needs_schema_2: bool = False
    tasks: Callable[[Scene, list[Task]], list[Task]] = _as_it_was
    """Does something to how a run goes."""
    deliveries: Callable[[Scene, list[Delivery]], list[Delivery]] = _as_written
    """Does something to records on their way."""
    attempts: Callable[[Scene], Sequence[Attempt]] = lambda _: ONCE
    straggles: Callable[[Scene, Delivery], bool] = lambda _, __: False
    """Which records of the first zone come only when the run is closed."""
    ago_s: Callable[[Scene], float] = lambda _: 0.0
    """How long before now a run ended."""
    clocks_s: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """How far a zone's clock is ahead of the others'."""

"""A run that the microservices are to do: all that its script depends on, as they hand it over."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from filrouge_sim.scenarios.catalogue import QUIET

__all__ = ["Assignment"]


@dataclass(frozen=True)
class Assignment:
    """One attempt of one run of one company; the same assignment is always the same records."""

    scenario: str
    runs: int
    """Of the scenario, until it begins anew."""
    seed: int
    number: int
    """Of the run within its company, from 0."""
    company: str
    is_struck: bool
    """Whether trouble comes to this company; else its runs are quiet."""
    run_id: str
    attempt: int
    begins_us: int
    """When the run is due, as its records have it. Its attempts may be due later."""
    speed: float
    wall_us: int
    """When the run really begins: then the clock of its records shows `begins_us`, and goes
    `speed` times as fast."""
    tasks: int
    schema: int
    timezone: str

    @property
    def course(self) -> str:
        """The scenario as it is for this company."""
        return self.scenario if self.is_struck else QUIET

    def to_json(self) -> dict[str, Any]:
        """For a hand-over."""
        return asdict(self)

    @staticmethod
    def of_json(fields: dict[str, Any]) -> Assignment:
        """What was handed over.

        Raises:
            TypeError: it is of another version of the simulators.
        """
        return Assignment(**fields)

    def wall_at_us(self, at_us: int) -> int:
        """The real time at which the clock of the run's records shows `at_us`."""
        return self.wall_us + int((at_us - self.begins_us) / self.speed)

    def virtual_at_us(self, wall_us: int) -> int:
        """What the clock of the run's records shows at a real time."""
        return self.begins_us + int((wall_us - self.wall_us) * self.speed)

"""Which runs are to be done, and when each begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from filrouge_sim.catalogue import company
from filrouge_sim.config import SAMPLE_SEED, SCHEMAS
from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.catalogue import QUIET, SCENARIOS
from filrouge_sim.scenarios.script import ago_s, attempts, script

__all__ = ["Order"]

_US_PER_S: Final = 1_000_000
_MARGIN_US: Final = 500_000
"""By so much a run's end, of which part is drawn for its id, may be later than for another id."""
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Order:
    """What to do; the same order, begun at the same time, is always the same records.

    Raises ValueError, with what was seen and expected, when a value makes no sense.
    """

    scenario: str = QUIET
    runs: int | None = None
    """Of each company; 0: for ever; None: as many as the scenario takes."""
    companies: int = 1
    company: str | None = None
    """The first company, to which trouble comes; None: as the catalogue has it."""
    tasks: int = 72
    """Objects in each zone of a run."""
    schema: int = 2
    seed: int = SAMPLE_SEED
    speed: float = 1.0
    """How many times faster than real time."""
    every: timedelta = timedelta(minutes=15)
    """From one run of a company to the next, by the clock of their records."""
    timezone: str = "UTC"
    """Of run ids, and of the local times of schema 1."""
    anchor: datetime | None = None
    """When the first run is due, for records that are the same each time; None: now."""

    def __post_init__(self) -> None:
        if self.scenario not in SCENARIOS:
            known = ", ".join(SCENARIOS)
            raise ValueError(f"unknown scenario {self.scenario!r}: expected one of {known}")
        if self.schema not in SCHEMAS:
            raise ValueError(f"unknown schema {self.schema}: expected 1 or 2")
        for name, number in (("companies", self.companies), ("tasks", self.tasks)):
            if number < 1:
                raise ValueError(f"{name} {number}: expected at least 1")
        if not self.speed >= 1:
            raise ValueError(f"speed {self.speed}: expected 1, which is real time, or more")
        self._check_runs()
        self._check_times()

    @property
    def cycle(self) -> int:
        """The runs of each company after which the scenario begins anew."""
        return self.runs or SCENARIOS[self.scenario].runs

    @property
    def apart_s(self) -> float:
        """Real seconds from one run of a company to the next."""
        return self.every.total_seconds() / self.speed

    def turns(self) -> Iterator[int]:
        """The numbers of a company's runs."""
        return count() if self.runs == 0 else iter(range(self.cycle))

    def assignments(self, number: int, wall_us: int) -> Iterator[Assignment]:
        """The runs of that number, one for each company, or more where one is tried again.

        Args:
            number: from 0.
            wall_us: when they begin. Their records lie in the past: the clock of a run reaches the
                real one at its end.

        Raises:
            ValueError: the first run is due at a given time, and that is too late.
        """
        for index in range(self.companies):
            yield from self._attempts(index, number, wall_us)

    def hand_overs(self) -> int | None:
        """How many attempts come to be handed over from zone to zone; None: no end of them."""
        if self.runs == 0:
            return None
        now = replace(self, anchor=None)  # which runs are whole does not depend on the time
        return sum(
            script(each).is_whole for number in now.turns() for each in now.assignments(number, 0)
        )

    def _attempts(self, index: int, number: int, wall_us: int) -> list[Assignment]:
        first = Assignment(
            scenario=self.scenario,
            runs=self.cycle,
            seed=self.seed,
            number=number,
            company=(self.company if index == 0 else None) or company(index),
            is_struck=index == 0,
            run_id="",
            attempt=1,
            begins_us=0,
            speed=self.speed,
            wall_us=wall_us,
            tasks=self.tasks,
            schema=self.schema,
            timezone=self.timezone,
        )
        every = [replace(first, attempt=1 + each) for each in range(attempts(first))]
        begins_us = self._begins_us(first, every)
        # By the real schedule, which is in order: at high speed a long run's records begin before
        # those of a short one that was due earlier, and two may begin in one second.
        run_id = self._run_id(wall_us if self.anchor is None else begins_us)
        return [replace(each, begins_us=begins_us, run_id=run_id) for each in every]

    def _begins_us(self, first: Assignment, every: list[Assignment]) -> int:
        """In whole seconds, as runs are due."""
        length_us = max(script(each).ends_us for each in every) + _MARGIN_US
        latest_us = first.wall_us + int(length_us / self.speed) - length_us
        if self.anchor is None:
            return (latest_us - int(ago_s(first) * _US_PER_S)) // _US_PER_S * _US_PER_S
        due = self.anchor + first.number * self.every
        begins_us = int(due.timestamp()) * _US_PER_S
        if begins_us > latest_us:
            raise ValueError(
                f"the run due at {due} would have records of the future: expected an earlier time "
                "of the first run"
            )
        return begins_us

    def _run_id(self, due_us: int) -> str:
        """The local minute at which the run is due; to the second where a minute has several."""
        due = datetime.fromtimestamp(due_us // _US_PER_S, ZoneInfo(self.timezone))
        pattern = "%Y-%m-%d-%H-%M" if self._is_by_the_minute else "%Y-%m-%d-%H-%M-%S"
        again = "-2" if due.fold else ""  # where clocks are set back, an hour's names come again
        return due.strftime(pattern) + again

    @property
    def _is_by_the_minute(self) -> bool:
        return self.anchor is not None or self.apart_s >= _MINUTE.total_seconds()

    def _check_runs(self) -> None:
        scenario = SCENARIOS[self.scenario]
        if scenario.needs_schema_2 and self.schema == 1:
            raise ValueError(
                f"scenario {self.scenario} cannot be told in schema 1, which knows neither the "
                "beginning nor the end of a run: expected schema 2"
            )
        if self.runs is not None and self.runs != 0 and self.runs < scenario.least_runs:
            raise ValueError(
                f"runs {self.runs}: scenario {self.scenario} takes {scenario.least_runs} or more "
                "(0: for ever)"
            )

    def _check_times(self) -> None:
        if self.every < _MINUTE:
            raise ValueError(f"a run every {self.every}: expected a minute or more")
        if self.apart_s < 1:
            raise ValueError(
                f"a run every {self.every} at a speed of {self.speed:g} is more than one a "
                "second: expected a longer interval or less speed"
            )
        if self.anchor is not None and self.runs == 0:
            raise ValueError("runs from a given time on end one day: expected a number of runs")

"""How a run goes: which task starts when, how long it takes, what it costs, whether it fails.

Sources work side by side; within a source one object comes after another. A zone begins for a
source when the zone before is done for that source.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from filrouge_sim.failures import Failure, draw_failure
from filrouge_sim.lognormal import lognormal
from filrouge_sim.plan import Plan, Step

__all__ = ["Task", "play"]

# Spread of a duration around its object's typical one: p95 is about 1.8 times the median.
draw_duration_factor = lognormal(0.35)
SHORTEST_S = 0.08
# CPU time is a small share of the duration, as tasks mostly wait for an API.
CPU_SHARE = (0.005, 0.05)
# Longer pulls bring more rows: bytes grow with a power of the duration, with wide scatter.
MEMORY_AT_1_S_BYTES = 850_000
MEMORY_EXPONENT = 0.75
draw_memory_factor = lognormal(0.35)
MEMORY_LIMIT_BYTES = 180_000_000
PAGE_BYTES = 4096
# Resident memory often stays as it is, and sometimes shrinks when garbage of earlier tasks goes.
MEMORY_UNCHANGED_RATE = 0.12
MEMORY_SHRINKS_RATE = 0.08


class Task(NamedTuple):
    """A step as it went; times are microseconds since the epoch."""

    step: Step
    started_us: int
    ended_us: int
    cpu_s: float
    memory_delta_bytes: int
    failure: Failure | None


def play(
    random: Random, due_us: int, company: str, plan: Plan, failure_rate: float
) -> Iterator[Task]:
    """The tasks of a run that is due at `due_us`, zone by zone, lane by lane.

    A zone is drawn before the next, so that it is the same whichever zones follow.
    """
    # The scheduler takes some seconds to start the run; each source then has a start of its own.
    begun_us = due_us + _between_us(random, 5.0, 30.0)
    free_us = [begun_us + _between_us(random, 0.0, 4.0) for _ in plan[0]]
    for lanes in plan:
        for lane, steps in enumerate(lanes):
            now_us = free_us[lane]
            for step in steps:
                task = _draw_task(random, company, step, now_us, failure_rate)
                now_us = task.ended_us + _between_us(random, 0.005, 0.25)
                yield task
            free_us[lane] = now_us


def _draw_task(
    random: Random, company: str, step: Step, started_us: int, failure_rate: float
) -> Task:
    duration_s = step.typical_s * draw_duration_factor(random)
    failure = None
    if random.random() < failure_rate:
        failure = draw_failure(random, company, step)
        if failure.least_s is not None:
            duration_s = failure.least_s * (1 + 0.1 * random.random())
    duration_s = max(duration_s, SHORTEST_S)
    least, most = CPU_SHARE
    cpu_s = int(duration_s * 100 * (least + (most - least) * random.random())) / 100
    memory_delta_bytes = _draw_memory(random, duration_s)
    ended_us = started_us + int(duration_s * 1e6)
    return Task(step, started_us, ended_us, cpu_s, memory_delta_bytes, failure)


def _draw_memory(random: Random, duration_s: float) -> int:
    """Change of resident memory in bytes, in whole pages; zero and below happen."""
    chance = random.random()
    if chance < MEMORY_UNCHANGED_RATE:
        return 0
    memory = MEMORY_AT_1_S_BYTES * duration_s**MEMORY_EXPONENT * draw_memory_factor(random)
    pages = int(min(memory, MEMORY_LIMIT_BYTES)) // PAGE_BYTES
    if chance < MEMORY_UNCHANGED_RATE + MEMORY_SHRINKS_RATE:
        pages = -(pages // 4)
    return pages * PAGE_BYTES


def _between_us(random: Random, least_s: float, most_s: float) -> int:
    return int((least_s + (most_s - least_s) * random.random()) * 1e6)

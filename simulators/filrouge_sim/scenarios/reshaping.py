"""Changes to how a run goes, after which everything that comes later still fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from filrouge_sim.tasks import SHORTEST_S, Task

__all__ = ["calm", "lasting", "relay"]

_SPREAD: Final = 0.4
"""Of the spread that `tasks` draws. At 1, a source's p95 is over twice its median every fortieth
run, and is then what an alert asks for."""
_MEMORY_LIMIT_BYTES: Final = 90_000_000  # alerts fire over 150 MB
_CPU_LIMIT_S: Final = 30.0  # and over 60 s


def relay(tasks: Iterable[Task], change: Callable[[Task], Sequence[Task]]) -> list[Task]:
    """The tasks as changed, each source's moved in time so that they follow each other as before.

    Args:
        tasks: of a run, in the order of `play`.
        change: what comes in a task's place: at its time, one after another.
    """
    moved_us: Counter[str] = Counter()
    laid = []
    for task in tasks:
        source = task.step.source.name
        tries = change(task)
        laid += [
            each._replace(
                started_us=each.started_us + moved_us[source],
                ended_us=each.ended_us + moved_us[source],
            )
            for each in tries
        ]
        moved_us[source] += (tries[-1].ended_us if tries else task.started_us) - task.ended_us
    return laid


def calm(task: Task) -> list[Task]:
    """The task as it goes on a good day: near its typical duration, and never heavy."""
    typical_s = task.step.typical_s
    drawn_s = (task.ended_us - task.started_us) / 1e6
    duration_s = max(SHORTEST_S, typical_s * (drawn_s / typical_s) ** _SPREAD)
    calmed = lasting(task, duration_s)._replace(
        cpu_s=min(task.cpu_s, _CPU_LIMIT_S),
        memory_delta_bytes=min(task.memory_delta_bytes, _MEMORY_LIMIT_BYTES),
    )
    return [calmed]


def lasting(task: Task, duration_s: float) -> Task:
    """The task with another duration."""
    return task._replace(ended_us=task.started_us + int(duration_s * 1e6))

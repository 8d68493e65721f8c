"""What happens in each scenario: functions of a run, for `SCENARIOS` to put together.

Limits that are to be crossed, or not, are those of the alerts: any failed task; over 2 % of all
tasks; a source of which nothing came for 75 min; a p95 over twice its baseline; over 150 MB; over
3 errors on one object within 10 min.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from filrouge_sim.delivery import Delivery
from filrouge_sim.failures import Failure, draw_failure
from filrouge_sim.faults import FAULTS, afflict
from filrouge_sim.scenarios.reshaping import lasting, relay
from filrouge_sim.scenarios.scenario import ONCE, Attempt, Scene
from filrouge_sim.tasks import Task

FIRST_ZONE: Final = "1-Raw"
FAILING: Final = "Efficy"
"""The source with the most objects, so that one failure is the smallest share of them."""
SILENT: Final = "PowerBI"
SLOW: Final = "zohobooks"
HEAVY: Final = "sharepoint_graph"
BURSTING: Final = ("3-Application", "EasyProjects")
"""The source that takes longest in the last zone, so that its errors are the run's newest."""

_TRIES: Final = 5
_WAIT_US: Final = 20_000_000
_SLOWNESS: Final = 4.0
_HEAVY_BYTES: Final = 170_000_000
_HEAVY_SCATTER_BYTES: Final = 8_000_000
_FAILED_SHARE: Final = 0.035
_AGO_S: Final = 5400.0
_CUT_S: Final = 240.0
_AGAIN_S: Final = 300.0
_LATE: Final = 5
_STRIDES: Final = (17, 19)  # between tasks that fail, so that it is other sources' turn too


def one_failure(scene: Scene, tasks: list[Task]) -> list[Task]:
    """A task of the last run fails."""
    if not scene.is_last:
        return tasks
    able = [task for task in tasks if _is_in(task, FIRST_ZONE, FAILING)] or tasks
    victim = able[int(scene.random.random() * len(able))]
    return [_failed(scene, task) if task is victim else task for task in tasks]


def many_failures(scene: Scene, tasks: list[Task]) -> list[Task]:
    """Some tasks of each run fail, others in the next, so that no object fails often."""
    count = max(1, round(len(tasks) * _FAILED_SHARE))
    first = scene.number * count
    stride = next((each for each in _STRIDES if len(tasks) % each), 1)  # prime to their number
    victims = {(first + each) * stride % len(tasks) for each in range(count)}
    return [_failed(scene, task) if place in victims else task for place, task in enumerate(tasks)]


def a_source_less(scene: Scene, tasks: list[Task]) -> list[Task]:
    """A source is there in the first run, and in none after."""
    if scene.place == 0:
        return tasks
    return [task for task in tasks if task.step.source.name != SILENT] or tasks


def long_ago(scene: Scene) -> float:
    """The first run is older than sources may be silent."""
    return _AGO_S if scene.place == 0 else 0.0


def slowness(scene: Scene, tasks: list[Task]) -> list[Task]:
    """A source's calls take several times as long in the last run."""

    def change(task: Task) -> list[Task]:
        if not _is_in(task, FIRST_ZONE, SLOW):
            return [task]
        return [lasting(task, task.step.typical_s * _SLOWNESS)]

    return relay(tasks, change) if scene.is_last else tasks


def heaviness(scene: Scene, tasks: list[Task]) -> list[Task]:
    """A source's calls take more memory than they may."""

    def size() -> int:
        return _HEAVY_BYTES + int(_HEAVY_SCATTER_BYTES * scene.random.random())

    return [
        task._replace(memory_delta_bytes=size()) if _is_in(task, FIRST_ZONE, HEAVY) else task
        for task in tasks
    ]


def a_burst(scene: Scene, tasks: list[Task]) -> list[Task]:
    """An object of the last run is tried several times, and fails each time."""
    if not scene.is_last:
        return tasks
    able = [task for task in tasks if _is_in(task, *BURSTING)] or tasks
    victim = able[-1]

    def change(task: Task) -> list[Task]:
        if task is not victim:
            return [task]
        failed = _failed(scene, task)
        apart_us = task.ended_us - task.started_us + _WAIT_US
        return [
            failed._replace(
                started_us=task.started_us + number * apart_us,
                ended_us=task.ended_us + number * apart_us,
            )
            for number in range(_TRIES)
        ]

    return relay(tasks, change)


def cut_short(scene: Scene) -> Sequence[Attempt]:
    """The last run stops in the middle, and nobody says that it is over."""
    return (Attempt(cut_s=_CUT_S, is_ended=False),) if scene.is_last else ONCE


def tried_again(scene: Scene) -> Sequence[Attempt]:
    """The last run is given up in the middle, and done again from the beginning."""
    return (Attempt(cut_s=_CUT_S), Attempt(due_s=_AGAIN_S)) if scene.is_last else ONCE


def straggles(scene: Scene, delivery: Delivery) -> bool:
    """The last records of a source are held up."""
    number = scene.random.randrange(_LATE * 2)  # some of them, and not in a row
    told = delivery.task
    return told is not None and told.source == FAILING and number < _LATE


def duplicates(scene: Scene, deliveries: list[Delivery]) -> list[Delivery]:
    """Every fifth record comes twice."""
    return _afflicted(scene, deliveries, {"duplicate": 0.2})


def poison(scene: Scene, deliveries: list[Delivery]) -> list[Delivery]:
    """Lines that are no records come between the good ones."""
    mix = {"not-json": 0.02, "truncated": 0.02, "missing-field": 0.02}
    return _afflicted(scene, deliveries, mix)


def out_of_order(scene: Scene, deliveries: list[Delivery]) -> list[Delivery]:
    """Every third record is overtaken by younger ones."""
    return _afflicted(scene, deliveries, {"out-of-order": 0.35})


def _afflicted(scene: Scene, deliveries: list[Delivery], mix: dict[str, float]) -> list[Delivery]:
    assert mix.keys() <= FAULTS.keys()  # noqa: S101 - names of one table in another
    return list(afflict(deliveries, mix, dict.fromkeys(mix, scene.random)))


def _is_in(task: Task, zone: str, source: str) -> bool:
    return (task.step.zone.name, task.step.source.name) == (zone, source)


def _failed(scene: Scene, task: Task) -> Task:
    """The task as a failure that takes no longer than its success, or it would be slow too."""
    drawn = draw_failure(scene.random, scene.company, task.step)
    return task._replace(failure=Failure(drawn.error_type, drawn.message, None))

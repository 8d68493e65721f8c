"""What each microservice has to say of a run, and when: a function of its assignment alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from filrouge_sim.catalogue import ZONES
from filrouge_sim.delivery import Delivery, Run, Told
from filrouge_sim.plan import plan
from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.catalogue import SCENARIOS
from filrouge_sim.scenarios.reshaping import calm, relay
from filrouge_sim.scenarios.scenario import Scenario, Scene
from filrouge_sim.schema1 import Schema1
from filrouge_sim.schema2 import Schema2
from filrouge_sim.tasks import Task, play

__all__ = ["Lane", "Script", "ago_s", "attempts", "break_off", "script"]

_US_PER_S = 1_000_000


@dataclass(frozen=True)
class Lane:
    """What one source does in one zone."""

    zone: str
    source: str
    starts_us: int
    ends_us: int
    """When it is handed over."""
    deliveries: Sequence[Delivery]
    """In order. `task` is None save for the first line that tells how a task ended: that one comes
    of the task's work, and others merely go with it."""

    @property
    def said_us(self) -> int:
        """When all of it is said; records that are delayed come behind the hand-over."""
        return max(self.ends_us, *(each.at_us for each in self.deliveries), self.starts_us)


@dataclass(frozen=True)
class Script:
    """What is to be said of one attempt of a run; times as its records have them.

    Attributes:
        opening: its beginning, said by the first microservice; None in schema 1.
        lanes: by zone and source.
        closing: its end, said by the last microservice once all its lanes are done.
        stragglers: records of the first microservice that come when the run is closed.
        starts_us: when it begins.
        ends_us: when all is said, save for stragglers.
        is_whole: whether all microservices do their part; else the first stops in the middle, and
            it is the first that says `closing`, if anything.
        task_count: how many tasks there were to be.
    """

    opening: Delivery | None
    lanes: Mapping[tuple[str, str], Lane]
    closing: Delivery | None
    stragglers: Sequence[Delivery]
    starts_us: int
    ends_us: int
    is_whole: bool
    task_count: int

    def lanes_of(self, zone: str) -> list[Lane]:
        """The lanes of one zone."""
        return [lane for lane in self.lanes.values() if lane.zone == zone]


def attempts(assignment: Assignment) -> int:
    """How many attempts the run of this assignment takes."""
    scenario = SCENARIOS[assignment.course]
    return len(scenario.attempts(_scene(assignment, "attempts")))


def ago_s(assignment: Assignment) -> float:
    """How long before now the run ended."""
    return SCENARIOS[assignment.course].ago_s(_scene(assignment, "attempts"))


def script(assignment: Assignment) -> Script:
    """The script of one attempt."""
    scenario = SCENARIOS[assignment.course]
    scene = _scene(assignment, "attempts")
    attempt = scenario.attempts(scene)[assignment.attempt - 1]
    due_us = assignment.begins_us + int(attempt.due_s * _US_PER_S)
    run = Run(assignment.company, assignment.run_id, due_us, assignment.attempt)
    tasks = _tasks(assignment, scenario, due_us)
    schema = _schema(assignment)
    written = _written(schema, run, tasks, scenario.clocks_s)
    ends_us = max(each.at_us for each in written)
    opening = written[0] if assignment.schema == 2 else None  # noqa: PLR2004 - it has events
    closing = written[-1] if opening else None
    said = [each for each in written if each.task]
    said = scenario.deliveries(_scene(assignment, "deliveries"), said)
    if attempt.cut_s is None:
        stragglers, said = _divide(assignment, scenario, said)
    else:
        cut_us = due_us + int(attempt.cut_s * _US_PER_S)
        stragglers, said, closing = [], _cut(said, cut_us), None
        if attempt.is_ended and isinstance(schema, Schema2):
            closing = schema.break_off(run, tasks, cut_us)
        ends_us = cut_us if attempt.is_ended else ends_us
    return Script(
        opening=opening,
        lanes=_lanes(tasks, said, ends_us),
        closing=closing,
        stragglers=_with_work(stragglers),
        starts_us=opening.at_us if opening else due_us,
        ends_us=ends_us,
        is_whole=attempt.cut_s is None,
        task_count=len(tasks),
    )


def break_off(assignment: Assignment, at_us: int) -> Delivery | None:
    """What the first microservice says when it has to stop; nothing in schema 1."""
    schema = _schema(assignment)
    if not isinstance(schema, Schema2):
        return None
    run = Run(assignment.company, assignment.run_id, assignment.begins_us, assignment.attempt)
    tasks = _tasks(assignment, SCENARIOS[assignment.course], assignment.begins_us)
    return schema.break_off(run, tasks, at_us)


def _scene(assignment: Assignment, purpose: str) -> Scene:
    place = assignment.number % assignment.runs
    return Scene(
        assignment.company,
        assignment.number,
        place,
        place == assignment.runs - 1,
        _random(assignment, purpose),
    )


def _random(assignment: Assignment, purpose: str) -> Random:
    """The same whenever the run is, for the same seed."""
    of = (assignment.seed, assignment.company, assignment.number, assignment.attempt, purpose)
    return Random("/".join(map(str, of)))


def _tasks(assignment: Assignment, scenario: Scenario, due_us: int) -> list[Task]:
    steps = plan(tuple(ZONES), assignment.tasks)
    random = _random(assignment, "tasks")
    tasks = relay(play(random, due_us, assignment.company, steps, failure_rate=0.0), calm)
    return scenario.tasks(_scene(assignment, "trouble"), tasks)


def _schema(assignment: Assignment) -> Schema1 | Schema2:
    if assignment.schema == 1:
        return Schema1(ZoneInfo(assignment.timezone))
    return Schema2(assignment.seed, task_started=True)


def _written(
    schema: Schema1 | Schema2, run: Run, tasks: Sequence[Task], clocks_s: Mapping[str, float]
) -> list[Delivery]:
    """The records, in the words of clocks that may be wrong, at the times at which they are."""

    def told(task: Task) -> Task:
        ahead_us = int(clocks_s.get(task.step.zone.name, 0.0) * _US_PER_S)
        return task._replace(
            started_us=task.started_us + ahead_us, ended_us=task.ended_us + ahead_us
        )

    return [
        each._replace(at_us=each.at_us - int(clocks_s.get(each.zone, 0.0) * _US_PER_S))
        for each in schema.write(run, [told(task) for task in tasks])
    ]


def _divide(
    assignment: Assignment, scenario: Scenario, said: Sequence[Delivery]
) -> tuple[list[Delivery], list[Delivery]]:
    """Those that come when the run is closed, and those in time."""
    scene = _scene(assignment, "stragglers")
    first = next(iter(ZONES))
    late = [each.zone == first and scenario.straggles(scene, each) for each in said]
    return (
        [each for each, is_late in zip(said, late, strict=True) if is_late],
        [each for each, is_late in zip(said, late, strict=True) if not is_late],
    )


def _cut(said: Sequence[Delivery], at_us: int) -> list[Delivery]:
    first = next(iter(ZONES))
    return [each for each in said if each.zone == first and each.at_us <= at_us]


def _lanes(
    tasks: Sequence[Task], said: Sequence[Delivery], ends_us: int
) -> dict[tuple[str, str], Lane]:
    records: defaultdict[tuple[str, str], list[Delivery]] = defaultdict(list)
    for each in said:
        if each.task:
            # Whoever is last waits for what is on its way: nothing comes behind the end.
            in_time = each._replace(at_us=min(each.at_us, ends_us))
            records[each.zone, each.task.source].append(in_time)
    own: defaultdict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in tasks:
        own[task.step.zone.name, task.step.source.name].append(task)
    return {
        (zone, source): Lane(
            zone,
            source,
            starts_us=min(task.started_us for task in lane),
            ends_us=max(task.ended_us for task in lane),
            deliveries=_with_work(records[zone, source]),
        )
        for (zone, source), lane in own.items()
    }


def _with_work(records: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """In order, each task named once."""
    known: set[Told | None] = set()
    ordered = []
    for each in sorted(records, key=lambda each: each.at_us):
        is_first = each.task is not None and each.task.ended_us and each.task not in known
        known.add(each.task)
        ordered.append(each if is_first else each._replace(task=None))
    return tuple(ordered)

"""Schema 2: CloudEvents 1.0 in structured mode, UTC times, numbers as numbers.

Runs announce their start and their end; tasks their end and, when asked for, their start.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from random import Random
from typing import Any

import orjson

from filrouge_sim.catalogue import Zone
from filrouge_sim.delivery import Delivery, Run, told
from filrouge_sim.schema1 import SUCCESS
from filrouge_sim.stamps import stamp
from filrouge_sim.tasks import Task

__all__ = ["Schema2"]

Fields = dict[str, Any]


class Schema2:
    """Writes the events of a run; ids of events and of their trace are drawn for `seed`."""

    def __init__(self, seed: int, *, task_started: bool) -> None:
        self._seed = seed
        self._task_started = task_started
        self._utc = stamp(UTC, "%Y-%m-%dT%H:%M:", "Z")

    def write(self, run: Run, tasks: Sequence[Task]) -> Iterator[Delivery]:
        """The events of the run: its start first, its end last, tasks as given in between."""
        events = _Events(run, run.random(self._seed, "events"), self._utc)
        yield events.run_started(tasks)
        for task in tasks:
            if self._task_started:
                yield events.task_started(task)
            yield events.task_ended(task)
        yield events.run_completed(tasks)

    def break_off(self, run: Run, tasks: Sequence[Task], at_us: int) -> Delivery:
        """The end of a run that its first microservice gives up: a failure, whatever came of it."""
        events = _Events(run, run.random(self._seed, "events"), self._utc)
        return events.run_broken_off(run.random(self._seed, "broken off"), tasks, at_us)


class _Events:
    """The events of one run, all in one trace."""

    def __init__(self, run: Run, random: Random, utc: Callable[[int], str]) -> None:
        self._run = run
        self._random = random
        self._utc = utc
        self._trace_id = f"{random.getrandbits(128):032x}"
        self._started_us = run.due_us + int(random.random() * 2e6)
        self._identity: Fields = {
            "company": run.company,
            "run_id": run.run_id,
            "attempt": run.attempt,
        }

    def run_started(self, tasks: Sequence[Task]) -> Delivery:
        data = self._identity | {
            "started_at": self._utc(self._started_us),
            "expected_tasks": len(tasks),
        }
        return self._deliver_run("run.started", self._started_us, tasks[0], data)

    def run_completed(self, tasks: Sequence[Task]) -> Delivery:
        ended_us = max(task.ended_us for task in tasks) + int(self._random.random() * 5e5)
        failed = sum(task.failure is not None for task in tasks)
        return self._run_ended(ended_us, tasks[-1], _outcome(failed, len(tasks)), len(tasks))

    def run_broken_off(self, random: Random, tasks: Sequence[Task], at_us: int) -> Delivery:
        self._random = random  # else its ids would be those of the run's start
        return self._run_ended(at_us, tasks[0], "failure", len(tasks))

    def _run_ended(self, at_us: int, beside: Task, outcome: str, expected: int) -> Delivery:
        data = self._identity | {
            "started_at": self._utc(self._started_us),
            "ended_at": self._utc(at_us),
            "outcome": outcome,
            "expected_tasks": expected,
        }
        return self._deliver_run("run.completed", at_us, beside, data)

    def task_started(self, task: Task) -> Delivery:
        begun = self._deliver_task("task.started", task.started_us, task, self._start(task))
        return begun._replace(task=told(task)._replace(ended_us=None, failure=None))

    def task_ended(self, task: Task) -> Delivery:
        data = self._start(task)
        data["ended_at"] = self._utc(task.ended_us)
        data["cpu_time_s"] = task.cpu_s
        data["memory_delta_bytes"] = task.memory_delta_bytes
        if task.failure:
            data["error"] = {"type": task.failure.error_type, "message": task.failure.message}
            return self._deliver_task("task.failed", task.ended_us, task, data)
        data["message"] = SUCCESS
        return self._deliver_task("task.completed", task.ended_us, task, data)

    def _start(self, task: Task) -> Fields:
        """What is known of a task when it starts."""
        step = task.step
        return self._identity | {
            "zone": step.zone.name,
            "source": step.source.name,
            "object_id": step.object_id,
            "object_name": step.name,
            "transformation": step.transformation,
            "parameters": step.parameters,
            "started_at": self._utc(task.started_us),
        }

    def _deliver_run(self, kind: str, at_us: int, beside: Task, data: Fields) -> Delivery:
        """Told by the microservice of the task `beside` it, the run's first or last."""
        return self._deliver(kind, at_us, beside.step.zone, self._run.run_id, data, None)

    def _deliver_task(self, kind: str, at_us: int, task: Task, data: Fields) -> Delivery:
        subject = f"{task.step.source.name}/{task.step.name}"
        return self._deliver(kind, at_us, task.step.zone, subject, data, task)

    def _deliver(
        self, kind: str, at_us: int, zone: Zone, subject: str, data: Fields, task: Task | None
    ) -> Delivery:
        event_id = f"{self._random.getrandbits(128):032x}"
        traceparent = f"00-{self._trace_id}-{self._random.getrandbits(64):016x}-01"
        event = {
            "specversion": "1.0",
            "id": event_id,
            "source": f"/{self._run.company}/{zone.service}",
            "type": f"io.filrouge.{kind}",
            "subject": subject,
            "time": self._utc(at_us),
            "datacontenttype": "application/json",
            "traceparent": traceparent,
            "data": data,
        }
        line = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
        return Delivery(at_us, zone.name, self._run, line, task and told(task), traceparent)


def _outcome(failed: int, tasks: int) -> str:
    if failed == 0:
        return "success"
    return "failure" if failed == tasks else "partial"

"""The tasks of one source within a zone, while more may come."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from operator import attrgetter
from typing import Final, TypeVar

from filrouge.records.record import Remark, TaskFinished, TaskOutcome, TaskStarted
from filrouge.runs.ids import RunIds
from filrouge.runs.model import Counts, Lane, Task

_FAILURE: Final = TaskOutcome.FAILURE  # looked up once for each task
_R = TypeVar("_R", TaskFinished, TaskStarted)
_Try = tuple[str, str, str]
"""Object id, object name and start: what names one try of one object within a lane."""


class OpenLane:
    """Takes records in any order; closed, it is the same whatever the order was."""

    def __init__(self, zone: str, source: str) -> None:
        self.zone = zone
        self.source = source
        self._finished: dict[_Try, TaskFinished] = {}
        self._told_otherwise: defaultdict[_Try, list[TaskFinished]] = defaultdict(list)
        self._started: dict[_Try, TaskStarted] = {}

    def add_finished(self, record: TaskFinished) -> bool:
        """Takes a record of this lane; False when it says nothing new."""
        attempt = (record.object_id, record.object_name, record.started)
        first = self._finished.setdefault(attempt, record)
        return first is record or self._add_again(attempt, record)

    def add_started(self, record: TaskStarted) -> bool:
        """Takes the announcement of a task; False when it was there already."""
        attempt = (record.object_id, record.object_name, record.started)
        other = self._started.get(attempt)
        self._started[attempt] = _one_spelling(record, other) if other else record
        return other is None

    def close(self, ids: RunIds) -> Lane:
        """The lane as it stands."""
        task_ids = ids.tasks(self.zone, self.source)
        tasks = [
            Task(task_ids.task(*attempt), record)
            if attempt not in self._told_otherwise
            else _settled(task_ids.task(*attempt), [record, *self._told_otherwise[attempt]])
            for attempt, record in self._finished.items()
        ]
        tasks.sort(key=lambda task: (task.record.start_ns, task.span_id))
        started = sorted(self._started.items(), key=lambda each: (each[1].start_ns, each[1].line))
        unfinished = [record for attempt, record in started if attempt not in self._finished]
        # A lane in which no task has finished knows no other times than those of its starts.
        starts = [task.record.start_ns for task in tasks] or [each.start_ns for each in unfinished]
        ends = [task.record.end_ns for task in tasks] or starts
        failure = sum([task.record.outcome is _FAILURE for task in tasks])
        return Lane(
            source=self.source,
            span_id=ids.source(self.zone, self.source),
            start_ns=min(starts),
            end_ns=max(ends),
            counts=Counts(len(tasks) - failure, failure, len(unfinished)),
            tasks=tuple(tasks),
            started=tuple(record for _, record in started),
            unfinished=tuple(unfinished),
        )

    def _add_again(self, attempt: _Try, record: TaskFinished) -> bool:
        """Takes another record of a try that is known; False when it says the same."""
        if _says_the_same(record, self._finished[attempt]):
            self._finished[attempt] = _one_spelling(record, self._finished[attempt])
            return False
        others = self._told_otherwise[attempt]
        for index, other in enumerate(others):
            if _says_the_same(record, other):
                others[index] = _one_spelling(record, other)
                return False
        others.append(record)
        return True


def _settled(span_id: str, told: list[TaskFinished]) -> Task:
    """The task as the record that ends last tells it; a failure outweighs a success."""
    *others, last = sorted(
        told, key=lambda each: (each.end_ns, each.outcome is _FAILURE, each.line)
    )
    remarks = (*last.remarks, Remark.CONFLICTING_DUPLICATE)
    return Task(span_id, replace(last, remarks=remarks), tuple(others))


_facts = attrgetter(*(TaskFinished.__dataclass_fields__.keys() - {"line", "remarks"}))


def _says_the_same(one: TaskFinished, other: TaskFinished) -> bool:
    """Whether both hold the same facts, however they are spelt."""
    return one.line == other.line or _facts(one) == _facts(other)


def _one_spelling(one: _R, other: _R) -> _R:
    """Of two spellings of the same, one by its bytes and not by which came first."""
    return min(one, other, key=attrgetter("line"))

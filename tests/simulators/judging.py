"""What leaves the simulated microservices, and what monitoring would have to say of it.

Limits are those of the alerts; records are read by the product's own parser.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from filrouge.errors import RejectedRecord
from filrouge.records.parse import RecordParser
from filrouge.records.record import Record, RunCompleted, RunKey, RunStarted, TaskOutcome
from filrouge.runs.model import Lane, Run, Task
from filrouge.runs.open_run import OpenRun
from filrouge.runs.statistics import cpu_times_s, lane_statistics, memory_deltas_bytes, quantile
from filrouge_sim.catalogue import ZONES
from filrouge_sim.scenarios.assignment import Assignment
from filrouge_sim.scenarios.order import Order
from filrouge_sim.scenarios.script import Script, script
from scripts.rules import limits

BEGUN_US = 1_790_000_000_000_000
FIRST_COMPANY = "akonovia"
LIMITS = limits()
_PARSER = RecordParser(ZoneInfo("UTC"), frozenset(ZONES))
_NS_PER_US = 1000
_MINUTE_NS = 60_000_000_000
_SILENCE_NS = int(LIMITS["silence"].removesuffix("m")) * _MINUTE_NS
_BURST_NS = int(LIMITS["burst_window"].removesuffix("m")) * _MINUTE_NS
_BASELINE_RUNS = 5


class Sent(NamedTuple):
    """A line, and the real time at which it is sent."""

    at_us: int
    line: bytes


@dataclass(frozen=True)
class Course:
    """All that is sent for an order.

    Attributes:
        sent: in order.
        ends_us: when the newest run has ended.
    """

    sent: list[Sent]
    ends_us: int

    @property
    def lines(self) -> list[bytes]:
        """Without their times."""
        return [each.line for each in self.sent]


def course(order: Order, begun_us: int = BEGUN_US) -> Course:
    """What the microservices send for an order that is begun at that time."""
    sent: list[Sent] = []
    ends_us = 0
    for assignment, told in scripts(order, begun_us):
        sent += _sent(assignment, told)
        ends_us = max(ends_us, assignment.wall_at_us(told.ends_us))
    return Course(sorted(sent, key=lambda each: each.at_us), ends_us)


def scripts(order: Order, begun_us: int = BEGUN_US) -> Iterator[tuple[Assignment, Script]]:
    """Every run of the order."""
    for number in order.turns():
        wall_us = begun_us + int(number * order.apart_s * 1e6)
        for assignment in order.assignments(number, wall_us):
            yield assignment, script(assignment)


def records(lines: Iterable[bytes]) -> tuple[list[Record], list[bytes]]:
    """What lines say, and those that say nothing."""
    said, refused = [], []
    for line in lines:
        try:
            said.append(_PARSER.parse(line))
        except RejectedRecord:
            refused.append(line)
    return said, refused


def runs(said: Iterable[Record]) -> list[Run]:
    """The runs as they close, in the order in which they end."""
    opened: dict[RunKey, OpenRun] = {}
    for record in said:
        opened.setdefault(record.run, OpenRun(record.run)).add(record)
    return sorted((run.close() for run in opened.values()), key=lambda run: run.end_ns)


def alerts(told: Course, company: str | None = None) -> set[str]:
    """The alerts that must fire, at some time or in the end, for one company or for all."""
    said, refused = records(told.lines)
    closed = [run for run in runs(said) if company in {None, run.key.company}]
    lanes: defaultdict[tuple[str, str, str], list[Lane]] = defaultdict(list)
    for run in closed:
        for stage, lane in run.lanes():
            lanes[run.key.company, stage.zone, lane.source].append(lane)
    found = {
        "IngestionTaskFailed": any(run.counts.failure for run in closed),
        "IngestionFailureRate": _failure_rate(closed) > LIMITS["failure_ratio"],
        "IngestionSourceSilent": any(
            told.ends_us * _NS_PER_US - each[-1].end_ns > _SILENCE_NS for each in lanes.values()
        ),
        "IngestionSlow": any(map(_is_slow, lanes.values())),
        "IngestionHeavy": any(_is_heavy(lane) for each in lanes.values() for lane in each),
        "IngestionErrorBurst": any(
            _most_failures(each) > LIMITS["burst_failures"] for each in lanes.values()
        ),
        "IngestionRunStalled": any(_is_stalled(run) for run in closed),
        "FilrougeDeadLetters": bool(refused) and company is None,
    }
    return {name for name, fires in found.items() if fires}


def _sent(assignment: Assignment, told: Script) -> Iterator[Sent]:
    said = [each for lane in told.lanes.values() for each in lane.deliveries]
    ends = [each for each in (told.opening, told.closing) if each]
    for each in heapq.merge(said, ends, key=lambda each: each.at_us):
        yield Sent(assignment.wall_at_us(each.at_us), each.line.rstrip(b"\n"))
    for each in told.stragglers:
        yield Sent(assignment.wall_at_us(told.ends_us) + 45_000_000, each.line.rstrip(b"\n"))


def _failure_rate(closed: list[Run]) -> float:
    total = sum(run.counts.total for run in closed)
    return sum(run.counts.failure for run in closed) / total if total else 0.0


def _is_slow(lanes: list[Lane]) -> bool:
    p95s = [lane_statistics(lane).p95_s or 0.0 for lane in lanes]
    return any(
        p95s[newest] > LIMITS["slow_factor"] * median(p95s[:newest])
        for newest in range(_BASELINE_RUNS, len(p95s))
    )


def _is_heavy(lane: Lane) -> bool:
    memory = quantile(memory_deltas_bytes(lane), 0.95) or 0
    cpu_s = quantile(cpu_times_s(lane), 0.95) or 0
    return bool(memory > LIMITS["heavy_memory_bytes"] or cpu_s > LIMITS["heavy_cpu_seconds"])


def _most_failures(lanes: list[Lane]) -> int:
    """Of one object within ten minutes."""
    failed: defaultdict[str, list[int]] = defaultdict(list)
    for task in _tasks(lanes):
        if task.record.outcome is TaskOutcome.FAILURE:
            failed[task.record.object_id].append(task.record.end_ns)
    return max(
        (
            sum(0 <= end - first <= _BURST_NS for end in ends)
            for ends in failed.values()
            for first in ends
        ),
        default=0,
    )


def _tasks(lanes: list[Lane]) -> Iterator[Task]:
    return (task for lane in lanes for task in lane.tasks)


def _is_stalled(run: Run) -> bool:
    kinds = {type(event) for event in run.events}
    return RunStarted in kinds and RunCompleted not in kinds

"""What the queries of docs/queries.md must answer, worked out from the sample's records alone."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.backends.asking import Answer
from tests.conftest import CHECKOUT

SAMPLE: Final = CHECKOUT / "logs.json"
TIMEZONE: Final = "America/Toronto"
SPANS: Final = 80
"""72 tasks, 6 sources, a stage, the run."""


_BOUNDS_S: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""The buckets of span metrics, as otel-config/span-metrics.yaml has them."""


@dataclass(frozen=True, slots=True)
class Task:
    """A record of the sample, as far as queries ask for it."""

    company: str
    source: str
    object_name: str
    failed: bool
    start: datetime
    end: datetime
    text: str
    parameters: str
    cpu_s: float
    memory_bytes: int

    @property
    def span_name(self) -> str:
        return f"task {self.source}/{self.object_name}"

    @property
    def duration_s(self) -> float:
        return (self.end - self.start).total_seconds()


def _task(record: Mapping[str, Any]) -> Task:
    return Task(
        company=record["Entreprise"],
        source=record["Source"],
        object_name=record["Objet"],
        failed=record["Etat"] == "FAILED",
        start=_time(record["Debut"]),
        end=_time(record["Fin"]),
        text=record["Description"],
        parameters=record["Parametres"],
        cpu_s=float(record["cpu_time (sec)"]),
        memory_bytes=record["memory_used (bytes)"],
    )


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M:%S.%f").replace(tzinfo=ZoneInfo(TIMEZONE))


TASKS: Final = [_task(json.loads(line)) for line in SAMPLE.read_text().splitlines()]
_FAILED: Final = [task for task in TASKS if task.failed]
_SLOW: Final = [task for task in TASKS if task.duration_s > 60]
_HEAVY: Final = [task for task in TASKS if task.cpu_s > 10 and task.memory_bytes > 150_000_000]
_LANES: Final = {
    source: [task for task in TASKS if task.source == source]
    for source in sorted({task.source for task in TASKS})
}
_RUN: Final = ("run akonovia",)


def _names(tasks: Iterable[Task]) -> Answer:
    return tuple(sorted(task.span_name for task in tasks))


def _rows(values: Mapping[str, float]) -> Answer:
    return tuple(sorted(f"{label}: {number(value)}" for label, value in values.items()))


def number(value: float) -> str:
    """Whole numbers in full, others in six digits."""
    return str(int(value)) if value == int(value) else f"{value:.6g}"


def _by_source(figure: Callable[[Sequence[Task]], float]) -> Answer:
    return _rows({source: figure(tasks) for source, tasks in _LANES.items()})


def _took_s(tasks: Iterable[Task]) -> float:
    tasks = list(tasks)
    return (max(task.end for task in tasks) - min(task.start for task in tasks)).total_seconds()


def _total(figure: Callable[[Task], float]) -> Callable[[Sequence[Task]], float]:
    return lambda tasks: math.fsum(figure(task) for task in tasks)


def _largest(figure: Callable[[Task], float]) -> Callable[[Sequence[Task]], float]:
    return lambda tasks: max(figure(task) for task in tasks)


def _quantile(p: float, figure: Callable[[Task], float]) -> Callable[[Sequence[Task]], float]:
    """Linear between the two nearest values, as Loki has it."""

    def of(tasks: Sequence[Task]) -> float:
        values = sorted(figure(task) for task in tasks)
        rank = p * (len(values) - 1)
        below = int(rank)
        above = min(below + 1, len(values) - 1)
        return values[below] + (values[above] - values[below]) * (rank - below)

    return of


def _power_of_two_quantile(p: float) -> Callable[[Sequence[Task]], float]:
    """Exponential between powers of two of nanoseconds, as Tempo has it."""

    def of(tasks: Sequence[Task]) -> float:
        exponents = Counter(math.ceil(math.log2(task.duration_s * 1e9)) for task in tasks)
        wanted = math.ceil(p * len(tasks))
        seen, previous = 0, min(exponents) - 1
        for exponent in sorted(exponents):
            if seen + exponents[exponent] >= wanted:
                break
            seen, previous = seen + exponents[exponent], exponent
        share = (wanted - seen) / exponents[exponent]
        return float(2 ** (previous + (exponent - previous) * share) / 1e9)

    return of


def _bucket_quantile(p: float) -> Callable[[Sequence[Task]], float]:
    """Linear within the bucket, as Prometheus has it."""

    def of(tasks: Sequence[Task]) -> float:
        rank = p * len(tasks)
        below_s, below = 0.0, 0
        for bound_s in _BOUNDS_S:
            upto = sum(task.duration_s <= bound_s for task in tasks)
            if upto >= rank:
                return below_s + (bound_s - below_s) * (rank - below) / (upto - below)
            below_s, below = bound_s, upto
        raise AssertionError("a task is longer than the last bucket")

    return of


def _duration_s(task: Task) -> float:
    return task.duration_s


def _cpu_s(task: Task) -> float:
    return task.cpu_s


def _memory_bytes(task: Task) -> float:
    return task.memory_bytes


_HOURS: Final = Counter(f"{task.start.astimezone(ZoneInfo('UTC')):%H}:00" for task in TASKS)

EXPECTED: Final[Mapping[str, Answer]] = {
    "traceql: Failed tasks of a source": _names(
        task for task in _FAILED if task.source == "zohoprojects"
    ),
    "traceql: Tasks over a minute": _names(_SLOW),
    "traceql: The runs of a company in a week": _RUN,
    "traceql: One run, by its id and attempt": _RUN,
    "traceql: Runs that did not wholly succeed": _RUN if _FAILED else (),
    "traceql: A failed task below a stage": _names(_FAILED),
    "traceql: The lane that made a run long": tuple(
        f"source {source}" for source, tasks in _LANES.items() if _took_s(tasks) > 600
    ),
    "traceql: Failures of one class": _names(task for task in _FAILED if task.text == "'id'"),
    "traceql: Tasks that used much CPU": _names(_HEAVY),
    "traceql: Sources with more than 14 tasks in a run": _rows(
        {source: len(tasks) for source, tasks in _LANES.items() if len(tasks) > 14}
    ),
    "traceql: Tasks by source": _by_source(len),
    "traceql: Tasks a second, hour by hour": _rows(
        {hour: count / 3600 for hour, count in _HOURS.items()}
    ),
    "traceql: p95 of task durations by source": _by_source(_power_of_two_quantile(0.95)),
    "traceql: Longest task of each source": _by_source(_largest(_duration_s)),
    "traceql: CPU seconds by source": _by_source(_total(_cpu_s)),
    "logql: Errors with their text": tuple(
        sorted(f"{task.source}/{task.object_name}: {task.text}" for task in _FAILED)
    ),
    "logql: All lines of a run": (f"{len(TASKS)} lines",),
    "logql: The lines of a trace": (f"{len(TASKS)} lines",),
    "logql: Tasks over a minute, with what they used": tuple(
        f"{task.object_name} {task.duration_s} s, CPU {task.cpu_s} s, {task.memory_bytes} bytes"
        for task in _SLOW
    ),
    "logql: Records by a field that is no attribute": tuple(
        f"{task.object_name}: {task.parameters}"
        for task in _LANES["PowerBI"]
        if task.parameters.startswith("endpoint=Rapports")
    ),
    "logql: Tasks by outcome": _rows(
        {"success": len(TASKS) - len(_FAILED), "failure": len(_FAILED)}
    ),
    "logql: Share of failed tasks": (number(len(_FAILED) / len(TASKS)),),
    "logql: Seconds of work by source": _by_source(_total(_duration_s)),
    "logql: p95 of task durations by source": _by_source(_quantile(0.95, _duration_s)),
    "logql: p95 of CPU seconds by source": _by_source(_quantile(0.95, _cpu_s)),
    "logql: Largest growth of memory by source": _by_source(_largest(_memory_bytes)),
    "logql: Objects that fail most": _rows(
        Counter(f"{task.object_name}, {task.source}" for task in _FAILED)
    ),
    "promql: How long the last run took": _rows({"akonovia": _took_s(TASKS)}),
    "promql: Tasks of the last run by outcome": _rows(
        {"success": len(TASKS) - len(_FAILED), "failure": len(_FAILED), "unfinished": 0}
    ),
    "promql: Runs in a day": ("akonovia: 1",),
    "promql: Failed tasks of a month by source": _by_source(
        lambda tasks: sum(task.failed for task in tasks)
    ),
    "promql: Usual duration of each source": _by_source(_took_s),
    "promql: CPU seconds of the last run by source": _by_source(_total(_cpu_s)),
    "promql: Largest growth of memory in the last run by source": _by_source(
        _largest(_memory_bytes)
    ),
    "promql: Tasks by source and status": _rows(
        Counter(f"{task.source}, STATUS_CODE_{'ERROR' if task.failed else 'OK'}" for task in TASKS)
    ),
    "promql: p95 of task durations": _by_source(_bucket_quantile(0.95)),
}
"""The answer to each query of the page, by the query's name."""

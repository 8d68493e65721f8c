"""The records that were sent, and figures of them in plain Python: what panels have to show."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Task:
    """A record of schema 1 in UTC; times are Unix seconds."""

    company: str
    run: str
    zone: str
    source: str
    name: str
    failed: bool
    start_s: float
    end_s: float
    duration_s: float
    cpu_s: float
    memory_bytes: float
    text: str

    @property
    def lane(self) -> tuple[str, str, str]:
        """Company, zone, source."""
        return self.company, self.zone, self.source


def task(line: bytes) -> Task:
    """The task that a line tells of."""
    read = json.loads(line)
    return Task(
        company=read["Entreprise"],
        run=read["No_Sequence"],
        zone=read["Zone"],
        source=read["Source"],
        name=read["Objet"],
        failed=read["Etat"] == "FAILED",
        start_s=_seconds(read["Debut"]),
        end_s=_seconds(read["Fin"]),
        duration_s=read["Duree secondes"],
        cpu_s=float(read["cpu_time (sec)"]),
        memory_bytes=float(read["memory_used (bytes)"]),
        text=read["Description"],
    )


def _seconds(local: str) -> float:
    return datetime.strptime(local, "%d-%m-%Y %H:%M:%S.%f").replace(tzinfo=UTC).timestamp()


def grouped(tasks: Iterable[Task], key: Callable[[Task], K]) -> dict[K, list[Task]]:
    """The tasks by a key."""
    groups: dict[K, list[Task]] = defaultdict(list)
    for each in tasks:
        groups[key(each)].append(each)
    return dict(groups)


def share_failed(tasks: Iterable[Task]) -> float:
    """Failed tasks as a share of all."""
    outcomes = [each.failed for each in tasks]
    return sum(outcomes) / len(outcomes)


def quantile(share: float, values: Iterable[float]) -> float:
    """By linear interpolation between the two nearest ranks."""
    ranked = sorted(values)
    at = share * (len(ranked) - 1)
    low = int(at)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (at - low)


def outcome(tasks: Iterable[Task]) -> str:
    """Of a run, or of a source's part of it."""
    failed = [each.failed for each in tasks]
    if not any(failed):
        return "success"
    return "failure" if all(failed) else "partial"


def _end_s(tasks: Iterable[Task]) -> float:
    return max(each.end_s for each in tasks)


def recovery_s(tasks: Iterable[Task]) -> float | None:
    """Mean time to recovery of a lane: from a first run that was no success to the next that was.

    None when it never recovered.
    """
    runs = grouped(tasks, lambda each: each.run).values()
    took: list[float] = []
    failing_since: float | None = None
    for run in sorted(runs, key=_end_s):
        end_s = _end_s(run)
        if outcome(run) != "success":
            failing_since = failing_since if failing_since is not None else end_s
        elif failing_since is not None:
            took.append(end_s - failing_since)
            failing_since = None
    return sum(took) / len(took) if took else None

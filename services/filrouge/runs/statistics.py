"""Figures over the tasks of one source lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from filrouge.records.utctime import NS_PER_S
from filrouge.runs.model import Lane, Task


@dataclass(frozen=True, slots=True)
class LaneStatistics:
    """Durations in seconds; None where no task has the figure.

    Attributes:
        cpu_time_s: all CPU time of the lane's tasks.
        memory_peak_bytes: the largest growth of memory in one task.
    """

    p50_s: float | None
    p95_s: float | None
    max_s: float | None
    cpu_time_s: float | None
    memory_peak_bytes: int | None


def lane_statistics(lane: Lane) -> LaneStatistics:
    """The figures of one lane."""
    durations = [duration_s(task) for task in lane.tasks]
    cpu = cpu_times_s(lane)
    return LaneStatistics(
        p50_s=quantile(durations, 0.5),
        p95_s=quantile(durations, 0.95),
        max_s=max(durations, default=None),
        cpu_time_s=sum(cpu) if cpu else None,
        memory_peak_bytes=max(memory_deltas_bytes(lane), default=None),
    )


def duration_s(task: Task) -> float:
    """How long the task took, in seconds."""
    return (task.record.end_ns - task.record.start_ns) / NS_PER_S


def cpu_times_s(lane: Lane) -> list[float]:
    """CPU time of each task that has the figure, in seconds."""
    return [s for task in lane.tasks if (s := task.record.cpu_time_s) is not None]


def memory_deltas_bytes(lane: Lane) -> list[int]:
    """Change of memory of each task that has the figure, in bytes."""
    return [size for task in lane.tasks if (size := task.record.memory_delta_bytes) is not None]


def quantile(values: Sequence[float], q: float) -> float | None:
    """The q-quantile by linear interpolation, as pandas and numpy have it; None of no values."""
    if not values:
        return None
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)

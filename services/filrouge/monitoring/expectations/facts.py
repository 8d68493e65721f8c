"""What the registry knows of a source, as far as it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from filrouge.monitoring.expectations.patterns import Place
from filrouge.records.record import RunOutcome


@dataclass(frozen=True, slots=True)
class LaneRun:
    """A source's part of a closed run.

    Attributes:
        live: whether it is of the present; history teaches, and raises no alarm.
        objects: names of those that succeeded; None where they were not asked for.
    """

    start_ns: int
    end_ns: int
    outcome: RunOutcome
    live: bool = True
    duration_p95_s: float | None = None
    memory_p95_bytes: float | None = None
    cpu_p95_s: float | None = None
    objects: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source.

    Attributes:
        since_ns: since when it is known, or expected by name.
        record_ns: when its last record ended; None: it never came.
        well_ns: when its last success ended; None: there was none.
        came_live: whether any of its records was of the present when it came.
        most_failures: of one object within ten minutes, of those that came of late.
        runs: its newest closed runs, the newest first.
    """

    place: Place
    since_ns: int
    record_ns: int | None
    well_ns: int | None
    came_live: bool
    most_failures: int = 0
    runs: tuple[LaneRun, ...] = field(default=())

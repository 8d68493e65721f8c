"""What is expected of a source: what the file says; where it says nothing, what its runs tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from filrouge.monitoring.expectations.facts import LaneRun
from filrouge.monitoring.expectations.file import SourceRule
from filrouge.records.utctime import NS_PER_S

DEFAULT_LIMIT_S: Final = 4500.0
"""75 minutes: what the objectives ask for where runs come each hour or more often."""
_SLACK: Final = 1.25
"""How much longer than the cadence a limit is that is learnt: 75 minutes for a run each hour."""
_ENOUGH_GAPS: Final = 3
_ENOUGH_FOR_BASELINE: Final = 5


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a source; None: it is not known yet.

    Attributes:
        learnt: which of these were learnt.
    """

    cadence_s: float | None
    silence_limit_s: float
    freshness_limit_s: float
    objects: int | frozenset[str] | None
    learnt: tuple[str, ...] = ()

    @property
    def object_count(self) -> int | None:
        """How many objects a run is to bring."""
        return len(self.objects) if isinstance(self.objects, frozenset) else self.objects

    def completeness(self, came: frozenset[str]) -> float | None:
        """The share of the expected objects that came."""
        if not self.objects:
            return None
        if isinstance(self.objects, frozenset):
            return len(self.objects & came) / len(self.objects)
        return min(1.0, len(came) / self.objects)


def expect(rule: SourceRule, runs: Sequence[LaneRun]) -> Expected:
    """What is expected.

    Args:
        rule: what the file says.
        runs: closed runs before the one that is judged by it, the newest first.
    """
    last = runs[: rule.learn_from]
    cadence_s = rule.cadence_s or cadence([run.start_ns for run in last])
    objects = rule.objects if rule.objects is not None else _usual_objects(last)
    limit_s = max(DEFAULT_LIMIT_S, _SLACK * (cadence_s or 0))
    said = {
        "cadence_s": rule.cadence_s,
        "silence_limit_s": rule.silence_limit_s,
        "freshness_limit_s": rule.freshness_limit_s,
        "objects": rule.objects,
    }
    return Expected(
        cadence_s=cadence_s,
        silence_limit_s=rule.silence_limit_s or limit_s,
        freshness_limit_s=rule.freshness_limit_s or limit_s,
        objects=objects,
        learnt=tuple(name for name, value in said.items() if value is None),
    )


def cadence(starts_ns: Sequence[int]) -> float | None:
    """The usual time between starts, in seconds; None while there are too few to tell."""
    gaps = [later - earlier for earlier, later in pairwise(sorted(starts_ns)) if later > earlier]
    return median(gaps) / NS_PER_S if len(gaps) >= _ENOUGH_GAPS else None


def baseline(runs: Sequence[LaneRun]) -> float | None:
    """The usual p95 of task durations; None while there are too few runs to tell.

    Args:
        runs: those before the one that is held against it.
    """
    known = [run.duration_p95_s for run in runs if run.duration_p95_s is not None]
    return median(known) if len(known) >= _ENOUGH_FOR_BASELINE else None


def _usual_objects(runs: Sequence[LaneRun]) -> frozenset[str] | None:
    """Those that came in more than half of the runs."""
    known = [run.objects for run in runs if run.objects is not None]
    counts = Counter(name for names in known for name in names)
    usual = frozenset(name for name, count in counts.items() if 2 * count > len(known))
    return usual or None

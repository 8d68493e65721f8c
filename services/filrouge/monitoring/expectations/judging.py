"""From what is known of a source, and a clock, to how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from filrouge.monitoring.expectations.facts import LaneRun, SourceFacts
from filrouge.monitoring.expectations.file import SourceRule
from filrouge.monitoring.expectations.learning import Expected, baseline, expect
from filrouge.records.record import RunOutcome
from filrouge.records.utctime import NS_PER_S


class Condition(StrEnum):
    """How a source stands, the worst first."""

    UNEXPECTED = "unexpected"
    NEVER_CAME = "never_came"
    SILENT = "silent"
    STALE = "stale"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands at an instant. No instant in it lies ahead, no age is below 0.

    Attributes:
        expected: None: nothing is.
        last_record_ns: when its last record ended; if none came: since when one is expected.
        last_success_ns: likewise.
        newest: its newest closed run that is not history.
        failing_since_ns: the end of the first of its runs that were no success up to the newest;
            None when that was one.
        recovery_s: mean time to recovery; None when it never had to.
    """

    facts: SourceFacts
    condition: Condition
    expected: Expected | None
    last_record_ns: int
    last_success_ns: int
    age_s: float | None
    newest: LaneRun | None
    completeness: float | None
    baseline_s: float | None
    failing_since_ns: int | None
    failing_s: float
    recovery_s: float | None


def judge(facts: SourceFacts, rule: SourceRule, now_ns: int) -> Standing:
    """How a source stands.

    Args:
        facts: what is known of it.
        rule: what the file says of it.
        now_ns: the clock, which may have jumped either way.
    """
    since_ns = min(facts.since_ns, now_ns)
    record_ns = since_ns if facts.record_ns is None else min(facts.record_ns, now_ns)
    well_ns = since_ns if facts.well_ns is None else min(facts.well_ns, now_ns)
    is_expected = rule.expected and (rule.by_name or facts.came_live)
    at = next((at for at, run in enumerate(facts.runs) if run.live), None)
    newest, before = (None, facts.runs) if at is None else (facts.runs[at], facts.runs[at + 1 :])
    expected = expect(rule, before) if is_expected else None
    since_failing_ns = _failing_since_ns(facts.runs[at:]) if at is not None else None
    ages = (now_ns - record_ns) / NS_PER_S, (now_ns - well_ns) / NS_PER_S
    return Standing(
        facts=facts,
        condition=_condition(facts, expected, *ages),
        expected=expected,
        last_record_ns=record_ns,
        last_success_ns=well_ns,
        age_s=None if facts.record_ns is None else ages[0],
        newest=newest,
        completeness=(
            expected.completeness(newest.objects)
            if expected and newest and newest.objects is not None
            else None
        ),
        baseline_s=baseline(before[: rule.learn_from]) if newest else None,
        failing_since_ns=since_failing_ns,
        failing_s=_elapsed_s(since_failing_ns, now_ns),
        recovery_s=fmean(recoveries) if (recoveries := list(_recoveries_s(facts.runs))) else None,
    )


def _condition(
    facts: SourceFacts, expected: Expected | None, record_age_s: float, success_age_s: float
) -> Condition:
    if expected is None:
        return Condition.UNEXPECTED
    if facts.record_ns is None:
        return Condition.NEVER_CAME
    if record_age_s > expected.silence_limit_s:
        return Condition.SILENT
    if success_age_s > expected.freshness_limit_s:
        return Condition.STALE
    return Condition.FRESH


def _elapsed_s(since_ns: int | None, now_ns: int) -> float:
    return 0.0 if since_ns is None else max(0, now_ns - since_ns) / NS_PER_S


def _failing_since_ns(runs: Sequence[LaneRun]) -> int | None:
    """The end of the first of the runs that were no success; None when the newest was one."""
    since_ns = None
    for run in runs:
        if run.outcome is RunOutcome.SUCCESS:
            break
        since_ns = run.end_ns
    return since_ns


def _recoveries_s(runs: Sequence[LaneRun]) -> Iterator[float]:
    """How long each of its failures lasted: from the first bad run's end to the next good one's.

    By the ends of the source's own part, which may come in another order than those of the runs.
    """
    failing_ns: int | None = None
    for run in sorted(runs, key=lambda each: each.end_ns):
        if run.outcome is not RunOutcome.SUCCESS:
            failing_ns = run.end_ns if failing_ns is None else failing_ns
        elif failing_ns is not None:
            yield (run.end_ns - failing_ns) / NS_PER_S
            failing_ns = None

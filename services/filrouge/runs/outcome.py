"""How a failure rolls up: from tasks to source, stage and run, with a reason in words."""

from __future__ import annotations

from collections.abc import Sequence

from filrouge.records.record import RunCompleted, RunOutcome, RunStarted
from filrouge.runs.model import Counts

_WORST_FIRST = (RunOutcome.FAILURE, RunOutcome.PARTIAL, RunOutcome.SUCCESS)


def expected_tasks(events: Sequence[RunStarted | RunCompleted]) -> int | None:
    """The last announcement of how many tasks there are to be; None when there was none."""
    announced = [event.expected_tasks for event in events if event.expected_tasks is not None]
    return announced[-1] if announced else None


def run_outcome(
    counts: Counts, events: Sequence[RunStarted | RunCompleted]
) -> tuple[RunOutcome, str]:
    """The outcome of a whole run, and why it is not success (empty when it is).

    Worst of three: what its tasks say, what the producer says, and what is missing: a run that was
    begun but never completed, or that has fewer tasks than announced, is at best partial.

    Args:
        counts: how the run's tasks ended.
        events: what the producer said of the run itself, in order of time.
    """
    verdicts = [(counts.outcome, tasks_reason(counts)), *_missing(counts, events)]
    declared = [event.outcome for event in events if isinstance(event, RunCompleted)]
    verdicts += [(said, f"the producer's verdict is {said}") for said in declared if said]
    reasons = [reason for outcome, reason in verdicts if outcome is not RunOutcome.SUCCESS]
    worst = min((outcome for outcome, _ in verdicts), key=_WORST_FIRST.index)
    return worst, "; ".join(reasons)


def tasks_reason(counts: Counts) -> str:
    """Such as `1 of 72 tasks failed`; empty when all succeeded."""
    faults = ((counts.failure, "failed"), (counts.unfinished, "never finished"))
    told = ", ".join(f"{count} {verb}" for count, verb in faults if count)
    first, _, rest = told.partition(" ")
    return f"{first} of {counts.total} tasks {rest}" if told else ""


def _missing(
    counts: Counts, events: Sequence[RunStarted | RunCompleted]
) -> list[tuple[RunOutcome, str]]:
    missing = []
    expected = expected_tasks(events)
    if expected is not None and counts.total < expected:
        missing.append(
            (RunOutcome.PARTIAL, f"{expected - counts.total} of {expected} tasks missing")
        )
    if events and not any(isinstance(event, RunCompleted) for event in events):
        missing.append((RunOutcome.PARTIAL, "begun but never completed"))
    return missing

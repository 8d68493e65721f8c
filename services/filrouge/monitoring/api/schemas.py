"""The shapes of the answers. Instants are RFC 3339 in UTC, durations seconds."""

from __future__ import annotations

from pydantic import BaseModel, Field

from filrouge.monitoring.expectations.judging import Condition
from filrouge.monitoring.lifecycle import State
from filrouge.records.record import RunOutcome


class TaskCounts(BaseModel):
    """Tasks by how they ended."""

    success: int
    failure: int
    unfinished: int


class RunSummary(BaseModel):
    """A run in one line; running figures until it closes."""

    company: str
    run_id: str
    attempt: int
    trace_id: str
    state: State
    outcome: RunOutcome | None = Field(description="None until it closes.")
    reason: str
    started_at: str
    ended_at: str
    duration_s: float
    tasks_by_outcome: TaskCounts
    expected_tasks: int | None
    records: int
    late_records: int
    closed_at: str | None
    sent_at: str | None = Field(description="When the collector took the whole run last.")


class RunPage(BaseModel):
    """Some runs; `next` is the `page` to ask for to get more, None at the end."""

    runs: list[RunSummary]
    next: str | None


class RunDetail(RunSummary):
    """A run and all that is in it, as `filrouge replay --format json` tells it."""

    run: dict[str, object]


class PartitionCount(BaseModel):
    """What became of the messages of a partition; the four add up to what was read."""

    partition: int
    first: int
    next: int
    lag: int | None = Field(description="None where another instance reads it.")
    accepted: int
    duplicate: int
    invalid: int
    late: int = Field(description="Of those accepted.")
    missed: int = Field(description="Deleted by Kafka before they were read.")


class Reconciliation(BaseModel):
    """What came in, what is kept and what was sent, and where these differ."""

    balanced: bool
    differences: list[str]
    partitions: list[PartitionCount]
    accepted: int
    records: int
    runs_by_state: dict[str, int]
    closings: int
    closings_sent: int
    spans_sent: int


class ErrorGroup(BaseModel):
    """One error, wherever and however often it came."""

    fingerprint: str
    company: str
    zone: str
    source: str
    object_name: str
    error_type: str
    message: str = Field(description="The newest text.")
    count: int
    runs: int
    runs_in_a_row: int = Field(
        description="In how many of the newest runs with this object it came, without a break."
    )
    first_at: str
    last_at: str
    last_trace_id: str


class ErrorPage(BaseModel):
    """Errors, the newest first."""

    errors: list[ErrorGroup]


class ExpectedOfSource(BaseModel):
    """What is expected of a source; None where it is not known yet."""

    cadence_s: float | None
    silence_limit_s: float
    freshness_limit_s: float
    deadline: float | None = Field(
        description="Seconds from when a run is due to its end; None: runs have no deadline."
    )
    objects: int | None = Field(description="How many objects a run is to bring.")
    learnt: list[str] = Field(description="Which of these were learnt from the last runs.")


class SourceState(BaseModel):
    """A source that was ever heard of, or is expected by name."""

    company: str
    zone: str
    source: str
    last_success_at: str | None
    last_failure_at: str | None
    seconds_since_success: float | None
    tasks_success: int
    tasks_failure: int
    runs_success: int
    runs_partial: int
    runs_failure: int
    expected: ExpectedOfSource | None = Field(description="None: nothing is expected.")
    state: Condition
    age_s: float | None = Field(description="Of its last record; None: it never came.")
    completeness: float | None = Field(
        description="Expected objects that succeeded in its newest closed run, as a share."
    )
    duration_p95_s: float | None = Field(description="Of its tasks in its newest closed run.")
    duration_baseline_s: float | None = Field(description="Median of that over the runs before.")
    mean_time_to_recovery_s: float | None = Field(description="None: it never had to recover.")
    failing_since: str | None = Field(description="None: its newest run was a success.")


class RunsDue(BaseModel):
    """How a company's runs keep their deadline."""

    company: str
    deadline_s: float
    cadence_s: float | None = Field(description="None: not known yet, so none can be missed.")
    next_due_at: str | None
    on_time: int
    late: int
    missed: int = Field(description="None began before the next was due.")


class SourcePage(BaseModel):
    """All sources, by name, and the runs of companies that have a deadline."""

    sources: list[SourceState]
    runs_due: list[RunsDue]


class Health(BaseModel):
    """Whether it works, and what keeps it from working."""

    status: str
    reasons: list[str]

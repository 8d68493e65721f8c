"""Runs of the past as copies that end now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from filrouge.records.record import Record, RunCompleted, RunKey, TaskFinished
from filrouge.records.utctime import NS_PER_S


@dataclass(frozen=True, slots=True)
class Rebase:
    """Shifts whole runs by one duration and gives them ids of their own.

    Attributes:
        shift_ns: by how much; the distances between runs stay.
        stamp: what is added to each run id, so that a copy is never taken for the run itself.
    """

    shift_ns: int
    stamp: str

    def apply(self, record: Record) -> Record:
        """The record as one of the copy. Its line and its text of the start stay as they are."""
        key = RunKey(record.run.company, f"{record.run.run_id}~{self.stamp}", record.run.attempt)
        start_ns = record.start_ns + self.shift_ns
        if isinstance(record, TaskFinished | RunCompleted):
            return replace(record, run=key, start_ns=start_ns, end_ns=record.end_ns + self.shift_ns)
        return replace(record, run=key, start_ns=start_ns)


def rebase_to(end_ns: int, last_end_ns: int) -> Rebase:
    """The shift that makes what ended last end at another instant.

    Args:
        end_ns: when the last run shall end, in nanoseconds since 1970 UTC.
        last_end_ns: when it ended.
    """
    at = datetime.fromtimestamp(end_ns // NS_PER_S, UTC)
    return Rebase(end_ns - last_end_ns, at.strftime("%Y%m%dT%H%M%SZ"))


def end_of(record: Record) -> int:
    """The last instant that a record tells of."""
    return record.end_ns if isinstance(record, TaskFinished | RunCompleted) else record.start_ns

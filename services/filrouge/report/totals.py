"""What was read and written, over all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from filrouge.records.reading.reader import Rejection


@dataclass(frozen=True, slots=True)
class Totals:
    """The account of one replay.

    Attributes:
        files: the names of what was read, as the user gave them.
        accepted: records that became part of a run.
        duplicates: records that said nothing new.
        rejected: lines that are no record.
        runs_by_outcome: how many runs ended in success, partial, failure.
        remarks: how many records had something odd about them, by kind of `records.record.Remark`.
        outputs: folders, files and addresses that the telemetry went to.
        rejections: the first of the rejected lines.
    """

    files: Sequence[str]
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    runs_by_outcome: Mapping[str, int] = field(default_factory=dict)
    remarks: Mapping[str, int] = field(default_factory=dict)
    outputs: Sequence[str] = ()
    rejections: Sequence[Rejection] = ()

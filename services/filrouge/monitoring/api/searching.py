"""From a question for runs to SQL: filters, order, and pages that stay right while runs come."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from filrouge.monitoring.lifecycle import State
from filrouge.monitoring.registry.tables import RecordRow, RunRow
from filrouge.records.record import RunOutcome
from filrouge.records.utctime import NS_PER_S

_Name = Annotated[str | None, Field(None, max_length=512)]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BOUND: Final = 1 << 63  # what 64 bits hold


class WrongPageError(Exception):
    """`page` is none that an answer gave for this order."""


class Sort(StrEnum):
    """The order; `-` is the largest or newest first."""

    NEWEST = "-started_at"
    OLDEST = "started_at"
    LAST_ENDED = "-ended_at"
    FIRST_ENDED = "ended_at"
    LAST_HEARD = "-heard_at"
    MOST_FAILURES = "-failures"


_COLUMNS: Final[dict[str, InstrumentedAttribute[int]]] = {
    "started_at": RunRow.start_ns,
    "ended_at": RunRow.end_ns,
    "heard_at": RunRow.last_heard_ns,
    "failures": RunRow.failure,
}


class RunQuery(BaseModel):
    """What `/v1/runs` is asked."""

    model_config = ConfigDict(extra="forbid")

    company: _Name
    run_id: _Name
    zone: _Name
    source: _Name
    state: State | None = None
    outcome: RunOutcome | None = None
    since: AwareDatetime | None = Field(None, description="Runs that started then or later.")
    until: AwareDatetime | None = Field(None, description="Runs that started before.")
    sort: Sort = Sort.NEWEST
    limit: int = Field(50, ge=1, le=500)
    page: str | None = Field(None, max_length=200, description="`next` of the answer before.")

    def statement(self) -> Select[RunRow]:
        """Selects one run more than the limit, to know whether there are more.

        Raises:
            WrongPageError: the page is none of this order.
        """
        column, descends = _order(self.sort)
        statement = select(RunRow)
        for name in ("company", "run_id", "state", "outcome"):
            if (value := getattr(self, name)) is not None:
                statement = statement.where(getattr(RunRow, name) == value)
        if self.zone is not None or self.source is not None:
            there = exists().where(RecordRow.run == RunRow.id)
            for name in ("zone", "source"):
                if (value := getattr(self, name)) is not None:
                    there = there.where(getattr(RecordRow, name) == value)
            statement = statement.where(there)
        if self.since is not None:
            statement = statement.where(RunRow.start_ns >= _ns(self.since))
        if self.until is not None:
            statement = statement.where(RunRow.start_ns < _ns(self.until))
        if self.page is not None:
            value, run = _place(self.page, self.sort)
            behind = column < value if descends else column > value
            after = RunRow.id < run if descends else RunRow.id > run
            statement = statement.where(or_(behind, and_(column == value, after)))
        order = (column.desc(), RunRow.id.desc()) if descends else (column.asc(), RunRow.id.asc())
        return statement.order_by(*order).limit(self.limit + 1)

    def page_after(self, row: RunRow) -> str:
        """The page that begins behind a run."""
        column, _ = _order(self.sort)
        place = [self.sort, getattr(row, column.key), row.id]
        return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _order(sort: Sort) -> tuple[InstrumentedAttribute[int], bool]:
    return _COLUMNS[sort.lstrip("-")], sort.startswith("-")


def _place(page: str, sort: Sort) -> tuple[int, int]:
    try:
        match json.loads(urlsafe_b64decode(page + "=" * (-len(page) % 4))):
            case [str(said), int(value), int(run)] if (
                said == sort and abs(value) < _BOUND > run > 0
            ):
                return value, run
    except (ValueError, RecursionError):
        pass
    raise WrongPageError("page is none that an answer gave for this order; leave it out")


def _ns(moment: datetime) -> int:
    delta = moment - _EPOCH
    ns = (delta.days * 86_400 + delta.seconds) * NS_PER_S + delta.microseconds * 1000
    return max(-_BOUND + 1, min(ns, _BOUND - 1))

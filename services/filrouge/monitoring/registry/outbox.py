"""What is still to be told of: claimed for a while by who tries, so that two do not do it at once.

Who claims and then dies is forgotten when the while is over; what it may have sent already is sent
again, and is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, func, or_, select, update
from sqlalchemy.orm import Session

from filrouge.monitoring.rebuilding import rebuild_waves
from filrouge.monitoring.registry.database import reading
from filrouge.monitoring.registry.tables import RecordRow, RunRow, SendingRow
from filrouge.records.parse import RecordParser
from filrouge.records.utctime import NS_PER_S
from filrouge.runs.model import Run

LEASE_NS: Final = 30 * NS_PER_S
"""Longer than a batch takes; shorter than the minute within which search has to be right."""
_FIRST_PAUSE_NS: Final = NS_PER_S
_LONGEST_PAUSE_NS: Final = 300 * NS_PER_S
_LONGEST_WAIT_NS: Final = 2 * max(LEASE_NS, _LONGEST_PAUSE_NS)
_ERROR_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class ToSend:
    """A run that is to be told of.

    Attributes:
        run: its row's id.
        wave: the newest closing.
        attempt: how often it is tried now, from 1.
        is_first: whether nothing of it is known to have been sent.
        waves: the run as it stood at each closing, the newest last.
    """

    run: int
    wave: int
    attempt: int
    is_first: bool
    waves: tuple[Run, ...]


def claim(engine: Engine, now_ns: int, limit: int) -> Sequence[int]:
    """Runs to be told of, the oldest first; nobody else gets them for the time of a lease.

    What is to wait for longer than anything has to was put off by a clock that ran ahead.
    """
    with Session(engine) as session, session.begin():
        query = (
            select(SendingRow)
            .where(or_(SendingRow.due_ns <= now_ns, SendingRow.due_ns > now_ns + _LONGEST_WAIT_NS))
            .order_by(SendingRow.due_ns)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = session.scalars(query).all()
        for row in rows:
            row.due_ns = now_ns + LEASE_NS
            row.attempts += 1
        return list(dict.fromkeys(row.run for row in rows))


def load(engine: Engine, parser: RecordParser, run: int) -> ToSend:
    """All that is to be told of a run, late additions included that were closed in the meantime."""
    with Session(reading(engine)) as session:
        row = session.get_one(RunRow, run)
        sendings = session.scalars(select(SendingRow).where(SendingRow.run == run)).all()
        told = session.execute(
            select(RecordRow.wave, RecordRow.line).where(RecordRow.run == run, RecordRow.wave > 0)
        )
        waves = rebuild_waves(parser, row.key, [(wave, bytes(line)) for wave, line in told])
        return ToSend(
            run=run,
            wave=row.wave,
            attempt=max(each.attempts for each in sendings),
            is_first=all(each.sent_ns is None for each in sendings),
            waves=tuple(waves),
        )


def sent(engine: Engine, told: ToSend, spans: int, now_ns: int) -> None:
    """Writes down that a run was told of, with all closings so far."""
    _update(
        engine,
        told,
        {"sent_ns": now_ns, "due_ns": None, "spans": spans, "error": ""},
    )


def failed(engine: Engine, told: ToSend, error: str, now_ns: int) -> None:
    """Writes down why it was not, and when it is tried again: later each time."""
    pause_ns = min(_FIRST_PAUSE_NS << min(told.attempt - 1, 20), _LONGEST_PAUSE_NS)
    _update(
        engine,
        told,
        {"due_ns": now_ns + pause_ns, "error": error[:_ERROR_CHARACTERS]},
    )


def backlog(engine: Engine) -> tuple[int, int | None]:
    """How many closings are still to be told of, and since when the oldest waits."""
    with Session(reading(engine)) as session:
        query = select(func.count(), func.min(SendingRow.created_ns)).where(
            SendingRow.due_ns.is_not(None)
        )
        count, oldest_ns = session.execute(query).one()
        return count, oldest_ns


def _update(engine: Engine, told: ToSend, values: dict[str, int | str | None]) -> None:
    with Session(engine) as session, session.begin():
        session.execute(
            update(SendingRow)
            .where(SendingRow.run == told.run, SendingRow.wave <= told.wave)
            .where(SendingRow.sent_ns.is_(None))
            .values(values)
        )

"""What only one of several instances does at a time: who holds it, until when."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CursorResult, Engine, or_, update
from sqlalchemy.orm import Session

from filrouge.monitoring.registry.database import insert
from filrouge.monitoring.registry.tables import LeaseRow
from filrouge.records.utctime import NS_PER_S

LEASE_NS: Final = 30 * NS_PER_S
"""Three rounds; another instance goes on after it, long before Prometheus sees a gap."""


def take(engine: Engine, name: str, holder: str, now_ns: int) -> int | None:
    """Takes the lease, or keeps it; when it was done last (0: never), or None: another has it.

    A lease that ends later than any can was given by a clock that ran ahead, and binds nobody.
    """
    with Session(engine) as session, session.begin():
        new = {"name": name, "holder": "", "until_ns": 0, "done_ns": 0}
        session.execute(insert(engine, LeaseRow.__table__).on_conflict_do_nothing(), [new])
        free = or_(
            LeaseRow.holder == holder,
            LeaseRow.until_ns <= now_ns,
            LeaseRow.until_ns > now_ns + 2 * LEASE_NS,
        )
        taken = session.execute(
            update(LeaseRow)
            .where(LeaseRow.name == name, free)
            .values(holder=holder, until_ns=now_ns + LEASE_NS)
            .execution_options(synchronize_session=False)
        )
        if not isinstance(taken, CursorResult) or taken.rowcount != 1:
            return None
        return session.get_one(LeaseRow, name).done_ns


def done(engine: Engine, name: str, holder: str, now_ns: int) -> None:
    """Writes down that it was done."""
    _change(engine, name, holder, {"done_ns": now_ns})


def give_back(engine: Engine, name: str, holder: str) -> None:
    """Lets another have it at once."""
    _change(engine, name, holder, {"until_ns": 0})


def _change(engine: Engine, name: str, holder: str, values: dict[str, int]) -> None:
    with Session(engine) as session, session.begin():
        session.execute(
            update(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder).values(values)
        )

"""When runs are due, kept: each is judged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from filrouge.monitoring.expectations.file import RunRule
from filrouge.monitoring.expectations.learning import cadence
from filrouge.monitoring.expectations.timeliness import DueRun, Schedule, settle
from filrouge.monitoring.lifecycle import Policy, State
from filrouge.monitoring.registry.database import insert
from filrouge.monitoring.registry.tables import RunRow, ScheduleRow
from filrouge.records.utctime import NS_PER_S

_AT_ONCE: Final = 500
_ALL: Final = select(ScheduleRow).order_by(ScheduleRow.company)
_LEARN_FROM: Final = 20
_LOOK_BACK_NS: Final = 3600 * NS_PER_S


def settle_all(
    engine: Engine, rules: Mapping[str, RunRule], policy: Policy, now_ns: int, until_ns: int | None
) -> None:
    """Judges what can be judged by now.

    Args:
        engine: the registry's.
        rules: by company, when its runs are due.
        policy: what is history.
        now_ns: the clock.
        until_ns: up to when all that came is known; None: the clock cannot be trusted now.
    """
    with Session(engine) as session, session.begin():
        known = {row.company: row for row in session.scalars(_ALL.with_for_update())}
        for company, rule in rules.items():
            row = known.get(company) or _new(session, engine, company, now_ns)
            if until_ns is not None:
                _settle(session, row, rule, policy, until_ns)


def all_schedules(session: Session) -> Sequence[ScheduleRow]:
    """Every company's, by name."""
    return session.scalars(_ALL).all()


def run_cadence(session: Session, company: str, until_ns: int) -> float | None:
    """The usual time between a company's runs, in seconds; None while it is not known."""
    query = (
        select(RunRow.start_ns)
        .where(RunRow.company == company, RunRow.start_ns <= until_ns, RunRow.attempt == 1)
        .order_by(RunRow.start_ns.desc())
        .limit(_LEARN_FROM)
    )
    return cadence(session.scalars(query).all())


def remember_told(engine: Engine, told: Mapping[str, str]) -> None:
    """Writes down which counters were told of, by company."""
    if told:
        rows = [{"company": company, "told": each} for company, each in told.items()]
        with Session(engine) as session, session.begin():
            session.execute(update(ScheduleRow), rows)


def _new(session: Session, engine: Engine, company: str, now_ns: int) -> ScheduleRow:
    """A company that had no deadline before; its first run, which may be over, sets the rhythm."""
    row = {
        "company": company,
        "since_ns": now_ns - _LOOK_BACK_NS,
        **dict.fromkeys(("seen_ns", "on_time", "late", "missed"), 0),
    }
    session.execute(insert(engine, ScheduleRow.__table__).on_conflict_do_nothing(), [row])
    return session.get_one(ScheduleRow, company)


def _settle(
    session: Session, row: ScheduleRow, rule: RunRule, policy: Policy, until_ns: int
) -> None:
    cadence_s = rule.cadence_s or run_cadence(session, row.company, until_ns)
    query = (
        select(RunRow)
        .where(RunRow.company == row.company, RunRow.attempt == 1)
        .where(RunRow.start_ns > row.seen_ns, RunRow.start_ns <= until_ns)
        .order_by(RunRow.start_ns)
        .limit(_AT_ONCE)
    )
    runs = [_due_run(run, row.since_ns, policy) for run in session.scalars(query)]
    before = Schedule(row.seen_ns, row.due_ns, row.on_time, row.late, row.missed)
    whole = len(runs) < _AT_ONCE  # else nothing was missed before the rest is seen
    after = settle(
        before,
        runs,
        round(cadence_s * NS_PER_S) if cadence_s else None,
        round(rule.deadline_s * NS_PER_S),
        until_ns if whole else 0,
    )
    if after != before:
        for name, value in asdict(after).items():
            setattr(row, name, value)


def _due_run(run: RunRow, since_ns: int, policy: Policy) -> DueRun:
    """What began before it was expected is history too."""
    live = policy.is_live(run.start_ns, run.first_heard_ns) and run.end_ns >= since_ns
    return DueRun(run.start_ns, run.end_ns, run.wave > 0 or run.state == State.CLOSED, live)

"""What is known of sources, read with little: tables of some rows a source, and by index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import orjson
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from filrouge.monitoring.expectations.facts import LaneRun
from filrouge.monitoring.expectations.patterns import Place
from filrouge.monitoring.lifecycle import Policy
from filrouge.monitoring.registry.database import reading
from filrouge.monitoring.registry.intake import source_rows
from filrouge.monitoring.registry.tables import (
    LaneRow,
    RecordRow,
    RunRow,
    SourceRow,
    lane_key,
)
from filrouge.records.record import RunOutcome

RUNS_KNOWN: Final = 101
"""Of each source: as many as can be learnt from, and the newest, which is held against them."""
_NS_PER_MS: Final = 1_000_000


def expect_by_name(engine: Engine, places: Iterable[Place], now_ns: int) -> None:
    """Makes rows for sources that never came, so that it stands since when they are expected."""
    lanes = {lane_key(*place): place for place in places}
    if not lanes:
        return
    with Session(reading(engine)) as session:
        known = set(session.scalars(select(SourceRow.lane).where(SourceRow.lane.in_(lanes))))
    if new := {lane: place for lane, place in lanes.items() if lane not in known}:
        with Session(engine) as session, session.begin():
            source_rows(session, engine, new, now_ns)


def all_sources(session: Session) -> Sequence[SourceRow]:
    """Every source, by name."""
    order = (SourceRow.company, SourceRow.zone, SourceRow.source)
    return session.scalars(select(SourceRow).order_by(*order)).all()


def newest_runs(session: Session, lane: str, with_objects: int) -> tuple[LaneRun, ...]:
    """The newest closed runs of a source, the one that ended last as a whole first.

    Args:
        session: reads.
        lane: the source's key.
        with_objects: in how many of them the names of objects are asked for, which may be long.
    """
    newest = select(LaneRow).where(LaneRow.lane == lane).order_by(LaneRow.run_end_ns.desc())
    named = newest.with_only_columns(LaneRow.run, LaneRow.objects).limit(with_objects)
    names = dict(session.execute(named).all())
    rows = session.execute(newest.with_only_columns(LaneRow.run, *_COLUMNS).limit(RUNS_KNOWN))
    return tuple(
        LaneRun(
            start_ns,
            end_ns,
            RunOutcome(outcome),
            bool(live),
            duration_s,
            memory_bytes,
            cpu_s,
            frozenset(orjson.loads(names[run])) if run in names else None,
        )
        for run, start_ns, end_ns, outcome, live, duration_s, memory_bytes, cpu_s in rows
    )


_COLUMNS: Final = (
    LaneRow.start_ns,
    LaneRow.end_ns,
    LaneRow.outcome,
    LaneRow.live,
    LaneRow.duration_p95_s,
    LaneRow.memory_p95_bytes,
    LaneRow.cpu_p95_s,
)


def most_failures(session: Session, policy: Policy, now_ns: int) -> Mapping[str, int]:
    """By source's key: most failures of one object within the burst's window of its own time.

    Only those count that came in the last such window and are no history: a producer that was cut
    off for an hour and now sends all at once has failed just as often.
    """
    since_ns = now_ns - policy.burst_ns
    within = func.count().over(
        partition_by=(
            RunRow.company,
            RecordRow.zone,
            RecordRow.source,
            RecordRow.object_id,
            RecordRow.object_name,
        ),
        order_by=RecordRow.end_ns // _NS_PER_MS,  # a frame takes 32 bits
        range_=(-policy.burst_ns // _NS_PER_MS, 0),
    )
    counted = (
        select(RunRow.company, RecordRow.zone, RecordRow.source, within.label("failures"))
        .join(RunRow, RunRow.id == RecordRow.run)
        .where(text("records.fingerprint IS NOT NULL"), RecordRow.heard_ns > since_ns)
        .where(RecordRow.end_ns >= RecordRow.heard_ns - policy.history_ns)
        .subquery()
    )
    place = (counted.c.company, counted.c.zone, counted.c.source)
    found = session.execute(select(*place, func.max(counted.c.failures)).group_by(*place))
    return {lane_key(company, zone, source): most for company, zone, source, most in found}


def remember_told(engine: Engine, told: Mapping[str, str]) -> None:
    """Writes down which counters of sources were told of, by the source's key."""
    if told:
        # In the order in which intake locks them, so that neither waits for the other.
        rows = [{"lane": lane, "told": each} for lane, each in sorted(told.items())]
        with Session(engine) as session, session.begin():
            session.execute(update(SourceRow), rows)

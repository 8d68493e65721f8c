"""Closing a run: its last word and the outbox row that tells of it, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import orjson
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from filrouge.monitoring.lifecycle import Policy, State, closes_at, next_look_ns, state
from filrouge.monitoring.rebuilding import rebuild
from filrouge.monitoring.registry.database import insert, reading
from filrouge.monitoring.registry.intake import heard_of, source_rows
from filrouge.monitoring.registry.tables import (
    LaneRow,
    RecordRow,
    RunRow,
    SendingRow,
    SourceRow,
    lane_key,
)
from filrouge.records.parse import RecordParser
from filrouge.records.record import RunOutcome, TaskOutcome
from filrouge.records.utctime import NS_PER_S
from filrouge.runs.model import Counts, Lane, Run
from filrouge.runs.statistics import cpu_times_s, duration_s, memory_deltas_bytes, quantile

_AT_ONCE: Final = 200
_SKEW_NS: Final = 5 * NS_PER_S
"""As far as clocks of instances may differ."""


def set_right(engine: Engine, partitions: Collection[int], policy: Policy, now_ns: int) -> None:
    """Has runs count as heard of now that were heard of by a clock that ran ahead.

    Else they would be waited for until the clock is there again.

    Args:
        engine: the registry's.
        partitions: those that are read here.
        policy: how long is waited.
        now_ns: by the clock.
    """
    ahead = (
        RunRow.due_ns > now_ns,
        RunRow.last_heard_ns > now_ns + _SKEW_NS,
        RunRow.partition.in_(partitions),
    )
    with Session(reading(engine)) as session:
        if session.scalar(select(RunRow.id).where(*ahead).limit(1)) is None:
            return
    with Session(engine) as session, session.begin():
        query = select(RunRow).where(*ahead).order_by(RunRow.trace_id)
        for row in session.scalars(query.with_for_update(skip_locked=True)):
            row.last_heard_ns = now_ns
            if row.waiting_since_ns is not None:
                row.waiting_since_ns = min(row.waiting_since_ns, now_ns)
            row.due_ns = next_look_ns(heard_of(row), policy)


def due_runs(engine: Engine, partitions: Collection[int], now_ns: int) -> Sequence[int]:
    """Runs that are to be looked at, those that wait longest first, some hundred at most.

    Args:
        engine: the registry's.
        partitions: those that are read here; the others' runs are for whoever reads them.
        now_ns: up to when all is known that came.
    """
    with Session(reading(engine)) as session:
        query = (
            select(RunRow.id)
            .where(RunRow.due_ns <= now_ns, RunRow.partition.in_(partitions))
            .order_by(RunRow.due_ns)
            .limit(_AT_ONCE)
        )
        return session.scalars(query).all()


def look_at(
    engine: Engine, parser: RecordParser, run: int, policy: Policy, now_ns: int
) -> Run | None:
    """Closes the run if it is time, or marks it as stalled; the run if it was closed.

    Nothing is done when something was heard in the meantime, or another is about to close it.
    """
    with Session(engine) as session, session.begin():
        query = select(RunRow).where(RunRow.id == run).with_for_update(skip_locked=True)
        row = session.scalars(query).one_or_none()
        if row is None or row.due_ns is None or row.due_ns > now_ns:
            return None
        found = state(heard_of(row), policy, now_ns)
        if found is not State.CLOSED:
            row.state = found
            row.due_ns = closes_at(heard_of(row), policy)
            return None
        lines = session.scalars(select(RecordRow.line).where(RecordRow.run == row.id))
        closed = rebuild(parser, row.key, map(bytes, lines))
        _close(session, engine, row, closed, policy, now_ns)
        return closed


def reschedule(engine: Engine, policy: Policy) -> None:
    """Follows a policy that may have changed since runs were heard of; at each start."""
    with Session(engine) as session, session.begin():
        query = select(RunRow).where(RunRow.due_ns.is_not(None)).order_by(RunRow.trace_id)
        for row in session.scalars(query.with_for_update().execution_options(yield_per=1000)):
            row.due_ns = next_look_ns(heard_of(row), policy)


def _close(
    session: Session, engine: Engine, row: RunRow, run: Run, policy: Policy, now_ns: int
) -> None:
    row.wave += 1
    row.state = State.CLOSED
    row.outcome, row.reason = run.outcome, run.reason
    row.start_ns, row.end_ns = run.start_ns, run.end_ns
    row.success, row.failure, row.unfinished = run.counts
    row.expected_tasks = run.expected_tasks
    row.closed_ns = row.closed_ns or now_ns
    row.waiting, row.waiting_since_ns, row.due_ns = 0, None, None
    session.execute(
        update(RecordRow)
        .where(RecordRow.run == row.id, RecordRow.wave == 0)
        .values(wave=row.wave)
        .execution_options(synchronize_session=False)
    )
    session.add(SendingRow(run=row.id, wave=row.wave, created_ns=now_ns, due_ns=now_ns))
    _keep_lanes(session, engine, row, run, policy)


def _keep_lanes(session: Session, engine: Engine, row: RunRow, run: Run, policy: Policy) -> None:
    lanes = {
        lane_key(run.key.company, stage.zone, lane.source): (stage.zone, lane)
        for stage, lane in run.lanes()
    }
    if not lanes:
        return
    known = session.scalars(select(LaneRow.lane).where(LaneRow.run == row.id)).all()
    rows = {key: _lane_row(row, key, place, policy) for key, place in lanes.items()}
    statement = insert(engine, LaneRow.__table__)
    changed = {name: statement.excluded[name] for name in _TOLD_AGAIN}
    session.execute(
        statement.on_conflict_do_update(index_elements=["run", "lane"], set_=changed),
        list(rows.values()),
    )
    places = {key: (row.company, zone, lane.source) for key, (zone, lane) in lanes.items()}
    sources = source_rows(session, engine, places, row.last_heard_ns)
    for key, (_, lane) in lanes.items():
        sources[key].closings += 1
        if key not in known:
            # Counted as they closed first, for a counter cannot take anything back.
            _count_closed(sources[key], lane.counts, is_live=bool(rows[key]["live"]))


_TOLD_AGAIN: Final = (
    *("outcome", "start_ns", "end_ns", "run_end_ns", "success", "failure", "unfinished", "objects"),
    *("duration_p95_s", "memory_p95_bytes", "cpu_p95_s"),
)
_OUTCOMES: Final = {outcome: str(outcome) for outcome in RunOutcome}


def _count_closed(source: SourceRow, counts: Counts, is_live: bool) -> None:
    outcome = _OUTCOMES[counts.outcome]
    for count in (f"closed_{outcome}", f"live_runs_{outcome}")[: 1 + is_live]:
        setattr(source, count, getattr(source, count) + 1)
    if is_live:
        source.live_unfinished += counts.unfinished


def _lane_row(row: RunRow, key: str, place: tuple[str, Lane], policy: Policy) -> dict[str, object]:
    zone, lane = place
    objects = {
        task.record.object_name for task in lane.tasks if task.record.outcome is TaskOutcome.SUCCESS
    }
    return {
        "run": row.id,
        "lane": key,
        "company": row.company,
        "zone": zone,
        "source": lane.source,
        "outcome": lane.counts.outcome,
        "start_ns": lane.start_ns,
        "end_ns": lane.end_ns,
        "run_end_ns": row.end_ns,
        "success": lane.counts.success,
        "failure": lane.counts.failure,
        "unfinished": lane.counts.unfinished,
        "objects": orjson.dumps(sorted(objects)).decode(),
        "live": int(policy.is_live(lane.end_ns, row.last_heard_ns)),
        "duration_p95_s": quantile([duration_s(task) for task in lane.tasks], _Q),
        "memory_p95_bytes": quantile(memory_deltas_bytes(lane), _Q),
        "cpu_p95_s": quantile(cpu_times_s(lane), _Q),
    }


_Q: Final = 0.95

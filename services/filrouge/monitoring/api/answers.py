"""The answers, each from one reading transaction, so that it is right in itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, case, func, select, text
from sqlalchemy.orm import Session

from filrouge.monitoring.api.schemas import (
    ErrorGroup,
    ErrorPage,
    ExpectedOfSource,
    PartitionCount,
    Reconciliation,
    RunDetail,
    RunPage,
    RunsDue,
    RunSummary,
    SourcePage,
    SourceState,
    TaskCounts,
)
from filrouge.monitoring.api.searching import RunQuery
from filrouge.monitoring.expectations.file import RunRule
from filrouge.monitoring.expectations.judging import Standing
from filrouge.monitoring.expectations.learning import Expected
from filrouge.monitoring.lifecycle import State
from filrouge.monitoring.rebuilding import rebuild
from filrouge.monitoring.registry.database import reading
from filrouge.monitoring.registry.schedules import all_schedules, run_cadence
from filrouge.monitoring.registry.tables import (
    OffsetRow,
    RecordRow,
    RunRow,
    ScheduleRow,
    SendingRow,
    SourceRow,
)
from filrouge.monitoring.standings import Standings
from filrouge.records.parse import RecordParser
from filrouge.records.record import RunOutcome
from filrouge.records.utctime import NS_PER_S
from filrouge.report.view import rfc3339, run_view


def ping(engine: Engine) -> None:
    """Returns when the registry answers."""
    with Session(reading(engine)) as session:
        session.execute(text("SELECT 1"))


def runs(engine: Engine, query: RunQuery) -> RunPage:
    """A page of runs."""
    with Session(reading(engine)) as session:
        found = list(session.scalars(query.statement()))
        page = found[: query.limit]
        sent = _sent(session, page)
        more = query.page_after(page[-1]) if len(found) > query.limit else None
        return RunPage(runs=[_summary(row, sent.get(row.id)) for row in page], next=more)


def run(engine: Engine, parser: RecordParser, trace_id: str) -> RunDetail | None:
    """One run, as it stands; None if there is none."""
    with Session(reading(engine)) as session:
        row = session.scalars(select(RunRow).where(RunRow.trace_id == trace_id)).one_or_none()
        if row is None:
            return None
        lines = session.scalars(select(RecordRow.line).where(RecordRow.run == row.id))
        view: Any = run_view(rebuild(parser, row.key, map(bytes, lines)))
        summary = _summary(row, _sent(session, [row]).get(row.id))
        return RunDetail(**summary.model_dump(), run=view)


def sources(standings: Standings, now_ns: int) -> SourcePage:
    """Every source, and how the runs of companies keep their deadline."""
    found = standings.look(now_ns)
    rules = standings.run_rules(row.company for row, _ in found)
    deadlines = {company: rule.deadline_s for company, rule in rules.items()}
    with Session(reading(standings.engine)) as session:
        rows = [row for row in all_schedules(session) if row.company in rules]
        due = [_due(session, row, rules[row.company], now_ns) for row in rows]
    told = [_source(row, each, deadlines.get(row.company), now_ns) for row, each in found]
    return SourcePage(sources=told, runs_due=due)


def errors(engine: Engine, company: str | None, limit: int) -> ErrorPage:
    """Errors by fingerprint, the newest first."""
    grouped = (
        select(
            RecordRow.fingerprint,
            func.count(),
            func.count(RecordRow.run.distinct()),
            func.min(RecordRow.end_ns),
            func.max(RecordRow.end_ns),
        )
        .where(RecordRow.fingerprint.is_not(None))
        .group_by(RecordRow.fingerprint)
        .order_by(func.max(RecordRow.end_ns).desc(), RecordRow.fingerprint)
        .limit(limit)
    )
    if company is not None:
        grouped = grouped.join(RunRow, RunRow.id == RecordRow.run).where(RunRow.company == company)
    with Session(reading(engine)) as session:
        return ErrorPage(errors=[_error(session, *told) for told in session.execute(grouped).all()])


def reconciliation(engine: Engine, lag: Mapping[int, int]) -> Reconciliation:
    """What came in, what is kept, what was sent."""
    with Session(reading(engine)) as session:
        offsets = session.scalars(select(OffsetRow).order_by(OffsetRow.partition)).all()
        partitions = [_partition(row, lag.get(row.partition)) for row in offsets]
        accepted = sum(row.accepted for row in offsets)
        records = session.execute(select(func.count()).select_from(RecordRow)).scalar_one()
        by_state = select(RunRow.state, func.count()).group_by(RunRow.state)
        states = dict(session.execute(by_state).all())
        closings, closings_sent, spans = session.execute(
            select(func.count(), func.count(SendingRow.sent_ns), func.sum(SendingRow.spans))
        ).one()
        told = select(func.count(SendingRow.run.distinct()))
        unsent = states.get(State.CLOSED, 0) - session.execute(told).scalar_one()
    differences = [*_partition_differences(partitions)]
    if accepted != records:
        differences.append(f"{accepted} records were accepted, {records} are kept")
    if unsent:
        differences.append(f"{unsent} closed runs have no word in the outbox")
    if closings != closings_sent:
        differences.append(f"{closings - closings_sent} closings still wait to be sent")
    return Reconciliation(
        balanced=not differences,
        differences=differences,
        partitions=partitions,
        accepted=accepted,
        records=records,
        runs_by_state={state: states.get(state, 0) for state in State},
        closings=closings,
        closings_sent=closings_sent,
        spans_sent=int(spans or 0),
    )


def _partition_differences(partitions: list[PartitionCount]) -> list[str]:
    found = []
    for each in partitions:
        if each.lag:
            found.append(f"partition {each.partition}: {each.lag} messages are still to be read")
        if each.missed:
            found.append(f"partition {each.partition}: {each.missed} messages were gone")
    return found


def _partition(row: OffsetRow, lag: int | None) -> PartitionCount:
    return PartitionCount(
        partition=row.partition,
        first=row.first,
        next=row.next,
        lag=lag,
        accepted=row.accepted,
        duplicate=row.duplicate,
        invalid=row.invalid,
        late=row.late,
        missed=row.missed,
    )


def _sent(session: Session, rows: Sequence[RunRow]) -> dict[int, int | None]:
    """When each run was sent last."""
    query = (
        select(SendingRow.run, func.max(SendingRow.sent_ns))
        .where(SendingRow.run.in_([row.id for row in rows]), SendingRow.sent_ns.is_not(None))
        .group_by(SendingRow.run)
    )
    return dict(session.execute(query).all())


def _summary(row: RunRow, sent_ns: int | None) -> RunSummary:
    return RunSummary(
        company=row.company,
        run_id=row.run_id,
        attempt=row.attempt,
        trace_id=row.trace_id,
        state=State(row.state),
        outcome=RunOutcome(row.outcome) if row.outcome else None,
        reason=row.reason,
        started_at=rfc3339(row.start_ns),
        ended_at=rfc3339(row.end_ns),
        duration_s=(row.end_ns - row.start_ns) / NS_PER_S,
        tasks_by_outcome=TaskCounts(
            success=row.success, failure=row.failure, unfinished=row.unfinished
        ),
        expected_tasks=row.expected_tasks,
        records=row.records,
        late_records=row.late,
        closed_at=_moment(row.closed_ns),
        sent_at=_moment(sent_ns),
    )


def _source(
    row: SourceRow, standing: Standing, deadline_s: float | None, now_ns: int
) -> SourceState:
    since = None if row.last_success_ns is None else (now_ns - row.last_success_ns) / NS_PER_S
    newest = standing.newest
    return SourceState(
        company=row.company,
        zone=row.zone,
        source=row.source,
        last_success_at=_moment(row.last_success_ns),
        last_failure_at=_moment(row.last_failure_ns),
        seconds_since_success=None if since is None else max(0.0, since),
        tasks_success=row.success,
        tasks_failure=row.failure,
        runs_success=row.closed_success,
        runs_partial=row.closed_partial,
        runs_failure=row.closed_failure,
        expected=_expected(standing.expected, deadline_s) if standing.expected else None,
        state=standing.condition,
        age_s=standing.age_s,
        completeness=standing.completeness,
        duration_p95_s=newest.duration_p95_s if newest else None,
        duration_baseline_s=standing.baseline_s,
        mean_time_to_recovery_s=standing.recovery_s,
        failing_since=_moment(standing.failing_since_ns),
    )


def _expected(expected: Expected, deadline_s: float | None) -> ExpectedOfSource:
    return ExpectedOfSource(
        cadence_s=expected.cadence_s,
        silence_limit_s=expected.silence_limit_s,
        freshness_limit_s=expected.freshness_limit_s,
        deadline=deadline_s,
        objects=expected.object_count,
        learnt=list(expected.learnt),
    )


def _due(session: Session, row: ScheduleRow, rule: RunRule, now_ns: int) -> RunsDue:
    return RunsDue(
        company=row.company,
        deadline_s=rule.deadline_s,
        cadence_s=rule.cadence_s or run_cadence(session, row.company, now_ns),
        next_due_at=_moment(row.due_ns),
        on_time=row.on_time,
        late=row.late,
        missed=row.missed,
    )


def _error(
    session: Session, fingerprint: str | None, count: int, runs: int, first_ns: int, last_ns: int
) -> ErrorGroup:
    newest = (
        select(RecordRow, RunRow)
        .join(RunRow, RunRow.id == RecordRow.run)
        .where(RecordRow.fingerprint == fingerprint)
        .order_by(RecordRow.end_ns.desc(), RecordRow.id.desc())
        .limit(1)
    )
    record, last_run = session.execute(newest).one()
    return ErrorGroup(
        fingerprint=fingerprint or "",
        company=last_run.company,
        zone=record.zone or "",
        source=record.source or "",
        object_name=record.object_name or "",
        error_type=record.error_type or "",
        message=record.message or "",
        count=count,
        runs=runs,
        runs_in_a_row=_in_a_row(session, record, last_run),
        first_at=rfc3339(first_ns),
        last_at=rfc3339(last_ns),
        last_trace_id=last_run.trace_id,
    )


_RUNS_LOOKED_AT = 50


def _in_a_row(session: Session, record: RecordRow, last: RunRow) -> int:
    """In how many of the object's newest runs the error came, without one between that had none."""
    recent = (
        select(RunRow.id, func.max(_is(record)))
        .join(RecordRow, RecordRow.run == RunRow.id)
        .where(RunRow.company == last.company, RecordRow.outcome.is_not(None))
        .where(RecordRow.zone == record.zone, RecordRow.source == record.source)
        .where(RecordRow.object_name == record.object_name)
        .group_by(RunRow.id, RunRow.start_ns)
        .order_by(RunRow.start_ns.desc(), RunRow.id.desc())
        .limit(_RUNS_LOOKED_AT)
    )
    row = 0
    for _, had_it in session.execute(recent):
        if not had_it:
            break
        row += 1
    return row


def _is(record: RecordRow) -> Any:
    return case((RecordRow.fingerprint == record.fingerprint, 1), else_=0)


def _moment(instant_ns: int | None) -> str | None:
    return None if instant_ns is None else rfc3339(instant_ns)

"""A batch into the registry: records, runs, sources and offsets in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, Engine, select, update
from sqlalchemy.orm import Session

from filrouge.kafka.topics import TOPIC
from filrouge.monitoring.fingerprint import fingerprint
from filrouge.monitoring.intake import Batch, Entry
from filrouge.monitoring.lifecycle import Heard, Policy, State, next_look_ns
from filrouge.monitoring.registry.database import insert
from filrouge.monitoring.registry.tables import OffsetRow, RecordRow, RunRow, SourceRow, lane_key
from filrouge.records.record import (
    Record,
    RunCompleted,
    RunStarted,
    TaskFinished,
    TaskOutcome,
    TaskStarted,
)
from filrouge.runs.failure import error_type
from filrouge.runs.ids import RunIds

_MESSAGE_CHARACTERS: Final = 4096  # the line has the whole text


class MovedOnError(Exception):
    """Somebody else has read the partition in the meantime; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: every message is one of the four; late ones are new ones too."""

    accepted: int = 0
    duplicate: int = 0
    invalid: int = 0
    late: int = 0


def take(engine: Engine, batch: Batch, policy: Policy, now_ns: int) -> Taken:
    """Keeps a batch; a second time it would be refused, so that nothing counts twice.

    1. Moves the offsets, if they are where this batch begins.
    2. Finds its runs, or makes them, and locks them.
    3. Keeps the records that are not there yet.
    4. Brings runs and sources up to what is new.

    Raises:
        MovedOnError: the offsets were elsewhere.
    """
    with Session(engine) as session, session.begin():
        offsets = _move_offsets(session, batch)
        runs = _runs(session, engine, batch.entries, now_ns)
        new = _keep(session, engine, batch.entries, runs, now_ns)
        late = _hear(runs, new, policy, now_ns)
        _hear_of_sources(session, engine, (entry.record for entry in new), policy, now_ns)
        return _count(offsets, batch, new, late)


def _move_offsets(session: Session, batch: Batch) -> dict[int, OffsetRow]:
    for partition, span in sorted(batch.spans.items()):
        moved = session.execute(
            update(OffsetRow)
            .where(OffsetRow.topic == TOPIC, OffsetRow.partition == partition)
            .where(OffsetRow.next == span.first)
            .values(next=span.next)
            .execution_options(synchronize_session=False)
        )
        if not isinstance(moved, CursorResult) or moved.rowcount != 1:
            raise MovedOnError(f"{TOPIC}[{partition}] is no longer at {span.first}")
    found = session.scalars(
        select(OffsetRow).where(OffsetRow.topic == TOPIC, OffsetRow.partition.in_(batch.spans))
    )
    return {row.partition: row for row in found}


def _runs(
    session: Session, engine: Engine, entries: Iterable[Entry], now_ns: int
) -> dict[str, RunRow]:
    """The rows of all runs that are named, locked, by trace id."""
    named = {RunIds(entry.record.run).trace_id: entry for entry in entries}
    if not named:
        return {}
    rows = [
        {
            "trace_id": trace_id,
            "company": entry.record.run.company,
            "run_id": entry.record.run.run_id,
            "attempt": entry.record.run.attempt,
            "partition": entry.partition,
            "state": State.OPEN,
            "reason": "",
            "start_ns": entry.record.start_ns,
            "end_ns": _end_ns(entry.record),
            "first_heard_ns": now_ns,
            "last_heard_ns": now_ns,
            **dict.fromkeys(_ZEROS, 0),
        }
        for trace_id, entry in sorted(named.items())  # one order for all, so that nobody waits
    ]
    table = RunRow.__table__
    session.execute(insert(engine, table).on_conflict_do_nothing(), rows)
    query = select(RunRow).where(RunRow.trace_id.in_(named)).order_by(RunRow.trace_id)
    return {row.trace_id: row for row in session.scalars(query.with_for_update())}


_ZEROS: Final = (
    *("success", "failure", "unfinished", "begun", "tasks_begun", "completed"),
    *("records", "waiting", "late", "wave"),
)


def _keep(
    session: Session,
    engine: Engine,
    entries: Iterable[Entry],
    runs: Mapping[str, RunRow],
    now_ns: int,
) -> list[Entry]:
    """Inserts what is new; returns it, each once."""
    by_key = {
        (runs[RunIds(entry.record.run).trace_id].id, entry.digest): entry for entry in entries
    }
    if not by_key:
        return []
    rows = [_row(run, entry, now_ns) for (run, _), entry in by_key.items()]
    table = RecordRow.__table__
    statement = (
        insert(engine, table).on_conflict_do_nothing().returning(table.c.run, table.c.digest)
    )
    inserted = session.execute(statement, rows)
    return [by_key[run, bytes(digest)] for run, digest in inserted]


def _row(run: int, entry: Entry, now_ns: int) -> dict[str, Any]:
    record = entry.record
    row: dict[str, Any] = {
        **dict.fromkeys(_OF_TASKS),
        "run": run,
        "digest": entry.digest,
        "line": record.line,
        "kind": type(record).__name__,
        "start_ns": record.start_ns,
        "end_ns": _end_ns(record),
        "heard_ns": now_ns,
        "wave": 0,
    }
    if isinstance(record, TaskFinished | TaskStarted):
        row |= {name: getattr(record, name) for name in _PLACE}
    if isinstance(record, TaskFinished):
        row["outcome"] = record.outcome
        if record.outcome is TaskOutcome.FAILURE:
            row["error_type"] = error_type(record)
            row["message"] = record.message[:_MESSAGE_CHARACTERS]
            row["fingerprint"] = fingerprint(record)
    return row


_PLACE: Final = ("zone", "source", "object_id", "object_name")
_OF_TASKS: Final = (*_PLACE, "outcome", "error_type", "message", "fingerprint")


def _hear(
    runs: Mapping[str, RunRow], new: Iterable[Entry], policy: Policy, now_ns: int
) -> Counter[int]:
    """Brings the runs up to their new records; how many were late, by partition."""
    late: Counter[int] = Counter()
    heard: set[str] = set()
    for entry in new:
        trace_id = RunIds(entry.record.run).trace_id
        heard.add(trace_id)
        run = runs[trace_id]
        _add(run, entry.record)
        run.partition = entry.partition
        if run.wave:
            run.late += 1
            late[entry.partition] += 1
        if run.waiting_since_ns is None:
            run.waiting_since_ns = now_ns
        run.waiting += 1
        run.records += 1
    for trace_id in heard:
        run = runs[trace_id]
        run.last_heard_ns = now_ns
        run.state = State.CLOSED if run.wave else State.OPEN
        run.due_ns = next_look_ns(heard_of(run), policy)
    return late


def _add(run: RunRow, record: Record) -> None:
    """Running figures; the run model says exactly when the run closes."""
    run.start_ns = min(run.start_ns, record.start_ns)
    run.end_ns = max(run.end_ns, _end_ns(record))
    match record:
        case TaskFinished():
            failed = record.outcome is TaskOutcome.FAILURE
            run.failure += failed
            run.success += not failed
        case TaskStarted():
            run.tasks_begun += 1
        case RunStarted() | RunCompleted():
            run.begun = 1
            run.completed |= isinstance(record, RunCompleted)
            if record.expected_tasks is not None:
                run.expected_tasks = record.expected_tasks


def heard_of(run: RunRow) -> Heard:
    """What is known of a run, for `lifecycle` to decide."""
    finished = run.success + run.failure
    return Heard(
        last_ns=run.last_heard_ns,
        waiting_since_ns=run.waiting_since_ns,
        was_closed=run.wave > 0,
        completed=bool(run.completed),
        more_to_come=bool(run.begun)
        or run.tasks_begun > finished
        or finished < (run.expected_tasks or 0),
    )


def _hear_of_sources(
    session: Session, engine: Engine, records: Iterable[Record], policy: Policy, now_ns: int
) -> None:
    tasks: dict[str, list[TaskFinished]] = {}
    for record in records:
        if isinstance(record, TaskFinished):
            lane = lane_key(record.run.company, record.zone, record.source)
            tasks.setdefault(lane, []).append(record)
    if not tasks:
        return
    places = {lane: _place(told[0]) for lane, told in tasks.items()}
    rows = source_rows(session, engine, places, now_ns)
    for lane, told in tasks.items():
        row = rows[lane]
        row.last_heard_ns = now_ns
        for record in told:
            _count_in(row, record, now_ns, is_live=policy.is_live(record.end_ns, now_ns))


def _count_in(row: SourceRow, record: TaskFinished, now_ns: int, is_live: bool) -> None:
    end_ns = record.end_ns
    capped_ns = min(end_ns, now_ns)
    row.last_end_ns = max(row.last_end_ns, end_ns)
    row.record_ns = _latest(row.record_ns, capped_ns)
    if record.outcome is TaskOutcome.SUCCESS:
        row.success += 1
        row.live_success += is_live
        row.last_success_ns = _latest(row.last_success_ns, end_ns)
        row.well_ns = _latest(row.well_ns, capped_ns)
    else:
        row.failure += 1
        row.live_failure += is_live
        row.last_failure_ns = _latest(row.last_failure_ns, end_ns)


def _latest(known_ns: int | None, instant_ns: int) -> int:
    return instant_ns if known_ns is None else max(known_ns, instant_ns)


def _place(record: TaskFinished) -> tuple[str, str, str]:
    return record.run.company, record.zone, record.source


def source_rows(
    session: Session, engine: Engine, lanes: Mapping[str, tuple[str, str, str]], now_ns: int
) -> dict[str, SourceRow]:
    """The rows of sources, made where there are none, and locked.

    Args:
        session: in whose transaction.
        engine: the registry's.
        lanes: company, zone and source of each, by its key.
        now_ns: since when those that are new are known.
    """
    rows = [
        {
            "lane": lane,
            "company": company,
            "zone": zone,
            "source": source,
            "since_ns": now_ns,
            **dict.fromkeys(_ZEROS_OF_SOURCES, 0),
        }
        for lane, (company, zone, source) in sorted(lanes.items())
    ]
    session.execute(insert(engine, SourceRow.__table__).on_conflict_do_nothing(), rows)
    query = select(SourceRow).where(SourceRow.lane.in_(lanes)).order_by(SourceRow.lane)
    return {row.lane: row for row in session.scalars(query.with_for_update())}


_ZEROS_OF_SOURCES: Final = (
    *("last_heard_ns", "last_end_ns", "success", "failure"),
    *("closed_success", "closed_partial", "closed_failure"),
    *("live_success", "live_failure", "live_unfinished"),
    *("live_runs_success", "live_runs_partial", "live_runs_failure", "closings"),
)


def _count(
    offsets: Mapping[int, OffsetRow], batch: Batch, new: Iterable[Entry], late: Counter[int]
) -> Taken:
    accepted = Counter(entry.partition for entry in new)
    for partition, span in batch.spans.items():
        row = offsets[partition]
        row.accepted += accepted[partition]
        row.duplicate += span.read - span.invalid - accepted[partition]
        row.invalid += span.invalid
        row.late += late[partition]
    invalid = sum(span.invalid for span in batch.spans.values())
    read = sum(span.read for span in batch.spans.values())
    return Taken(accepted.total(), read - invalid - accepted.total(), invalid, late.total())


def _end_ns(record: Record) -> int:
    """A record of a start ends as it begins."""
    return record.end_ns if isinstance(record, TaskFinished | RunCompleted) else record.start_ns

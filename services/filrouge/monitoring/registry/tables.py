"""The tables. Times are nanoseconds since 1970 UTC; `heard` ones are this service's own clock."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, ClassVar, Final

from sqlalchemy import (
    BigInteger,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from filrouge.records.record import RunKey

_KEY: Final = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only an INTEGER


class AnyText(TypeDecorator[str]):
    r"""Text of a record, which may hold NUL: PostgreSQL's cannot, so it is kept as `\0`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """As it is kept."""
        return value and value.replace("\\", "\\\\").replace("\0", "\\0")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """As it was."""
        if not value or "\\" not in value:
            return value
        return _ESCAPED.sub(lambda found: "\0" if found[1] == "0" else "\\", value)


_ESCAPED: Final = re.compile(r"\\([0\\])")


def lane_key(company: str, zone: str, source: str) -> str:
    """What stands for the three in an index, where long names have no room."""
    parts = (sha256(part.encode()).digest() for part in (company, zone, source))
    return sha256(b"".join(parts)).hexdigest()[:32]


class Base(DeclarativeBase):
    """All tables of the registry."""

    metadata = MetaData(
        naming_convention={  # so that a migration can name what it changes
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[type, TypeEngine[Any]]] = {
        int: BigInteger(),
        float: Float(53),
        str: AnyText(),
        bytes: LargeBinary(),
    }


class RunRow(Base):
    """A run, as far as it is known. Its trace id is a function of its names, and stands for them.

    Counts, times and outcome are running figures until it closes; then the run model's own.

    Attributes:
        partition: of the topic, from which its last record came.
        state: see `lifecycle.State`.
        begun: 1 when the producer said that the run has begun, so it has to end.
        tasks_begun: how many tasks the producer said to have begun.
        completed: 1 when the producer said that the run is over.
        records: how many distinct ones are kept.
        waiting: how many of them came since the run was closed last, or at all.
        waiting_since_ns: when the first of these was heard of.
        late: how many came after it was closed first.
        wave: how often it was closed: 1, and one more for each late addition.
        due_ns: when it is to be looked at again; None while nothing waits.
    """

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(_KEY, primary_key=True)
    company: Mapped[str]
    run_id: Mapped[str]
    attempt: Mapped[int]
    trace_id: Mapped[str] = mapped_column(unique=True)
    partition: Mapped[int]
    state: Mapped[str]
    outcome: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    start_ns: Mapped[int]
    end_ns: Mapped[int]
    success: Mapped[int] = mapped_column(default=0)
    failure: Mapped[int] = mapped_column(default=0)
    unfinished: Mapped[int] = mapped_column(default=0)
    expected_tasks: Mapped[int | None]
    begun: Mapped[int] = mapped_column(default=0)
    tasks_begun: Mapped[int] = mapped_column(default=0)
    completed: Mapped[int] = mapped_column(default=0)
    first_heard_ns: Mapped[int]
    last_heard_ns: Mapped[int]
    records: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    waiting_since_ns: Mapped[int | None]
    late: Mapped[int] = mapped_column(default=0)
    wave: Mapped[int] = mapped_column(default=0)
    closed_ns: Mapped[int | None]
    due_ns: Mapped[int | None]

    __table_args__ = (
        Index(None, "due_ns"),
        Index(None, "start_ns", "id"),
        Index(None, "company", "start_ns"),
        Index(None, "state", "start_ns"),
    )

    @property
    def key(self) -> RunKey:
        """What names the run."""
        return RunKey(self.company, self.run_id, self.attempt)


_FAILED: Final = "fingerprint IS NOT NULL"


class RecordRow(Base):
    """A record as it came, once, whoever sent it how often.

    Attributes:
        digest: SHA-256 of the line.
        kind: the record's class: `TaskFinished`, `TaskStarted`, `RunStarted`, `RunCompleted`.
        wave: with which closing of the run it was sent; 0 until then.
        fingerprint: of a failed task: what tells errors apart, see `fingerprint.py`.
    """

    __tablename__ = "records"

    id: Mapped[int] = mapped_column(_KEY, primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    digest: Mapped[bytes]
    line: Mapped[bytes]
    kind: Mapped[str]
    zone: Mapped[str | None]
    source: Mapped[str | None]
    object_id: Mapped[str | None]
    object_name: Mapped[str | None]
    outcome: Mapped[str | None]
    start_ns: Mapped[int]
    end_ns: Mapped[int]
    error_type: Mapped[str | None]
    message: Mapped[str | None]
    fingerprint: Mapped[str | None]
    heard_ns: Mapped[int]
    wave: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("run", "digest"),
        Index(None, "fingerprint", "end_ns"),
        Index(  # failures that came of late, without a look at all that went well
            "ix_records_failures_heard_ns",
            "heard_ns",
            sqlite_where=text(_FAILED),
            postgresql_where=text(_FAILED),
        ),
    )


class LaneRow(Base):
    """A source within a zone of a closed run, as of its last closing.

    Attributes:
        run_end_ns: when the whole run ended; the newest is the one that ended last.
        live: 0 when it is history: too old for the present when it was heard of.
    """

    __tablename__ = "lanes"

    run: Mapped[int] = mapped_column(_KEY, ForeignKey("runs.id"), primary_key=True)
    lane: Mapped[str] = mapped_column(primary_key=True)
    company: Mapped[str]
    zone: Mapped[str]
    source: Mapped[str]
    outcome: Mapped[str]
    start_ns: Mapped[int]
    end_ns: Mapped[int]
    run_end_ns: Mapped[int]
    success: Mapped[int]
    failure: Mapped[int]
    unfinished: Mapped[int]
    objects: Mapped[str]  # a JSON array of the names of objects that succeeded, sorted
    live: Mapped[int] = mapped_column(default=0)
    duration_p95_s: Mapped[float | None]
    memory_p95_bytes: Mapped[float | None]
    cpu_p95_s: Mapped[float | None]

    __table_args__ = (Index(None, "lane", "run_end_ns"),)


class SourceRow(Base):
    """A source that was ever heard of, or is expected by name; kept record by record.

    Attributes:
        last_heard_ns: 0 when it never came.
        since_ns: when it was heard of first, or since when it is expected.
        record_ns: when its last record ended, but not after it was heard of: a producer's clock
            that runs ahead must not hide its silence. None: it never came.
        well_ns: the same of its last success.
        live_success: tasks without history, as all that begins with `live`.
        live_runs_success: closed runs likewise, as they closed first, for a counter cannot take
            anything back.
        closings: rises when one of its runs closes, or closes again.
        told: the counters as they were told of last, as JSON; None: never.
    """

    __tablename__ = "sources"

    lane: Mapped[str] = mapped_column(primary_key=True)
    company: Mapped[str]
    zone: Mapped[str]
    source: Mapped[str]
    last_heard_ns: Mapped[int]
    last_end_ns: Mapped[int]
    last_success_ns: Mapped[int | None]
    last_failure_ns: Mapped[int | None]
    success: Mapped[int] = mapped_column(default=0)
    failure: Mapped[int] = mapped_column(default=0)
    closed_success: Mapped[int] = mapped_column(default=0)
    closed_partial: Mapped[int] = mapped_column(default=0)
    closed_failure: Mapped[int] = mapped_column(default=0)
    since_ns: Mapped[int] = mapped_column(default=0)
    record_ns: Mapped[int | None]
    well_ns: Mapped[int | None]
    live_success: Mapped[int] = mapped_column(default=0)
    live_failure: Mapped[int] = mapped_column(default=0)
    live_unfinished: Mapped[int] = mapped_column(default=0)
    live_runs_success: Mapped[int] = mapped_column(default=0)
    live_runs_partial: Mapped[int] = mapped_column(default=0)
    live_runs_failure: Mapped[int] = mapped_column(default=0)
    closings: Mapped[int] = mapped_column(default=0)
    told: Mapped[str | None]


class ScheduleRow(Base):
    """When the next run of a company is due, and how those before it kept their deadline.

    Attributes:
        since_ns: what ended before has no deadline.
        seen_ns: the start of the newest run that was judged; 0: none was.
        due_ns: when the next one is to begin; None: not known.
        told: the counters as they were told of last, as JSON; None: never.
    """

    __tablename__ = "schedules"

    company: Mapped[str] = mapped_column(primary_key=True)
    since_ns: Mapped[int]
    seen_ns: Mapped[int] = mapped_column(default=0)
    due_ns: Mapped[int | None]
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    told: Mapped[str | None]


class LeaseRow(Base):
    """Who does what only one instance may do at a time.

    Attributes:
        until_ns: when it is anybody's again.
        done_ns: when it was done last.
    """

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until_ns: Mapped[int]
    done_ns: Mapped[int] = mapped_column(default=0)


class OffsetRow(Base):
    """How far a partition has been read, and what became of the messages.

    Attributes:
        next: the offset to be read next.
        first: the offset at which reading began.
        missed: messages that Kafka had deleted before they were read.
    """

    __tablename__ = "offsets"

    topic: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[int]
    next: Mapped[int]
    accepted: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    invalid: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)


class SendingRow(Base):
    """The outbox: a closing that is to be told of, written in the closing's own transaction.

    Attributes:
        due_ns: when it may be tried, by whoever comes first; moved ahead by who tries it.
        spans: how many went out; None until then.
    """

    __tablename__ = "sendings"

    id: Mapped[int] = mapped_column(_KEY, primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    wave: Mapped[int]
    created_ns: Mapped[int]
    due_ns: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_ns: Mapped[int | None]
    spans: Mapped[int | None]
    error: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("run", "wave"), Index(None, "due_ns"))

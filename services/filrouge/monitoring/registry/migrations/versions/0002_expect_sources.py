"""Keep what expectations of sources and runs are judged by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COUNTERS = (
    *("live_success", "live_failure", "live_unfinished"),
    *("live_runs_success", "live_runs_partial", "live_runs_failure", "closings"),
)
_FAILED = sa.text("fingerprint IS NOT NULL")


def upgrade() -> None:
    """Does it; what was counted before is not live, so that nothing fails all at once."""
    for name in ("since_ns", *_COUNTERS):
        op.add_column(
            "sources", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        )
    op.add_column("sources", sa.Column("record_ns", sa.BigInteger(), nullable=True))
    op.add_column("sources", sa.Column("well_ns", sa.BigInteger(), nullable=True))
    op.add_column("sources", sa.Column("told", sa.Text(), nullable=True))
    op.execute(
        "UPDATE sources SET since_ns = last_heard_ns, closings = 1, well_ns = last_success_ns, "
        "record_ns = CASE WHEN last_end_ns < last_heard_ns THEN last_end_ns ELSE last_heard_ns END"
    )
    op.add_column("lanes", sa.Column("live", sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("duration_p95_s", "memory_p95_bytes", "cpu_p95_s"):
        op.add_column("lanes", sa.Column(name, sa.Float(53), nullable=True))
    op.create_index(
        "ix_records_failures_heard_ns",
        "records",
        ["heard_ns"],
        sqlite_where=_FAILED,
        postgresql_where=_FAILED,
    )
    op.create_table(
        "schedules",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("since_ns", sa.BigInteger(), nullable=False),
        sa.Column("seen_ns", sa.BigInteger(), nullable=False),
        sa.Column("due_ns", sa.BigInteger(), nullable=True),
        sa.Column("on_time", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("missed", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_schedules")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.Column("done_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def downgrade() -> None:
    """Undoes it."""
    op.drop_table("leases")
    op.drop_table("schedules")
    op.drop_index("ix_records_failures_heard_ns", "records")
    for name in ("cpu_p95_s", "memory_p95_bytes", "duration_p95_s", "live"):
        op.drop_column("lanes", name)
    for name in ("told", "well_ns", "record_ns", *reversed(_COUNTERS), "since_ns"):
        op.drop_column("sources", name)

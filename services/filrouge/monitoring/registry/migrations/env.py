"""Alembic's entry: runs the migrations on the connection that `database.migrate` gives it."""

from __future__ import annotations

from alembic import context

from filrouge.monitoring.registry.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a column
)
with context.begin_transaction():
    context.run_migrations()

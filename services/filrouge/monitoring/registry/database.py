"""The database itself: SQLite in a file, or PostgreSQL; brought up to date when it is opened."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from filrouge.errors import UsageError

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x66696C726F756765  # any number that no other program takes: "filrouge"
_BUSY_MS: Final = 30_000
_PATIENCE_S: Final = 30.0


def open_database(url: str) -> Engine:
    """The database at an address, with all migrations done; a SQLite file is made if need be.

    Raises:
        UsageError: the address is wrong, or the database does not answer within half a minute.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, pool_pre_ping=True, pool_size=8, max_overflow=16)
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine)
    retrying = Retrying(
        retry=retry_if_exception_type(DBAPIError),
        stop=stop_after_delay(_PATIENCE_S),
        wait=wait_exponential_jitter(multiplier=0.2, max=2),
        reraise=True,
    )
    try:
        retrying(migrate, engine)
    except DBAPIError as error:
        raise UsageError(
            f"the registry at {parsed.render_as_string(hide_password=True)} cannot be used "
            f"({str(error.orig).strip()}); start the database, or correct database_url"
        ) from error
    return engine


def migrate(engine: Engine) -> None:
    """Brings the tables up to date; one process at a time, and a second time does nothing."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # SQLite has begun IMMEDIATE, which is a lock
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def reading(engine: Engine) -> Engine:
    """The same for transactions that only read: with SQLite they do not wait for who writes."""
    return engine.execution_options(filrouge_reads=True)


def insert(engine: Engine, table: Any) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the database's own dialect."""
    make = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    return make(table)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError(
            "database_url is no address of a database; expected sqlite:///path/to/file.db or "
            "postgresql+psycopg://user:password@host/database"
        ) from None
    if parsed.drivername in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise UsageError(
            f"database_url names {parsed.drivername}; the registry is kept in sqlite or postgresql"
        )
    return parsed


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        # The driver begins transactions late, and never for DDL; `_begin` does it by itself.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",  # readers do not wait for the writer
            "synchronous = NORMAL",  # with WAL a power cut may undo the last commits, whole
            f"busy_timeout = {_BUSY_MS}",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and then writes cannot get the lock when another wrote in
        # between; those that say that they only read do not take it.
        reads = connection.get_execution_options().get("filrouge_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of each start else

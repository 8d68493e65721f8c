"""The registry in both databases: SQLite, and a PostgreSQL that the tests start themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from filrouge.monitoring.registry.database import open_database
from tests.postgresql import PostgreSQL
from tests.postgresql import postgresql as running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server of the session's own, without a database."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes empty databases: once of each kind; gives their addresses."""
    if request.param == "sqlite":
        numbers = count()
        return lambda: f"sqlite:///{tmp_path / f'registry{next(numbers)}.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """An empty database: once of each kind."""
    return new_database()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty registry: once in each database."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()

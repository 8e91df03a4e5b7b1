"""Every test of the store and the service runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text
from throwaway_postgresql import create_database, postgresql_programs, throwaway_postgresql

from trackside.planner.store.database import Database
from trackside.planner.store.opening import open_store
from trackside.planner.store.tables import metadata

_numbers = count()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """URL of a PostgreSQL cluster, with a place for the database's name."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql): tested on SQLite only")
    with throwaway_postgresql(programs) as url:
        yield url


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store on SQLite."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def prepared_postgresql(cluster: str) -> str:
    """URL of an empty store on PostgreSQL, the same one for all tests."""
    url = create_database(cluster, "prepared")
    open_store(url).close()
    return url


def _cleaned(url: str) -> str:
    with Database(url) as opened, opened.writing() as connection:
        tables = ", ".join(metadata.tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.sqlite'}"
    return create_database(request.getfixturevalue("cluster"), f"new_{next(_numbers)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty store."""
    if request.param == "sqlite":
        path = tmp_path / "store.sqlite"
        shutil.copy(request.getfixturevalue("prepared"), path)
        return f"sqlite:///{path}"
    return _cleaned(request.getfixturevalue("prepared_postgresql"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty store."""
    with Database(url) as opened:
        yield opened

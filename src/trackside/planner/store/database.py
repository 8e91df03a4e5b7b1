"""Opening the store: SQLite beside the service, or PostgreSQL, by its URL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from trackside.errors import ParameterError

WAIT = 10.0
"""s that one writer waits for another before it gives up."""
CONNECTIONS = 10
"""Kept open; four times as many at most."""
_WRITES = "trackside_writes"


class Database:
    """A store whose tables are there; :func:`.opening.open_store` sees to that.

    ``url`` is SQLAlchemy's: ``sqlite:///trackside.sqlite`` or ``postgresql://user@host/name``.
    Raises :class:`ParameterError` for a URL that is none, or a folder that is not there.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.url = url
        self.place = parsed.render_as_string(hide_password=True)
        self.is_postgresql = parsed.get_backend_name() == "postgresql"
        self.path = None if self.is_postgresql else parsed.database
        self._engine = _postgresql(parsed) if self.is_postgresql else _sqlite(parsed)
        self._readers = self._engine
        self.closers: list[Callable[[], None]] = []
        if self.is_postgresql:
            # a plan's days and the rest of it are of one revision
            self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield the connection of a transaction that sees one state of the store."""
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the connection of a transaction that is stored whole, or not at all if it raises.

        On SQLite there is one writer at a time; others wait.
        """
        with self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        for close in self.closers:
            close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _parsed(url: str) -> URL:
    expected = "expected sqlite:///FILE or postgresql://USER@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ParameterError(f"the store's address is no URL: {expected}") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise ParameterError(f"a store of {backend}, without a file: {expected}")
    return parsed


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=3 * CONNECTIONS,
            pool_pre_ping=True,
            connect_args={"connect_timeout": int(WAIT)},
        )
    except ModuleNotFoundError:
        needed = 'pip install "trackside[postgresql]"'
        raise ParameterError(f"a store on PostgreSQL needs psycopg: {needed}") from None


def _sqlite(url: URL) -> Engine:
    path = Path(str(url.database))
    if not path.parent.is_dir():
        raise ParameterError(f"the store {path}: expected a folder {path.parent} that exists")
    # health data: for nobody else on this computer
    path.touch(mode=0o600)
    engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=3 * CONNECTIONS)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says so
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", f"busy_timeout = {WAIT * 1e3:g}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a transaction that reads first and writes later would fail instead of waiting
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine

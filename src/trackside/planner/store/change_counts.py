"""How often something of a runner has changed, asked before every answer: as cheap as can be."""

import sqlite3
from threading import Lock

from trackside.planner.store.database import Database
from trackside.planner.store.runners import change_count


class ChangeCounts:
    """Counts of changes; on SQLite by a connection of its own, without SQLAlchemy's part of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._direct: sqlite3.Connection | None = None
        self._lock = Lock()

    def of(self, runner_id: str) -> int | None:
        """The count of a runner; None without the runner."""
        if self._database.path is None:
            with self._database.reading() as connection:
                return change_count(connection, runner_id)
        with self._lock:
            if self._direct is None:
                self._direct = sqlite3.connect(
                    self._database.path, isolation_level=None, check_same_thread=False
                )
                self._database.closers.append(self._direct.close)
            query = "SELECT changes FROM runner WHERE runner_id = ?"
            row = self._direct.execute(query, (runner_id,)).fetchone()
        return None if row is None else int(row[0])

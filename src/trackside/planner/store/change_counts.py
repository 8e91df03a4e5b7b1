"""How often something of runners has changed, asked before every answer: as cheap as can be."""

import sqlite3
from collections.abc import Collection
from threading import Lock

from trackside.planner.store.database import Database
from trackside.planner.store.jobs import job_changes
from trackside.planner.store.runners import change_count


class ChangeCounts:
    """Counts of changes; on SQLite by a connection of its own, without SQLAlchemy's part of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._direct: sqlite3.Connection | None = None
        self._lock = Lock()

    def of_runner(self, runner_id: str) -> int | None:
        """Of profile, plans, recordings and adjustments of a runner; None without the runner."""
        if self._database.path is None:
            with self._database.reading() as connection:
                return change_count(connection, runner_id)
        return self._ask("SELECT changes FROM runner WHERE runner_id = ?", (runner_id,))

    def of_jobs(self, runner_ids: Collection[str] | None) -> int:
        """Of what is told of the jobs of some runners, or of all."""
        if self._database.path is None:
            with self._database.reading() as connection:
                return job_changes(connection, runner_ids)
        query = "SELECT coalesce(sum(changes + 1), 0) FROM background_jobs"
        if runner_ids is None:
            return self._ask(query, ()) or 0
        marks = ", ".join("?" * len(runner_ids))
        return self._ask(f"{query} WHERE runner_id IN ({marks})", tuple(runner_ids)) or 0

    def _ask(self, query: str, values: tuple[str, ...]) -> int | None:
        """The one number that SQLite answers, None if there is none."""
        with self._lock:
            if self._direct is None:
                self._direct = sqlite3.connect(
                    str(self._database.path), isolation_level=None, check_same_thread=False
                )
                self._database.closers.append(self._direct.close)
            row = self._direct.execute(query, values).fetchone()
        return None if row is None else int(row[0])

"""Opening a store, which brings its tables to the present version."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from trackside.errors import ParameterError
from trackside.planner.store.database import Database

LOCK = 7_426_001
"""Number of PostgreSQL's advisory lock: of several services, one migrates and the others wait."""


def open_store(url: str) -> Database:
    """The store at a URL, made or brought to the present version first.

    Raises :class:`ParameterError` for a URL that is none, a database that does not answer or is
    none, or one that a newer Trackside made.
    """
    database = Database(url)
    try:
        with database.writing() as connection:
            _migrate(connection)
    except DatabaseError as error:
        database.close()
        reason = str(error.orig).strip().splitlines()[0]
        raise ParameterError(f"the store {database.place} cannot be opened: {reason}") from error
    except BaseException:
        database.close()
        raise
    return database


def _migrate(connection: Connection) -> None:
    """Run the steps that the store lacks."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
    with as_file(files("trackside.planner.store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        steps = ScriptDirectory.from_config(config)
        present = MigrationContext.configure(connection).get_current_revision()
        if present == steps.get_current_head():
            return
        if present not in {None, *(step.revision for step in steps.walk_revisions())}:
            raise ParameterError(
                f"a newer Trackside made this store (its version {present}): open it with that"
            )
        command.upgrade(config, "head")

"""Bringing a store to the present version."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from trackside.errors import ParameterError

LOCK = 7_426_001
"""Number of PostgreSQL's advisory lock: of several services, one migrates and the others wait."""


def migrate(connection: Connection) -> None:
    """Run the steps that the store lacks, in the transaction of ``connection``.

    Raises :class:`ParameterError` if a newer Trackside made it.
    """
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
        if present is not None and present not in {
            step.revision for step in steps.walk_revisions()
        }:
            raise ParameterError(
                f"a newer Trackside made this store (its version {present}): open it with that"
            )
        command.upgrade(config, "head")

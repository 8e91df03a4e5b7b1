"""A store is brought to the present version when it is opened, and nothing else is opened."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from stored_plans import profile

from trackside.errors import ParameterError
from trackside.planner.store import jobs
from trackside.planner.store.database import Database
from trackside.planner.store.opening import open_store
from trackside.planner.store.runners import save_runner
from trackside.planner.store.tables import metadata


def test_an_empty_database_gets_the_tables_of_the_models(empty_url: str) -> None:
    """Migrations from nothing lead exactly to what the code's tables say."""
    with open_store(empty_url) as database, database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        names = set(inspect(connection).get_table_names())
    assert {"runner", "trainingplanschema", "trainingplan", "background_jobs"} <= names


def test_opening_again_changes_nothing(url: str) -> None:
    for _ in range(2):
        with open_store(url) as database, database.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_store_of_the_first_version_keeps_its_jobs(empty_url: str) -> None:
    with open_store(empty_url) as database, database.writing() as connection:
        save_runner(connection, profile())
        job_id = jobs.add_job(connection, "ada", {}, "eva")
        connection.execute(text("ALTER TABLE background_jobs DROP COLUMN changes"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with open_store(empty_url) as database, database.writing() as connection:
        held = jobs.claim(connection, "one", timedelta(hours=1))
        assert held is not None
        assert jobs.job_changes(connection, {"ada"}) == 2
    assert held.job.job_id == job_id


def test_a_store_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    with open_store(empty_url) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'future'"))
    with pytest.raises(ParameterError, match="newer Trackside"):
        open_store(empty_url)
    with Database(empty_url) as database, database.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "future"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("nonsense", "no URL"),
        ("mysql://host/name", "a store of mysql"),
        ("sqlite://", "without a file"),
        ("sqlite:////no/such/folder/a.sqlite", "expected a folder /no/such/folder"),
        ("postgresql://u:secret@/name?host=/no/such/socket", "cannot be opened"),
    ],
)
def test_what_cannot_be_a_store_is_refused_with_a_reason(wanted: str, message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)) as error:
        open_store(wanted)
    assert "secret" not in str(error.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and long enough to be looked at" * 20, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(ParameterError, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_new_file_is_for_nobody_else(tmp_path: Path) -> None:
    """Health data: not readable by others on the same computer."""
    path = tmp_path / "store.sqlite"
    open_store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o077 == 0


def test_what_raises_is_not_stored(database: Database) -> None:
    def stop_halfway() -> None:
        with database.writing() as connection:
            save_runner(connection, profile())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stop_halfway()
    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM runner")) == 0

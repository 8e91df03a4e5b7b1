"""Collection ``runner``: the athletes' profiles, with the keys of a profile file."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from trackside.errors import UnknownError
from trackside.planner.profile_file import profile_of
from trackside.planner.store.tables import runner

Document = dict[str, Any]
# put together once, as every answer begins with it
_CHANGES = select(runner.c.changes).where(runner.c.runner_id == bindparam("wanted"))


def save_runner(connection: Connection, document: Mapping[str, Any]) -> bool:
    """Store a profile, in place of the one that is there; whether it is new.

    Raises :class:`~trackside.errors.ParameterError` if it cannot be a profile.
    """
    runner_id = profile_of(document).runner_id
    values = {"document": json.dumps(document, default=str), "updated_at": datetime.now(UTC)}
    changed = connection.execute(
        update(runner)
        .where(runner.c.runner_id == runner_id)
        .values(changes=runner.c.changes + 1, **values)
    )
    if changed.rowcount:
        return False
    connection.execute(insert(runner).values(runner_id=runner_id, changes=0, **values))
    return True


def note_change(connection: Connection, runner_id: str) -> None:
    """Note that something of a runner has changed: profile, plan, recordings or adjustments."""
    of_runner = update(runner).where(runner.c.runner_id == runner_id)
    connection.execute(of_runner.values(changes=runner.c.changes + 1))


def change_count(connection: Connection, runner_id: str) -> int | None:
    """How often something of a runner has changed; None without the runner."""
    return connection.scalar(_CHANGES, {"wanted": runner_id})


def runner_exists(connection: Connection, runner_id: str) -> bool:
    """Whether there is such a runner."""
    return connection.scalar(select(1).where(runner.c.runner_id == runner_id)) is not None


def runner_document(connection: Connection, runner_id: str) -> Document:
    """The profile of a runner, as it was stored. Raises :class:`UnknownError`."""
    found = connection.scalar(select(runner.c.document).where(runner.c.runner_id == runner_id))
    if found is None:
        raise UnknownError(f"no runner {runner_id}")
    document: Document = json.loads(found)
    return document


def runner_ids(connection: Connection) -> list[str]:
    """The runners there are, by name."""
    return list(connection.scalars(select(runner.c.runner_id).order_by(runner.c.runner_id)))

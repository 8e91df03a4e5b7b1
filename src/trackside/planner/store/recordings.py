"""Collection ``recording``: summaries of recorded sessions."""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from trackside.errors import UnknownError
from trackside.planner.recording_summary import RecordingSummary
from trackside.planner.store.runners import note_change, runner_exists
from trackside.planner.store.tables import recording

_SUMMARY = TypeAdapter(RecordingSummary)


def save_recording(connection: Connection, summary: RecordingSummary) -> bool:
    """Store a summary, in place of the one of the same recording; whether it is new.

    Raises :class:`UnknownError` without the runner.
    """
    if not runner_exists(connection, summary.runner_id):
        raise UnknownError(f"no runner {summary.runner_id}")
    note_change(connection, summary.runner_id)
    values = {
        "started_at": summary.started_at,
        "document": _SUMMARY.dump_json(summary).decode(),
    }
    key = {"runner_id": summary.runner_id, "recording_id": summary.recording_id}
    changed = connection.execute(update(recording).filter_by(**key).values(values))
    if changed.rowcount:
        return False
    connection.execute(insert(recording).values(**key, **values))
    return True


def recordings_of(
    connection: Connection, runner_id: str, limit: int, since: datetime | None = None
) -> list[RecordingSummary]:
    """The latest recordings of a runner, at most ``limit``, latest first."""
    query = select(recording.c.document).where(recording.c.runner_id == runner_id)
    if since is not None:
        query = query.where(recording.c.started_at >= since)
    query = query.order_by(recording.c.started_at.desc(), recording.c.recording_id).limit(limit)
    return list(map(_SUMMARY.validate_json, connection.scalars(query)))

"""Live cues while an athlete is being recorded, kept for those who listen to catch up."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select

from trackside.planner.store.tables import cue

KEPT = 200
"""Cues of a runner."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What the athlete is told: when, in a few words, and why."""

    at: datetime
    text: str
    reason: str


_CUE = TypeAdapter(Cue)


def add_cue(connection: Connection, runner_id: str, new: Cue) -> int:
    """Store a cue and return its number; of a runner's cues the last :data:`KEPT` stay."""
    added = insert(cue).values(runner_id=runner_id, document=_CUE.dump_json(new).decode())
    number = connection.execute(added.returning(cue.c.cue_id)).scalar_one()
    oldest = (
        select(cue.c.cue_id)
        .where(cue.c.runner_id == runner_id)
        .order_by(cue.c.cue_id.desc())
        .offset(KEPT)
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(delete(cue).where(cue.c.runner_id == runner_id, cue.c.cue_id <= oldest))
    return number


def cues_after(connection: Connection, runner_id: str, number: int) -> list[tuple[int, str]]:
    """Number and JSON of the cues of a runner after one, in order."""
    query = (
        select(cue.c.cue_id, cue.c.document)
        .where(cue.c.runner_id == runner_id, cue.c.cue_id > number)
        .order_by(cue.c.cue_id)
    )
    return [(row.cue_id, row.document) for row in connection.execute(query)]


def last_cue(connection: Connection, runner_id: str) -> int:
    """The number of a runner's last cue, 0 if there is none."""
    query = select(func.max(cue.c.cue_id)).where(cue.c.runner_id == runner_id)
    return connection.scalar(query) or 0

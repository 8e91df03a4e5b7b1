"""Simulated sessions, recorded through the same path as real sensors."""

import asyncio
from pathlib import Path

from trackside.capture.recorder import record
from trackside.recordings.tolerant_file import replacing_on_disk
from trackside.simulation.plan import (
    WALKING_SPEEDS,
    SessionPlan,
    running_session,
    walking_session,
)
from trackside.simulation.session import SimulatedSession


def plan_for(duration: float, speed: float) -> SessionPlan:
    """Stand, then walk at speeds that people walk at, or else run, for ``duration`` s in all."""
    walks = speed <= WALKING_SPEEDS[1]
    return walking_session(duration, speed) if walks else running_session(duration, speed)


def record_session(session: SimulatedSession, path: Path) -> None:
    """Record a session as live sensors would be; it replaces an older recording at the end.

    Raises :class:`~trackside.recordings.tolerant_file.DiskError` naming ``path`` if there is no
    room; then ``path`` stays as it was.
    """
    with replacing_on_disk(path) as target:
        asyncio.run(record(session, target, athlete=session.athlete))

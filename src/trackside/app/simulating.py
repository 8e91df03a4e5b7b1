"""Simulated sessions, recorded through the same path as real sensors."""

import asyncio
from pathlib import Path

from trackside.capture.recorder import record
from trackside.recordings.replacing import replacing
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
    """Record a session as live sensors would be; it replaces an older recording at the end."""
    with replacing(path) as target:
        asyncio.run(record(session, target, athlete=session.athlete))

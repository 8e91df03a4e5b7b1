"""Motions of simulated sensors, and what people do wrong with them."""

from dataclasses import replace

import numpy as np

from trackside.app.tracks import filtered_track
from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion, on_common_clock
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan
from trackside.simulation.sensor_errors import REALISTIC


def simulated_motion(plan: SessionPlan, kit: tuple[str, ...], seed: int) -> BodyMotion:
    """What realistic sensors without magnetometer see of a session, filtered, at 100 Hz."""
    session = simulate(plan, kit, REALISTIC, seed=seed)
    return on_common_clock([filtered_track(name, session.imu(name))[0] for name in kit], 100.0)


def exchanged(motion: BodyMotion, pairs: tuple[tuple[str, str], ...]) -> BodyMotion:
    """The sensors of each pair of segments strapped onto the other one."""
    names = list(motion.segments)
    for a, b in pairs:
        i, j = names.index(a), names.index(b)
        names[i], names[j] = names[j], names[i]
    order = [names.index(segment) for segment in motion.segments]
    return replace(
        motion,
        orientations=motion.orientations[order],
        gyr=motion.gyr[order],
        acc=motion.acc[order],
        measured=motion.measured[order],
    )


def turned(motion: BodyMotion, segment: str, turn: Floats, since: float = -np.inf) -> BodyMotion:
    """One sensor mounted otherwise, by a rotation vector (3,) in its own frame, since a time."""
    i, late = motion.segments.index(segment), motion.time >= since
    gyr, acc, orientations = motion.gyr.copy(), motion.acc.copy(), motion.orientations.copy()
    rotation = qt.from_rotation_vector(turn)
    gyr[i, late] = qt.rotate(qt.conjugate(rotation), gyr[i, late])
    acc[i, late] = qt.rotate(qt.conjugate(rotation), acc[i, late])
    orientations[i, late] = qt.multiply(orientations[i, late], rotation)
    return replace(motion, gyr=gyr, acc=acc, orientations=orientations)

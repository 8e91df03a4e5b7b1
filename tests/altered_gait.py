"""Simulated gaits with one known change, as truth for comparisons."""

from dataclasses import replace
from functools import cache

import numpy as np

from trackside.app.simulating import plan_for
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX
from trackside.recordings.placements import SEGMENTS
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KITS
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.truth import Truth

DURATION = 20.0
STEADY = 9.0  # s; from then on the simulated gait is even


@cache
def simulated(speed: float) -> Truth:
    """What an athlete does who stands and then goes at that speed in m/s."""
    return simulate(plan_for(DURATION, speed), KITS["pelvis"], IDEAL).truth


def steady(speed: float) -> Pose:
    """The even part of it."""
    return simulated(speed).pose.span(STEADY, DURATION)


def legs_only(pose: Pose) -> Pose:
    """The pose as if there had been sensors on pelvis and legs only."""
    lower = ("pelvis", "thigh", "shank", "foot")
    worn = np.array([name.endswith(lower) for name in SEGMENTS])
    return replace(pose, measured=pose.measured & worn[:, None])


def with_stiff_knee(pose: Pose, side: str, most: float) -> Pose:
    """The pose with a knee that flexes by ``most`` rad at most; hip and ankle are as before."""
    too_much = np.maximum(joint_angles(pose)[f"{side}_knee_flexion"] - most, 0.0)
    orientations = pose.orientations.copy()
    thigh = pose.segment(f"{side}_thigh")
    straightened = qt.multiply(thigh, qt.from_rotation_vector(too_much[:, None] * [0.0, 0.0, 1.0]))
    turn = qt.multiply(straightened, qt.conjugate(thigh))
    for part in ("shank", "foot", "toe"):
        orientations[INDEX[f"{side}_{part}"]] = qt.multiply(turn, pose.segment(f"{side}_{part}"))
    return replace(pose, orientations=orientations)


def with_late_arm(pose: Pose, side: str, frames: int) -> Pose:
    """The pose with an arm that swings as before, but so many frames later."""
    chest = pose.segment("t8")
    orientations = pose.orientations.copy()
    for part in ("upper_arm", "forearm", "hand"):
        from_chest = qt.multiply(qt.conjugate(chest), pose.segment(f"{side}_{part}"))
        late = np.roll(from_chest, frames, axis=0)
        orientations[INDEX[f"{side}_{part}"]] = qt.multiply(chest, late)
    return replace(pose, orientations=orientations)

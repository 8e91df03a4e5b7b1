"""How far segments are turned about their long axes, as the axes tell about which they move.

All of these lie from left to right, when the athlete faces forward, known up to half a turn:

- the main axis of the angular rate of thighs, shanks and feet in gait;
- in squats that of trunk, thighs and shanks;
- that about which a straight arm swings, of all its segments;
- the elbow's, about which forearms turn against upper arms: the main axis of the relative rate (a
  hinge between two gyroscopes, Seel, Schauer & Raisch 2012), in bends if there are any.

Without any of them every segment faces forward on average over strides straight ahead.
"""

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.facing import HINGE_SD, Facing, main_axis
from trackside.kinematics.functional_movements import FunctionalMovements
from trackside.kinematics.heading import wrap

AXIAL_SD = np.deg2rad(6.0)
"""How far a segment's mean heading over strides lies off the athlete's, rad."""
ARM_AXIAL_SD = np.deg2rad(25.0)
ELBOW_SD = np.deg2rad(8.0)
"""How far the main axis of an elbow lies off the left-right axis of the arm that hangs, rad."""
SQUAT_SD = np.deg2rad(5.0)
"""How far the axis about which a segment turns in squats lies off its left-right axis, rad."""
SWING_SD = np.deg2rad(8.0)
"""The same for arms that swing straight, with palms in."""
SLOWEST = 0.3  # rad/s; slower turns in squats and swings say little about their axis
HINGED = ("thigh", "shank", "foot")
"""What turns about a hinge in gait."""
_SQUATS = ("pelvis", "l5", "l3", "t12", "t8", "thigh", "shank")
_ARM = ("upper_arm", "forearm", "hand")


def axial_turns(
    motion: BodyMotion, rest: Floats, facing: Facing, gait: Booleans, shown: FunctionalMovements
) -> tuple[Floats, Floats]:
    """How far each segment is turned about its long axis at rest, and its deviation, (S,) rad.

    ``rest`` (S, 4): orientations with upright long axes, turned as in ``facing``; ``gait`` (N,):
    when the athlete walks or runs.
    """
    turned, sd = np.zeros(len(rest)), np.full(len(rest), AXIAL_SD)
    for i, segment in enumerate(motion.segments):
        if segment.endswith(_ARM):
            sd[i] = ARM_AXIAL_SD
        if segment.endswith(HINGED):
            axis = main_axis(motion.gyr[i, gait], rest[i])
            _take(turned, sd, i, facing, axis, HINGE_SD)
        if segment.endswith(_SQUATS):
            axis = main_axis(motion.gyr[i, shown.squats], rest[i], SLOWEST)
            _take(turned, sd, i, facing, axis, SQUAT_SD)
    for link in facing.links:
        names = motion.segments[link.parent], motion.segments[link.child]
        if [name.partition("_")[2] for name in names] == ["upper_arm", "forearm"]:
            bends = shown.arms[names[0].partition("_")[0]].bends
            pair = link.parent, link.child
            axes = _elbow_axes(motion, rest, facing, pair, bends if bends.any() else gait)
            for i, axis in zip(pair, axes, strict=True):
                _take(turned, sd, i, facing, axis, ELBOW_SD)
    for i, segment in enumerate(motion.segments):
        forearm = segment.replace("hand", "forearm")
        if segment.endswith("hand") and forearm in motion.segments:
            turned[i] = turned[motion.segments.index(forearm)]
    for i, segment in enumerate(motion.segments):
        if segment.endswith(_ARM):
            swings = shown.arms[segment.partition("_")[0]].swings
            axis = main_axis(motion.gyr[i, swings], rest[i], SLOWEST)
            _take(turned, sd, i, facing, axis, SWING_SD)
    return turned, sd


def _take(
    turned: Floats, sd: Floats, i: int, facing: Facing, axis: tuple[float, float], least: float
) -> None:
    """Let an axis and its spread, rad, tell how far segment i is turned, ``least`` rad unsure."""
    heading, spread = axis
    if np.isfinite(spread):
        own = least + 0.5 * spread
        share = sd[i] ** 2 / (sd[i] ** 2 + own**2)
        told = heading + np.pi / 2 - facing.angles[i]
        turned[i] += share * 0.5 * float(wrap(2.0 * (told - turned[i])))
        sd[i] = np.sqrt(share) * own


def _elbow_axes(
    motion: BodyMotion, rest: Floats, facing: Facing, pair: tuple[int, int], when: Booleans
) -> list[tuple[float, float]]:
    """Heading at rest of an elbow's main axis and its spread, rad, of upper arm and forearm.

    ``pair``: these two sensors; ``when`` (N,): moments to look at.
    """
    sensors, rates = [], []
    for i in pair:
        level = qt.about_axis(UP, -facing.angles[i] - facing.drifts[i, when])
        sensors.append(qt.multiply(level, motion.orientations[i, when]))
        rates.append(qt.rotate(sensors[-1], motion.gyr[i, when]))
    relative = rates[1] - rates[0]
    return [
        main_axis(qt.rotate(qt.conjugate(q), relative), rest[i])
        for q, i in zip(sensors, pair, strict=True)
    ]

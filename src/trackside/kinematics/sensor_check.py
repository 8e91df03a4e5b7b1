"""What can be said of each sensor: how well it is calibrated, where it sits, whether it slipped."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP, Calibration, Way
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.facing import main_axis
from trackside.kinematics.heading import wrap
from trackside.kinematics.placement_check import PlacementCheck, check_placement
from trackside.kinematics.skeleton import STANDING_FACING_EAST, Skeleton
from trackside.kinematics.slip import SlipCheck, check_slips

_HINGES = ("thigh", "shank", "foot")


@dataclass(frozen=True)
class SensorCheck:
    """The check of S sensors, ordered as ``segments``.

    ``residual`` (S,) rad: angle between the horizontal axis about which a leg segment turns most
    and the left-right axis that the calibration gave it; NaN for other segments and without motion.
    ``sway`` (S,) rad: RMS turn of each sensor about its mean orientation during the pose; NaN
    without one.
    """

    segments: tuple[str, ...]
    residual: Floats
    sway: Floats
    placement: PlacementCheck
    slips: SlipCheck


def check_sensors(motion: BodyMotion, calibration: Calibration, skeleton: Skeleton) -> SensorCheck:
    """Check the calibration, the placement and the hold of all of a motion's sensors."""
    posed = None if calibration.way is Way.MOVEMENT else (calibration.start, calibration.end)
    return SensorCheck(
        motion.segments,
        np.array([_residual(motion, calibration, i) for i in range(len(motion.segments))]),
        np.array([_sway(motion, posed, i) for i in range(len(motion.segments))]),
        check_placement(motion, posed, skeleton, calibration.pose),
        check_slips(motion),
    )


def _residual(motion: BodyMotion, calibration: Calibration, i: int) -> float:
    if not motion.segments[i].endswith(_HINGES):
        return float("nan")
    facing = calibration.facings[i]
    upright = qt.multiply(qt.about_axis(UP, facing), STANDING_FACING_EAST)
    rest = qt.multiply(upright, qt.conjugate(calibration.mountings[i]))
    axis, spread = main_axis(motion.gyr[i], rest)
    if not np.isfinite(spread):
        return float("nan")
    # an axis is the same after half a turn
    return float(abs(wrap(2.0 * (axis + np.pi / 2 - facing))) / 2.0)


def _sway(motion: BodyMotion, stretch: tuple[float, float] | None, i: int) -> float:
    if stretch is None:
        return float("nan")
    inside = (motion.time >= stretch[0]) & (motion.time <= stretch[1]) & motion.measured[i]
    still = motion.orientations[i, inside]
    return float(np.sqrt(np.mean(qt.angle_between(qt.mean(still), still) ** 2)))

"""A calibration from a motion: by a static pose, by movement, or with an earlier one's mountings.

``north`` says whether magnetometers have given all orientations a common heading zero.
"""

from dataclasses import replace

from trackside.kinematics.calibration import (
    Calibration,
    StaticPose,
    Way,
    calibrate,
    rest_orientations,
    upright_orientations,
)
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.facing import Facing, facings
from trackside.kinematics.movement_calibration import calibrate_by_movement, refined


def by_pose(
    motion: BodyMotion, stretch: tuple[float, float], pose: StaticPose, north: bool
) -> tuple[Calibration, Facing]:
    """By the ``pose`` held over a ``stretch`` in s, and which way the athlete faced in it.

    Raises CalibrationError if a sensor has no sample there.
    """
    rest = rest_orientations(motion, *stretch)
    facing = facings(motion, rest, stretch, north, pose)
    return calibrate(motion.segments, rest, facing.angles, pose, stretch), facing


def by_both(calibration: Calibration, motion: BodyMotion, north: bool) -> Calibration:
    """A pose's ``calibration`` refined by movement. Raises as calibrate_by_movement does."""
    mountings, sd = refined(calibration.mountings, calibrate_by_movement(motion, north))
    return replace(calibration, mountings=mountings, way=Way.BOTH, sd=sd)


def by_movement(
    motion: BodyMotion, stretch: tuple[float, float] | None, north: bool
) -> tuple[Calibration, Facing]:
    """By movement alone; ``stretch`` in s of going straight ahead, None to find it.

    Raises as calibrate_by_movement does.
    """
    found = calibrate_by_movement(motion, north, stretch)
    mountings, angles = found.mountings, found.facing.angles
    return Calibration(
        StaticPose.N, *found.stretch, motion.segments, mountings, angles, Way.MOVEMENT, found.sd
    ), found.facing


def with_mountings_of(
    earlier: Calibration, motion: BodyMotion, stretch: tuple[float, float], north: bool
) -> tuple[Calibration, Facing]:
    """The mountings of the same sensors, not moved since; in ``stretch`` the athlete faces one way.

    Raises CalibrationError if a sensor has no sample there, or the earlier calibration lacks one.
    """
    mountings = earlier.mountings_of(motion.segments)
    rest = upright_orientations(motion, mountings, *stretch)
    facing = facings(motion, rest, stretch, north)
    return Calibration(earlier.pose, *stretch, motion.segments, mountings, facing.angles), facing

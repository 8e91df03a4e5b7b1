"""Sensor-to-segment calibration from a static pose.

While the athlete stands in a known pose, every sensor's orientation is known up to its heading: the
segment's is. What is missing, the direction in which each sensor's own earth frame sees the athlete
face, comes from :mod:`trackside.kinematics.facing`.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from trackside.arrays import Floats
from trackside.errors import CalibrationError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.skeleton import STANDING_FACING_EAST

FORWARD = np.array([1.0, 0.0, 0.0])
UP = np.array([0.0, 0.0, 1.0])
RIGHT = np.array([0.0, 0.0, 1.0])
"""Of a segment's own frame."""
_ARM = ("upper_arm", "forearm", "hand")


class StaticPose(StrEnum):
    """Poses to hold still in while calibrating."""

    N = "n"  # upright, arms hanging, palms in
    T = "t"  # upright, arms stretched out sideways, palms down
    SIT = "sit"  # trunk upright, thighs level and parallel, shanks upright, arms hanging, palms in


class Way(StrEnum):
    """What a calibration is found by."""

    POSE = "pose"  # a static pose
    MOVEMENT = "movement"  # walking or running
    BOTH = "both"  # the pose, refined by movement where that is surer


@dataclass(frozen=True)
class Calibration:
    """How each sensor sits on its segment.

    ``start`` and ``end`` in s: the stretch it was found on. For each of ``segments``: ``mountings``
    (S, 4) segment → sensor, so that sensor orientation ⊗ mounting is the segment's; ``facings``
    (S,) rad, the athlete's forward direction in the sensor's earth frame during the stretch,
    counter-clockwise from its x axis. ``pose``: held at that time, or N where nobody held any.
    ``sd`` (S, 3) rad: standard deviations of the mountings about the segment's x, y, z, as movement
    tells them; None for a pose, of which nobody knows how well it was held.
    """

    pose: StaticPose
    start: float
    end: float
    segments: tuple[str, ...]
    mountings: Floats
    facings: Floats
    way: Way = Way.POSE
    sd: Floats | None = None

    def mountings_of(self, segments: tuple[str, ...]) -> Floats:
        """Mountings (S, 4) of other segments' order; CalibrationError if one of them is missing."""
        missing = [segment for segment in segments if segment not in self.segments]
        if missing:
            raise CalibrationError(
                f"the calibration to be reused has no sensor on {', '.join(missing)}: "
                "calibrate this recording by itself"
            )
        return self.mountings[[self.segments.index(segment) for segment in segments]]


def rest_orientations(motion: BodyMotion, start: float, end: float) -> Floats:
    """Mean orientation (S, 4) of every sensor between start and end, in s.

    Raises CalibrationError if a sensor has no sample there.
    """
    inside = (motion.time >= start) & (motion.time <= end)
    means = []
    for i, segment in enumerate(motion.segments):
        usable = inside & motion.measured[i]
        if not usable.any():
            raise CalibrationError(
                f"the sensor on {segment} has no sample from {start:.2f} to {end:.2f} s: "
                "calibrate on a stretch in which all sensors have begun"
            )
        means.append(qt.mean(motion.orientations[i, usable]))
    return np.stack(means)


def upright_orientations(motion: BodyMotion, mountings: Floats, start: float, end: float) -> Floats:
    """Orientations (S, 4) that sensors with known mountings (S, 4) have when standing upright.

    The athlete need not stand upright between start and end, in s, but faces the same way all the
    while; that is the direction in which the segments point forward there, in each sensor's own
    earth frame. Raises CalibrationError if a sensor has no sample there.
    """
    segments = qt.multiply(rest_orientations(motion, start, end), mountings)
    forward = qt.rotate(segments, FORWARD)
    headings = np.arctan2(forward[:, 1], forward[:, 0])
    upright = qt.multiply(qt.about_axis(UP, headings), STANDING_FACING_EAST)
    return qt.multiply(upright, qt.conjugate(mountings))


def calibrate(
    segments: tuple[str, ...],
    rest: Floats,
    facings: Floats,
    pose: StaticPose,
    stretch: tuple[float, float],
) -> Calibration:
    """The calibration from resting orientations (S, 4), facings (S,) rad and the pose stood in."""
    standing = np.stack([segment_in_pose(segment, pose) for segment in segments])
    upright = qt.multiply(qt.about_axis(UP, facings), standing)
    mountings = qt.multiply(qt.conjugate(rest), upright)
    return Calibration(pose, *stretch, segments, mountings, facings)


def segment_in_pose(segment: str, pose: StaticPose) -> Floats:
    """Orientation (4,) of a segment, segment → ENU, of an athlete in that pose facing east."""
    if pose is StaticPose.SIT and segment.endswith("thigh"):
        return qt.multiply(STANDING_FACING_EAST, qt.about_axis(RIGHT, np.pi / 2))
    if pose is StaticPose.T and segment.endswith(_ARM):
        raised = np.pi / 2 if segment.startswith("left") else -np.pi / 2
        return qt.multiply(STANDING_FACING_EAST, qt.about_axis(FORWARD, raised))
    return STANDING_FACING_EAST

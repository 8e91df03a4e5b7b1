"""Joint angles over the stride: from one initial contact, 0 %, to the next of the same foot, 100 %.

Every angle of a leg or an arm is cut at its own side's contacts, those of pelvis, trunk and neck at
the right foot's. Only typical strides count: starting, stopping and turning on the spot are out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError
from trackside.kinematics.gait_events import foot_motion, initial_contacts, stance_share
from trackside.kinematics.joint_angles import JOINTS, joint_angles
from trackside.kinematics.leg_swings import FASTEST_STRIDE, SLOWEST_STRIDE
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX
from trackside.recordings.placements import SIDES

POINTS = 101
PERCENT: Floats = np.linspace(0.0, 100.0, POINTS)

TYPICAL = 0.2
"""By which share a stride may be shorter or longer than the median one."""
FEWEST_STRIDES = 2
SEEN = 0.8
"""Share of a stride during which the sensors of a segment must have had data."""


@dataclass(frozen=True)
class Curve:
    """An angle over the stride: ``mean`` and ``sd`` (101,) rad over ``strides`` of them."""

    mean: Floats
    sd: Floats
    strides: int


@dataclass(frozen=True)
class Strides:
    """One foot's typical strides.

    ``start``, ``end`` (K,) s: initial contacts. ``stance``: the share of the stride on the ground.
    ``walking``: or else running. ``left_out``: how many other strides there were.
    """

    start: Floats
    end: Floats
    stance: float
    walking: bool
    left_out: int


@dataclass(frozen=True)
class StrideCurves:
    """Every measured angle of a body over its strides.

    ``strides`` by side, ``angles`` (K, 101) rad by name.
    """

    strides: Mapping[str, Strides]
    angles: Mapping[str, Floats]

    def side_of(self, angle: str) -> str:
        """The side whose contacts an angle was cut at."""
        return cut_at(angle, self.strides)

    def curves(self) -> dict[str, Curve]:
        """Mean and SD of every angle."""
        return {name: mean_curve(values) for name, values in self.angles.items()}


def stride_curves(pose: Pose) -> StrideCurves:
    """The angles of a pose over its typical strides; the heading of the pelvis is left out.

    Raises MissingDataError if no leg or no joint was measured, or no leg took enough strides.
    """
    seen = _seen(pose)
    legs = [side for side in SIDES if seen[_leg(side)[:2]].mean(axis=1).max() >= SEEN]
    if not legs:
        raise MissingDataError(
            "strides need a sensor on a thigh or shank, with data most of the time"
        )
    angles = measured_angles(pose)
    if not angles:
        raise MissingDataError("no joint has sensors on both its sides: there are no angles")
    found = {side: _typical_strides(pose, side, seen) for side in legs}
    strides = {side: cut for side, cut in found.items() if len(cut.start) >= FEWEST_STRIDES}
    if not strides:
        raise MissingDataError(
            f"no leg took {FEWEST_STRIDES} strides of like length from {pose.time[0]:.1f} to "
            f"{pose.time[-1]:.1f} s: choose a stretch of walking or running"
        )
    curves = {}
    for name, course in angles.items():
        cut = strides[cut_at(name, strides)]
        values = normalised(pose.time, course, cut.start, cut.end)
        curves[name] = values - _TURN * np.round(values.mean(axis=1, keepdims=True) / _TURN)
    return StrideCurves(strides, curves)


def measured_angles(pose: Pose) -> dict[str, Floats]:
    """The angles (N,) rad between measured segments, without steps of full turns.

    In a pose that does not tell what was measured, such as a BVH, all count.
    """
    seen = _seen(pose).mean(axis=1) >= SEEN
    angles = joint_angles(pose)
    return {
        name: np.unwrap(angles[name])
        for name, segments in _SEGMENTS.items()
        if seen[segments].all()
    }


def normalised(time: Floats, values: Floats, start: Floats, end: Floats) -> Floats:
    """Values (N,) at ``time`` (N,) s over strides from ``start`` to ``end`` (K,) s: (K, 101)."""
    moments = start[:, None] + (end - start)[:, None] * (PERCENT / 100.0)
    return np.interp(moments, time, values)


def mean_curve(values: Floats) -> Curve:
    """Mean and standard deviation (101,) of K ≥ 1 strides (K, 101); that of one stride is 0."""
    count = len(values)
    sd = values.std(axis=0, ddof=1) if count > 1 else np.zeros(values.shape[1])
    return Curve(values.mean(axis=0), sd, count)


def cut_at(angle: str, strides: Mapping[str, object]) -> str:
    """The side of an angle, if it has one and took strides; else the right, or the only one."""
    own = angle.partition("_")[0]
    return own if own in strides else next(side for side in SIDES if side in strides)


def typical(start: Floats, end: Floats) -> Booleans:
    """Which strides (K,) from ``start`` to ``end`` s are neither a pause nor far off the median."""
    length = end - start
    usual = (length >= FASTEST_STRIDE) & (length <= SLOWEST_STRIDE)
    if not usual.any():
        return usual
    median = np.median(length[usual])
    return np.asarray(usual & (np.abs(length - median) <= TYPICAL * median))


def _typical_strides(pose: Pose, side: str, seen: Booleans) -> Strides:
    foot = foot_motion(pose, side)
    contacts = initial_contacts(foot)
    start, end = contacts[:-1], contacts[1:]
    worn = seen[_leg(side)]
    worn = worn[worn.mean(axis=1) >= SEEN]
    covered = [normalised(pose.time, row.astype(float), start, end).mean(axis=1) for row in worn]
    kept = typical(start, end) & (np.min(covered, axis=0) >= SEEN)
    start, end = start[kept], end[kept]
    if not len(start):
        return Strides(start, end, np.nan, foot.walking, len(kept))
    knee = joint_angles(pose)[f"{side}_knee_flexion"]
    stance = stance_share(foot, start, end, normalised(pose.time, knee, start, end).mean(axis=0))
    return Strides(start, end, stance, foot.walking, int(np.sum(~kept)))


def _seen(pose: Pose) -> Booleans:
    """What was measured, (23, N); everything where the pose does not tell."""
    return pose.measured if pose.measured.any() else np.ones_like(pose.measured)


def _leg(side: str) -> list[int]:
    return [INDEX[f"{side}_{part}"] for part in ("thigh", "shank", "foot")]


_TURN = 2 * np.pi
_SEGMENTS: dict[str, list[int]] = {
    "pelvis_tilt": [INDEX["pelvis"]],
    "pelvis_obliquity": [INDEX["pelvis"]],
    **{
        f"{joint.name}_{angle}": [INDEX[joint.parent], INDEX[joint.child]]
        for joint in JOINTS
        for angle in joint.angles
    },
}
"""The segments that each angle is between."""

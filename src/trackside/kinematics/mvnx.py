"""The pose that Xsens MVN solved, from an MVNX file.

MVN's body frames are x forward, y left, z up in the T-pose; ours are x forward, y up, z right, and
our arms hang. Its global frame is x north, y west, z up.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.measured_skeleton import measured_skeleton
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, PARENTS, Skeleton, skeleton_for
from trackside.recordings.importers.frames import enu_from_nwu
from trackside.recordings.importers.mvnx import MVN_SEGMENTS
from trackside.recordings.importers.mvnx_file import MvnxMotion, read_mvnx_file
from trackside.recordings.placements import SEGMENTS, SIDES

_BODY_FROM_SEGMENT = qt.about_axis([1.0, 0.0, 0.0], np.pi / 2)  # (x, y, z) → (x, −z, y)
_SPARSEST = 10  # numbers for each frame that is there
_TIPS = {"head": "pTopOfHead"}
for _side in SIDES:
    _TIPS |= {f"{_side}_hand": f"p{_side.title()}TopOfHand", f"{_side}_toe": f"p{_side.title()}Toe"}


def read_mvnx(path: Path | str) -> Pose:
    """The pose in an MVNX file, at its own frame rate; time begins at 0.

    Missing frames are filled in on the shortest arc. Lengths are those between MVN's joints; heels
    and tips are its points where the file has them, and typical ones elsewhere. ``measured`` are
    the segments that carried a sensor, in the frames that the file has. Raises FileFormatError
    where the file cannot be read, lacks one of the 23 segments, or holds fewer than two frames or
    than a tenth of those that it counts.
    """
    motion = read_mvnx_file(path)
    numbers = {
        MVN_SEGMENTS[label]: n for n, label in enumerate(motion.segments) if label in MVN_SEGMENTS
    }
    missing = [segment for segment in SEGMENTS if segment not in numbers]
    if missing:
        raise FileFormatError(path, "segments", f"all 23 of MVN; there is no {', '.join(missing)}")
    if len(motion.frame_numbers) < 2:
        raise FileFormatError(path, "frames", "two frames of type 'normal' or more")
    order = [numbers[segment] for segment in SEGMENTS]
    earth = [enu_from_nwu(motion.elements["orientation"][n]) for n in order]
    turns = zip(earth, SEGMENTS, strict=True)
    orientations = np.array([qt.multiply(q, _body_from(segment)) for q, segment in turns])
    joints = _enu(motion.elements["position"][order])
    sensed = np.isin(SEGMENTS, [MVN_SEGMENTS.get(label, "") for label in motion.sensors])
    measured = np.repeat(sensed[:, None], len(motion.time), axis=1)
    skeleton = _skeleton(motion, orientations, joints)
    pose = Pose(skeleton, motion.time, orientations, joints[INDEX["pelvis"]], measured)
    return _without_gaps(path, pose, motion)


def _without_gaps(path: Path | str, pose: Pose, motion: MvnxMotion) -> Pose:
    """The pose with the frames that the numbers skip, which count as not measured."""
    first, last = motion.frame_numbers[[0, -1]]
    if last - first >= _SPARSEST * len(pose.time):
        raise FileFormatError(path, "frames", f"one in {_SPARSEST} of their numbers or more")
    numbers = np.arange(first, last + 1)
    if len(numbers) == len(pose.time):
        return pose
    filled = pose.at((numbers - numbers[0]) / motion.rate)
    return replace(filled, measured=filled.measured & np.isin(numbers, motion.frame_numbers))


def _body_from(segment: str) -> Floats:
    """Rotation (4,) of vectors from a segment's frame to MVN's body frame."""
    if not segment.endswith(("upper_arm", "forearm", "hand")):
        return _BODY_FROM_SEGMENT
    raised = np.pi / 2 if segment.startswith("left") else -np.pi / 2
    return qt.multiply(qt.about_axis([1.0, 0.0, 0.0], raised), _BODY_FROM_SEGMENT)


def _enu(positions: Floats) -> Floats:
    """Vectors (..., 3) with x north, y west, z up in the earth frame."""
    return np.stack([-positions[..., 1], positions[..., 0], positions[..., 2]], axis=-1)


def _skeleton(motion: MvnxMotion, orientations: Floats, joints: Floats) -> Skeleton:
    """The skeleton of the joints (23, N, 3) m, with mean distances, and the file's points."""
    offsets = np.zeros((len(SEGMENTS), 3))
    for segment, parent in PARENTS.items():
        if parent is not None:
            apart = joints[INDEX[segment]] - joints[INDEX[parent]]
            inside = qt.rotate(qt.conjugate(orientations[INDEX[parent]]), apart)
            offsets[INDEX[segment]] = inside.mean(axis=0)
    points = _points(motion)
    typical = skeleton_for()
    tips = {
        segment: points.get((segment, label), typical.ends[INDEX[segment]])
        for segment, label in _TIPS.items()
    }
    heels = [points.get((f"{side}_foot", f"p{side.title()}HeelFoot")) for side in SIDES]
    own_heels = [heel for heel in heels if heel is not None]
    return measured_skeleton(offsets, tips, np.array(own_heels) if len(own_heels) == 2 else None)


def _points(motion: MvnxMotion) -> dict[tuple[str, str], Floats]:
    """The file's points (3,) m by segment and MVN's label, in our segments' frames."""
    return {
        (MVN_SEGMENTS[name], label): qt.rotate(qt.conjugate(_body_from(MVN_SEGMENTS[name])), point)
        for name, points in motion.points.items()
        if name in MVN_SEGMENTS
        for label, point in points.items()
    }

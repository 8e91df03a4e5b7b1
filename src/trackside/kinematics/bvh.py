"""A pose as BVH and back: the one place where frames of reference change.

Earth (x east, y north, z up) becomes BVH world (X, Y, Z) = (y, z, x): up is Y, and an athlete who
faces east faces +Z. A segment's (x forward, y up, z right) becomes (X, Y, Z) = (−z, y, x): X is the
athlete's left. In BVH's rest pose, with all angles zero, the athlete stands as a T. Our neutral
pose has hanging arms, so that arms turn by a quarter about Z between the two: a left arm points to
+X in the rest pose and to −Y in the neutral one.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh_document import BvhDocument, BvhJoint, world_motion
from trackside.kinematics.bvh_file import read_bvh_file, write_bvh_file
from trackside.kinematics.euler import tait_bryan_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX, PARENTS, Skeleton, skeleton_for
from trackside.recordings.placements import SEGMENTS, SIDES

JOINT_NAMES: dict[str, str] = {
    "pelvis": "Hips",
    "l5": "Spine",
    "l3": "Spine1",
    "t12": "Spine2",
    "t8": "Spine3",
    "neck": "Neck",
    "head": "Head",
}
"""For each segment the BVH joint at its proximal end, by MotionBuilder's names, depth first."""

_ARM = {"shoulder": "Shoulder", "upper_arm": "Arm", "forearm": "ForeArm", "hand": "Hand"}
_LEG = {"thigh": "UpLeg", "shank": "Leg", "foot": "Foot", "toe": "ToeBase"}
for _limb in (_ARM, _LEG):
    for _side in reversed(SIDES):
        JOINT_NAMES |= {f"{_side}_{part}": _side.title() + name for part, name in _limb.items()}

_CM = 100.0
_ROTATIONS = ("Zrotation", "Xrotation", "Yrotation")
_ROOT_CHANNELS = ("Xposition", "Yposition", "Zposition", *_ROTATIONS)

_WORLD_FROM_EARTH = np.array([0.5, -0.5, -0.5, -0.5])  # (x, y, z) → (y, z, x)
_LOCAL_FROM_SEGMENT = np.array([np.sqrt(0.5), 0.0, -np.sqrt(0.5), 0.0])  # (x, y, z) → (−z, y, x)
_QUARTER_ABOUT_Z = np.array([np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])


def _segment_from_joint(segment: str) -> Floats:
    """Rotation (4,) that takes vectors from the frame of a segment's BVH joint to the segment's."""
    aligned = qt.conjugate(_LOCAL_FROM_SEGMENT)
    if not segment.endswith(("upper_arm", "forearm", "hand")):
        return aligned
    down = qt.conjugate(_QUARTER_ABOUT_Z) if segment.startswith("left") else _QUARTER_ABOUT_Z
    return qt.multiply(aligned, down)


_SEGMENT_FROM_JOINT: Floats = np.array([_segment_from_joint(segment) for segment in SEGMENTS])


def bvh_from_pose(pose: Pose) -> BvhDocument:
    """The document of a pose (23 joints, 72 channels), in cm and degrees.

    Raises MissingDataError where the pose has fewer than two frames or a frame is not finite.
    """
    _check_complete(pose)
    frames = np.empty((len(pose.time), 3 + 3 * len(SEGMENTS)))
    frames[:, :3] = _CM * qt.rotate(_WORLD_FROM_EARTH, pose.root)
    for position, segment in enumerate(JOINT_NAMES):
        angles = tait_bryan_angles(_joint_rotation(pose, segment), "zxy")
        frames[:, 3 + 3 * position : 6 + 3 * position] = np.rad2deg(angles)
    return BvhDocument(_joints(pose.skeleton), frames, 1.0 / pose.rate)


def pose_from_bvh(document: BvhDocument) -> Pose:
    """The pose that a document with JOINT_NAMES shows: the inverse of :func:`bvh_from_pose`.

    Time begins at 0. ``measured`` is False everywhere, as a BVH does not tell what carried sensors.
    Lengths come from the offsets. Other joints than ours are passed over. Raises MissingDataError
    where one of ours is missing, hangs elsewhere, or the rest pose is no T-pose.
    """
    order = _joint_of_segment(document)
    skeleton = _skeleton([document.joints[joint] for joint in order])
    orientations, positions = world_motion(document)
    earth_from_world = qt.conjugate(_WORLD_FROM_EARTH)
    root: Floats = qt.rotate(earth_from_world, positions[order[0]]) / _CM
    poses = np.empty((len(SEGMENTS), *orientations.shape[1:]))
    for segment, joint in enumerate(order):
        joint_from_segment = qt.conjugate(_SEGMENT_FROM_JOINT[segment])
        poses[segment] = _between(earth_from_world, orientations[joint], joint_from_segment)
    return Pose(
        skeleton,
        np.arange(float(len(document.frames))) * document.frame_time,
        poses,
        root,
        np.zeros(poses.shape[:2], bool),
    )


def write_bvh(
    path: Path | str, pose: Pose, progress: Callable[[float], None] | None = None
) -> None:
    """Write a pose as BVH, all of it or nothing; ``progress`` is told the fraction written.

    Raises MissingDataError as :func:`bvh_from_pose` does.
    """
    write_bvh_file(path, bvh_from_pose(pose), progress)


def read_bvh(path: Path | str) -> Pose:
    """The pose in a BVH file with JOINT_NAMES; FileFormatError says what is wrong with another."""
    document = read_bvh_file(path)
    try:
        return pose_from_bvh(document)
    except MissingDataError as problem:
        expected = f"the joints that Trackside writes, but {problem}"
        raise FileFormatError(path, "HIERARCHY", expected) from None


def _check_complete(pose: Pose) -> None:
    if len(pose.time) < 2:
        raise MissingDataError(f"a BVH needs 2 frames or more: the pose has {len(pose.time)}")
    finite = np.asarray(np.isfinite(pose.orientations).all(axis=-1))
    if not finite.all():
        frame = int(np.argmin(finite.all(axis=0)))
        what = f"orientation of {SEGMENTS[int(np.argmin(finite[:, frame]))]}"
    elif not np.isfinite(pose.root).all():
        frame = int(np.argmin(np.isfinite(pose.root).all(axis=1)))
        what = "position of the pelvis"
    else:
        return
    raise MissingDataError(
        f"no {what} at {pose.time[frame]:.3f} s: a BVH has no gaps, choose a span without any"
    )


def _joint_rotation(pose: Pose, segment: str) -> Floats:
    """Rotation (N, 4) of a segment's BVH joint in its parent joint's frame, or in the world."""
    index, parent = INDEX[segment], PARENT_INDEX[INDEX[segment]]
    before = _WORLD_FROM_EARTH
    rotation = pose.orientations[index]
    if parent >= 0:
        before = qt.conjugate(_SEGMENT_FROM_JOINT[parent])
        rotation = qt.multiply(qt.conjugate(pose.orientations[parent]), rotation)
    return _between(before, rotation, _SEGMENT_FROM_JOINT[index])


def _between(before: Floats, q: Floats, after: Floats) -> Floats:
    """before ⊗ q ⊗ after, for q (N, 4): the product is linear in q, hence one (4, 4) matrix."""
    return _times(q, qt.multiply(qt.multiply(before, np.eye(4)), after))


@kernel
def _times(q: Floats, matrix: Floats) -> Floats:
    """q @ matrix for (N, 4) and (4, 4), which BLAS would share out over threads that then wait."""
    product = np.empty_like(q)
    for n in range(len(q)):
        for k in range(4):
            left = q[n, 0] * matrix[0, k] + q[n, 1] * matrix[1, k]
            product[n, k] = left + q[n, 2] * matrix[2, k] + q[n, 3] * matrix[3, k]
    return product


def _joints(skeleton: Skeleton) -> tuple[BvhJoint, ...]:
    order = list(JOINT_NAMES)
    joints = []
    for segment, name in JOINT_NAMES.items():
        index, parent = INDEX[segment], PARENTS[segment]
        tip = None
        if segment not in PARENTS.values():
            tip = _in_joint_frame(segment, skeleton.ends[index])
        if parent is None:
            joints.append(BvhJoint(name, -1, (0.0, 0.0, 0.0), _ROOT_CHANNELS, tip))
        else:
            offset = _in_joint_frame(parent, skeleton.offsets[index])
            joints.append(BvhJoint(name, order.index(parent), offset, _ROTATIONS, tip))
    return tuple(joints)


def _in_joint_frame(segment: str, vector: Floats) -> tuple[float, float, float]:
    """A vector (3,) in m of the segment's frame, in cm in the frame of its BVH joint."""
    turned = _CM * qt.rotate(qt.conjugate(_SEGMENT_FROM_JOINT[INDEX[segment]]), vector)
    x, y, z = (turned.round(10) + 0.0).tolist()  # + 0.0 so that no −0 is written
    return x, y, z


def _in_segment_frame(segment: int, vector: tuple[float, float, float]) -> Floats:
    """A vector in cm of the BVH joint's frame, (3,) in m in the segment's frame."""
    return qt.rotate(_SEGMENT_FROM_JOINT[segment], vector) / _CM


def _joint_of_segment(document: BvhDocument) -> list[int]:
    """For each of SEGMENTS the index of its joint in the document."""
    index = {joint.name: number for number, joint in enumerate(document.joints)}
    for segment, name in JOINT_NAMES.items():
        parent = PARENTS[segment]
        if name not in index:
            raise MissingDataError(f"there is no joint {name} for {segment}")
        above = document.joints[index[name]].parent
        if parent is not None and above != index[JOINT_NAMES[parent]]:
            raise MissingDataError(f"joint {name} does not hang on {JOINT_NAMES[parent]}")
    return [index[JOINT_NAMES[segment]] for segment in SEGMENTS]


def _skeleton(joints: list[BvhJoint]) -> Skeleton:
    """The skeleton of joints ordered as SEGMENTS; its heels are proportioned to its feet."""
    offsets, ends = np.zeros((len(SEGMENTS), 3)), np.zeros((len(SEGMENTS), 3))
    for segment, joint in enumerate(joints):
        if joint.end_site is not None:
            ends[segment] = _in_segment_frame(segment, joint.end_site)
        if (parent := PARENT_INDEX[segment]) >= 0:
            offsets[segment] = _in_segment_frame(parent, joint.offset)
            if PARENT_INDEX.index(parent) == segment:  # the first child is the one straight on
                ends[parent] = offsets[segment]
    _check_t_pose(offsets)
    typical = skeleton_for()
    toes = [INDEX[f"{side}_toe"] for side in SIDES]
    behind = typical.heels[0, 0] / typical.offsets[toes[0], 0]
    heels = offsets[toes] * np.array([behind, 1.0, 1.0])
    return Skeleton(_rest_height(offsets, ends), offsets, ends, heels)


def _check_t_pose(offsets: Floats) -> None:
    for segment in ("left_forearm", "left_hand", "right_forearm", "right_hand"):
        offset = offsets[INDEX[segment]]
        if -offset[1] < 0.9 * np.linalg.norm(offset):
            name = JOINT_NAMES[segment]
            raise MissingDataError(f"the offset of {name} does not point sideways, as in a T-pose")


def _rest_height(offsets: Floats, ends: Floats) -> float:
    """Height in m from sole to crown in the rest pose."""
    crown = sum(offsets[INDEX[name]][1] for name in ("l5", "l3", "t12", "t8", "neck", "head"))
    leg = sum(offsets[INDEX[f"right_{name}"]][1] for name in ("thigh", "shank", "foot", "toe"))
    return float(crown + ends[INDEX["head"]][1] - leg)

"""A pose as BVH and back: the one place where frames of reference change.

Earth (x east, y north, z up) becomes BVH world (X, Y, Z) = (y, z, x): up is Y, and an athlete who
faces east faces +Z. A segment's (x forward, y up, z right) becomes (X, Y, Z) = (−z, y, x): X is the
athlete's left. In BVH's rest pose, with all angles zero, the athlete stands as a T. Our neutral
pose has hanging arms, so that arms turn by a quarter about Z between the two: a left arm points to
+X in the rest pose and to −Y in the neutral one.
"""

from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh_document import BvhDocument, BvhJoint, world_motion
from trackside.kinematics.bvh_file import read_bvh_file, write_bvh_file
from trackside.kinematics.bvh_names import JOINT_NAMES, NAME_SETS, Names, named_parent
from trackside.kinematics.euler import tait_bryan_angles
from trackside.kinematics.measured_skeleton import hip_height, measured_skeleton
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, PARENTS, Skeleton, skeleton_for
from trackside.recordings.placements import SEGMENTS, SIDES

_CM = 100.0
_ROTATIONS = ("Zrotation", "Xrotation", "Yrotation")
_ROOT_CHANNELS = ("Xposition", "Yposition", "Zposition", *_ROTATIONS)

_WORLD_FROM_EARTH = np.array([0.5, -0.5, -0.5, -0.5])  # (x, y, z) → (y, z, x)
_LOCAL_FROM_SEGMENT = np.array([np.sqrt(0.5), 0.0, -np.sqrt(0.5), 0.0])  # (x, y, z) → (−z, y, x)
_HANGING = ("forearm", "hand", "shank", "foot")  # below their parents in our neutral pose
_STRAIGHT = 0.9  # cosine of the largest angle between that and a file's rest pose
_QUARTER_ABOUT_Z = np.array([np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])


def _segment_from_joint(segment: str) -> Floats:
    """Rotation (4,) that takes vectors from the frame of a segment's BVH joint to the segment's."""
    aligned = qt.conjugate(_LOCAL_FROM_SEGMENT)
    if not segment.endswith(("upper_arm", "forearm", "hand")):
        return aligned
    down = qt.conjugate(_QUARTER_ABOUT_Z) if segment.startswith("left") else _QUARTER_ABOUT_Z
    return qt.multiply(aligned, down)


_SEGMENT_FROM_JOINT: Floats = np.array([_segment_from_joint(segment) for segment in SEGMENTS])


def bvh_from_pose(pose: Pose, names: Names = JOINT_NAMES, *, t_pose: bool = False) -> BvhDocument:
    """The document of a pose, in cm and degrees, with a joint for each segment in ``names``.

    ``t_pose`` puts the rest pose before the motion, as MotionBuilder wants it: a T over the origin,
    feet on the ground, facing +Z. Raises MissingDataError where the pose has fewer than two frames
    or a frame is not finite.
    """
    if len(pose.time) < 2:
        raise MissingDataError(f"a BVH needs 2 frames or more: the pose has {len(pose.time)}")
    check_complete(pose.time, pose.orientations, pose.root)
    frames = motion_frames(pose.orientations, pose.root, names)
    if t_pose:
        frames = np.concatenate([t_pose_frame(pose.skeleton, names), frames])
    return BvhDocument(bvh_joints(pose.skeleton, names), frames, 1.0 / pose.rate)


def motion_frames(
    orientations: Floats, root: Floats, names: Names = JOINT_NAMES, before: Floats | None = None
) -> Floats:
    """Rows (N, C) of a motion block, in cm and degrees.

    ``orientations`` (23, N, 4) segment → ENU, ``root`` (N, 3) m. ``before`` (C,) is the row before
    the first, after which angles run on smoothly.
    """
    frames = np.empty((len(root), 3 + 3 * len(names)))
    frames[:, :3] = _CM * qt.rotate(_WORLD_FROM_EARTH, root)
    for position, segment in enumerate(names):
        columns = slice(3 + 3 * position, 6 + 3 * position)
        last = None if before is None else np.deg2rad(before[columns])
        rotation = _joint_rotation(orientations, segment, named_parent(names, segment))
        frames[:, columns] = np.rad2deg(tait_bryan_angles(rotation, "zxy", last))
    return frames


def t_pose_frame(skeleton: Skeleton, names: Names = JOINT_NAMES) -> Floats:
    """The row (1, C) of the rest pose, which stands over the origin and faces +Z."""
    frame = np.zeros((1, 3 + 3 * len(names)))
    frame[0, 1] = _CM * hip_height(skeleton.offsets)
    return frame


def pose_from_bvh(document: BvhDocument) -> Pose:
    """The pose that a document with one of NAME_SETS shows: the inverse of :func:`bvh_from_pose`.

    Time begins at 0. ``measured`` is False everywhere, as a BVH does not tell what carried sensors.
    Lengths come from the offsets. Other joints than ours are passed over. Raises MissingDataError
    where one of ours is missing, hangs elsewhere, or the rest pose is no T-pose.
    """
    numbers = _joint_numbers(document)
    skeleton = _skeleton({name: document.joints[number] for name, number in numbers.items()})
    orientations, positions = world_motion(document)
    earth_from_world = qt.conjugate(_WORLD_FROM_EARTH)
    root: Floats = qt.rotate(earth_from_world, positions[numbers["pelvis"]]) / _CM
    poses = np.empty((len(SEGMENTS), *orientations.shape[1:]))
    for index, segment in enumerate(SEGMENTS):
        if segment in numbers:
            joint_from_segment = qt.conjugate(_SEGMENT_FROM_JOINT[index])
            turn = orientations[numbers[segment]]
            poses[index] = _between(earth_from_world, turn, joint_from_segment)
        else:
            poses[index] = poses[INDEX[str(PARENTS[segment])]]
    return Pose(
        skeleton,
        np.arange(float(len(document.frames))) * document.frame_time,
        poses,
        root,
        np.zeros(poses.shape[:2], bool),
    )


def write_bvh(
    path: Path | str,
    pose: Pose,
    progress: Callable[[float], None] | None = None,
    *,
    names: Names = JOINT_NAMES,
    t_pose: bool = False,
) -> None:
    """Write a pose as BVH, all of it or nothing; ``progress`` is told the fraction written.

    Further arguments and errors as in :func:`bvh_from_pose`.
    """
    write_bvh_file(path, bvh_from_pose(pose, names, t_pose=t_pose), progress)


def read_bvh(path: Path | str) -> Pose:
    """The pose in a BVH file with one of NAME_SETS; FileFormatError says what is wrong with others.

    A T-pose before the motion is read as the first frame that it is.
    """
    document = read_bvh_file(path)
    try:
        return pose_from_bvh(document)
    except MissingDataError as problem:
        expected = f"the joints that Trackside writes, but {problem}"
        raise FileFormatError(path, "HIERARCHY", expected) from None


def bvh_joints(skeleton: Skeleton, names: Names = JOINT_NAMES) -> tuple[BvhJoint, ...]:
    """The hierarchy of a skeleton, in cm: a joint for each segment in ``names``."""
    order = list(names)
    joints = []
    for segment, name in names.items():
        parent = named_parent(names, segment)
        tip = None
        if segment not in PARENTS.values():
            tip = _in_joint_frame(segment, skeleton.ends[INDEX[segment]])
        if parent is None:
            joints.append(BvhJoint(name, -1, (0.0, 0.0, 0.0), _ROOT_CHANNELS, tip))
        else:
            offset = _in_joint_frame(parent, _offset_from(skeleton, parent, segment))
            joints.append(BvhJoint(name, order.index(parent), offset, _ROTATIONS, tip))
    return tuple(joints)


def _offset_from(skeleton: Skeleton, ancestor: str, segment: str) -> Floats:
    """A segment's joint (3,) m in an ancestor's frame while all between are in line with it."""
    offset = skeleton.offsets[INDEX[segment]]
    parent = PARENTS[segment]
    if parent is None or parent == ancestor:
        return offset
    return np.asarray(offset + _offset_from(skeleton, ancestor, parent))


def check_complete(time: Floats, orientations: Floats, root: Floats) -> None:
    """Raise MissingDataError, naming the first moment, where a frame is not finite."""
    finite = np.asarray(np.isfinite(orientations).all(axis=-1))
    if not finite.all():
        frame = int(np.argmin(finite.all(axis=0)))
        what = f"orientation of {SEGMENTS[int(np.argmin(finite[:, frame]))]}"
    elif not np.isfinite(root).all():
        frame = int(np.argmin(np.isfinite(root).all(axis=1)))
        what = "position of the pelvis"
    else:
        return
    raise MissingDataError(
        f"no {what} at {time[frame]:.3f} s: a BVH has no gaps, choose a span without any"
    )


def _joint_rotation(orientations: Floats, segment: str, parent: str | None) -> Floats:
    """Rotation (N, 4) of a segment's BVH joint in its parent joint's frame, or in the world."""
    before = _WORLD_FROM_EARTH
    rotation = orientations[INDEX[segment]]
    if parent is not None:
        before = qt.conjugate(_SEGMENT_FROM_JOINT[INDEX[parent]])
        rotation = qt.multiply(qt.conjugate(orientations[INDEX[parent]]), rotation)
    return _between(before, rotation, _SEGMENT_FROM_JOINT[INDEX[segment]])


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


def _in_joint_frame(segment: str, vector: Floats) -> tuple[float, float, float]:
    """A vector (3,) in m of the segment's frame, in cm in the frame of its BVH joint."""
    turned = _CM * qt.rotate(qt.conjugate(_SEGMENT_FROM_JOINT[INDEX[segment]]), vector)
    x, y, z = (turned.round(10) + 0.0).tolist()  # + 0.0 so that no −0 is written
    return x, y, z


def _in_segment_frame(segment: int, vector: tuple[float, float, float]) -> Floats:
    """A vector in cm of the BVH joint's frame, (3,) in m in the segment's frame."""
    return qt.rotate(_SEGMENT_FROM_JOINT[segment], vector) / _CM


def _joint_numbers(document: BvhDocument) -> dict[str, int]:
    """The number of the joint in the document of each segment that its name set has."""
    number = {joint.name.replace(":", ""): n for n, joint in enumerate(document.joints)}
    complete = (names for names in NAME_SETS.values() if number.keys() >= set(names.values()))
    names = next(complete, JOINT_NAMES)
    for segment, name in names.items():
        parent = named_parent(names, segment)
        if name not in number:
            raise MissingDataError(f"there is no joint {name} for {segment}")
        above = document.joints[number[name]].parent
        if parent is not None and above != number[names[parent]]:
            raise MissingDataError(f"joint {name} does not hang on {names[parent]}")
    return {segment: number[name] for segment, name in names.items()}


def _skeleton(joints: Mapping[str, BvhJoint]) -> Skeleton:
    """The skeleton of the segments' joints; its heels are proportioned to its feet.

    The offset over a segment that is left out is shared with it in typical proportion.
    """
    offsets = np.zeros((len(SEGMENTS), 3))
    typical = skeleton_for()
    tips = {}
    for segment, joint in joints.items():
        if joint.end_site is not None:
            tips[segment] = _in_segment_frame(INDEX[segment], joint.end_site)
        above = named_parent(joints, segment)
        if above is None:
            continue
        whole = _in_segment_frame(INDEX[above], joint.offset)
        full_length = np.linalg.norm(_offset_from(typical, above, segment))
        between: str | None = segment
        while between is not None and between != above:
            share = np.linalg.norm(typical.offsets[INDEX[between]]) / full_length
            offsets[INDEX[between]] = share * whole
            between = PARENTS[between]
    _check_t_pose(joints, offsets)
    return measured_skeleton(offsets, tips)


def _check_t_pose(joints: Mapping[str, BvhJoint], offsets: Floats) -> None:
    for side, part in product(SIDES, _HANGING):
        offset = offsets[INDEX[f"{side}_{part}"]]
        if -offset[1] < _STRAIGHT * np.linalg.norm(offset):
            name = joints[f"{side}_{part}"].name
            way = "sideways" if part in ("forearm", "hand") else "down"
            raise MissingDataError(f"the offset of {name} does not point {way}, as in a T-pose")

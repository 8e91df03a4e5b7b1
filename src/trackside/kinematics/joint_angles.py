"""Joint angles, named and signed as clinicians and runners read them.

A joint's rotation is that of the child segment seen from its parent, split into flexion about the
parent's z (to the right), ab-/adduction about the floating x, and axial rotation about the child's
y: the Z–X–Y sequence of the ISB recommendation (Grood & Suntay 1983; Wu et al. 2002, 2005). All
angles are zero in the neutral pose. The pelvis is seen from the earth, in the sequence rotation,
obliquity, tilt (Baker 2001).

For both sides positive means: flexion, dorsiflexion, adduction of hip and knee, abduction of the
shoulder, inversion, internal rotation, pronation, radial deviation; for trunk and neck flexion
forwards, bending and rotation to the right. As the palms face inwards in the neutral pose, the
wrist flexes about x and deviates about z.
"""

from dataclasses import dataclass

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.euler import tait_bryan_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST
from trackside.recordings.placements import SIDES


@dataclass(frozen=True)
class Joint:
    """Two segments and the names and signs of the three angles between them."""

    name: str
    parent: str
    child: str
    angles: tuple[str, str, str]
    signs: tuple[float, float, float]


def _sided_joints(side: str) -> list[Joint]:
    inward = 1.0 if side == "right" else -1.0
    rows = [
        ("hip", "pelvis", "thigh", ("flexion", "adduction", "rotation"), (1, 1, 1)),
        ("knee", "thigh", "shank", ("flexion", "adduction", "rotation"), (-1, 1, 1)),
        ("ankle", "shank", "foot", ("dorsiflexion", "inversion", "rotation"), (1, 1, 1)),
        ("shoulder", "t8", "upper_arm", ("flexion", "abduction", "rotation"), (1, -1, 1)),
        ("elbow", "upper_arm", "forearm", ("flexion", "adduction", "pronation"), (1, 1, 1)),
        ("wrist", "forearm", "hand", ("radial_deviation", "flexion", "rotation"), (1, 1, 1)),
    ]
    joints = []
    for name, parent, child, angles, (first, second, third) in rows:
        upper = parent if parent in ("pelvis", "t8") else f"{side}_{parent}"
        signs = (float(first), second * inward, third * inward)
        joints.append(Joint(f"{side}_{name}", upper, f"{side}_{child}", angles, signs))
    return joints


JOINTS: tuple[Joint, ...] = (
    Joint("trunk", "pelvis", "t8", ("flexion", "bending", "rotation"), (-1.0, 1.0, -1.0)),
    Joint("neck", "t8", "head", ("flexion", "bending", "rotation"), (-1.0, 1.0, -1.0)),
    *(joint for side in SIDES for joint in _sided_joints(side)),
)


def joint_angles(pose: Pose) -> dict[str, Floats]:
    """All angles of a pose by name, such as ``"left_knee_flexion"``, each (N,) in rad.

    Joints are within half a turn; the heading of the pelvis is continuous through full turns.
    """
    angles = pelvis_angles(pose.segment("pelvis"))
    for joint in JOINTS:
        angles |= angles_of(joint, pose.orientations)
    return angles


def angles_of(joint: Joint, orientations: Floats) -> dict[str, Floats]:
    """The three angles of one joint by name, (N,) rad, from all orientations (23, N, 4)."""
    parent, child = orientations[INDEX[joint.parent]], orientations[INDEX[joint.child]]
    rotation = qt.multiply(qt.conjugate(parent), child)
    columns = tait_bryan_angles(rotation[:, None], "zxy")[:, 0].T
    named = zip(joint.angles, joint.signs, columns, strict=True)
    return {f"{joint.name}_{name}": sign * column for name, sign, column in named}


def pelvis_angles(orientations: Floats) -> dict[str, Floats]:
    """Anterior tilt, obliquity (right side up) and heading (N,) of the pelvis (N, 4), in rad.

    The heading counts from east counter-clockwise.
    """
    since_east = qt.multiply(orientations, qt.conjugate(STANDING_FACING_EAST))
    heading, obliquity, tilt = tait_bryan_angles(since_east, "zxy").T  # about up, forward, left
    return {
        "pelvis_tilt": tilt,
        "pelvis_obliquity": -obliquity,
        "pelvis_heading": heading,
    }

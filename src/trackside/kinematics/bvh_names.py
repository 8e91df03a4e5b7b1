"""What the joints of a BVH file are called: the name sets of the programs that open it.

A set names the BVH joint at the proximal end of each segment, depth first. Where a program's
skeleton has no joint for a segment, the set leaves it out: that segment then moves as one piece
with its parent, in writing as in reading.
"""

from collections.abc import Container, Mapping

from trackside.kinematics.skeleton import PARENTS
from trackside.recordings.placements import SIDES

Names = Mapping[str, str]
"""Joint names by segment, depth first."""

_TRUNK = {"pelvis": "Hips", "l5": "Spine", "l3": "Spine1"}
_ARM = {"shoulder": "Shoulder", "upper_arm": "Arm", "forearm": "ForeArm", "hand": "Hand"}
_LEG = {"thigh": "UpLeg", "shank": "Leg", "foot": "Foot", "toe": "ToeBase"}


def _body(trunk: dict[str, str], prefix: str = "") -> dict[str, str]:
    names = trunk | {"neck": "Neck", "head": "Head"}
    for limb in (_ARM, _LEG):
        for side in reversed(SIDES):
            names |= {f"{side}_{part}": side.title() + name for part, name in limb.items()}
    return {segment: prefix + name for segment, name in names.items()}


NAME_SETS: dict[str, Names] = {
    # MotionBuilder's HumanIK, which takes up to ten spine joints.
    "hik": _body(_TRUNK | {"t12": "Spine2", "t8": "Spine3"}),
    # Mixamo's rig, which has three. Its own files write "mixamorig:Hips"; the colon is left out
    # since three.js would bind no motion to the bone, and itself calls it "mixamorigHips".
    "mixamo": _body(_TRUNK | {"t8": "Spine2"}, "mixamorig"),
    # The skeleton of the CMU Graphics Lab database, likewise with three.
    "cmu": _body({"pelvis": "Hips", "l5": "LowerBack", "l3": "Spine", "t8": "Spine1"}),
}
"""Joint names by the name of the set."""

JOINT_NAMES: Names = NAME_SETS["hik"]
"""The default set, the only one with a joint for every segment."""


def named_parent(names: Container[str], segment: str) -> str | None:
    """The nearest segment above that has a joint in the set; None for the root."""
    parent = PARENTS[segment]
    while parent is not None and parent not in names:
        parent = PARENTS[parent]
    return parent

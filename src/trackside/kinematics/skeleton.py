"""The human skeleton: 23 segments in a tree, with lengths from body height.

Each segment has a frame by ISB convention (Wu et al. 2002, 2005): origin in its proximal joint, x
forward, y up, z to the athlete's right. In the neutral pose (standing upright, arms hanging, palms
in, feet forward) the frames of all segments are parallel.

Lengths are fractions of body height after Drillis & Contini (1966), as printed in D. A. Winter,
*Biomechanics and Motor Control of Human Movement*, 4th ed. 2009, figure 4.1. His hip width is that
of the body, not of the joints: hip joint centres lie 72 % of the distance between the anterior
superior iliac spines apart (Bell et al. 1990), which is about 14 % of height. Winter treats the
trunk as one piece; here it is shared out over the spine's segments in the proportion of their
vertebrae's heights, which changes where the trunk bends but not how long it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import ParameterError
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
from trackside.recordings.placements import CENTRE, SEGMENTS, SIDES

PARENTS: dict[str, str | None] = {
    "pelvis": None,
    "l5": "pelvis",
    "l3": "l5",
    "t12": "l3",
    "t8": "t12",
    "neck": "t8",
    "head": "neck",
}
for _side in SIDES:
    PARENTS |= {
        f"{_side}_shoulder": "t8",
        f"{_side}_upper_arm": f"{_side}_shoulder",
        f"{_side}_forearm": f"{_side}_upper_arm",
        f"{_side}_hand": f"{_side}_forearm",
        f"{_side}_thigh": "pelvis",
        f"{_side}_shank": f"{_side}_thigh",
        f"{_side}_foot": f"{_side}_shank",
        f"{_side}_toe": f"{_side}_foot",
    }

INDEX: dict[str, int] = {name: i for i, name in enumerate(SEGMENTS)}
PARENT_INDEX: tuple[int, ...] = tuple(
    -1 if (parent := PARENTS[name]) is None else INDEX[parent] for name in SEGMENTS
)
"""For each of SEGMENTS the index of its parent, -1 for the pelvis. Parents come first."""

STANDING_FACING_EAST: Floats = np.array([np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0])
"""Segment → ENU in the neutral pose when facing east: forward is x east, up is z."""

# Fractions of body height, Winter 2009 figure 4.1.
_FRACTION = {
    "ankle_height": 0.039,
    "foot": 0.152,
    "shank": 0.246,
    "thigh": 0.245,
    "hip_width": 0.101,  # between joint centres
    "trunk": 0.288,  # hip axis to shoulder axis
    "head_and_neck": 0.182,  # shoulder axis to vertex
    "shoulder_width": 0.259,
    "upper_arm": 0.186,
    "forearm": 0.146,
    "hand": 0.108,
}
DIMENSIONS: tuple[str, ...] = tuple(_FRACTION)
"""Names of the body dimensions that an athlete's own measurements may override."""

# Shares of the trunk between the hip axis and the base of the neck.
_TRUNK_SHARE = {"l5": 0.18, "l3": 0.20, "t12": 0.17, "t8": 0.17, "neck": 0.28}
_NECK_SHARE = 0.30  # of the distance from the shoulder axis to the vertex
_STERNOCLAVICULAR_SHARE = 0.15  # of half the shoulder width
_HEEL_SHARE = 0.25  # of the foot's length lies behind the ankle
_TOE_SHARE = 0.27  # of the foot's length lies before the ball


@dataclass(frozen=True)
class Skeleton:
    """Joint positions and segment ends of one athlete.

    ``offsets`` (23, 3) m: each segment's proximal joint, in its parent's frame (pelvis: zero).
    ``ends`` (23, 3) m: each segment's far end, in its own frame; where it has a child straight
    on, that child's joint.
    ``heels`` (2, 3) m: the lowest point of the right and left heel, in the foot's frame.
    """

    height: float
    offsets: Floats
    ends: Floats
    heels: Floats

    def length(self, segment: str) -> float:
        """Distance in m from the segment's proximal joint to its far end."""
        return float(np.linalg.norm(self.ends[INDEX[segment]]))


def body_dimensions(
    height: float = 1.75, own: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Dimensions in m of a body of that height in m, with the athlete's own measurements on top.

    ``own`` takes names of DIMENSIONS, for both sides (``"thigh"``) or one (``"left_thigh"``).
    Raises ParameterError for a height outside 0.5–2.6 m, an unknown name or a length ≤ 0.
    """
    if not 0.5 <= height <= 2.6:
        raise ParameterError(f"body height {height} m: expected 0.5 to 2.6 m")
    size = {name: fraction * height for name, fraction in _FRACTION.items()}
    for name, length in (own or {}).items():
        if name.removeprefix("left_").removeprefix("right_") not in size:
            raise ParameterError(
                f"body dimension {name!r}: expected one of {', '.join(DIMENSIONS)}"
            )
        if not length > 0:
            raise ParameterError(f"body dimension {name} is {length} m: expected more than 0")
        size[name] = length
    return size


def skeleton_for(height: float = 1.75, own: Mapping[str, float] | None = None) -> Skeleton:
    """The skeleton of an athlete; arguments and errors as in :func:`body_dimensions`."""
    size = body_dimensions(height, own)
    trunk, crown = size["trunk"], size["head_and_neck"]
    spine = {name: (0.0, share * trunk, 0.0) for name, share in _TRUNK_SHARE.items()}
    offset = {"pelvis": (0.0, 0.0, 0.0), **spine, "head": (0.0, _NECK_SHARE * crown, 0.0)}
    end = {"head": (0.0, (1 - _NECK_SHARE) * crown, 0.0)}
    end |= {lower: offset[upper] for lower, upper in pairwise(CENTRE)}
    heels = []
    for side, right in (("right", 1.0), ("left", -1.0)):
        limb = {name: size.get(f"{side}_{name}", size[name]) for name in DIMENSIONS}
        clavicle = right * _STERNOCLAVICULAR_SHARE * limb["shoulder_width"] / 2
        ball = (1 - _HEEL_SHARE - _TOE_SHARE) * limb["foot"]
        joint = {
            "shoulder": (0.0, offset["neck"][1], clavicle),
            "upper_arm": (0.0, 0.0, right * limb["shoulder_width"] / 2 - clavicle),
            "forearm": (0.0, -limb["upper_arm"], 0.0),
            "hand": (0.0, -limb["forearm"], 0.0),
            "thigh": (0.0, 0.0, right * limb["hip_width"] / 2),
            "shank": (0.0, -limb["thigh"], 0.0),
            "foot": (0.0, -limb["shank"], 0.0),
            "toe": (ball, -limb["ankle_height"], 0.0),
        }
        tip = {
            "hand": (0.0, -limb["hand"], 0.0),
            "toe": (_TOE_SHARE * limb["foot"], 0.0, 0.0),
        }
        tip |= {part: joint[child] for part, child in pairwise(joint) if part not in tip}
        offset |= {f"{side}_{part}": position for part, position in joint.items()}
        end |= {f"{side}_{part}": position for part, position in tip.items()}
        heels.append((-_HEEL_SHARE * limb["foot"], -limb["ankle_height"], 0.0))
    return Skeleton(
        height,
        np.array([offset[name] for name in SEGMENTS]),
        np.array([end[name] for name in SEGMENTS]),
        np.array(heels),
    )


def walk_from(start: str) -> list[tuple[str, str | None]]:
    """Every segment once, as (segment, the neighbour it is reached from), nearest first.

    The start comes first and is reached from None.
    """
    reached: dict[str, str | None] = {start: None}
    order = [start]
    for here in order:
        for segment in SEGMENTS:
            if segment not in reached and here in (PARENTS[segment], *_children(segment)):
                reached[segment] = here
                order.append(segment)
    return [(segment, reached[segment]) for segment in order]


def _children(segment: str) -> list[str]:
    return [name for name, parent in PARENTS.items() if parent == segment]


def joint_positions(skeleton: Skeleton, orientations: Floats, root: Floats) -> Floats:
    """Proximal joint of every segment in the earth frame, (23, N, 3) m.

    ``orientations`` (23, N, 4) segment → ENU; ``root`` (N, 3) m, the pelvis' origin.
    """
    orientations = np.ascontiguousarray(orientations, float)
    root = np.ascontiguousarray(root, float)
    return _joints(orientations, root, skeleton.offsets, np.array(PARENT_INDEX, np.int64))


@kernel
def _joints(orientations: Floats, root: Floats, offsets: Floats, parents: Integers) -> Floats:
    """Proximal joint of each segment in the earth frame, (23, N, 3) m."""
    joints = np.empty((len(parents), root.shape[0], 3))
    for segment in range(len(parents)):
        parent = parents[segment]
        if parent < 0:
            joints[segment] = root
            continue
        x, y, z = offsets[segment]
        for n in range(root.shape[0]):
            w, a, b, c = orientations[parent, n]
            tx, ty, tz = 2 * (b * z - c * y), 2 * (c * x - a * z), 2 * (a * y - b * x)
            joints[segment, n, 0] = joints[parent, n, 0] + x + w * tx + b * tz - c * ty
            joints[segment, n, 1] = joints[parent, n, 1] + y + w * ty + c * tx - a * tz
            joints[segment, n, 2] = joints[parent, n, 2] + z + w * tz + a * ty - b * tx
    return joints


def end_positions(skeleton: Skeleton, orientations: Floats, joints: Floats) -> Floats:
    """Far end of every segment in the earth frame, (23, N, 3) m, from its proximal joints."""
    return joints + qt.rotate(orientations, skeleton.ends[:, None, :])


def neighbours(segments: tuple[str, ...]) -> list[tuple[int, int]]:
    """Pairs (child, parent) of sensors next to each other on the way from the first one."""
    nearest = {segments[0]: 0}
    pairs = []
    for segment, before in walk_from(segments[0]):
        if before is None:
            continue
        nearest[segment] = nearest[before]
        if segment in segments:
            own = segments.index(segment)
            pairs.append((own, nearest[before]))
            nearest[segment] = own
    return pairs

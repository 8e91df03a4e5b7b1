"""A skeleton from the joints that another program measured, in place of body proportions."""

from collections.abc import Mapping

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX, Skeleton, skeleton_for
from trackside.recordings.placements import CENTRE, SEGMENTS, SIDES


def measured_skeleton(
    offsets: Floats, tips: Mapping[str, Floats], heels: Floats | None = None
) -> Skeleton:
    """The skeleton with those joints.

    ``offsets`` (23, 3) m: each segment's proximal joint in its parent's frame. ``tips``: the far
    ends (3,) m of segments that have no child. ``heels`` (2, 3) m, right and left, in the foot's
    frame; None takes them in proportion to the feet. The height follows from head to sole.
    """
    ends = np.zeros((len(SEGMENTS), 3))
    for segment, parent in enumerate(PARENT_INDEX):
        if parent >= 0 and PARENT_INDEX.index(parent) == segment:
            ends[parent] = offsets[segment]  # the first child is the one straight on
    for name, tip in tips.items():
        ends[INDEX[name]] = tip
    if heels is None:
        heels = _typical_heels(offsets)
    return Skeleton(sole_to_crown(offsets, ends), offsets, ends, heels)


def _typical_heels(offsets: Floats) -> Floats:
    typical = skeleton_for()
    toes = [INDEX[f"{side}_toe"] for side in SIDES]
    behind = typical.heels[0, 0] / typical.offsets[toes[0], 0]
    return np.asarray(offsets[toes] * np.array([behind, 1.0, 1.0]))


def sole_to_crown(offsets: Floats, ends: Floats) -> float:
    """Height in m of the neutral pose with those joints and ends (23, 3) m."""
    crown = sum(offsets[INDEX[name], 1] for name in CENTRE[1:]) + ends[INDEX["head"], 1]
    return float(crown + hip_height(offsets))


def hip_height(offsets: Floats) -> float:
    """Height in m of the pelvis' origin above the sole in the neutral pose."""
    leg = ("right_thigh", "right_shank", "right_foot", "right_toe")
    return float(-sum(offsets[INDEX[name], 1] for name in leg))

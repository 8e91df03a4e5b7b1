"""Differences between two gaits in plain words: what, by how much, and when in the stride."""

from typing import NamedTuple

import numpy as np

from trackside.kinematics.comparison import Irregularity, Stretch, without_side
from trackside.recordings.placements import SIDES

MOST_OF_STRIDE = 70.0  # %
MAINLY = 0.75  # part of a stretch that lies in stance or swing, for it to be named after that


class Words(NamedTuple):
    """What moves, and how it is called if its angle is larger or smaller than the other one."""

    part: str
    larger: str
    smaller: str


_FLEXION = ("more flexed", "less flexed")
_ADDUCTION = ("more adducted", "more abducted")
_ROTATION = ("more rotated inwards", "more rotated outwards")
_RIGHT = ("farther to the right", "farther to the left")
_WORDS: dict[str, Words] = {
    "pelvis_tilt": Words("pelvis", "tilted farther forwards", "tilted farther backwards"),
    "pelvis_obliquity": Words("pelvis", "higher on the right", "lower on the right"),
    "trunk_flexion": Words("trunk", "bent farther forwards", "bent farther backwards"),
    "trunk_bending": Words("trunk", *(f"bent {way}" for way in _RIGHT)),
    "trunk_rotation": Words("trunk", *(f"turned {way}" for way in _RIGHT)),
    "neck_flexion": Words("neck", "bent farther forwards", "bent farther backwards"),
    "neck_bending": Words("neck", *(f"bent {way}" for way in _RIGHT)),
    "neck_rotation": Words("neck", *(f"turned {way}" for way in _RIGHT)),
    "hip_flexion": Words("hip", *_FLEXION),
    "hip_adduction": Words("hip", *_ADDUCTION),
    "hip_rotation": Words("hip", *_ROTATION),
    "knee_flexion": Words("knee", *_FLEXION),
    "ankle_dorsiflexion": Words("ankle", "more dorsiflexed", "less dorsiflexed"),
    "ankle_inversion": Words("ankle", "more inverted", "more everted"),
    "shoulder_flexion": Words("upper arm", "farther forwards", "farther backwards"),
    "shoulder_abduction": Words("upper arm", "farther from the trunk", "nearer to the trunk"),
    "shoulder_rotation": Words("upper arm", *_ROTATION),
    "elbow_flexion": Words("elbow", *_FLEXION),
    "elbow_pronation": Words("forearm", "more pronated", "more supinated"),
    "wrist_radial_deviation": Words("wrist", "bent farther to the thumb", "bent farther outwards"),
    "wrist_flexion": Words("wrist", *_FLEXION),
}


def angle_in_words(angle: str) -> str:
    """``"left knee flexion"`` of ``"left_knee_flexion"``."""
    return angle.replace("_", " ")


def in_words(item: Irregularity, stance: float, than: str = "") -> str:
    """An irregularity as a phrase, such as "left knee 12° less flexed in swing, from 62 to 74 % …".

    ``stance``: the share of the stride on the ground; ``than``: what it is compared with, if the
    reader has to be told.
    """
    bare = without_side(item.angle)
    words = _WORDS[bare]
    side = "" if bare == item.angle else f"{item.angle.partition('_')[0]} "
    if not isinstance(item, Stretch):
        when = "later" if item.shift > 0 else "earlier"
        return f"{side}{angle_in_words(bare)} {abs(item.shift):.0f} % of the stride {when}{than}"
    how = words.larger if item.difference > 0 else words.smaller
    degrees = f"{abs(np.rad2deg(item.difference)):.0f}°"
    what = f"{side}{words.part} {degrees} {how}{than}"
    if item.offset:
        return f"{what} all through the stride: a habit, or how the sensors were calibrated"
    return f"{what} {_when(item, stance)}, from {item.start:.0f} to {item.end:.0f} % of the stride"


def asymmetry_in_words(item: Irregularity, stance: float) -> str:
    """An irregularity of the left side compared with the right, as a phrase."""
    left, right = reversed(SIDES)
    than = f" than {right}" if isinstance(item, Stretch) else f" than on the {right}"
    return f"{left} {in_words(item, stance, than)}"


def _when(item: Stretch, stance: float) -> str:
    """In which part of the stride a stretch lies."""
    length = (item.end - item.start) % 100.0
    if length >= MOST_OF_STRIDE:
        return "in most of the stride"
    phases = (item.start + np.arange(length + 1.0)) % 100.0
    on_ground = float(np.mean(phases <= 100.0 * stance))
    if on_ground >= MAINLY:
        return "in stance"
    if on_ground <= 1.0 - MAINLY:
        return "in swing"
    return "around initial contact" if item.end < item.start else "around toe-off"

"""Where a sensor can sit: the 23 body segments and the names that makers give them."""

import re

CENTRE = ("pelvis", "l5", "l3", "t12", "t8", "neck", "head")
PAIRED = (
    "shoulder",
    "upper_arm",
    "forearm",
    "hand",
    "thigh",
    "shank",
    "foot",
    "toe",
)
SIDES = ("right", "left")

SEGMENTS: tuple[str, ...] = CENTRE + tuple(f"{side}_{part}" for side in SIDES for part in PAIRED)
"""The 23 segments of full-body inertial motion capture, centre first, then right and left."""

_PART_ALIASES = {
    "hip": "pelvis",
    "hips": "pelvis",
    "sacrum": "pelvis",
    "lower back": "l3",
    "lumbar": "l3",
    "torso": "t8",
    "trunk": "t8",
    "chest": "t8",
    "sternum": "t8",
    "upper back": "t8",
    "upper leg": "thigh",
    "femur": "thigh",
    "lower leg": "shank",
    "tibia": "shank",
    "calcn": "foot",
    "scapula": "shoulder",
    "humerus": "upper_arm",
    "upper arm": "upper_arm",
    "lower arm": "forearm",
    "toes": "toe",
}
_SIDE_WORDS = {"left": "left", "l": "left", "right": "right", "r": "right"}


def segment_from_label(label: str) -> str | None:
    """The segment that a maker's label means, or None if it means none.

    Word order, case and separators do not matter: ``"Left Lower Leg"``, ``"lower_leg_left"`` and
    ``"tibia_l"`` are all ``"left_shank"``.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    words = [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word and word != "imu"]
    sides = [_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS]
    rest = " ".join(word for word in words if word not in _SIDE_WORDS)
    part = _PART_ALIASES.get(rest, rest.replace(" ", "_"))
    name = f"{sides[0]}_{part}" if sides else part
    return name if name in SEGMENTS else None

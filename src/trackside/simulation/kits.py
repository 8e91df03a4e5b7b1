"""Sets of sensors, and where on its segment each is strapped."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, Skeleton
from trackside.recordings.placements import SEGMENTS

_LEGS = tuple(f"{side}_{part}" for part in ("thigh", "shank", "foot") for side in ("right", "left"))
_ARMS = tuple(
    f"{side}_{part}"
    for part in ("shoulder", "upper_arm", "forearm", "hand")
    for side in ("right", "left")
)

KIT_17: tuple[str, ...] = ("pelvis", "t8", "head", *_ARMS, *_LEGS)
"""The full-body kit of inertial motion capture: toes, neck and lower spine go without a sensor."""

KITS: dict[str, tuple[str, ...]] = {
    "full-17": KIT_17,
    "lower-body-8": ("pelvis", "t8", *_LEGS),
    "feet": ("right_foot", "left_foot"),
    "pelvis": ("pelvis",),
}

_CENTRE_BEHIND = 0.10  # m, from the joint axis to the skin of the back
_LIMB_ASIDE = 0.05  # m, from a limb's axis to its outer side
_FOOT_ABOVE = 0.05  # m, from the line from ankle to ball up to the instep


@dataclass(frozen=True)
class Mounting:
    """How a sensor sits on a segment.

    ``position`` (3,) m in the segment's frame; ``orientation`` (4,) sensor → segment.
    """

    segment: str
    position: Floats
    orientation: Floats


def checked_kit(kit: tuple[str, ...]) -> tuple[str, ...]:
    """The kit itself; ParameterError if it is empty, repeats a segment or names none of ours."""
    unknown = sorted(set(kit) - set(SEGMENTS))
    if unknown:
        raise ParameterError(f"kit names {', '.join(unknown)}: expected segments, see SEGMENTS")
    if not kit or len(set(kit)) != len(kit):
        raise ParameterError(f"kit {kit}: expected at least one segment, each one once")
    return kit


def _position(segment: str, skeleton: Skeleton) -> Floats:
    """Halfway along the segment, on the skin: back of the trunk, outer side of limbs, instep."""
    middle = 0.5 * skeleton.ends[INDEX[segment]]
    if segment.endswith(("foot", "toe")):
        return middle + np.array([0.0, _FOOT_ABOVE, 0.0])
    if segment.startswith("right_"):
        return middle + np.array([0.0, 0.0, _LIMB_ASIDE])
    if segment.startswith("left_"):
        return middle - np.array([0.0, 0.0, _LIMB_ASIDE])
    return middle - np.array([_CENTRE_BEHIND, 0.0, 0.0])


def mounted(kit: tuple[str, ...], skeleton: Skeleton, rng: np.random.Generator) -> list[Mounting]:
    """Strap a kit on, each sensor in an arbitrary orientation, evenly distributed."""
    orientations = qt.normalized(rng.standard_normal((len(kit), 4)))
    return [
        Mounting(segment, _position(segment, skeleton), orientation)
        for segment, orientation in zip(kit, orientations, strict=True)
    ]

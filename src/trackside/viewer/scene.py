"""What is drawn at one moment: bodies, ghosts and the ground, as tables that know no window."""

from dataclasses import dataclass, field

import numpy as np

from trackside.arrays import Floats
from trackside.viewer.ground import NO_CORNERS, NO_LINES, Corners, Lines
from trackside.viewer.limbs import NO_CAPSULES, Capsules


@dataclass(frozen=True)
class Ground:
    """What lies still: ``grid`` about the origin, moved along with the scene by whole metres.

    ``lane`` and ``lane_lines`` stay where they are in the earth frame.
    """

    grid: Lines = field(default_factory=lambda: NO_LINES)
    lane: Corners = field(default_factory=lambda: NO_CORNERS)
    lane_lines: Lines = field(default_factory=lambda: NO_LINES)


@dataclass(frozen=True)
class Scene:
    """Everything that moves.

    ``bodies``: solid limbs; ``ghosts``: see-through ones; ``middle`` (3,) m: where the ground is
    seen best. It fades towards the distance.
    """

    bodies: Capsules = field(default_factory=lambda: NO_CAPSULES)
    ghosts: Capsules = field(default_factory=lambda: NO_CAPSULES)
    middle: tuple[float, float, float] = (0.0, 0.0, 0.0)


def scene_of(bodies: list[Capsules], ghosts: list[Capsules], middle: Floats) -> Scene:
    """A scene of several bodies and ghosts, seen best about ``middle`` (3,) m."""
    x, y, z = np.nan_to_num(np.asarray(middle, float)).tolist()
    return Scene(
        np.concatenate([NO_CAPSULES, *bodies]), np.concatenate([NO_CAPSULES, *ghosts]), (x, y, z)
    )

"""Toes without a sensor: they bend as far as the ground makes them.

In line with their foot they would go into the ground when the heel rises. So their tips are raised
to the ground, and come back into line as the foot leaves it. Nobody measured that: toes stay marked
as not measured.
"""

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel
from trackside.kinematics.skeleton import INDEX, Skeleton, joint_positions
from trackside.recordings.placements import SIDES

_LEG = ("thigh", "shank", "foot")


def toes_on_ground(
    skeleton: Skeleton, orientations: Floats, root: Floats, worn: tuple[str, ...]
) -> Floats:
    """Orientations (23, N, 4), segment → ENU, with toes that do not reach below the ground.

    ``root`` (N, 3) m: the pelvis, the ground at height 0; ``worn``: the segments with sensors.
    Toes that wear one stay as they are, and those of a leg that wears none.
    """
    joints = joint_positions(skeleton, orientations, root)
    out = orientations.copy()
    for side in SIDES:
        toe = f"{side}_toe"
        if toe not in worn and any(f"{side}_{part}" in worn for part in _LEG):
            _raise_tips(joints[INDEX[toe]], skeleton.length(toe), out[INDEX[toe]])
    return out


@kernel
def _raise_tips(balls: Floats, length: float, toes: Floats) -> None:
    """Turn toes (N, 4) of some length in m up until their tips are on the ground, but level.

    ``balls`` (N, 3) m: where they begin. They turn about the level axis across them.
    """
    for n in range(len(toes)):
        w, x, y, z = toes[n]
        east, north = 1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z)
        level = np.sqrt(east * east + north * north)
        pitch = np.arctan2(2.0 * (x * z - w * y), level)
        allowed = -np.arcsin(min(max(balls[n, 2] / length, 0.0), 1.0))
        if pitch >= allowed or level == 0.0:
            continue
        turn = 0.5 * (allowed - pitch)
        c, a, b = np.cos(turn), np.sin(turn) * north / level, -np.sin(turn) * east / level
        toes[n, 0] = c * w - a * x - b * y
        toes[n, 1] = c * x + a * w + b * z
        toes[n, 2] = c * y + b * w - a * z
        toes[n, 3] = c * z + a * y - b * x

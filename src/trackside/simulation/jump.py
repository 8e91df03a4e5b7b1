"""A countermovement jump: the pelvis sinks, is pushed up, flies, and lands as it left.

In flight it falls freely. The feet leave the ground while the body's last centimetres are stretched
out: within these they are carried along, as the heels and toes would.
"""

import numpy as np
from scipy.interpolate import BPoly

from trackside.arrays import Floats
from trackside.simulation.gait import GRAVITY

HEIGHT = 0.3  # m, of the pelvis above standing
DEPTH = 0.28  # m, of the countermovement
SINKING = 0.6  # s
STRETCH = 0.05
"""m; by how much the legs are not yet straight when they leave, and half of what leaving takes."""

TAKE_OFF = float(np.sqrt(2.0 * GRAVITY * HEIGHT))  # m/s
PUSHING = 2.0 * DEPTH / TAKE_OFF  # s
FLIGHT = 2.0 * TAKE_OFF / GRAVITY  # s
DURATION = 2.0 * (SINKING + PUSHING) + FLIGHT


def countermovement_jump(time: Floats) -> tuple[Floats, Floats]:
    """Height of the pelvis above standing and of the feet above the ground, (M,) m each.

    ``time`` (M,) s since the jump's beginning; it is over after DURATION.
    """
    top = 0.5 * DURATION
    before = top - np.abs(np.clip(time, 0.0, DURATION) - top)  # landing is take-off backwards
    push = BPoly.from_derivatives([0.0, PUSHING], [[-DEPTH, 0.0, 0.0], [0.0, TAKE_OFF, -GRAVITY]])
    u = np.clip(before / SINKING, 0.0, 1.0)
    sinking = -DEPTH * (u**3 * (10 - 15 * u + 6 * u * u)) ** 2
    pushed, flown = before - SINKING, before - SINKING - PUSHING
    height = np.where(
        pushed < 0.0,
        sinking,
        np.where(
            flown < 0.0,
            push(np.clip(pushed, 0.0, PUSHING)),
            TAKE_OFF * flown - 0.5 * GRAVITY * flown**2,
        ),
    )
    return height, np.where(pushed < 0.0, 0.0, _carried(height))


def _carried(height: Floats) -> Floats:
    """How far the feet are carried along, (M,) m: 0 below two stretches, all but one above 0 m."""
    y = np.clip((height + STRETCH) / STRETCH, -1.0, 1.0)
    bend = 15.0 / 16.0 * (y**2 / 2 - y**4 / 6 + y**6 / 30) + 0.5 * y + 5.0 / 32.0
    return np.asarray(STRETCH * bend + np.maximum(height, 0.0))

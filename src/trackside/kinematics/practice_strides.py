"""A made-up leg that swings to and fro, with all that happens to samples: gaps, clipped peaks.

Kernels are compiled, or loaded, when they are called for the first time. Who has been through these
samples has called all that a session will, so that none of its strides waits for that.
"""

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics.leg_swings import GRAVITY

RATE, DURATION = 100.0, 3.5  # Hz, s
STRIDE = 0.7  # s
SWING = 0.8  # rad to either side
KNOCK = 40.0 * GRAVITY  # of each landing
KNOCK_TIME = 0.02  # s
LANDING = 0.3  # of the stride
RANGE = 16.0 * GRAVITY


def practice_strides() -> tuple[Floats, Floats, Floats]:
    """Some seconds of such a leg: time (N,) s, angular rate rad/s and force m/s² (N, 3)."""
    time = np.arange(round(DURATION * RATE)) / RATE
    turn = 2.0 * np.pi / STRIDE
    angle = SWING * np.sin(turn * time)
    gyr = np.outer(SWING * turn * np.cos(turn * time), [0.0, 0.0, 1.0])
    landed = (time / STRIDE - LANDING + 0.5) % 1.0 - 0.5
    knock = KNOCK * np.exp(-((landed * STRIDE / KNOCK_TIME) ** 2))
    force = [GRAVITY * np.sin(angle) - 0.5 * knock, GRAVITY * np.cos(angle) + knock, 0.0 * angle]
    acc = np.stack(force, axis=-1).clip(-RANGE, RANGE)
    lost = slice(len(time) // 2, len(time) // 2 + 3)
    gyr[lost] = acc[lost] = np.nan
    return time, gyr, acc

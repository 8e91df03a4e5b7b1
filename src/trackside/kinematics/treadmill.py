"""On a treadmill: the athlete stays where the belt carries the ground away.

What the legs tell is the way over the belt. On a belt that runs evenly this is also all that an
accelerometer can tell, so the way is found as over ground and then split in two: the belt's run,
which is its slow part, and the sway of the body about its place, which is the rest.
"""

from enum import StrEnum

import numpy as np

from trackside.arrays import Floats
from trackside.filters.vector_kalman import ConstantVelocity, smooth_vectors

SWAY_BAND = 0.25
"""Hz; what is slower is the belt's run: even slow walkers make 0.6 strides a second."""

RUNNING = 0.3  # m/s; a belt that is slower stands still


class Ground(StrEnum):
    """What the athlete moves on."""

    LEVEL = "level"  # level ground
    TREADMILL = "treadmill"


def on_treadmill(time: Floats, path: Floats) -> tuple[Floats, Floats]:
    """Path (N, 3) m of a pelvis that stays over the earth's origin, and the belt's speed (N,) m/s.

    ``path`` (N, 3) m at ``time`` (N,) s, evenly spaced: as over ground.
    """
    rate = (len(time) - 1) / (time[-1] - time[0])
    # the cut-off alone counts; the noise would only scale standard deviations
    model = ConstantVelocity.from_cutoff(SWAY_BAND, noise_sd=1.0, rate=rate)
    belt = smooth_vectors(time, path[:, :2], model)
    in_place = path.copy()
    in_place[:, :2] -= belt.values
    return in_place, np.asarray(np.hypot(*belt.rates.T))


def running_speed(belt: Floats) -> float:
    """Median of a belt's speed (N,) m/s while it runs; NaN if it never does."""
    running = belt[belt > RUNNING]
    return float(np.median(running)) if len(running) else float("nan")

"""How far the trunk goes up and down in each stride, from a sensor on pelvis or spine."""

from collections.abc import Sequence

import numpy as np
from scipy.signal import butter, sosfiltfilt

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.gait import evenly
from trackside.kinematics.leg_swings import GRAVITY
from trackside.kinematics.oriented import Oriented, oriented
from trackside.recordings.model import Imu

SLOW = 0.7
"""Hz; below it is the accelerometer's drift. Slow walkers make 1.4 steps/s."""
LONGEST_GAP = 0.1  # s without a sample in a stride
LEAST_RATE = 10.0  # Hz; fewer samples do not show how high each step goes


def vertical_oscillation(
    imu: Imu, starts: Floats, ends: Floats, oriented: Oriented = oriented
) -> Floats:
    """Vertical oscillation (K,) m of the strides from ``starts`` to ``ends`` (K,) s.

    The vertical acceleration is integrated twice, without what is slower than steps; of each stride
    the mean of its two halves counts. NaN where samples are missing or too few.

    Raises SignalError if the sensor has no gyroscope.
    """
    if imu.gyr is None:
        raise SignalError(f"{imu.stream.name}: vertical oscillation needs a gyroscope")
    rate = imu.rate
    if rate < LEAST_RATE or imu.time[-1] - imu.time[0] < 1.0 / SLOW:
        return np.full(len(starts), np.nan)
    force = np.einsum("ni,ni->n", qt.vertical(oriented(imu)), imu.acc)
    time, even = evenly(imu.time, force[:, None], rate)
    sos = butter(2, SLOW, "high", fs=rate, output="sos")
    velocity = sosfiltfilt(sos, np.cumsum(sosfiltfilt(sos, even[:, 0] - GRAVITY)) / rate)
    height = sosfiltfilt(sos, np.cumsum(velocity) / rate)
    middles = 0.5 * (starts + ends)
    halves = [_ranges(time, height, *half) for half in ((starts, middles), (middles, ends))]
    oscillation = np.mean(halves, axis=0)
    oscillation[_interrupted(imu.time, starts, ends)] = np.nan
    return oscillation


def _ranges(time: Floats, height: Floats, starts: Floats, ends: Floats) -> Floats:
    """Highest minus lowest (K,) between two moments; NaN where there are no samples."""
    first, last = np.searchsorted(time, starts), np.searchsorted(time, ends)
    known = np.isfinite(starts) & np.isfinite(ends) & (last > first) & (last < len(time))
    ranges = np.full(len(starts), np.nan)
    if known.any():
        edges = np.stack([first[known], last[known]], axis=-1).ravel()
        highest = np.maximum.reduceat(height, edges)[::2]
        ranges[known] = highest - np.minimum.reduceat(height, edges)[::2]
    return ranges


def _interrupted(time: Floats, starts: Floats, ends: Floats) -> Sequence[bool] | Floats:
    """Whether samples are missing in each stride (K,), or all of them are."""
    gaps = np.flatnonzero(np.diff(time) > LONGEST_GAP)
    begun = np.searchsorted(time[gaps + 1], starts, side="right")
    over = np.searchsorted(time[gaps], ends)
    outside = (starts < time[0]) | (ends > time[-1])
    return (over > begun) | outside | ~np.isfinite(starts + ends)

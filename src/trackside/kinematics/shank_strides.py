"""Strides of a leg from the sensor on its shank, where none is on the foot: times, but no lengths.

Initial contact: the shank has swung forward and turns back; the first minimum of its angular rate
is where the foot is stopped (K. Aminian et al., J. Biomech. 35, 2002). Toe-off: the last minimum
before the shank swings forward again comes a part of the stride after it, later in running, where
the leg folds up before it comes forward. How much later is the simulated athlete's, from 1 to 2
and from 2.5 to 7.5 m/s.
"""

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import MissingDataError
from trackside.kinematics.foot_path import unbroken
from trackside.kinematics.leg_swings import Swings, swings_both_ways
from trackside.kinematics.stride_events import turning_points
from trackside.kinematics.stride_rows import Strides, joined
from trackside.kinematics.swing_strides import SwingTiming, strides_by_swings
from trackside.recordings.model import Imu

TIMING = SwingTiming(walking_lag=0.03, running_lag=0.09, contact_sd=0.015, toe_off_sd=0.03)
LONGER = 1.25
LANDING = 0.08  # s, within which the foot lands after the shank's farthest forward


def strides_of_shank(imu: Imu) -> Strides:
    """The strides of a leg from the sensor on its shank; lengths and angles are NaN.

    Raises MissingDataError without a gyroscope, SignalError without a second of samples.
    """
    if imu.gyr is None:
        raise MissingDataError(f"{imu.stream.name}: the strides of a shank need a gyroscope")
    return joined([_strides(*part) for part in unbroken(imu.time, imu.gyr, imu.acc)])


def _strides(time: Floats, signals: Floats, measured: Booleans) -> Strides:
    gyr, acc = np.split(signals, 2, axis=1)
    swings = _forward(swings_both_ways(time, gyr, acc), time, acc)
    pairs = zip(swings.front.tolist(), swings.back.tolist(), strict=True)
    turns = [_turns(swings.rate, front, back) for front, back in pairs]
    firsts, lasts = np.array(turns, np.int64).reshape(-1, 2).T
    contact = turning_points(time, swings.rate, firsts)
    leave = turning_points(time, swings.rate, lasts)
    return strides_by_swings(signals, measured, swings, contact, leave, TIMING)


def _forward(ways: tuple[Swings, Swings], time: Floats, acc: Floats) -> Swings:
    """Which of both ways is forward.

    From farthest forward to farthest back a shank takes longer, because it stands in between. In a
    sprint it does not; but there the landing, when it is farthest forward, shakes it.
    """
    times = [_median(time[way.back] - time[way.front]) for way in ways]
    longer = times[0] < times[1]
    if max(times) > LONGER * min(times):
        return ways[longer]
    return max(ways, key=lambda way: _shock(way.front, time, acc))


def _shock(ends: Integers, time: Floats, acc: Floats) -> float:
    """The largest jump of the force, m/s², soon after these samples (S,); the median of them."""
    jumps = np.linalg.norm(np.diff(acc, axis=0), axis=1)
    stops = np.searchsorted(time, time[ends] + LANDING)
    shocks = [np.max(jumps[a:b], initial=0.0) for a, b in zip(ends, stops, strict=True)]
    return _median(np.array(shocks))


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _turns(rate: Floats, front: int, back: int) -> tuple[int, int]:
    """The first and the last minimum of the rate between two ends of the swing, as samples."""
    part = rate[front : back + 1]
    least: Integers = 1 + np.flatnonzero((part[1:-1] <= part[:-2]) & (part[1:-1] < part[2:]))
    if not len(least):
        return front, back
    return front + int(least[0]), front + int(least[-1])

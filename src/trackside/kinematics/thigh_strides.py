"""Strides of a leg from the sensor on its thigh, where none is lower: times, but no lengths.

The thigh swings back from before initial contact until after toe-off; in walking that takes longer
than its way forward. Initial contact: the force jumps most, as the landing comes up the leg, on the
first part of the way back, which in running tells which way that is. Toe-off: a part of the stride
before the thigh is farthest back, as in the simulated athlete from 1 to 9.5 m/s.
"""

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import MissingDataError
from trackside.kinematics.foot_path import unbroken
from trackside.kinematics.leg_swings import Swings, swings_both_ways
from trackside.kinematics.stance_kernels import least_between
from trackside.kinematics.stride_rows import QUALITY, Strides, joined
from trackside.kinematics.swing_strides import SwingTiming, strides_by_swings
from trackside.recordings.model import Imu

TIMING = SwingTiming(walking_lag=0.01, running_lag=0.045, contact_sd=0.04, toe_off_sd=0.03)
LANDING = 0.6
"""Of the way back, on the first part of which the foot lands: from a tenth of it, in walking, to
half, in sprinting."""
LONGER = 1.5
"""So much longer than forward a walker's thigh swings back, from 85 to 50 % of the next stride; in
running both take about the same time."""
BEFORE = 0.1
"""Of the way back, by which a walker may land earlier: the thigh hardly turns before and after it,
and is farthest forward at the one moment or the other."""
CLEARLY = 1.5
"""So much more must the force jump there than if forward were backward; soft jogs shake little."""
UNSEEN = QUALITY.index("contact unseen")


def strides_of_thigh(imu: Imu) -> Strides:
    """The strides of a leg from the sensor on its thigh; lengths and angles are NaN.

    Raises MissingDataError without a gyroscope, SignalError without a second of samples.
    """
    if imu.gyr is None:
        raise MissingDataError(f"{imu.stream.name}: the strides of a thigh need a gyroscope")
    return joined([_strides(*part) for part in unbroken(imu.time, imu.gyr, imu.acc)])


def _strides(time: Floats, signals: Floats, measured: Booleans) -> Strides:
    gyr, acc = np.split(signals, 2, axis=1)
    jumps = np.append(np.linalg.norm(np.diff(acc, axis=0), axis=1), 0.0)
    ways = swings_both_ways(time, gyr, acc)
    found = [_landings(way, jumps) for way in ways]
    longer = _longer_way_back(time, ways)
    if longer is not None:
        found[longer] = _landings(ways[longer], jumps, BEFORE)
    shocks = [float(np.median(jumps[at])) if len(at) else 0.0 for at in found]
    forward = int(shocks[1] > shocks[0]) if longer is None else longer
    landings, swings = found[forward], ways[forward]
    contact = 0.5 * (time[landings] + time[np.minimum(landings + 1, len(time) - 1)])
    leave = time[swings.back]
    strides = strides_by_swings(signals, measured, swings, contact, leave, TIMING)
    strides.faults[:, UNSEEN] |= shocks[forward] <= CLEARLY * shocks[1 - forward]
    return strides


def _longer_way_back(time: Floats, ways: tuple[Swings, Swings]) -> int | None:
    """Which of two ways to take forward makes the ways back last longer, as in walking; or None."""
    spans = [
        float(np.median(time[way.back] - time[way.front])) if len(way) else 0.0 for way in ways
    ]
    longer = int(spans[1] > spans[0])
    return longer if spans[longer] > LONGER * spans[1 - longer] > 0.0 else None


def _landings(swings: Swings, jumps: Floats, before: float = 0.0) -> Integers:
    """The samples (S,) after which the force jumps most on the first part of the way back.

    ``jumps`` (N,) m/s² to the next sample; ``before``: of the way, by which it may be earlier.
    """
    way = swings.back - swings.front
    first = np.maximum(swings.front - (before * way).astype(np.int64), 0)
    largest = np.empty_like(swings.front)
    least_between(-jumps, first, swings.front + (LANDING * way).astype(np.int64), largest)
    return largest

"""Strides of a leg by the angle through which its sensor swings.

A foot, shank or thigh swings to and fro once a stride. The angle about the axis it turns about most
has one maximum and one minimum a stride in walking and sprinting alike, where the angular rate has
two or three of different heights. In between, twice a stride: the swing, and the stance, in which
there is a moment of least motion. That tells which end of the angle is toe-off's.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import butter, find_peaks, sosfiltfilt

from trackside.arrays import Floats, Integers
from trackside.kinematics.stance_kernels import felt_motion, least_between

GRAVITY = 9.81
DRIFT_BAND = 0.4  # Hz; what is slower is the gyroscope's drift or the athlete's turn
LEAST_SWING = 0.2  # rad, of a stride from one end to the other
LOCAL_SHARE = 0.5  # of the largest swing nearby that a swing must have
NEARBY = 1.5  # s
FASTEST_STRIDE = 0.36  # s
SLOWEST_STRIDE = 2.2  # s; a longer pause is a stop

REST_LEVER = 0.1
"""m; about how far a sensor sits from where the foot or leg pivots: turning moves it by as much."""
REST_TIME = 0.02
"""s; a force other than gravity's, for so long, moves it."""
REST_WINDOW = 0.03  # s


@dataclass(frozen=True)
class Swings:
    """The strides of one leg segment, as sample numbers of its sensor.

    ``front`` (S,): the sensor is turned farthest forward (toes up), shortly before or at initial
    contact; ``back`` (S,): farthest back (heel up) after that, shortly after toe-off; ``rests``
    (S,): in the stance between them, the moment of least motion. ``rate`` (N,) rad/s: angular rate
    about the main axis, forward swing positive; ``motion`` (N,) m/s: about how fast the sensor
    moves, as far as turning and force tell.
    """

    front: Integers
    back: Integers
    rests: Integers
    rate: Floats
    motion: Floats

    def __len__(self) -> int:
        return len(self.rests)

    def within(self, first: int, end: int) -> "Swings":
        """Those between two samples, as sample numbers from the first of them on."""
        inside = (self.front >= first) & (self.back < end)
        return Swings(
            self.front[inside] - first,
            self.back[inside] - first,
            self.rests[inside] - first,
            self.rate[first:end],
            self.motion[first:end],
        )


def leg_swings(time: Floats, gyr: Floats, acc: Floats) -> Swings:
    """The swings of a leg's sensor: ``time`` (N,) s, ``gyr`` rad/s and ``acc`` m/s² (N, 3).

    Forward is where there is the least motion while the sensor turns back, in the stance.
    """
    ways = swings_both_ways(time, gyr, acc)
    least = [np.median(way.motion[way.rests]) if len(way.rests) else np.inf for way in ways]
    return ways[0] if least[0] <= least[1] else ways[1]


def swings_both_ways(time: Floats, gyr: Floats, acc: Floats) -> tuple[Swings, Swings]:
    """The swings, if forward is rotation about the sensor's main axis, and if it is contrary."""
    step = float(np.median(np.diff(time)))
    rate = main_rate(gyr)
    motion = least_motion(gyr, acc, 1.0 / step)
    clock = np.arange(time[0], time[-1] + 0.5 * step, step)
    ends = swing_ends(np.interp(clock, time, rate), 1.0 / step)
    highs, lows = (np.searchsorted(time, clock[end]) for end in ends)
    return (
        Swings(*_stances(highs, lows, motion, time), rate, motion),
        Swings(*_stances(lows, highs, motion, time), -rate, motion),
    )


def main_rate(gyr: Floats) -> Floats:
    """Angular rate (N,) rad/s about the axis that a sensor (N, 3) turns about most, either way."""
    return np.asarray(gyr @ np.linalg.eigh(gyr.T @ gyr)[1][:, -1])


def swing_ends(rate: Floats, sampling: float) -> tuple[Integers, Integers]:
    """Samples at which the angle of a swinging leg is largest, and smallest: once a stride each.

    ``rate`` (N,) rad/s about the axis that it turns about, at ``sampling`` Hz.
    """
    angle = _swing_angle(rate, sampling)
    return _ends(angle, sampling), _ends(-angle, sampling)


def least_motion(
    gyr: Floats, acc: Floats, rate: float, lever: float = REST_LEVER, time: float = REST_TIME
) -> Floats:
    """About how fast something moves (N,) m/s, as far as turning and force tell.

    ``lever``: m, how far from it the pivot is; ``time``: s, for how long forces act. A detector
    as SHOE (I. Skog et al., IEEE Trans. Biomed. Eng. 57, 2010), scaled to a speed.
    """
    squares = np.empty(len(gyr))
    gyr, acc = np.ascontiguousarray(gyr), np.ascontiguousarray(acc)
    felt_motion(gyr, acc, lever, time, GRAVITY, squares)
    mean = uniform_filter1d(squares, max(1, round(REST_WINDOW * rate)), mode="nearest")
    return np.sqrt(np.maximum(mean, 0.0))  # a running sum may end a little below zero


def _swing_angle(rate: Floats, sampling: float) -> Floats:
    angle = np.cumsum(rate) / sampling
    angle -= np.linspace(angle[0], angle[-1], len(angle))
    return sosfiltfilt(
        _without_drift(sampling), angle, padlen=min(len(angle) - 1, int(3 * sampling))
    )


@lru_cache(maxsize=64)
def _without_drift(sampling: float) -> Floats:
    return np.asarray(butter(2, DRIFT_BAND, "high", fs=sampling, output="sos"))


def _ends(angle: Floats, sampling: float) -> Integers:
    """Samples at which the angle is largest, one a stride."""
    apart = max(1, int(FASTEST_STRIDE * sampling))
    peaks, found = find_peaks(angle, prominence=LEAST_SWING, distance=apart)
    swing = np.zeros_like(angle)
    swing[peaks] = found["prominences"]
    largest = maximum_filter1d(swing, 2 * round(NEARBY * sampling) + 1)
    return peaks[swing[peaks] >= LOCAL_SHARE * largest[peaks]]


def _stances(
    starts: Integers, ends: Integers, motion: Floats, time: Floats
) -> tuple[Integers, Integers, Integers]:
    """Pairs of a start and the end that follows it, and the moment of least motion between them."""
    after = np.searchsorted(ends, starts, side="right")
    known = after < len(ends)
    starts, after = starts[known], after[known]
    last = np.ones(len(starts), np.bool_)  # of several starts before one end
    last[:-1] = after[:-1] != after[1:]
    starts, stops = starts[last], ends[after[last]]
    near = time[stops] - time[starts] < SLOWEST_STRIDE
    starts, stops = starts[near], stops[near]
    rests = np.empty_like(starts)
    least_between(motion, starts, stops, rests)
    return starts, stops, rests

"""Strides of a leg that is not followed: times by the swings of a sensor on shank or thigh."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.filters.inertial_steps import clipped
from trackside.kinematics.leg_swings import SLOWEST_STRIDE, Swings
from trackside.kinematics.stride_rows import (
    QUALITY,
    Strides,
    any_between,
    timed_strides,
    unlike_neighbours,
)

RUNNING_DUTY = 0.5


@dataclass(frozen=True)
class SwingTiming:
    """How a segment's swing goes with the foot's contact.

    ``walking_lag``, ``running_lag``, of the stride: how long after toe-off the sensor shows it.
    ``contact_sd``, ``toe_off_sd`` s: what is left of soft tissue, and of how differently people
    run.
    """

    walking_lag: float
    running_lag: float
    contact_sd: float
    toe_off_sd: float


def strides_by_swings(
    signals: Floats,
    measured: Booleans,
    swings: Swings,
    contact: Floats,
    leave: Floats,
    timing: SwingTiming,
) -> Strides:
    """The strides from each initial contact (S,) s to the next; lengths and angles are NaN.

    ``signals`` (N, 6): gyroscope and accelerometer, ``measured`` (N,); ``leave`` (S,) s: when the
    sensor shows toe-off. A gait is a run where the foot is down for less than half of the stride.
    """
    which = np.flatnonzero(np.diff(contact) < SLOWEST_STRIDE)
    start, end = contact[which], contact[which + 1]
    gyr, acc = np.split(signals, 2, axis=1)
    ends = np.asarray((clipped(acc, measured) | clipped(gyr, measured)).any(axis=1))
    faults = np.zeros((len(which), len(QUALITY)), np.bool_)
    faults[:, 0] = any_between(~measured, swings.front[which], swings.front[which + 1])
    faults[:, 1] = any_between(ends, swings.front[which], swings.front[which + 1])
    faults[:, -1] = unlike_neighbours(end - start)
    toe_off = _toe_off(start, leave[which], end, timing)
    return timed_strides(start, toe_off, end, (timing.contact_sd, timing.toe_off_sd), faults)


def _toe_off(start: Floats, leave: Floats, end: Floats, timing: SwingTiming) -> Floats:
    """Toe-off (K,) s of walking or running."""
    stride = end - start
    walked, run = leave - timing.walking_lag * stride, leave - timing.running_lag * stride
    return np.where(run - start < RUNNING_DUTY * stride, run, walked)

"""Strides of a foot from the sensor on it: from rest to rest, with lengths, angles and quality.

A stride's length is the way of the ball of the foot over the ground from its rest in the one stance
to that in the next.
"""

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import MissingDataError
from trackside.kinematics.foot_path import FootPath, foot_paths
from trackside.kinematics.leg_swings import SLOWEST_STRIDE
from trackside.kinematics.stance_kernels import find_clearances
from trackside.kinematics.stride_events import HEEL_BEHIND_BALL, FootEvents, foot_events
from trackside.kinematics.stride_rows import Strides, any_between, joined, unlike_neighbours
from trackside.recordings.model import Imu

TURN = np.radians(45.0)
"""A stride whose foot turns by more is marked."""
RESTLESS = 0.3
"""m/s; with a rest less sure than that the stride's length is marked."""


def strides_of_foot(imu: Imu) -> Strides:
    """The strides of a foot from the sensor on it.

    Raises MissingDataError without a gyroscope, SignalError without a second of samples.
    """
    if imu.gyr is None:
        raise MissingDataError(f"{imu.stream.name}: the strides of a foot need a gyroscope")
    parts = [_strides(foot, foot_events(foot)) for foot in foot_paths(imu.time, imu.gyr, imu.acc)]
    return joined(parts)


def _strides(foot: FootPath, events: FootEvents) -> Strides:
    """The strides between successive stances of one path."""
    first = np.flatnonzero(np.diff(foot.time[foot.rests]) < SLOWEST_STRIDE)
    rests, nexts = foot.rests[first], foot.rests[first + 1]
    place = foot.position(foot.lever)
    way = place[nexts] - place[rests]
    length = np.hypot(way[:, 0], way[:, 1])
    start, end = events.initial_contact[first], events.initial_contact[first + 1]
    heading = np.unwrap(_heading(foot))
    turn = heading[nexts] - heading[rests]
    faults = np.column_stack(
        [
            any_between(~foot.measured, rests, nexts),
            any_between(foot.clipped, rests, nexts),
            np.isnan(start) | np.isnan(end),
            np.maximum(foot.rest_sd[first], foot.rest_sd[first + 1]) > RESTLESS,
            np.abs(turn) > TURN,
            unlike_neighbours(foot.time[nexts] - foot.time[rests]),
        ]
    )
    return Strides(
        foot.time[rests],
        foot.time[nexts],
        start,
        events.toe_off[first],
        end,
        events.initial_contact_sd[first],
        events.toe_off_sd[first],
        events.initial_contact_sd[first + 1],
        length,
        _length_sd(foot, first, way),
        way[:, 2],
        _clearance(foot, place, rests, nexts),
        events.strike_angle[first],
        turn,
        faults,
    )


def _heading(foot: FootPath) -> Floats:
    """Heading (N,) rad of the foot, as far as it is level."""
    forward = foot.forward()
    return np.arctan2(forward[:, 1], forward[:, 0])


def _length_sd(foot: FootPath, first: Integers, way: Floats) -> Floats:
    """Standard deviation (K,) m of the strides' lengths, along their way."""
    at = np.searchsorted(foot.nodes.samples, foot.rests[first + 1])
    along = way[:, :2] / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    variance = np.einsum("ki,kij,kj->k", along, foot.path.way_covariances[at, :2, :2], along)
    return np.sqrt(np.maximum(variance, 0.0))


def _clearance(foot: FootPath, ball: Floats, rests: Integers, nexts: Integers) -> Floats:
    """How high (K,) m the lower one of heel and ball comes, above the line from rest to rest."""
    heel = foot.position(foot.lever - np.array([HEEL_BEHIND_BALL, 0.0, 0.0]))
    heights = np.empty(len(rests))
    both = [np.ascontiguousarray(point[:, 2]) for point in (ball, heel)]
    find_clearances(foot.time, both[0], both[1], rests, nexts, heights)
    return heights

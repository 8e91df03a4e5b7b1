"""Zero-velocity-aided inertial navigation of a sensor on a foot, smoothed over the recording.

Between two moments at which the foot is known to rest, velocity and way follow from the strapdown
of gyroscope and accelerometer alone; an error-state Kalman filter learns the attitude and the
gyroscope's bias from how far the velocity is off at rest (E. Foxlin, IEEE Comput. Graph. Appl.
25, 2005), and a smoother gives the stride what the rest after it tells, too.

The filter works on *nodes*, some 10 to 50 a second: the samples between two nodes are summed up
exactly, so that its cost hardly depends on the sampling rate. What it believes of a sample depends
on the sample: a force that changes much from one sample to the next, as in an impact, may have done
anything in between, and a clipped one tells only that it was large.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.filters.zero_velocity_kernel import (
    STATES,
    SUMS,
    VELOCITY,
    WAY,
    fill_between,
    filter_nodes,
    smooth_nodes,
)


@dataclass(frozen=True, slots=True)
class NavigationParameters:
    """What the filter believes of sensors; noise densities are those of white noise, in √Hz."""

    gyro_noise: float = 0.003
    """Everything that the gyroscope's model leaves out, rad/√s."""
    turn_noise: float = 0.002
    """The same in proportion to the turning (scale, misaligned axes), rad/√rad."""
    acc_noise: float = 0.03
    """Everything that the accelerometer's model leaves out, m/s/√s."""
    undersampled: float = 1 / 20
    """How much of the fourth difference of successive forces, which only spikes have, they may be
    off. A spike of one sample may so have been half as large or half as large again."""
    clipped: float = 1.0
    """Error of what is restored of a clipped peak, relative to it."""
    filled: float = 0.5
    """Standard deviation of a sample that was filled in, relative to the signal's own."""
    initial_inclination: float = 0.1
    """Standard deviation of the inclination at the first node, rad per axis."""
    initial_velocity: float = 3.0
    """Standard deviation of the velocity at the first node, m/s per axis."""
    initial_bias: float = 0.01
    """Standard deviation of the gyroscope's bias at the first node, rad/s per axis."""
    bias_walk: float = 1e-4
    """Random walk of the bias, rad/s/√s."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What is known at K moments.

    ``samples`` (K,): sample numbers, increasing, the first sample and the last among them.
    ``velocity_sd`` (K,) m/s: error of "the point at the lever stands still", infinite where that is
    not said. ``rate_sd`` (K,) rad/s: error of "since the node before, the gyroscope has shown its
    bias", likewise. ``climb_sd`` (K,) m: error of "the way since the last footprint is level".
    ``footprints`` (K,): nodes from which the way is counted anew.
    """

    samples: Integers
    velocity_sd: Floats
    rate_sd: Floats
    climb_sd: Floats
    footprints: Booleans


@dataclass(frozen=True, slots=True)
class InertialPath:
    """Where the sensor is and how it moves; the heading at the start is arbitrary.

    At each of N samples ``orientations`` (N, 4) sensor → earth, z up, ``velocities`` (N, 3) m/s and
    ``positions`` (N, 3) m from the start. At each of K nodes ``ways`` (K, 3) m since the last
    footprint with covariances ``way_covariances`` (K, 3, 3) m², ``velocity_variances`` (K, 3)
    (m/s)², and ``biases`` (K, 3) rad/s of the gyroscope.
    """

    orientations: Floats
    velocities: Floats
    positions: Floats
    ways: Floats
    way_covariances: Floats
    velocity_variances: Floats
    biases: Floats


def navigate(
    time: Floats,
    gyr: Floats,
    acc: Floats,
    nodes: Nodes,
    start: Floats,
    *,
    lever: Floats | None = None,
    measured: Booleans | None = None,
    parameters: NavigationParameters | None = None,
) -> InertialPath:
    """The path of a sensor through its nodes.

    ``time`` (N,) s; ``gyr`` rad/s and ``acc`` m/s² (N, 3) without NaN; ``start`` (4,): orientation
    at the first sample, sensor → earth. ``lever`` (3,) m: from the sensor to the point that stands
    still, in the sensor's frame; default the sensor itself. ``measured`` (N,): false for samples
    that were filled in.
    """
    believed = parameters or NavigationParameters()
    measured = np.ones(len(time), np.bool_) if measured is None else measured
    shown, gyr, acc = (gyr, acc), restored(gyr), restored(acc)
    hidden = gyr - shown[0], acc - shown[1]
    turn, push = step_variances(time, gyr, acc, hidden, measured, believed)
    count = len(nodes.samples)
    states, sums = np.zeros((count, 13)), np.zeros((count, SUMS, 3, 3))
    states[0, :4] = start
    covariances, gains = np.zeros((count, STATES, STATES)), np.zeros((count, 3, STATES, 3))
    weights, innovations = np.zeros((count, 3, 3, 3)), np.zeros((count, 3, 3))
    known = (nodes.samples, nodes.velocity_sd, nodes.rate_sd, nodes.climb_sd, nodes.footprints)
    arrays = (states, sums, covariances, gains, weights, innovations)
    arm = np.zeros(3) if lever is None else np.ascontiguousarray(lever, float)
    mean_rate = mean_rates(time, gyr)
    filter_nodes(
        time,
        gyr,
        mean_rate,
        acc,
        arm,
        turn,
        push,
        believed.bias_walk,
        *known,
        _initial_covariance(believed),
        *arrays,
    )
    smooth_nodes(time, *known, *arrays)
    path = np.empty((len(time), 4)), np.empty((len(time), 3)), np.empty((len(time), 3))
    fill_between(time, mean_rate, acc, turn, push, nodes.samples, states, *path)
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    return InertialPath(
        *path,
        states[:, 10:],
        covariances[:, WAY:, WAY:],
        np.maximum(variances[:, VELOCITY : VELOCITY + 3], 0.0),
        states[:, 7:10],
    )


def step_variances(
    time: Floats,
    gyr: Floats,
    acc: Floats,
    hidden: tuple[Floats, Floats],
    measured: Booleans,
    believed: NavigationParameters,
) -> tuple[Floats, Floats]:
    """What each step adds to the variances: of attitude (N,) rad², of velocity (N, 3) (m/s)².

    The latter is along the sensor's axes: a clipped axis says nothing of the other two. ``hidden``:
    what was restored of gyroscope and accelerometer, (N, 3) each.
    """
    dt = np.diff(time, prepend=2 * time[0] - time[1])[:, None]
    turning = np.linalg.norm(gyr, axis=1, keepdims=True)
    turn = (believed.gyro_noise**2 + believed.turn_noise**2 * turning) * dt
    bend = np.zeros_like(acc)
    bend[2:-2] = np.diff(acc, 4, axis=0)
    push = believed.acc_noise**2 * dt + (believed.undersampled * bend * dt) ** 2
    unknown = [
        np.where(measured[:, None], 0.0, believed.filled**2 * np.mean(signal.var(axis=0)))
        + believed.clipped**2 * _squared_by_run(beyond)
        for signal, beyond in zip((gyr, acc), hidden, strict=True)
    ]
    return turn[:, 0] + np.sum(unknown[0] * dt**2, axis=1), push + unknown[1] * dt**2


def mean_rates(time: Floats, gyr: Floats) -> Floats:
    """The mean rate (N, 3) rad/s over the step that ends at each sample.

    The cubic through four samples, as if evenly spaced, and the coning of the step: half of a
    sample's turn in a sprint is curvature that a straight line leaves out.
    """
    mean = np.empty_like(gyr)
    mean[1:] = 0.5 * (gyr[1:] + gyr[:-1])
    mean[0] = gyr[0]
    mean[2:-1] += (gyr[1:-2] + gyr[2:-1] - gyr[:-3] - gyr[3:]) / 24.0
    mean[1:] += np.diff(time)[:, None] / 12.0 * np.cross(gyr[:-1], gyr[1:])
    return mean


def _squared_by_run(beyond: Floats) -> Floats:
    """Squares (N, 3), times the length of the run: the errors of a run have one cause."""
    squares = beyond**2
    for column in squares.T:
        for first, end in _runs(column > 0.0):
            column[first:end] *= end - first
    return squares


LEAST_RANGE = 30.0
"""Extremes below this are no end of a range: 3 g, or 1700 °/s in rad/s."""
SAME = 1e-6
"""Relative difference below which two extreme samples are the same: the end of the range."""


def clipped(signal: Floats) -> Booleans:
    """Which channels of a triad (N, 3) are at their range's end: extremes that are repeated."""
    ends = np.zeros(signal.shape, np.bool_)
    for column, values in enumerate(signal.T):
        for extreme in (values.max(), values.min()):
            at_end = np.abs(values - extreme) <= SAME * abs(extreme)
            if abs(extreme) >= LEAST_RANGE and np.count_nonzero(at_end) > 1:
                ends[:, column] |= at_end
    return ends


def restored(signal: Floats) -> Floats:
    """A triad (N, 3) with clipped peaks made parabolas, as steep at their ends as the flanks."""
    whole = signal.copy()
    for values, ends in zip(whole.T, clipped(signal).T, strict=True):
        for first, end in _runs(ends):
            limit = values[first]
            outside = np.array([values[max(first - 1, 0)], values[min(end, len(values) - 1)]])
            # a flank crosses the limit anywhere between two samples: on average half-way
            slope = 2.0 * np.mean(limit - outside)
            place = (np.arange(end - first) + 0.5) / (end - first)
            if slope * limit > 0.0:
                values[first:end] += slope * (end - first) * place * (1.0 - place)
    return whole


def _runs(mask: Booleans) -> list[tuple[int, int]]:
    """First samples of the runs in which a mask (N,) holds, and the samples after them."""
    if not mask.any():
        return []
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _initial_covariance(believed: NavigationParameters) -> Floats:
    sds = np.zeros(STATES)
    sds[:2] = believed.initial_inclination
    sds[VELOCITY : VELOCITY + 3] = believed.initial_velocity
    sds[6:9] = believed.initial_bias
    return np.diag(sds**2)

"""Zero-velocity-aided inertial navigation of a sensor on a foot, smoothed over the recording.

Between two moments at which the foot is known to rest, velocity and way follow from the strapdown
of gyroscope and accelerometer alone; an error-state Kalman filter learns the attitude and the
gyroscope's bias from how far the velocity is off at rest (E. Foxlin, IEEE Comput. Graph. Appl.
25, 2005), and a smoother gives the stride what the rest after it tells, too.

The filter works on *nodes*, some 10 to 50 a second: the samples between two nodes are summed up
exactly, so that its cost hardly depends on the sampling rate. What it believes of a sample depends
on the sample (:mod:`trackside.filters.inertial_steps`).
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.filters.inertial_steps import InertialSteps
from trackside.filters.zero_velocity_kernel import (
    STATES,
    SUMS,
    VELOCITY,
    fill_between,
    filter_nodes,
    smooth_nodes,
)


@dataclass(frozen=True, slots=True)
class NavigationParameters:
    """What the filter believes before it starts, and how the gyroscope's bias walks."""

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

    def updates(self) -> int:
        """How often something is said; of the rate there is nothing before the first node."""
        said = (self.velocity_sd, self.rate_sd[1:], self.climb_sd)
        return sum(int(np.count_nonzero(sd < np.inf)) for sd in said)


@dataclass(frozen=True, slots=True)
class InertialPath:
    """Where the sensor is and how it moves; the heading at the start is arbitrary.

    At each of N samples ``orientations`` (N, 4) sensor → earth, z up, ``velocities`` (N, 3) m/s and
    ``positions`` (N, 3) m from the start. At each of K nodes ``ways`` (K, 3) m since the last
    footprint with covariances ``way_covariances`` (K, 3, 3) m², NaN except at footprints,
    ``velocity_variances`` (K, 3) (m/s)², and ``biases`` (K, 3) rad/s of the gyroscope.
    """

    orientations: Floats
    velocities: Floats
    positions: Floats
    ways: Floats
    way_covariances: Floats
    velocity_variances: Floats
    biases: Floats


def navigate(
    steps: InertialSteps,
    nodes: Nodes,
    start: Floats,
    *,
    lever: Floats | None = None,
    parameters: NavigationParameters | None = None,
) -> InertialPath:
    """The path of a sensor through its nodes.

    ``steps``: what it measured; ``start`` (4,): orientation at the first sample, sensor → earth.
    ``lever`` (3,) m: from the sensor to the point that stands still, in the sensor's frame; default
    the sensor itself.
    """
    believed = parameters or NavigationParameters()
    count, samples = len(nodes.samples), len(steps.time)
    states, sums = np.zeros((count, 13)), np.zeros((count, SUMS, 3, 3))
    states[0, :4] = start
    covariances = np.empty((count, STATES, STATES))
    updates = nodes.updates()
    gains, weights = np.empty((updates, STATES, 3)), np.empty((updates, 3, 3))
    innovations = np.zeros((updates, 3))
    known = (nodes.samples, nodes.velocity_sd, nodes.rate_sd, nodes.climb_sd, nodes.footprints)
    arrays = (states, sums, covariances, gains, weights, innovations)
    arm = np.zeros(3) if lever is None else np.ascontiguousarray(lever, float)
    filter_nodes(
        steps.time,
        steps.gyr,
        steps.mean_rate,
        steps.acc,
        arm,
        steps.turn_variance,
        steps.push_variance,
        believed.bias_walk,
        *known,
        _initial_covariance(believed),
        *arrays,
    )
    way_covariances, velocity_variances = np.full((count, 3, 3), np.nan), np.empty((count, 3))
    smooth_nodes(steps.time, *known, *arrays, way_covariances, velocity_variances)
    path = np.empty((samples, 4)), np.empty((samples, 3)), np.empty((samples, 3))
    fill_between(
        steps.time,
        steps.mean_rate,
        steps.acc,
        steps.turn_variance,
        steps.push_variance,
        nodes.samples,
        states,
        *path,
    )
    return InertialPath(*path, states[:, 10:], way_covariances, velocity_variances, states[:, 7:10])


def _initial_covariance(believed: NavigationParameters) -> Floats:
    sds = np.zeros(STATES)
    sds[:2] = believed.initial_inclination
    sds[VELOCITY : VELOCITY + 3] = believed.initial_velocity
    sds[6:9] = believed.initial_bias
    return np.diag(sds**2)

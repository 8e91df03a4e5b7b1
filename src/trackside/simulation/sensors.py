"""Virtual IMUs: what a gyroscope, an accelerometer and a magnetometer strapped to a segment sense.

The body's motion lies on a grid several times finer than the sensors' rate. At each sample a
polynomial of degree 8 through the nine nearest grid points gives orientation and position, and its
exact derivatives give angular rate and acceleration, at any moment between grid points.
"""

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.kernels import kernel

GRAVITY = 9.81

EARTH_FIELD: Floats = np.array([0.0, 20.0, -45.0])
"""Magnetic field in µT, east, north and up, at declination 0 in middle northern latitudes."""

REACH = 4
"""Grid points on either side of a sample that its polynomial takes in."""

_POINTS = 2 * REACH + 1
POLYNOMIALS: Floats = np.ascontiguousarray(
    np.linalg.inv(np.vander(np.arange(-REACH, REACH + 1.0), increasing=True))
)
"""(9, 9): rows give, from nine grid values, the coefficient of each power of the offset."""


@kernel
def _weights(offset: float, polynomials: Floats, weights: Floats) -> None:
    """Weights (3, 9) of grid values for value, slope and curvature at an offset from the middle."""
    weights[:] = 0.0
    power0, power1, power2 = 1.0, 0.0, 0.0  # offset^k and its two derivatives
    for k in range(_POINTS):
        for i in range(_POINTS):
            coefficient = polynomials[k, i]
            weights[0, i] += coefficient * power0
            weights[1, i] += coefficient * power1
            weights[2, i] += coefficient * power2
        power2 = power2 * offset + 2.0 * power1
        power1 = power1 * offset + power0
        power0 = power0 * offset


@kernel
def _rotate(w: float, a: float, b: float, c: float, v: Floats, out: Floats) -> None:
    tx, ty, tz = 2 * (b * v[2] - c * v[1]), 2 * (c * v[0] - a * v[2]), 2 * (a * v[1] - b * v[0])
    x = v[0] + w * tx + b * tz - c * ty
    y = v[1] + w * ty + c * tx - a * tz
    z = v[2] + w * tz + a * ty - b * tx
    out[0], out[1], out[2] = x, y, z


@kernel
def sense(
    joint: Floats,
    orientation: Floats,
    step: float,
    middle: Integers,
    offset: Floats,
    position: Floats,
    mounting: Floats,
    field: Floats,
    polynomials: Floats,
    out: Floats,
) -> None:
    """Write gyroscope (rad/s), accelerometer (m/s²) and magnetometer (µT) into ``out`` (N, 9).

    ``joint`` (M, 3) m and ``orientation`` (M, 4) of the segment on the grid, ``step`` s apart;
    sample n lies ``offset[n]`` steps after grid point ``middle[n]``. ``position`` (3,) m and
    ``mounting`` (4,) of the sensor on the segment. ``field`` (N, 3) µT in the earth frame.
    """
    weights, place, q, rate = np.empty((3, _POINTS)), np.empty(3), np.empty(4), np.empty(4)
    force, vector = np.empty(3), np.empty(3)
    for n in range(len(middle)):
        _weights(offset[n], polynomials, weights)
        q[:], rate[:] = 0.0, 0.0
        force[:] = 0.0
        for i in range(_POINTS):
            m = middle[n] + i - REACH
            for k in range(4):
                q[k] += weights[0, i] * orientation[m, k]
                rate[k] += weights[1, i] * orientation[m, k]
            w, a, b, c = orientation[m]
            _rotate(w, a, b, c, position, place)
            for k in range(3):
                # relative to the middle, so that a far-away athlete loses no digits
                force[k] += weights[2, i] * (place[k] + joint[m, k] - joint[middle[n], k])
        q /= np.sqrt(q[0] ** 2 + q[1] ** 2 + q[2] ** 2 + q[3] ** 2)
        double = 2.0 / step
        vector[0] = double * (q[0] * rate[1] - q[1] * rate[0] - q[2] * rate[3] + q[3] * rate[2])
        vector[1] = double * (q[0] * rate[2] - q[2] * rate[0] - q[3] * rate[1] + q[1] * rate[3])
        vector[2] = double * (q[0] * rate[3] - q[3] * rate[0] - q[1] * rate[2] + q[2] * rate[1])
        w, a, b, c = mounting[0], -mounting[1], -mounting[2], -mounting[3]
        _rotate(w, a, b, c, vector, out[n, 0:3])
        force /= step * step
        force[2] += GRAVITY
        _rotate(q[0], -q[1], -q[2], -q[3], force, vector)
        _rotate(w, a, b, c, vector, out[n, 3:6])
        _rotate(q[0], -q[1], -q[2], -q[3], field[n], vector)
        _rotate(w, a, b, c, vector, out[n, 6:9])

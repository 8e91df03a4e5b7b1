"""Compiled passes of :mod:`trackside.filters.zero_velocity`.

The error state has four triads: attitude (about the earth's axes), velocity, gyroscope bias and the
way since the last footprint. Between two nodes it changes linearly,

    attitude += A bias,  velocity += B attitude + C bias,  way += D attitude + T velocity + E bias,

with sums over the samples in A … E (P. D. Groves, Principles of GNSS, Inertial, and Multisensor
Integrated Navigation Systems, 2013, section 14.2). The backward pass is Bierman's, "Fixed interval
smoothing with discrete measurements", 1973: the adjoint λ and its covariance Λ are carried
backward; the smoothed error of the filter's estimate is −P λ, its covariance P − P Λ P.
"""

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kernels import kernel

ATTITUDE, VELOCITY, BIAS, WAY = 0, 3, 6, 9
STATES = 12
SUMS = 5  # A, B, C, D, E
GRAVITY = 9.81
UNKNOWN = 1e6  # m², the variance of what a measured triad does not tell
LARGEST_HEADING = 0.03**2
"""rad²; nothing tells the heading, and with a less certain one errors would no longer be linear."""


@kernel
def _turn(q: Floats, x: float, y: float, z: float) -> None:
    """q ← q ⊗ exp of a rotation vector in rad, normalised."""
    square = 0.25 * (x * x + y * y + z * z)
    half = np.sqrt(square)
    c = np.cos(half)
    s = 0.5 * (np.sin(half) / half if half > 1e-6 else 1.0 - square / 6.0)
    a, b, d = s * x, s * y, s * z
    w0, x0, y0, z0 = q[0], q[1], q[2], q[3]
    q[0] = w0 * c - x0 * a - y0 * b - z0 * d
    q[1] = w0 * a + x0 * c + y0 * d - z0 * b
    q[2] = w0 * b - x0 * d + y0 * c + z0 * a
    q[3] = w0 * d + x0 * b - y0 * a + z0 * c
    scale = 1.0 / np.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    for i in range(4):
        q[i] *= scale


@kernel
def _turn_earth(q: Floats, x: float, y: float, z: float) -> None:
    """q ← exp of a small rotation vector in rad, in the earth frame, ⊗ q."""
    q[1], q[2], q[3] = -q[1], -q[2], -q[3]
    _turn(q, -x, -y, -z)
    q[1], q[2], q[3] = -q[1], -q[2], -q[3]


@kernel
def _matrix(q: Floats, m: Floats) -> None:
    w, x, y, z = q[0], q[1], q[2], q[3]
    m[0, 0] = 1.0 - 2.0 * (y * y + z * z)
    m[0, 1] = 2.0 * (x * y - w * z)
    m[0, 2] = 2.0 * (x * z + w * y)
    m[1, 0] = 2.0 * (x * y + w * z)
    m[1, 1] = 1.0 - 2.0 * (x * x + z * z)
    m[1, 2] = 2.0 * (y * z - w * x)
    m[2, 0] = 2.0 * (x * z - w * y)
    m[2, 1] = 2.0 * (y * z + w * x)
    m[2, 2] = 1.0 - 2.0 * (x * x + y * y)


@kernel
def _apply(m: Floats, x: float, y: float, z: float, out: Floats) -> None:
    for i in range(3):
        out[i] = m[i, 0] * x + m[i, 1] * y + m[i, 2] * z


@kernel
def _subtract_cross(force: Floats, weight: float, m: Floats) -> None:
    """m ← m − weight [force ×]."""
    m[0, 1] += weight * force[2]
    m[0, 2] -= weight * force[1]
    m[1, 0] -= weight * force[2]
    m[1, 2] += weight * force[0]
    m[2, 0] += weight * force[1]
    m[2, 1] -= weight * force[0]


@kernel
def _add_cross_product(force: Floats, turned: Floats, weight: float, m: Floats) -> None:
    """m ← m − weight [force ×] turned."""
    for j in range(3):
        m[0, j] += weight * (force[2] * turned[1, j] - force[1] * turned[2, j])
        m[1, j] += weight * (force[0] * turned[2, j] - force[2] * turned[0, j])
        m[2, j] += weight * (force[1] * turned[0, j] - force[0] * turned[1, j])


@kernel
def _advance(
    dt: float,
    mean_rate: Floats,
    acc: Floats,
    n: int,
    bias: Floats,
    q: Floats,
    velocity: Floats,
    way: Floats,
    rotation: Floats,
    force: Floats,
    work: Floats,
) -> None:
    """One step of the strapdown from sample n − 1 to n; ``force`` and ``rotation`` follow along.

    ``work`` (3,) is left with the mean specific force of the step.
    """
    _turn(
        q,
        dt * (mean_rate[n, 0] - bias[0]),
        dt * (mean_rate[n, 1] - bias[1]),
        dt * (mean_rate[n, 2] - bias[2]),
    )
    _matrix(q, rotation)
    for i in range(3):
        work[i] = 0.5 * force[i]
    _apply(rotation, acc[n, 0], acc[n, 1], acc[n, 2], force)
    for i in range(3):
        work[i] += 0.5 * force[i]
    for i in range(3):
        gravity = GRAVITY if i == 2 else 0.0
        gain = dt * (work[i] - gravity)
        way[i] += dt * (velocity[i] + 0.5 * gain)
        velocity[i] += gain


@kernel
def _carry_sums(dt: float, rotation: Floats, force: Floats, sums: Floats) -> None:
    """Add one step to A … E, (5, 3, 3)."""
    for i in range(3):
        for j in range(3):
            sums[3, i, j] += dt * sums[1, i, j]
            sums[4, i, j] += dt * sums[2, i, j]
    _add_cross_product(force, sums[0], dt, sums[2])
    _subtract_cross(force, dt, sums[1])
    for i in range(3):
        for j in range(3):
            sums[0, i, j] -= dt * rotation[i, j]


@kernel
def _add_turned_variance(rotation: Floats, x: float, y: float, z: float, m: Floats) -> None:
    """m ← m + rotation diag(x, y, z) rotationᵀ."""
    for i in range(3):
        a, b, c = x * rotation[i, 0], y * rotation[i, 1], z * rotation[i, 2]
        for j in range(i + 1):
            m[i, j] += a * rotation[j, 0] + b * rotation[j, 1] + c * rotation[j, 2]
    m[0, 1], m[0, 2], m[1, 2] = m[1, 0], m[2, 0], m[2, 1]


@kernel
def _forward(sums: Floats, duration: float, m: Floats) -> None:
    """m ← Φ m, (STATES, columns)."""
    for i in range(3):
        for k in range(3):
            d, e = sums[3, i, k], sums[4, i, k]
            for j in range(m.shape[1]):
                m[WAY + i, j] += d * m[k, j] + e * m[BIAS + k, j]
        for j in range(m.shape[1]):
            m[WAY + i, j] += duration * m[VELOCITY + i, j]
    for i in range(3):
        for k in range(3):
            b, c = sums[1, i, k], sums[2, i, k]
            for j in range(m.shape[1]):
                m[VELOCITY + i, j] += b * m[k, j] + c * m[BIAS + k, j]
    for i in range(3):
        for k in range(3):
            a = sums[0, i, k]
            for j in range(m.shape[1]):
                m[i, j] += a * m[BIAS + k, j]


@kernel
def _backward(sums: Floats, duration: float, m: Floats) -> None:
    """m ← Φᵀ m, (STATES, columns)."""
    for i in range(3):
        for k in range(3):
            a, c, e = sums[0, k, i], sums[2, k, i], sums[4, k, i]
            for j in range(m.shape[1]):
                m[BIAS + i, j] += a * m[k, j] + c * m[VELOCITY + k, j] + e * m[WAY + k, j]
    for i in range(3):
        for k in range(3):
            b, d = sums[1, k, i], sums[3, k, i]
            for j in range(m.shape[1]):
                m[i, j] += b * m[VELOCITY + k, j] + d * m[WAY + k, j]
    for i in range(3):
        for j in range(m.shape[1]):
            m[VELOCITY + i, j] += duration * m[WAY + i, j]


@kernel
def _transpose(m: Floats) -> None:
    for i in range(m.shape[0]):
        for j in range(i):
            m[i, j], m[j, i] = m[j, i], m[i, j]


@kernel
def _symmetrise(m: Floats) -> None:
    """What rounding makes of the antisymmetric part would grow from stride to stride."""
    for i in range(m.shape[0]):
        for j in range(i):
            m[i, j] = m[j, i] = 0.5 * (m[i, j] + m[j, i])


@kernel
def _invert(m: Floats, out: Floats) -> None:
    """The inverse of a symmetric 3 × 3 matrix."""
    a, b, c, d, e, f = m[0, 0], m[0, 1], m[0, 2], m[1, 1], m[1, 2], m[2, 2]
    out[0, 0], out[0, 1], out[0, 2] = d * f - e * e, c * e - b * f, b * e - c * d
    out[1, 1], out[1, 2], out[2, 2] = a * f - c * c, b * c - a * e, a * d - b * b
    determinant = a * out[0, 0] + b * out[0, 1] + c * out[0, 2]
    out[1, 0], out[2, 0], out[2, 1] = out[0, 1], out[0, 2], out[1, 2]
    out /= determinant


@kernel
def _update(
    at: int,
    innovation: Floats,
    variance: Floats,
    p: Floats,
    gain: Floats,
    weight: Floats,
    x: Floats,
) -> None:
    """Correct by a measured triad: P and the error x (STATES,), with gain and S⁻¹ for the way back.

    ``innovation`` (3,) becomes S⁻¹ times itself; ``variance`` (3,) of its errors.
    """
    spread = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            spread[i, j] = 0.5 * (p[at + i, at + j] + p[at + j, at + i])
        spread[i, i] += variance[i]
    _invert(spread, weight)
    for i in range(STATES):
        x[i] = 0.0
        for j in range(3):
            gain[i, j] = 0.0
            for k in range(3):
                gain[i, j] += p[i, at + k] * weight[k, j]
            x[i] += gain[i, j] * innovation[j]
    rows = p[at : at + 3].copy()
    for i in range(STATES):
        a, b, c = gain[i, 0], gain[i, 1], gain[i, 2]
        for j in range(STATES):
            p[i, j] -= a * rows[0, j] + b * rows[1, j] + c * rows[2, j]
    before = innovation.copy()
    for i in range(3):
        innovation[i] = 0.0
        for j in range(3):
            innovation[i] += weight[i, j] * before[j]


@kernel
def _step_back_over_update(
    at: int, weighted: Floats, gain: Floats, weight: Floats, adjoint: Floats, information: Floats
) -> None:
    """λ ← (I − K H)ᵀ λ − Hᵀ S⁻¹ y and Λ ← (I − K H)ᵀ Λ (I − K H) + Hᵀ S⁻¹ H."""
    for j in range(3):
        total = weighted[j]
        for i in range(STATES):
            total += gain[i, j] * adjoint[i, 0]
        weighted[j] = total
    for j in range(3):
        adjoint[at + j, 0] -= weighted[j]
    # one side after the other: the product multiplied out loses its symmetry and blows up
    taken = np.empty((3, STATES))
    for _ in range(2):
        taken[:] = 0.0
        for i in range(STATES):
            for j in range(3):
                share = gain[i, j]
                for column in range(STATES):
                    taken[j, column] += share * information[i, column]
        for j in range(3):
            for column in range(STATES):
                information[at + j, column] -= taken[j, column]
        _transpose(information)
    for i in range(3):
        for j in range(3):
            information[at + i, at + j] += weight[i, j]


@kernel
def _take_heading(velocity: Floats, m: Floats) -> None:
    """m ← T m: the heading as it is becomes exact by turning the earth's frame with its error."""
    for j in range(m.shape[1]):
        m[VELOCITY, j] += velocity[1] * m[2, j]
        m[VELOCITY + 1, j] -= velocity[0] * m[2, j]
        m[2, j] = 0.0


@kernel
def _take_heading_back(velocity: Floats, m: Floats) -> None:
    """m ← Tᵀ m."""
    for j in range(m.shape[1]):
        m[2, j] = velocity[1] * m[VELOCITY, j] - velocity[0] * m[VELOCITY + 1, j]


@kernel
def filter_nodes(
    time: Floats,
    gyr: Floats,
    mean_rate: Floats,
    acc: Floats,
    lever: Floats,
    turn_variance: Floats,
    push_variance: Floats,
    bias_walk: float,
    nodes: Integers,
    velocity_sd: Floats,
    rate_sd: Floats,
    climb_sd: Floats,
    footprints: Booleans,
    covariance: Floats,
    states: Floats,
    sums: Floats,
    covariances: Floats,
    gains: Floats,
    weights: Floats,
    innovations: Floats,
) -> None:
    """The forward pass from node to node.

    ``mean_rate`` (N, 3) rad/s: the mean over the step that ends at each sample.
    ``turn_variance`` (N,) rad² and ``push_variance`` (N, 3) (m/s)², along the sensor's axes: what
    each step adds to the variances of attitude and velocity. ``nodes`` (K,): samples, the first
    one 0. ``velocity_sd`` (K,) m/s of "the point at ``lever`` (3,) m from the sensor stands still",
    ``rate_sd`` (K,) rad/s of "the gyroscope has shown its bias since the node before", ``climb_sd``
    (K,) m of "the way since the last footprint is level"; infinite where that is not said.
    ``footprints`` (K,): from which nodes the way is counted anew. ``covariance`` (STATES, STATES)
    at the first node.

    ``states`` (K, 13): orientation, velocity, bias, way after each update; row 0 is given. For the
    way back: ``sums`` (K, 5, 3, 3), ``covariances`` (K, STATES, STATES), and for each of the U
    updates in their order ``gains`` (U, STATES, 3), ``weights`` (U, 3, 3), ``innovations`` (U, 3).
    """
    q, velocity, bias = states[0, :4].copy(), states[0, 4:7].copy(), states[0, 7:10].copy()
    way, x, pushes = states[0, 10:13].copy(), np.zeros(STATES), np.empty((3, 3))
    p = covariance.copy()
    rotation, force, work, arm = np.empty((3, 3)), np.empty(3), np.empty(3), np.empty(3)
    variance = np.empty(3)
    u = 0
    _matrix(q, rotation)
    _apply(rotation, acc[0, 0], acc[0, 1], acc[0, 2], force)
    for k in range(len(nodes)):
        if k > 0:
            turns = 0.0
            pushes[:] = 0.0
            for n in range(nodes[k - 1] + 1, nodes[k] + 1):
                dt = time[n] - time[n - 1]
                _advance(dt, mean_rate, acc, n, bias, q, velocity, way, rotation, force, work)
                _carry_sums(dt, rotation, work, sums[k])
                turns += turn_variance[n]
                _add_turned_variance(
                    rotation, push_variance[n, 0], push_variance[n, 1], push_variance[n, 2], pushes
                )
            duration = time[nodes[k]] - time[nodes[k - 1]]
            _forward(sums[k], duration, p)
            _transpose(p)
            _forward(sums[k], duration, p)
            for i in range(3):
                p[i, i] += turns
                p[BIAS + i, BIAS + i] += bias_walk**2 * duration
                for j in range(3):
                    p[VELOCITY + i, VELOCITY + j] += pushes[i, j]
                    p[WAY + i, WAY + j] += pushes[i, j] * duration**2 / 3.0
                    p[VELOCITY + i, WAY + j] += pushes[i, j] * duration / 2.0
                    p[WAY + i, VELOCITY + j] += pushes[i, j] * duration / 2.0
            _symmetrise(p)
        n = nodes[k]
        if velocity_sd[k] < np.inf:
            wx, wy, wz = gyr[n, 0] - bias[0], gyr[n, 1] - bias[1], gyr[n, 2] - bias[2]
            ax = wy * lever[2] - wz * lever[1]
            ay = wz * lever[0] - wx * lever[2]
            az = wx * lever[1] - wy * lever[0]
            _apply(rotation, ax, ay, az, arm)
            for i in range(3):
                innovations[u, i] = -velocity[i] - arm[i]
            variance[:] = velocity_sd[k] ** 2
            _update(VELOCITY, innovations[u], variance, p, gains[u], weights[u], x)
            u += 1
            _correct(x, q, velocity, bias, way)
        if rate_sd[k] < np.inf and k > 0:
            for i in range(3):
                mean = 0.0
                for m in range(nodes[k - 1] + 1, n + 1):
                    mean += gyr[m, i]
                innovations[u, i] = mean / (n - nodes[k - 1]) - bias[i]
            variance[:] = rate_sd[k] ** 2
            _update(BIAS, innovations[u], variance, p, gains[u], weights[u], x)
            u += 1
            _correct(x, q, velocity, bias, way)
        if climb_sd[k] < np.inf:
            variance[0], variance[1], variance[2] = UNKNOWN, UNKNOWN, climb_sd[k] ** 2
            innovations[u, 2] = -way[2]
            _update(WAY, innovations[u], variance, p, gains[u], weights[u], x)
            u += 1
            _correct(x, q, velocity, bias, way)
        _matrix(q, rotation)
        _apply(rotation, acc[n, 0], acc[n, 1], acc[n, 2], force)
        states[k, :4], states[k, 4:7], states[k, 7:10], states[k, 10:] = q, velocity, bias, way
        covariances[k] = p
        if footprints[k]:
            way[:] = 0.0
            p[WAY : WAY + 3] = 0.0
            p[:, WAY : WAY + 3] = 0.0
            if p[2, 2] > LARGEST_HEADING:
                _take_heading(velocity, p)
                _transpose(p)
                _take_heading(velocity, p)


@kernel
def _correct(x: Floats, q: Floats, velocity: Floats, bias: Floats, way: Floats) -> None:
    _turn_earth(q, x[0], x[1], x[2])
    for i in range(3):
        velocity[i] += x[VELOCITY + i]
        bias[i] += x[BIAS + i]
        way[i] += x[WAY + i]


@kernel
def _times_row(p: Floats, i: int, information: Floats, row: Floats) -> None:
    """row ← row i of P Λ, (STATES,)."""
    for j in range(STATES):
        row[j] = 0.0
    for k in range(STATES):
        share = p[i, k]
        for j in range(STATES):
            row[j] += share * information[k, j]


@kernel
def _less_product(p: Floats, row: Floats, i: int, j: int) -> float:
    """P − row P at (i, j), P being symmetric."""
    left = p[i, j]
    for k in range(STATES):
        left -= row[k] * p[j, k]
    return left


@kernel
def smooth_nodes(
    time: Floats,
    nodes: Integers,
    velocity_sd: Floats,
    rate_sd: Floats,
    climb_sd: Floats,
    footprints: Booleans,
    states: Floats,
    sums: Floats,
    covariances: Floats,
    gains: Floats,
    weights: Floats,
    innovations: Floats,
    way_covariances: Floats,
    velocity_variances: Floats,
) -> None:
    """The backward pass over what :func:`filter_nodes` wrote: states in place.

    ``way_covariances`` (K, 3, 3), at footprints, and ``velocity_variances`` (K, 3) are written.
    """
    adjoint, information = np.zeros((STATES, 1)), np.zeros((STATES, STATES))
    x, row = np.empty(STATES), np.empty(STATES)
    u = len(innovations)
    for k in range(len(nodes) - 1, -1, -1):
        if footprints[k]:
            if covariances[k, 2, 2] > LARGEST_HEADING:
                _take_heading_back(states[k, 4:7], adjoint)
                _take_heading_back(states[k, 4:7], information)
                _transpose(information)
                _take_heading_back(states[k, 4:7], information)
            adjoint[WAY:] = 0.0
            information[WAY:] = 0.0
            information[:, WAY:] = 0.0
        p = covariances[k]
        for i in range(STATES):
            x[i] = 0.0
            for j in range(STATES):
                x[i] -= p[i, j] * adjoint[j, 0]
        for i in range(3):
            _times_row(p, VELOCITY + i, information, row)
            velocity_variances[k, i] = max(_less_product(p, row, VELOCITY + i, VELOCITY + i), 0.0)
            if footprints[k]:
                _times_row(p, WAY + i, information, row)
                for j in range(3):
                    way_covariances[k, i, j] = _less_product(p, row, WAY + i, WAY + j)
        _correct(x, states[k, :4], states[k, 4:7], states[k, 7:10], states[k, 10:13])
        if climb_sd[k] < np.inf:
            u -= 1
            _step_back_over_update(WAY, innovations[u], gains[u], weights[u], adjoint, information)
        if rate_sd[k] < np.inf and k > 0:
            u -= 1
            _step_back_over_update(BIAS, innovations[u], gains[u], weights[u], adjoint, information)
        if velocity_sd[k] < np.inf:
            u -= 1
            _step_back_over_update(
                VELOCITY, innovations[u], gains[u], weights[u], adjoint, information
            )
        if k > 0:
            duration = time[nodes[k]] - time[nodes[k - 1]]
            _backward(sums[k], duration, adjoint)
            _backward(sums[k], duration, information)
            _transpose(information)
            _backward(sums[k], duration, information)
            _symmetrise(information)


@kernel
def fill_between(
    time: Floats,
    mean_rate: Floats,
    acc: Floats,
    turn_variance: Floats,
    push_variance: Floats,
    nodes: Integers,
    states: Floats,
    orientations: Floats,
    velocities: Floats,
    positions: Floats,
) -> None:
    """Orientation (N, 4), velocity and position (N, 3) at every sample, through the smoothed nodes.

    What the strapdown from one node misses the next one by is spread over the samples between in
    proportion to their variances.
    """
    rotation, force, work = np.empty((3, 3)), np.empty(3), np.empty(3)
    q, velocity, way, miss = np.empty(4), np.empty(3), np.zeros(3), np.empty(3)
    pushes, share, inverse = np.empty((3, 3)), np.empty(3), np.empty((3, 3))
    passed = np.empty((np.max(np.diff(nodes)), 3, 3))
    positions[0] = 0.0
    for k in range(len(nodes)):
        last = nodes[k]
        if k > 0:
            first, bias = nodes[k - 1], states[k - 1, 7:10]
            q[:], velocity[:] = states[k - 1, :4], states[k - 1, 4:7]
            _matrix(q, rotation)
            _apply(rotation, acc[first, 0], acc[first, 1], acc[first, 2], force)
            turns = 0.0
            pushes[:] = 0.0
            for n in range(first + 1, last + 1):
                dt = time[n] - time[n - 1]
                _advance(dt, mean_rate, acc, n, bias, q, velocity, way, rotation, force, work)
                orientations[n], velocities[n] = q, velocity
                turns += turn_variance[n]
                _add_turned_variance(
                    rotation, push_variance[n, 0], push_variance[n, 1], push_variance[n, 2], pushes
                )
                passed[n - first - 1] = pushes
            _rotation_between(q, states[k], miss)
            _invert(pushes, inverse)
            for i in range(3):
                velocity[i] = states[k, 4 + i] - velocity[i]
            _apply(inverse, velocity[0], velocity[1], velocity[2], share)
            turned = 0.0
            for n in range(first + 1, last + 1):
                turned += turn_variance[n]
                part = turned / turns
                _turn_earth(orientations[n], part * miss[0], part * miss[1], part * miss[2])
                _apply(passed[n - first - 1], share[0], share[1], share[2], velocity)
                for i in range(3):
                    velocities[n, i] += velocity[i]
                dt = 0.5 * (time[n] - time[n - 1])
                for i in range(3):
                    mean = velocities[n - 1, i] + velocities[n, i]
                    positions[n, i] = positions[n - 1, i] + dt * mean
        else:
            orientations[0], velocities[0] = states[0, :4], states[0, 4:7]


@kernel
def _rotation_between(q: Floats, goal: Floats, out: Floats) -> None:
    """The small rotation vector, in the earth frame, from q to the goal: out[:3]."""
    # goal ⊗ q*
    w = goal[0] * q[0] + goal[1] * q[1] + goal[2] * q[2] + goal[3] * q[3]
    sign = 2.0 if w >= 0.0 else -2.0
    out[0] = sign * (-goal[0] * q[1] + goal[1] * q[0] - goal[2] * q[3] + goal[3] * q[2])
    out[1] = sign * (-goal[0] * q[2] + goal[1] * q[3] + goal[2] * q[0] - goal[3] * q[1])
    out[2] = sign * (-goal[0] * q[3] - goal[1] * q[2] + goal[2] * q[1] + goal[3] * q[0])

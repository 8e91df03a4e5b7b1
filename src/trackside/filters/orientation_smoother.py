"""The backward pass over what the orientation Kalman filter recorded, compiled.

The smoother is the Rauch–Tung–Striebel smoother in the form of Bierman 1973, "Fixed interval
smoothing with discrete measurements": instead of inverting covariances it carries the adjoint λ
and its covariance Λ backward. The smoothed error of the filter's estimate is −P λ, and its
covariance P − P Λ P.

As in the filter, inclination, bias and scale are found without the magnetometer. They then make a
path of the heading; what separates this path from north is smoothed for itself, with the magnetic
disturbance and with what bias and scale are still wrong by about the vertical.
"""

from typing import Any

import numpy as np

from trackside.arrays import Floats
from trackside.filters.orientation_kernel import (
    ATTITUDE,
    BIAS,
    FORCE_BIAS,
    SCALE,
    SMOOTHED,
    STATES,
    VELOCITY,
    scale_states,
)
from trackside.kernels import kernel

HEADING_STATES = 8  # heading, magnetic disturbance, bias, scale
INTERVAL = np.dtype(
    [
        ("tilt", np.float64, 2),  # smoothed error of the filter's attitude, about east and north
        ("bias", np.float64, 3),
        ("scale", np.float64, 3),
        ("turn", np.float64),  # from the filter's level frame to ENU, about the vertical, rad
        ("inclination_variance", np.float64),
        ("heading_variance", np.float64),
        # The heading's own filter.
        ("gain", np.float64, HEADING_STATES),
        ("innovation", np.float64),
        ("deviation", np.float64),
        ("row", np.float64, HEADING_STATES),  # the heading's row of the covariance
    ]
)


@kernel
def smooth_recording(
    parameters: Any,
    records: Any,
    work: Any,
    time: Floats,
    gyr: Floats,
    quaternions: Floats,
    bias: Floats,
    inclination_sd: Floats,
    heading_sd: Floats,
) -> None:
    """Smooth one sensor's recording of N samples in place.

    ``records`` (R,) of RECORD come from the filter, ``work`` is (R,) of INTERVAL, ``quaternions``
    (N, 4) is the filter's level attitude and becomes sensor → ENU; the other results are (N, ...).
    """
    smooth_inclination(records, work)
    find_heading_path(records, work)
    smooth_heading(parameters, records, work)
    for n in range(records.shape[0]):
        first = records[n].sample
        last = records[n + 1].sample if n + 1 < records.shape[0] else gyr.shape[0]
        after = min(n + 1, records.shape[0] - 1)
        write(
            parameters,
            records,
            work,
            n,
            after,
            time[first:last],
            gyr[first:last],
            quaternions[first:last],
            bias[first:last],
            inclination_sd[first:last],
            heading_sd[first:last],
        )


@kernel
def smooth_inclination(records: Any, work: Any) -> None:
    """Carry the adjoint backward and write the smoothed tilt, bias and scale of each interval."""
    adjoint, information = np.zeros(STATES), np.zeros((STATES, STATES))
    weighted = np.zeros(STATES)
    correction = np.zeros(SMOOTHED)
    for n in range(records.shape[0] - 1, -1, -1):
        record, out = records[n], work[n]
        for i in range(SMOOTHED):
            row = record.covariance[i]
            total = 0.0
            for j in range(STATES):
                total += row[j] * adjoint[j]
            correction[i] = -total
        for i in range(3):
            out.bias[i] = record.bias[i] + correction[2 + i]
            out.scale[i] = record.scale[i] + correction[5 + i]
        out.tilt[0], out.tilt[1] = correction[0], correction[1]
        out.inclination_variance = 0.0
        for i in range(2):
            learnt = quadratic(record.covariance[i], information, weighted)
            out.inclination_variance += max(record.covariance[i, i] - learnt, 0.0)
        if record.velocity_forgotten:
            for i in range(VELOCITY, VELOCITY + 3):
                adjoint[i] = 0.0
                information[i], information[:, i] = 0.0, 0.0
        else:
            if record.rested:
                step_back_over_update(record, adjoint, information, weighted, 3, BIAS)
            step_back_over_update(record, adjoint, information, weighted, 0, VELOCITY)
        step_back_over_decay(record.scale_decay, SCALE, adjoint, information)
        step_back_over_decay(record.force_decay, FORCE_BIAS, adjoint, information)
        step_back_over_interval(record, adjoint)
        carry_information_back(record, information)


@kernel
def quadratic(v: Any, matrix: Any, product: Any) -> Any:
    """vᵀ M v for a symmetric matrix; leaves M v, summed by rows so that it becomes vectors."""
    size = product.shape[0]
    for j in range(size):
        product[j] = 0.0
    for i in range(size):
        row, weight = matrix[i], v[i]
        for j in range(size):
            product[j] += weight * row[j]
    total = 0.0
    for j in range(size):
        total += product[j] * v[j]
    return total


@kernel
def step_back_over_update(
    record: Any, adjoint: Any, information: Any, weighted: Any, row: int, first: int
) -> None:
    """Over the three components, the last one first, with A = I − K H.

    λ ← Aᵀ λ − Hᵀ S⁻¹ y and Λ ← Aᵀ Λ A + Hᵀ S⁻¹ H.
    """
    for m in range(2, -1, -1):
        gain, deviation = record.gains[row + m], record.deviations[row + m]
        total = record.innovations[row + m]
        for j in range(STATES):
            total += gain[j] * adjoint[j]
        at = first + m
        adjoint[at] -= total / deviation
        squared = 1.0 + quadratic(gain, information, weighted)
        line = information[at]
        for j in range(STATES):
            line[j] -= weighted[j] / deviation
        for j in range(STATES):
            information[j, at] -= weighted[j] / deviation
        information[at, at] += squared / (deviation * deviation)


@kernel
def step_back_over_decay(decay: float, first: int, adjoint: Any, information: Any) -> None:
    """λ ← Dᵀ λ and Λ ← Dᵀ Λ D for three states that decayed toward their prior."""
    if decay == 1.0:
        return
    for i in range(first, first + 3):
        adjoint[i] *= decay
    scale_states(information, first, decay)


@kernel
def step_back_over_interval(record: Any, adjoint: Any) -> None:
    """λ ← Φᵀ λ with the Φ of the filter's prediction; the heading has no part in it."""
    f, r, s = record.force_sum, record.rotation_sum, record.rate_sum
    x, y = adjoint[ATTITUDE], adjoint[ATTITUDE + 1]
    vx, vy, vz = adjoint[VELOCITY], adjoint[VELOCITY + 1], adjoint[VELOCITY + 2]
    adjoint[ATTITUDE] += f[1] * vz - f[2] * vy
    adjoint[ATTITUDE + 1] += f[2] * vx - f[0] * vz
    for j in range(3):
        adjoint[FORCE_BIAS + j] -= r[0, j] * vx + r[1, j] * vy + r[2, j] * vz
        adjoint[BIAS + j] -= r[0, j] * x + r[1, j] * y
        adjoint[SCALE + j] += s[0, j] * x + s[1, j] * y


@kernel
def carry_information_back(record: Any, information: Any) -> None:
    """Λ ← Φᵀ Λ Φ: rows, then columns."""
    f, r, s = record.force_sum, record.rotation_sum, record.rate_sum
    x, y = information[ATTITUDE], information[ATTITUDE + 1]
    vx, vy, vz = information[VELOCITY], information[VELOCITY + 1], information[VELOCITY + 2]
    for j in range(3):
        bias, scale, force = (
            information[BIAS + j],
            information[SCALE + j],
            information[FORCE_BIAS + j],
        )
        for k in range(STATES):
            force[k] -= r[0, j] * vx[k] + r[1, j] * vy[k] + r[2, j] * vz[k]
            bias[k] -= r[0, j] * x[k] + r[1, j] * y[k]
            scale[k] += s[0, j] * x[k] + s[1, j] * y[k]
    for k in range(STATES):
        x[k] += f[1] * vz[k] - f[2] * vy[k]
        y[k] += f[2] * vx[k] - f[0] * vz[k]
    for k in range(STATES):
        step_back_over_interval(record, information[k])


@kernel
def find_heading_path(records: Any, work: Any) -> None:
    """Sum up how far smoothed bias and scale turn the filter's level frame."""
    turn = 0.0
    for n in range(1, records.shape[0]):
        record, before, out = records[n], records[n - 1], work[n]
        for i in range(3):
            turn += record.rate_sum[2, i] * (out.scale[i] - before.scale[i])
            turn -= record.rotation_sum[2, i] * (out.bias[i] - before.bias[i])
        out.turn = turn
    work[0].turn = 0.0


@kernel
def smooth_heading(p: Any, records: Any, work: Any) -> None:
    """Turn the path north: a filter over the magnetometer's headings, then its adjoint."""
    if not filter_heading(p, records, work):
        return
    adjoint = np.zeros(HEADING_STATES)
    information = np.zeros((HEADING_STATES, HEADING_STATES))
    weighted = np.zeros(HEADING_STATES)
    for n in range(records.shape[0] - 1, -1, -1):
        record, out = records[n], work[n]
        for i in range(HEADING_STATES):
            out.turn -= out.row[i] * adjoint[i]
        learnt = quadratic(out.row, information, weighted)
        out.heading_variance = max(out.row[0] - learnt, 0.0)
        if out.deviation > 0.0:
            step_back_over_heading(out, adjoint, information, weighted)
        decay = np.exp(-record.elapsed / p.disturbance_seconds)
        carry_heading_back(record, decay, adjoint)
        carry_heading_information_back(record, decay, information)


@kernel
def step_back_over_heading(out: Any, adjoint: Any, information: Any, weighted: Any) -> None:
    """As over an update of the filter, with H = (1, 1, 0 …)."""
    total = out.innovation
    for i in range(HEADING_STATES):
        total += out.gain[i] * adjoint[i]
    squared = (1.0 + quadratic(out.gain, information, weighted)) / out.deviation**2
    for at in range(2):
        adjoint[at] -= total / out.deviation
        for j in range(HEADING_STATES):
            information[at, j] -= weighted[j] / out.deviation
        for j in range(HEADING_STATES):
            information[j, at] -= weighted[j] / out.deviation
    for i in range(2):
        for j in range(2):
            information[i, j] += squared


@kernel
def carry_heading_back(record: Any, decay: float, adjoint: Any) -> None:
    """λ ← Φᵀ λ with the Φ of the heading's prediction."""
    adjoint[1] *= decay
    for i in range(3):
        adjoint[2 + i] -= record.rotation_sum[2, i] * adjoint[0]
        adjoint[5 + i] += record.rate_sum[2, i] * adjoint[0]


@kernel
def carry_heading_information_back(record: Any, decay: float, information: Any) -> None:
    """Λ ← Φᵀ Λ Φ: rows, then columns."""
    for k in range(HEADING_STATES):
        information[1, k] *= decay
        for i in range(3):
            information[2 + i, k] -= record.rotation_sum[2, i] * information[0, k]
            information[5 + i, k] += record.rate_sum[2, i] * information[0, k]
    for k in range(HEADING_STATES):
        carry_heading_back(record, decay, information[k])


@kernel
def filter_heading(p: Any, records: Any, work: Any) -> Any:
    """Forward: the turn from path to ENU, disturbance, and what bias and scale add to the path.

    Returns whether there was any field to see.
    """
    x = np.zeros(HEADING_STATES)
    cov = np.zeros((HEADING_STATES, HEADING_STATES))
    last = records[records.shape[0] - 1]
    for i in range(6):
        for j in range(6):
            cov[2 + i, 2 + j] = last.covariance[2 + i, BIAS + j]
    cov[1, 1] = p.initial_disturbance**2
    seen = False
    for n in range(records.shape[0]):
        angle, relative = magnetic_heading(records[n], work[n])
        if relative > 0.0:
            x[0] = angle
            cov[0, 0] = p.initial_heading**2
            seen = True
            break
    for n in range(records.shape[0]):
        record, out = records[n], work[n]
        predict_heading(p, record, x, cov)
        angle, relative = magnetic_heading(record, out)
        out.deviation = 0.0
        if relative > 0.0:
            departure = max(record.departure, departure_from(last.reference, record, p))
            noise = p.field_noise * (1.0 + 4.0 * departure) / relative
            residual = angle - x[0] - x[1]
            residual -= 2.0 * np.pi * np.round(residual / (2.0 * np.pi))
            update_path(x, cov, out, residual, noise * noise / record.field_seconds)
        for i in range(HEADING_STATES):
            out.row[i] = cov[0, i]
        out.turn += x[0]
        out.heading_variance = cov[0, 0]
    return seen


@kernel
def magnetic_heading(record: Any, interval: Any) -> Any:
    """Turn from the path to the field's north, and the field's horizontal part, relative to it."""
    m = record.field
    norm = np.sqrt(m[0] * m[0] + m[1] * m[1] + m[2] * m[2])
    if record.field_seconds == 0.0 or norm == 0.0:
        return 0.0, 0.0
    east = m[0] + interval.tilt[1] * m[2]
    north = m[1] - interval.tilt[0] * m[2]
    relative = np.sqrt(east * east + north * north) / norm
    if relative < 1e-3:
        return 0.0, 0.0
    return np.arctan2(east, north) - interval.turn, relative


@kernel
def departure_from(reference: Any, record: Any, p: Any) -> Any:
    """Squared departure of the field's norm and vertical part from a reference, in tolerances."""
    m = record.field
    norm = np.sqrt(m[0] * m[0] + m[1] * m[1] + m[2] * m[2])
    width = p.field_tolerance * reference[0]
    return ((norm - reference[0]) ** 2 + (m[2] - reference[1]) ** 2) / (width * width)


@kernel
def predict_heading(p: Any, record: Any, x: Any, cov: Any) -> None:
    """Carry heading and disturbance over the interval."""
    decay = np.exp(-record.elapsed / p.disturbance_seconds)
    r, s = record.rotation_sum[2], record.rate_sum[2]
    for i in range(3):
        x[0] += s[i] * x[5 + i] - r[i] * x[2 + i]
    x[1] *= decay
    for k in range(HEADING_STATES):
        for i in range(3):
            cov[0, k] += s[i] * cov[5 + i, k] - r[i] * cov[2 + i, k]
        cov[1, k] *= decay
    for k in range(HEADING_STATES):
        for i in range(3):
            cov[k, 0] += s[i] * cov[k, 5 + i] - r[i] * cov[k, 2 + i]
        cov[k, 1] *= decay
    cov[0, 0] += p.gyro_noise**2 * record.elapsed + p.turn_noise**2 * record.turned
    cov[1, 1] += p.heading_disturbance**2 * (1.0 - decay * decay)


@kernel
def update_path(x: Any, cov: Any, out: Any, residual: float, variance: float) -> None:
    """Kalman update by heading + disturbance."""
    g = out.gain
    for k in range(HEADING_STATES):
        g[k] = cov[0, k] + cov[1, k]
    out.deviation = np.sqrt(g[0] + g[1] + variance)
    out.innovation = residual / out.deviation
    for k in range(HEADING_STATES):
        g[k] /= out.deviation
        x[k] += g[k] * out.innovation
    for i in range(HEADING_STATES):
        for k in range(HEADING_STATES):
            cov[i, k] -= g[i] * g[k]


@kernel
def write(
    p: Any,
    records: Any,
    work: Any,
    n: int,
    after: int,
    time: Any,
    gyr: Any,
    quaternions: Any,
    bias: Any,
    inclination_sd: Any,
    heading_sd: Any,
) -> None:
    """Correct the samples from one record to the next by errors that change linearly."""
    here, there = work[n], work[after]
    begin, length = records[n].time, records[after].time - records[n].time
    x_end = there.tilt[0] + records[after].injected[0]
    y_end = there.tilt[1] + records[after].injected[1]
    if length <= 0.0:
        x_end, y_end = here.tilt[0], here.tilt[1]
    per_second = 1.0 / max(length, 1e-9)
    rate = np.zeros(3)
    for k in range(time.shape[0]):
        part = min((time[k] - begin) * per_second, 1.0)
        turn_earth(
            quaternions[k],
            here.tilt[0] + part * (x_end - here.tilt[0]),
            here.tilt[1] + part * (y_end - here.tilt[1]),
            here.turn + part * (there.turn - here.turn),
        )
        if p.sensor_delay != 0.0:
            for i in range(3):
                if gyr[k, i] - gyr[k, i] == 0.0:
                    rate[i] = (1.0 + here.scale[i]) * gyr[k, i] - here.bias[i]
            turn_sensor(quaternions[k], rate, p.sensor_delay)
        for i in range(3):
            bias[k, i] = here.bias[i]
        inclination_sd[k] = np.sqrt(here.inclination_variance)
        heading_sd[k] = np.sqrt(here.heading_variance)


@kernel
def turn_earth(q: Any, x: float, y: float, angle: float) -> None:
    """Turn q by a small tilt (x, y) and then by an angle about the vertical, in place."""
    x, y = 0.5 * x, 0.5 * y
    a = q[0] - x * q[1] - y * q[2]
    b = q[1] + x * q[0] + y * q[3]
    c = q[2] - x * q[3] + y * q[0]
    d = q[3] + x * q[2] - y * q[1]
    scale = 1.0 / np.sqrt(a * a + b * b + c * c + d * d)
    w, z = scale * np.cos(0.5 * angle), scale * np.sin(0.5 * angle)
    q[0] = w * a - z * d
    q[1] = w * b - z * c
    q[2] = w * c + z * b
    q[3] = w * d + z * a


@kernel
def turn_sensor(q: Any, rate: Any, seconds: float) -> None:
    """Turn q on by a rate in its own frame, in place."""
    speed = np.sqrt(rate[0] ** 2 + rate[1] ** 2 + rate[2] ** 2)
    half = 0.5 * speed * seconds
    w = np.cos(half)
    sinc = np.sin(half) / speed if speed > 1e-9 else 0.0
    a, b, c = rate[0] * sinc, rate[1] * sinc, rate[2] * sinc
    q0, q1, q2, q3 = q[0], q[1], q[2], q[3]
    q[0] = q0 * w - q1 * a - q2 * b - q3 * c
    q[1] = q0 * a + q1 * w + q2 * c - q3 * b
    q[2] = q0 * b - q1 * c + q2 * w + q3 * a
    q[3] = q0 * c + q1 * b - q2 * a + q3 * w

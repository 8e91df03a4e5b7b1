"""The orientation Kalman filter's compiled inner loop, with every helper that it calls.

An error-state Kalman filter per sensor. The nominal state follows the gyroscope at full rate in an
earth-fixed frame of arbitrary heading; what the correction needs is summed up on the way, and about
every 50 ms the covariance is carried over the whole interval and the corrections are made:

- attitude error θ (earth frame, true = exp(θ) ⊗ estimate), gyroscope bias and scale (sensor frame),
  velocity, accelerometer bias: corrected by "the velocity is zero" with a wide error, which says
  that acceleration without gravity has no content at low frequencies;
- at rest, additionally, by "the gyroscope shows its bias";
- the scale not at all where a limb swings to and fro: there it is forgotten;
- the heading and a slowly changing disturbance of it: corrected by the magnetometer.

The magnetometer's gain is zero for all other states (a Schmidt–Kalman update), and every correction
about the vertical goes into a separate heading angle. So inclination, bias and scale are the same
numbers with and without a magnetometer.

Sources: Solà 2017, "Quaternion kinematics for the error-state Kalman filter", for the error state;
Schmidt 1966 for the partial gain. Laidig & Seel 2023, "VQF", reach the same end with a low-pass.
"""

from typing import Any

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kernels import kernel

# The places of the error states in the covariance.
ATTITUDE, VELOCITY, BIAS, SCALE, FORCE_BIAS, DISTURBANCE = 0, 3, 6, 9, 12, 15
STATES = 16
HEADING = ATTITUDE + 2

REST_FILTER_SECONDS = 0.5
CANDIDATE_FILTER_SECONDS = 5.0
HIDDEN_SECONDS = 3.0  # what clipped forces hide makes the velocity's bound doubtful for so long
HIDDEN_VELOCITY = 0.3  # and so much of it doubles the bound's error, m/s
SWAY_SECONDS = 10.0  # over which the velocity to and fro is averaged
LEAST_SWAY = 0.05  # m/s; below it the sensor stays where it is
TELLING_SHARE = 0.04  # of the velocity: what a scale error must make up in it to be told
SCALE_SECONDS = 60.0  # for which the scale is remembered at that share
SWAYED_SECONDS = 2.0  # and far below it
HABIT_SECONDS = 30.0  # step after step they hide about the same, for about so long
IRON_RATE = 0.3  # a sensor that turns slower tells nothing about hard iron, rad/s
IRON_SURPRISE = 1.0  # squared error in variances that means a change of hard iron
WRONG_NORTH = 0.5  # rad
LONG_STEP = 1.5  # times the step before: samples are missing in between
CLIPPED_ACC, CLIPPED_RATE = 18.0, 4.0  # no sensor's range ends below, m/s² and rad/s
RANGE_END = 0.995  # the part of a stated range from which on a sample counts as clipped
UNKNOWN_ANGLE = np.pi  # the standard deviation that is reported before the first usable sample
LEVEL_ANGLE = 0.05  # the inclination's standard deviation below which field directions count, rad
UNSEEN_ANGLE = 1.0  # the most that a gap adds to an attitude's standard deviation, rad

# One sensor's whole memory: the next sample's result depends on it and on the sample alone.
STATE = np.dtype(
    [
        ("stamp", np.float64),  # time of the last sample, usable or not, s
        ("time", np.float64),  # time of the last usable sample, s
        ("step", np.float64),  # from the one before it, s
        # The estimate.
        ("quaternion", np.float64, 4),  # sensor → level frame of arbitrary heading
        ("north", np.float64, 2),  # from that frame to ENU: (w, z) of the turn about the vertical
        ("velocity", np.float64, 3),
        ("bias", np.float64, 3),
        ("scale", np.float64, 3),
        ("force_bias", np.float64, 3),
        ("disturbance", np.float64),  # of the magnetic heading, rad
        ("covariance", np.float64, (STATES, STATES)),
        # Within a correction: estimated error state, what was measured, and how it is weighted.
        ("error", np.float64, STATES),
        ("residual", np.float64, 3),
        # Of the velocity's three components, then of the bias at rest: gain times the innovation's
        # deviation, innovation over deviation, deviation.
        ("gains", np.float64, (6, STATES)),
        ("innovations", np.float64, 6),
        ("deviations", np.float64, 6),
        ("injected", np.float64, 2),  # into the attitude, about east and north, rad
        # The last usable samples: gyroscope (sensor frame), specific force (earth frame).
        ("rate", np.float64, 3),
        ("slope", np.float64, 3),  # of the rate, rad/s²
        ("force", np.float64, 3),
        ("force_time", np.float64),
        # Largest magnitudes of each channel, positive and negative: where it may be clipped.
        ("rate_extremes", np.float64, (3, 2)),
        ("acc_extremes", np.float64, (3, 2)),
        # How often each was reached.
        ("rate_repeats", np.int64, (3, 2)),
        ("acc_repeats", np.int64, (3, 2)),
        ("hidden_velocity", np.float64),  # of clipped forces, fading, m/s
        # Means over SWAY_SECONDS: squared velocity, and what of it a scale error could have made.
        ("sway", np.float64),
        ("scale_sway", np.float64),
        ("scale_decay", np.float64),  # of the scale over the last interval
        ("force_decay", np.float64),  # of the bias over the last interval, once any was clipped
        ("rotation", np.float64, (3, 3)),  # the quaternion as a matrix
        # Sums since the last correction.
        ("elapsed", np.float64),  # s
        ("turned", np.float64, 3),  # ∫ ω dt
        ("force_sum", np.float64, 3),  # ∫ R f dt
        ("rotation_sum", np.float64, (3, 3)),  # ∫ R dt
        ("rate_sum", np.float64, (3, 3)),  # ∫ R diag(ω) dt
        ("field_sum", np.float64, 3),  # ∫ R m dt
        ("field_seconds", np.float64),
        # Rest detection: low-passed samples (sensor frame).
        ("rate_mean", np.float64, 3),
        ("acc_mean", np.float64, 3),
        ("rest_seconds", np.float64),
        # (norm, vertical part) of the field taken for undisturbed, and of the one to replace it.
        ("reference", np.float64, 2),
        ("reference_seconds", np.float64),
        ("candidate", np.float64, 2),
        ("candidate_seconds", np.float64),
        # A magnet attached to the sensor: field in the level frame, then hard iron in the sensor's.
        ("fields", np.float64, 6),
        ("fields_covariance", np.float64, (6, 6)),
        ("iron", np.float64, 3),  # the part of it that is believed
        ("field", np.float64, 3),  # mean over the interval without iron, level frame
        ("departure", np.float64),  # of it from the reference, in tolerances²
        ("recorded", np.int64),  # number of intervals recorded for the smoother
        # Flags, last so that all numbers above are aligned.
        ("started", np.bool_),
        ("blind", np.bool_),  # the accelerometer was silent for too long in this interval
        ("broken", np.bool_),  # this sample begins anew, after a gap or at the start
        ("rested", np.bool_),  # the last correction was one at rest too
        ("north_known", np.bool_),
        ("field_trusted", np.bool_),
    ]
)

SMOOTHED = 8  # rows of the covariance that the smoother needs: inclination, bias, scale

# One interval between corrections as the smoother needs it.
RECORD = np.dtype(
    [
        ("sample", np.int64),  # at its end
        ("time", np.float64),  # s
        ("elapsed", np.float64),  # s; 0 for a beginning
        ("turned", np.float64),  # rad
        ("rotation_sum", np.float64, (3, 3)),
        ("rate_sum", np.float64, (3, 3)),
        ("force_sum", np.float64, 3),
        ("gains", np.float64, (6, STATES)),
        ("innovations", np.float64, 6),
        ("deviations", np.float64, 6),
        ("injected", np.float64, 2),
        ("bias", np.float64, 3),  # after the correction
        ("scale", np.float64, 3),
        ("covariance", np.float64, (SMOOTHED, STATES)),  # likewise
        ("field", np.float64, 3),  # mean over the interval without iron, level frame
        ("field_seconds", np.float64),
        ("departure", np.float64),
        ("reference", np.float64, 2),
        ("scale_decay", np.float64),  # over the interval
        ("force_decay", np.float64),  # of the accelerometer's bias over the interval
        ("velocity_forgotten", np.bool_),
        ("rested", np.bool_),
    ]
)


@kernel
def find_fault(
    time: Floats, gyr: Floats, stamps: Floats, rate_limit: float
) -> tuple[int, int, int]:
    """First sample that cannot be right: (sensor, sample, fault).

    Fault 1: time does not increase (or is NaN); 2: a rate beyond the limit; 0: none.
    """
    for s in range(gyr.shape[0]):
        clock = time[min(s, time.shape[0] - 1)]
        previous = stamps[s]
        for k in range(gyr.shape[1]):
            if not previous < clock[k] < np.inf:
                return s, k, 1
            previous = clock[k]
            for i in range(3):
                if abs(gyr[s, k, i]) > rate_limit:
                    return s, k, 2
    return 0, 0, 0


@kernel
def run(
    state: Any,
    parameters: Any,
    time: Floats,
    gyr: Floats,
    acc: Floats,
    mag: Floats,
    records: Any,
    quaternions: Floats,
    bias: Floats,
    inclination_sd: Floats,
    heading_sd: Floats,
    trusted: Booleans,
) -> None:
    """Carry each sensor's state over its samples, and write what is known at each of them.

    ``state`` is (S,) of STATE, ``time`` (1, N) or (S, N), ``gyr`` and ``acc`` (S, N, 3), ``mag``
    likewise or (S, 0, 3) for none; the rest are results, (S, N, ...). If there is room for
    ``records`` (S, R) of RECORD, they are written too, and the quaternions are left level: not
    turned north, and not carried on by the sensor's delay.
    """
    for s in range(gyr.shape[0]):
        x = state[s]
        clock = time[min(s, time.shape[0] - 1)]
        for k in range(gyr.shape[1]):
            x.stamp = clock[k]
            if all_finite(gyr[s, k]):
                advance(x, parameters, clock[k], gyr[s, k], acc[s, k])
                if mag.shape[1] > 0 and x.started:
                    see_field(x, parameters, mag[s, k])
                due = x.elapsed > 0.0 and x.elapsed + 0.5 * x.step >= parameters.correction_interval
                if due:
                    correct(x, parameters)
                if records.shape[1] > 0 and (due or x.broken):
                    record(x, records[s, x.recorded], k)
                if due:
                    clear_sums(x)
            if records.shape[1] > 0:
                quaternions[s, k] = x.quaternion
            else:
                write_attitude(x, parameters, quaternions[s, k])
            for i in range(3):
                bias[s, k, i] = x.bias[i]
            inclination_sd[s, k], heading_sd[s, k] = deviations(x, parameters, clock[k])
            trusted[s, k] = x.field_trusted


@kernel
def all_finite(v: Any) -> Any:
    """Whether none of the three is NaN or infinite."""
    total = v[0] + v[1] + v[2]
    return total - total == 0.0


@kernel
def normalize(q: Any) -> None:
    """Scale the quaternion to unit length, in place."""
    factor = 1.0 / np.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    for i in range(4):
        q[i] *= factor


@kernel
def advance(x: Any, p: Any, time: float, gyr: Any, acc: Any) -> None:
    """Take in one gyroscope sample and the specific force that came with it, if it did."""
    sees_force = all_finite(acc)
    x.broken = False
    if not x.started:
        if sees_force:
            start(x, p, time, gyr, acc)
        return
    dt = time - x.time
    x.time = time
    if dt > p.longest_gap:
        bridge_gap(x, p, gyr, dt)
        return
    if dt > LONG_STEP * x.step:
        doubt_interpolation(x, p, gyr, dt)
    limit, seconds = min(RANGE_END * p.gyro_range, CLIPPED_RATE), p.clipped_rate * dt
    doubt_clipped(x, ATTITUDE, gyr, x.rate_extremes, x.rate_repeats, p.gyro_range, limit, seconds)
    integrate(x, gyr, dt)
    x.step = dt
    set_rotation(x)
    if sees_force:
        x.force_time = time
        set_force(x, acc)
        x.hidden_velocity *= 1.0 - dt / HIDDEN_SECONDS
        limit, seconds = min(RANGE_END * p.acc_range, CLIPPED_ACC), p.clipped_acc * dt
        x.hidden_velocity += doubt_clipped(
            x, VELOCITY, acc, x.acc_extremes, x.acc_repeats, p.acc_range, limit, seconds
        )
        watch_rest(x, p, gyr, acc, dt)
    elif time - x.force_time > p.longest_gap:
        x.blind = True
        x.rest_seconds = 0.0
    accumulate(x, gyr, dt)


@kernel
def start(x: Any, p: Any, time: float, gyr: Any, acc: Any) -> None:
    """Begin with one sample: level by its specific force, everything else at its prior."""
    x.started = True
    x.broken = True
    x.time = time
    x.force_time = time
    align(x.quaternion, acc)
    set_rotation(x)
    set_force(x, acc)
    for i in range(3):
        x.rate[i] = gyr[i]
        x.rate_mean[i] = gyr[i]
        x.acc_mean[i] = acc[i]
        x.covariance[ATTITUDE + i, ATTITUDE + i] = p.initial_inclination**2
        x.covariance[BIAS + i, BIAS + i] = p.gyro_bias**2
        x.covariance[SCALE + i, SCALE + i] = p.gyro_scale**2
        x.covariance[FORCE_BIAS + i, FORCE_BIAS + i] = p.acc_bias**2
    x.covariance[HEADING, HEADING] = 0.0  # arbitrary, hence exact, until north is known
    x.covariance[DISTURBANCE, DISTURBANCE] = p.initial_disturbance**2
    forget_velocity(x, p)


@kernel
def align(q: Any, acc: Any) -> None:
    """Set q to the shortest rotation that turns the measured specific force upward."""
    norm = np.sqrt(acc[0] * acc[0] + acc[1] * acc[1] + acc[2] * acc[2])
    q[0], q[1], q[2], q[3] = 1.0, 0.0, 0.0, 0.0
    if norm > 0.0:
        q[0], q[1], q[2] = 1.0 + acc[2] / norm, acc[1] / norm, -acc[0] / norm
        if q[0] < 1e-9:  # upside down: any horizontal axis will do
            q[1] = 1.0
        normalize(q)


@kernel
def forget_velocity(x: Any, p: Any) -> None:
    """Set the velocity back to its prior, uncorrelated with everything else."""
    cov = x.covariance
    for i in range(VELOCITY, VELOCITY + 3):
        for j in range(STATES):
            cov[i, j] = 0.0
            cov[j, i] = 0.0
        cov[i, i] = p.initial_velocity**2
        x.velocity[i - VELOCITY] = 0.0


@kernel
def bridge_gap(x: Any, p: Any, gyr: Any, dt: float) -> None:
    """Keep the attitude over a gap, admit how far it may have turned, and start a new interval."""
    variance = unseen_angle(x, p, dt) ** 2
    for i in range(3):
        x.covariance[ATTITUDE + i, ATTITUDE + i] += variance
        x.rate[i] = gyr[i]
        x.slope[i] = 0.0
    x.step = 0.0
    x.rest_seconds = 0.0
    x.broken = True
    forget_velocity(x, p)
    field_squared = x.fields[0] ** 2 + x.fields[1] ** 2 + x.fields[2] ** 2
    for i in range(3):
        x.fields_covariance[i, i] += field_squared * variance
    clear_sums(x)


@kernel
def unseen_angle(x: Any, p: Any, seconds: float) -> float:
    """Standard deviation in rad of the turn that nobody saw."""
    return min(max(p.unseen_rate, length(x.rate)) * seconds, UNSEEN_ANGLE)


@kernel
def length(v: Any) -> Any:
    """Length of a vector."""
    return np.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


@kernel
def doubt_interpolation(x: Any, p: Any, gyr: Any, dt: float) -> None:
    """Admit what the straight line over missing samples may have missed, about each axis.

    Had the rate gone on with the slope that it had before, and bent to where it is now, the turn
    would have been another: by dt/6 times the difference of the rates.
    """
    for i in range(3):
        missed = (x.slope[i] * dt - (gyr[i] - x.rate[i])) * dt / 6.0
        add_about_axis(x, ATTITUDE, i, (p.interpolation_error * missed) ** 2)


@kernel
def doubt_clipped(
    x: Any,
    first: int,
    v: Any,
    extremes: Any,
    repeats: Any,
    limit: float,
    least: float,
    seconds: float,
) -> Any:
    """Admit that a clipped channel would have shown more: attitude or velocity from ``first`` on.

    Clipped is what reaches the stated limit, or from the third time on its own channel's extreme to
    the bit.
    """
    hidden = 0.0
    for i in range(3):
        size = abs(v[i])
        if size < least:
            continue
        side = 0 if v[i] > 0.0 else 1
        if size > extremes[i, side]:
            extremes[i, side], repeats[i, side] = size, 0
        elif size == extremes[i, side]:
            repeats[i, side] += 1
        again = size == extremes[i, side] and repeats[i, side] > 1
        if size >= RANGE_END * limit or again:
            add_about_axis(x, first, i, (size * seconds) ** 2)
            hidden += size * seconds
    return hidden


@kernel
def add_about_axis(x: Any, first: int, axis: int, variance: float) -> None:
    """Add a variance along one axis of the sensor to attitude or velocity."""
    r = x.rotation
    for i in range(3):
        for j in range(3):
            x.covariance[first + i, first + j] += variance * r[i, axis] * r[j, axis]


@kernel
def clear_sums(x: Any) -> None:
    """Start a new interval between corrections."""
    x.elapsed = 0.0
    x.field_seconds = 0.0
    x.blind = False
    for i in range(3):
        x.turned[i] = 0.0
        x.force_sum[i] = 0.0
        x.field_sum[i] = 0.0
        for j in range(3):
            x.rotation_sum[i, j] = 0.0
            x.rate_sum[i, j] = 0.0


@kernel
def integrate(x: Any, gyr: Any, dt: float) -> None:
    """Turn the attitude by what the rate sums up to since the last sample.

    The rate is taken as a parabola through three samples (Adams–Moulton), as a line after a gap; as
    its axis moves, the turn is not its sum alone (the coning term of Bortz 1971, IEEE Trans.
    Aerosp. Electron. Syst. 7, 61, to second order). In sprinting either is worth degrees a minute.
    """
    even = x.step <= LONG_STEP * dt and dt <= LONG_STEP * x.step
    bend = dt * dt * dt / (6.0 * (dt + x.step)) if even else 0.0
    cone = dt * dt / 12.0
    a0, b0, c0 = true_rate(x, x.rate, 0), true_rate(x, x.rate, 1), true_rate(x, x.rate, 2)
    a1, b1, c1 = true_rate(x, gyr, 0), true_rate(x, gyr, 1), true_rate(x, gyr, 2)
    a = 0.5 * dt * (a0 + a1) + cone * (b0 * c1 - c0 * b1)
    b = 0.5 * dt * (b0 + b1) + cone * (c0 * a1 - a0 * c1)
    c = 0.5 * dt * (c0 + c1) + cone * (a0 * b1 - b0 * a1)
    a -= bend * ((gyr[0] - x.rate[0]) / dt - x.slope[0])
    b -= bend * ((gyr[1] - x.rate[1]) / dt - x.slope[1])
    c -= bend * ((gyr[2] - x.rate[2]) / dt - x.slope[2])
    turn(x.quaternion, 0.5 * a, 0.5 * b, 0.5 * c)
    for i in range(3):
        x.slope[i] = (gyr[i] - x.rate[i]) / dt
        x.rate[i] = gyr[i]


@kernel
def true_rate(x: Any, gyr: Any, axis: int) -> Any:
    """A rate about one axis of the sensor without the gyroscope's bias and scale error, rad/s."""
    return (1.0 + x.scale[axis]) * gyr[axis] - x.bias[axis]


@kernel
def turn(q: Any, a: float, b: float, c: float) -> None:
    """Turn q by the rotation vector 2·(a, b, c) of its own frame, in place."""
    angle = np.sqrt(a * a + b * b + c * c)
    sinc = np.sin(angle) / angle if angle > 1e-9 else 1.0
    w, a, b, c = np.cos(angle), a * sinc, b * sinc, c * sinc
    q0, q1, q2, q3 = q[0], q[1], q[2], q[3]
    q[0] = q0 * w - q1 * a - q2 * b - q3 * c
    q[1] = q0 * a + q1 * w + q2 * c - q3 * b
    q[2] = q0 * b - q1 * c + q2 * w + q3 * a
    q[3] = q0 * c + q1 * b - q2 * a + q3 * w
    normalize(q)


@kernel
def set_rotation(x: Any) -> None:
    """Write the quaternion's rotation matrix."""
    q0, q1, q2, q3 = x.quaternion[0], x.quaternion[1], x.quaternion[2], x.quaternion[3]
    r = x.rotation
    r[0, 0], r[1, 1], r[2, 2] = (
        1 - 2 * (q2 * q2 + q3 * q3),
        1 - 2 * (q1 * q1 + q3 * q3),
        1 - 2 * (q1 * q1 + q2 * q2),
    )
    r[0, 1], r[1, 0] = 2 * (q1 * q2 - q0 * q3), 2 * (q1 * q2 + q0 * q3)
    r[0, 2], r[2, 0] = 2 * (q1 * q3 + q0 * q2), 2 * (q1 * q3 - q0 * q2)
    r[1, 2], r[2, 1] = 2 * (q2 * q3 - q0 * q1), 2 * (q2 * q3 + q0 * q1)


@kernel
def set_force(x: Any, acc: Any) -> None:
    """Write the specific force in the earth frame."""
    for i in range(3):
        x.force[i] = (
            x.rotation[i, 0] * (acc[0] - x.force_bias[0])
            + x.rotation[i, 1] * (acc[1] - x.force_bias[1])
            + x.rotation[i, 2] * (acc[2] - x.force_bias[2])
        )


@kernel
def watch_rest(x: Any, p: Any, gyr: Any, acc: Any, dt: float) -> None:
    """Count the seconds for which both sensors stayed near their low-passed selves."""
    part = min(dt / REST_FILTER_SECONDS, 1.0)
    rate, rate_deviation, acc_deviation = 0.0, 0.0, 0.0
    for i in range(3):
        x.rate_mean[i] += part * (gyr[i] - x.rate_mean[i])
        x.acc_mean[i] += part * (acc[i] - x.acc_mean[i])
        rate += x.rate_mean[i] ** 2
        rate_deviation += (gyr[i] - x.rate_mean[i]) ** 2
        acc_deviation += (acc[i] - x.acc_mean[i]) ** 2
    if rate_deviation < p.rest_rate**2 and acc_deviation < p.rest_acc**2 and rate < p.bias_limit**2:
        x.rest_seconds += dt
    else:
        x.rest_seconds = 0.0


@kernel
def accumulate(x: Any, gyr: Any, dt: float) -> None:
    """Add one sample to what the next correction works on."""
    x.elapsed += dt
    for i in range(3):
        x.turned[i] += gyr[i] * dt
        x.force_sum[i] += x.force[i] * dt
        for j in range(3):
            weighted = x.rotation[i, j] * dt
            x.rotation_sum[i, j] += weighted
            x.rate_sum[i, j] += weighted * gyr[j]


@kernel
def see_field(x: Any, p: Any, mag: Any) -> None:
    """Add one magnetometer sample; the first one that is usable shows roughly where north is."""
    if not all_finite(mag) or mag[0] == mag[1] == mag[2] == 0.0:
        return
    r = x.rotation
    east = r[0, 0] * mag[0] + r[0, 1] * mag[1] + r[0, 2] * mag[2]
    north = r[1, 0] * mag[0] + r[1, 1] * mag[1] + r[1, 2] * mag[2]
    up = r[2, 0] * mag[0] + r[2, 1] * mag[1] + r[2, 2] * mag[2]
    if not x.north_known:
        find_north(x, p, east, north, up)
    x.field_seconds += x.step
    x.field_sum[0] += east * x.step
    x.field_sum[1] += north * x.step
    x.field_sum[2] += up * x.step


@kernel
def find_north(x: Any, p: Any, east: float, north: float, up: float) -> None:
    """Set heading and reference by one look at the field, with the prior's wide error."""
    x.north_known = True
    x.field_trusted = True
    half = 0.5 * np.arctan2(east, north)
    x.north[0], x.north[1] = np.cos(half), np.sin(half)
    for i in range(STATES):
        x.covariance[HEADING, i] = 0.0
        x.covariance[i, HEADING] = 0.0
    x.covariance[HEADING, HEADING] = p.initial_heading**2
    norm = np.sqrt(east * east + north * north + up * up)
    for field in (x.reference, x.candidate):
        field[0], field[1] = norm, up


@kernel
def inclination_variance(x: Any) -> Any:
    """Expected square of the angle between true and estimated vertical, rad²."""
    return x.covariance[0, 0] + x.covariance[1, 1]


@kernel
def correct(x: Any, p: Any) -> None:
    """Close the interval: predict the covariance over it and correct with what it showed."""
    predict(x, p)
    if x.blind:
        forget_velocity(x, p)
    else:
        correct_by_velocity(x, p)
        x.rested = x.rest_seconds > p.rest_seconds
        if x.rested:
            correct_bias_at_rest(x, p)
        inject(x)
    if x.field_seconds > 0.0:
        correct_heading(x, p)
    else:
        x.field_trusted = False


@kernel
def record(x: Any, out: Any, sample: int) -> None:
    """Write what the smoother needs of the interval that ends, or of a new beginning."""
    x.recorded += 1
    out.sample = sample
    out.time = x.time
    out.elapsed = x.elapsed
    out.turned = length(x.turned)
    out.rotation_sum[:] = x.rotation_sum
    out.rate_sum[:] = x.rate_sum
    out.force_sum[:] = x.force_sum
    begins = x.elapsed == 0.0
    out.scale_decay = 1.0 if begins else x.scale_decay
    out.force_decay = 1.0 if begins else x.force_decay
    out.velocity_forgotten = x.blind or x.broken
    out.rested = x.rested and not out.velocity_forgotten
    if out.velocity_forgotten:
        out.injected[:] = 0.0
    else:
        rows = 6 if out.rested else 3
        out.gains[:rows] = x.gains[:rows]
        out.innovations[:rows] = x.innovations[:rows]
        out.deviations[:rows] = x.deviations[:rows]
        out.injected[:] = x.injected
    out.bias[:] = x.bias
    out.scale[:] = x.scale
    out.covariance[:2] = x.covariance[:2]
    out.covariance[2:] = x.covariance[BIAS : BIAS + 6]
    out.field_seconds = x.field_seconds
    out.departure = x.departure
    out.field[:] = x.field
    out.reference[:] = x.reference


@kernel
def predict(x: Any, p: Any) -> None:
    """Carry velocity and covariance over the interval: P ← Φ P Φᵀ + Q, with Φ mostly identity.

    θ' = θ − (∫R) δbias + (∫R diag ω) δscale;  v' = v + θ × ∫R f − (∫R) δforce_bias. The
    heading error is left out of v': turning a bounded velocity about the vertical leaves it
    bounded, so the velocity says nothing about heading, and the linearised model must not think
    that it does.
    """
    f, seconds = x.force_sum, x.elapsed
    propagate(x.covariance, x.rotation_sum, x.rate_sum, f[0], f[1], f[2])
    decay = np.exp(-seconds / p.disturbance_seconds)
    for k in range(STATES):
        x.covariance[DISTURBANCE, k] *= decay
        x.covariance[k, DISTURBANCE] *= decay
    x.disturbance *= decay
    x.velocity[0] += f[0]
    x.velocity[1] += f[1]
    x.velocity[2] += f[2] - p.gravity * seconds
    add_noise(x, p, decay)
    watch_sway(x)
    forget_swayed_scale(x, p)
    x.force_decay = 1.0
    if x.hidden_velocity > 0.0:
        expect_hidden_force(x, p)


@kernel
def propagate(cov: Any, rotation_sum: Any, rate_sum: Any, f0: float, f1: float, f2: float) -> None:
    """Carry the covariance of attitude and velocity over the interval: rows, columns, symmetry."""
    states = cov.shape[0]
    x_tilt, y_tilt = cov[ATTITUDE], cov[ATTITUDE + 1]
    x_velocity, y_velocity, z_velocity = cov[VELOCITY], cov[VELOCITY + 1], cov[VELOCITY + 2]
    for k in range(states):
        x_velocity[k] += f2 * y_tilt[k]
        y_velocity[k] -= f2 * x_tilt[k]
        z_velocity[k] += f1 * x_tilt[k] - f0 * y_tilt[k]
    for i in range(3):
        add_rows(cov[VELOCITY + i], cov[FORCE_BIAS:], rotation_sum[i], -1.0)
        add_rows(cov[ATTITUDE + i], cov[BIAS:], rotation_sum[i], -1.0)
        add_rows(cov[ATTITUDE + i], cov[SCALE:], rate_sum[i], 1.0)
    for i in range(BIAS):
        row = cov[i]
        row[VELOCITY] += f2 * row[ATTITUDE + 1]
        row[VELOCITY + 1] -= f2 * row[ATTITUDE]
        row[VELOCITY + 2] += f1 * row[ATTITUDE] - f0 * row[ATTITUDE + 1]
        for j in range(3):
            for m in range(3):
                row[VELOCITY + j] -= rotation_sum[j, m] * row[FORCE_BIAS + m]
                row[ATTITUDE + j] += (
                    rate_sum[j, m] * row[SCALE + m] - rotation_sum[j, m] * row[BIAS + m]
                )
    for i in range(BIAS, states):
        for j in range(BIAS):
            cov[i, j] = cov[j, i]


@kernel
def add_rows(target: Any, rows: Any, weights: Any, sign: float) -> None:
    """Add the weighted sum of the first three rows to the target."""
    a, b, c = sign * weights[0], sign * weights[1], sign * weights[2]
    first, second, third = rows[0], rows[1], rows[2]
    for k in range(target.shape[0]):
        target[k] += a * first[k] + b * second[k] + c * third[k]


@kernel
def add_noise(x: Any, p: Any, decay: float) -> None:
    """Add the interval's process noise to the covariance."""
    turned = length(x.turned)
    attitude = p.gyro_noise**2 * x.elapsed + p.turn_noise**2 * turned
    force = p.rest_acc_noise if x.rested else p.acc_noise
    for i in range(3):
        x.covariance[ATTITUDE + i, ATTITUDE + i] += attitude
        x.covariance[VELOCITY + i, VELOCITY + i] += force**2 * x.elapsed
        x.covariance[BIAS + i, BIAS + i] += p.gyro_bias_walk**2 * x.elapsed
    x.covariance[DISTURBANCE, DISTURBANCE] += p.heading_disturbance**2 * (1.0 - decay * decay)


@kernel
def watch_sway(x: Any) -> None:
    """Average the squared velocity, and how much of it errors of the scale may make.

    The latter is what the covariance of scale and velocity explains of the velocity.
    """
    part = min(x.elapsed / SWAY_SECONDS, 1.0)
    v = x.velocity
    explained = 0.0
    for i in range(SCALE, SCALE + 3):
        row = x.covariance[i]
        squared = row[VELOCITY] ** 2 + row[VELOCITY + 1] ** 2 + row[VELOCITY + 2] ** 2
        explained += squared / max(row[i], 1e-12)
    x.sway += part * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2] - x.sway)
    x.scale_sway += part * (explained - x.scale_sway)


@kernel
def forget_swayed_scale(x: Any, p: Any) -> None:
    """Let the scale return to its prior as long as the motion cannot tell it.

    A limb swings about a joint: its sensor truly accelerates to and fro in step with the rate, just
    as it would seem to if the scale were wrong and gravity leaked in, but far more. Noise averages
    out, this does not; step after step it would pull the scale the same way. So the scale is a
    Gauss–Markov process, whose memory is the shorter the less a scale error would count.
    """
    share_squared = x.scale_sway / max(x.sway, LEAST_SWAY**2)
    seconds = SWAYED_SECONDS + SCALE_SECONDS * (share_squared / TELLING_SHARE**2) ** 4
    if x.sway < LEAST_SWAY**2:
        seconds = np.inf
    x.scale_decay = np.exp(-x.elapsed / seconds)
    if x.scale_decay < 1.0:
        forget(x.covariance, SCALE, x.scale_decay, p.gyro_scale**2)
        for i in range(3):
            x.scale[i] *= x.scale_decay


@kernel
def forget(cov: Any, first: int, decay: float, variance: float) -> None:
    """Let three states decay toward zero and a prior variance: a Gauss–Markov process."""
    scale_states(cov, first, decay)
    for i in range(first, first + 3):
        cov[i, i] += (1.0 - decay * decay) * variance


@kernel
def scale_states(matrix: Any, first: int, factor: float) -> None:
    """Scale three states of a symmetric matrix: their rows and columns."""
    for k in range(matrix.shape[0]):
        row = matrix[k]
        for i in range(first, first + 3):
            row[i] *= factor
    for i in range(first, first + 3):
        row = matrix[i]
        for k in range(matrix.shape[0]):
            row[k] *= factor


@kernel
def expect_hidden_force(x: Any, p: Any) -> None:
    """Let the accelerometer's bias take up what is clipped at every step, which has a direction.

    A Gauss–Markov process with HABIT_SECONDS, whose variance is that of the bias and of the hidden
    force together. Without it, the mean of what is hidden would be taken for gravity.
    """
    decay = np.exp(-x.elapsed / HABIT_SECONDS)
    hidden = p.clipped_acc * x.hidden_velocity / HIDDEN_SECONDS
    forget(x.covariance, FORCE_BIAS, decay, p.acc_bias**2 + hidden * hidden)
    for i in range(3):
        x.force_bias[i] *= decay
    x.force_decay = decay


@kernel
def correct_by_velocity(x: Any, p: Any) -> None:
    """Say that the velocity is zero, give or take a wide error, or at rest a narrow one."""
    for i in range(3):
        x.residual[i] = -x.velocity[i]
    noise = p.rest_velocity_noise if x.rested else p.velocity_noise
    variance = (noise * (1.0 + x.hidden_velocity / HIDDEN_VELOCITY)) ** 2 / x.elapsed
    correct_vector(x, 0, VELOCITY, variance)


@kernel
def correct_bias_at_rest(x: Any, p: Any) -> None:
    """Say that what the gyroscope shows at rest is its bias."""
    for i in range(3):
        x.residual[i] = (1.0 + x.scale[i]) * x.turned[i] / x.elapsed - x.bias[i]
    variance = p.rest_noise**2 / x.elapsed
    correct_vector(x, 3, BIAS, variance)


@kernel
def correct_vector(x: Any, row: int, first: int, variance: float) -> None:
    """Kalman update by the residual of the three error states from ``first`` on.

    Leaves gains, innovations and deviations from ``row`` on.
    """
    gains, innovations = x.gains[row : row + 3], x.innovations[row : row + 3]
    deviations = x.deviations[row : row + 3]
    update(x.covariance, gains, innovations, deviations, x.error, x.residual, first, variance)


@kernel
def update(
    cov: Any,
    gains: Any,
    innovations: Any,
    deviations: Any,
    error: Any,
    residual: Any,
    first: int,
    variance: float,
) -> None:
    """The update's arithmetic.

    The components are taken one after the other (their errors are independent), but the covariance
    is written once: P ← P − Σ g gᵀ, where g is the gain times the innovation's deviation. Arrays
    of a length that the compiler does not know are what it turns into vector instructions.
    """
    g0, g1, g2 = gains[0], gains[1], gains[2]
    states = cov.shape[0]
    for m in range(3):
        g, row = gains[m], cov[first + m]
        for k in range(states):
            g[k] = row[k]
        for earlier in range(m):
            before = gains[earlier]
            weight = before[first + m]
            for k in range(states):
                g[k] -= weight * before[k]
        deviation = np.sqrt(g[first + m] + variance)
        scale = 1.0 / deviation
        innovation = (residual[m] - error[first + m]) * scale
        deviations[m], innovations[m] = deviation, innovation
        for k in range(states):
            g[k] *= scale
            error[k] += g[k] * innovation
    for i in range(states):
        row, a, b, c = cov[i], g0[i], g1[i], g2[i]
        for k in range(states):
            row[k] -= a * g0[k] + b * g1[k] + c * g2[k]


@kernel
def inject(x: Any) -> None:
    """Move the estimated errors into the estimate, the heading's into ``north`` alone."""
    e = x.error
    q, a, b = x.quaternion, 0.5 * e[ATTITUDE], 0.5 * e[ATTITUDE + 1]
    q0, q1, q2, q3 = q[0], q[1], q[2], q[3]
    q[0] = q0 - a * q1 - b * q2
    q[1] = q1 + a * q0 + b * q3
    q[2] = q2 - a * q3 + b * q0
    q[3] = q3 + a * q2 - b * q1
    normalize(q)
    x.injected[0], x.injected[1] = e[ATTITUDE], e[ATTITUDE + 1]
    turn_north(x, e[HEADING])
    x.disturbance += e[DISTURBANCE]
    for i in range(3):
        x.velocity[i] += e[VELOCITY + i]
        x.bias[i] += e[BIAS + i]
        x.scale[i] += e[SCALE + i]
        x.force_bias[i] += e[FORCE_BIAS + i]
    for i in range(STATES):
        e[i] = 0.0


@kernel
def turn_north(x: Any, angle: float) -> None:
    """Turn the estimate about the vertical."""
    c, s = np.cos(0.5 * angle), np.sin(0.5 * angle)
    w, z = x.north[0], x.north[1]
    x.north[0], x.north[1] = c * w - s * z, c * z + s * w


@kernel
def correct_heading(x: Any, p: Any) -> None:
    """Compare the interval's mean field with north, and correct heading and its disturbance alone.

    The error grows with the square of the field's departure from the reference.
    """
    m0, m1, m2 = (
        x.field_sum[0] / x.field_seconds,
        x.field_sum[1] / x.field_seconds,
        x.field_sum[2] / x.field_seconds,
    )
    x.field[0], x.field[1], x.field[2] = m0, m1, m2
    if x.reference_seconds == 0.0 and inclination_variance(x) > LEVEL_ANGLE**2:
        find_north(x, p, m0, m1, m2)
        return
    learn_iron(x, p, m0, m1, m2)
    if x.iron[0] != 0.0:
        m0, m1, m2 = without_iron(x, m0, m1, m2)
        x.field[0], x.field[1], x.field[2] = m0, m1, m2
        doubt_north(x, p)
    norm_squared = m0 * m0 + m1 * m1 + m2 * m2
    departure = departure_from(x.reference, np.sqrt(norm_squared), m2, p.field_tolerance)
    x.departure = departure
    x.field_trusted = departure < 1.0
    follow_field(x, p, np.sqrt(norm_squared), m2)
    horizontal = m0 * m0 + m1 * m1
    if horizontal < 1e-6 * norm_squared:
        return
    w, z = x.north[0], x.north[1]
    c, s = w * w - z * z, 2.0 * w * z
    residual = np.arctan2(c * m0 - s * m1, s * m0 + c * m1) - x.disturbance
    residual -= 2.0 * np.pi * np.round(residual / (2.0 * np.pi))
    noise = p.field_noise * (1.0 + 4.0 * departure)
    update_heading(x, residual, noise * noise * norm_squared / horizontal / x.field_seconds)


@kernel
def learn_iron(x: Any, p: Any, m0: float, m1: float, m2: float) -> None:
    """Tell apart what stays in the level frame and what turns with the sensor, and judge it.

    A Kalman filter for m = B + R b, the earth's field B and the hard iron b. It needs no heading,
    for B need not point north. At rest it would learn nothing. What is not larger than its own
    error and than the field's usual irregularity is not believed (Breiman 1995, garrote).
    """
    turned = length(x.turned)
    if turned < IRON_RATE * x.elapsed or inclination_variance(x) > LEVEL_ANGLE**2:
        return
    f, cov = x.fields, x.fields_covariance
    size = np.sqrt(m0 * m0 + m1 * m1 + m2 * m2)
    if cov[0, 0] == 0.0:
        f[0], f[1], f[2] = m0, m1, m2
        for i in range(3):
            cov[i, i], cov[3 + i, 3 + i] = size * size, (p.hard_iron * size) ** 2
    walk = (p.field_walk * size) ** 2 * x.elapsed
    iron_walk = (p.iron_walk * size) ** 2 * x.elapsed
    variance = (p.iron_noise * size) ** 2 / x.elapsed
    surprise = 0.0
    for i in range(3):
        r = x.rotation_sum[i]
        expected = f[i] + (r[0] * f[3] + r[1] * f[4] + r[2] * f[5]) / x.elapsed
        surprise += ((m0, m1, m2)[i] - expected) ** 2
    if surprise > IRON_SURPRISE * variance:  # a magnet was attached, removed or passed by
        iron_walk += (p.hard_iron * size) ** 2
        walk += (p.hard_iron * size) ** 2
    for i in range(3):
        cov[i, i] += walk
        cov[3 + i, 3 + i] += iron_walk
    update_fields(f, cov, x.rotation_sum, 1.0 / x.elapsed, m0, m1, m2, variance)
    b_squared = f[3] * f[3] + f[4] * f[4] + f[5] * f[5]
    b_squared_error = cov[3, 3] + cov[4, 4] + cov[5, 5]
    doubt = (p.least_iron * size) ** 2 + 4.0 * b_squared_error
    share = max(0.0, 1.0 - doubt / b_squared)
    for i in range(3):
        x.iron[i] = share * f[3 + i]


@kernel
def update_fields(
    f: Any, cov: Any, r: Any, scale: float, m0: float, m1: float, m2: float, variance: float
) -> None:
    """Kalman update of B and b by a mean field, component by component."""
    for i in range(3):
        a, b, c = r[i, 0] * scale, r[i, 1] * scale, r[i, 2] * scale
        g0 = cov[i, 0] + a * cov[3, 0] + b * cov[4, 0] + c * cov[5, 0]
        g1 = cov[i, 1] + a * cov[3, 1] + b * cov[4, 1] + c * cov[5, 1]
        g2 = cov[i, 2] + a * cov[3, 2] + b * cov[4, 2] + c * cov[5, 2]
        g3 = cov[i, 3] + a * cov[3, 3] + b * cov[4, 3] + c * cov[5, 3]
        g4 = cov[i, 4] + a * cov[3, 4] + b * cov[4, 4] + c * cov[5, 4]
        g5 = cov[i, 5] + a * cov[3, 5] + b * cov[4, 5] + c * cov[5, 5]
        g = (g0, g1, g2, g3, g4, g5)
        total = g[i] + a * g3 + b * g4 + c * g5 + variance
        m = (m0, m1, m2)[i]
        residual = (m - f[i] - a * f[3] - b * f[4] - c * f[5]) / total
        for k in range(6):
            f[k] += g[k] * residual
            for j in range(6):
                cov[k, j] -= g[k] * g[j] / total


@kernel
def without_iron(x: Any, m0: float, m1: float, m2: float) -> Any:
    """The interval's mean field without the believed hard iron."""
    r, b = x.rotation_sum, x.iron
    return (
        m0 - (r[0, 0] * b[0] + r[0, 1] * b[1] + r[0, 2] * b[2]) / x.elapsed,
        m1 - (r[1, 0] * b[0] + r[1, 1] * b[1] + r[1, 2] * b[2]) / x.elapsed,
        m2 - (r[2, 0] * b[0] + r[2, 1] * b[1] + r[2, 2] * b[2]) / x.elapsed,
    )


@kernel
def doubt_north(x: Any, p: Any) -> None:
    """Find north again if a magnet was attached when it was found, by the field without it."""
    f, cov = x.fields, x.fields_covariance
    horizontal = f[0] * f[0] + f[1] * f[1]
    if cov[0, 0] + cov[1, 1] > LEVEL_ANGLE * horizontal:
        return
    w, z = x.north[0], x.north[1]
    c, s = w * w - z * z, 2.0 * w * z
    if abs(np.arctan2(c * f[0] - s * f[1], s * f[0] + c * f[1])) > WRONG_NORTH:
        find_north(x, p, f[0], f[1], f[2])
        x.reference_seconds = 0.0


@kernel
def update_heading(x: Any, residual: float, variance: float) -> None:
    """Schmidt–Kalman update by heading + disturbance: no other state has a gain."""
    cov = x.covariance
    total = variance
    for i in (HEADING, DISTURBANCE):
        total += cov[i, HEADING] + cov[i, DISTURBANCE]
    heading_gain = (cov[HEADING, HEADING] + cov[HEADING, DISTURBANCE]) / total
    disturbance_gain = (cov[DISTURBANCE, HEADING] + cov[DISTURBANCE, DISTURBANCE]) / total
    turn_north(x, heading_gain * residual)
    x.disturbance += disturbance_gain * residual
    for k in range(STATES):
        projected = cov[HEADING, k] + cov[DISTURBANCE, k]
        cov[HEADING, k] -= heading_gain * projected
        cov[DISTURBANCE, k] -= disturbance_gain * projected
    for k in range(STATES):
        cov[k, HEADING] = cov[HEADING, k]
        cov[k, DISTURBANCE] = cov[DISTURBANCE, k]


@kernel
def departure_from(reference: Any, norm: float, up: float, tolerance: float) -> float:
    """Squared departure of norm and vertical part from a reference, in tolerances."""
    width = tolerance * reference[0]
    return ((norm - reference[0]) ** 2 + (up - reference[1]) ** 2) / (width * width)


@kernel
def follow_field(x: Any, p: Any, norm: float, up: float) -> None:
    """Track the reference field, or count how long another one has been steady in motion."""
    seconds = x.field_seconds
    x.reference_seconds += seconds
    if x.field_trusted:
        part = seconds / min(x.reference_seconds, p.reference_seconds)
        x.reference[0] += part * (norm - x.reference[0])
        x.reference[1] += part * (up - x.reference[1])
        x.candidate[0], x.candidate[1] = x.reference[0], x.reference[1]
        x.candidate_seconds = 0.0
        return
    part = min(seconds / CANDIDATE_FILTER_SECONDS, 1.0)
    x.candidate[0] += part * (norm - x.candidate[0])
    x.candidate[1] += part * (up - x.candidate[1])
    if departure_from(x.candidate, norm, up, 0.5 * p.field_tolerance) < 1.0:
        turned = length(x.turned)
        x.candidate_seconds += min(turned / p.acceptance_rate, seconds)
    else:
        x.candidate_seconds = max(0.0, x.candidate_seconds - seconds)
    if x.candidate_seconds > p.acceptance_seconds:
        x.reference[0], x.reference[1] = x.candidate[0], x.candidate[1]
        x.candidate_seconds = 0.0


@kernel
def write_attitude(x: Any, p: Any, out: Any) -> None:
    """Write the sensor → ENU quaternion: the level attitude turned north, ahead by the delay."""
    q, w, z = x.quaternion, x.north[0], x.north[1]
    out[0] = w * q[0] - z * q[3]
    out[1] = w * q[1] - z * q[2]
    out[2] = w * q[2] + z * q[1]
    out[3] = w * q[3] + z * q[0]
    if p.sensor_delay != 0.0:
        half = 0.5 * p.sensor_delay
        turn(
            out,
            half * ((1.0 + x.scale[0]) * x.rate[0] - x.bias[0]),
            half * ((1.0 + x.scale[1]) * x.rate[1] - x.bias[1]),
            half * ((1.0 + x.scale[2]) * x.rate[2] - x.bias[2]),
        )


@kernel
def deviations(x: Any, p: Any, time: float) -> Any:
    """Standard deviations of inclination and heading in rad, at a sample that may be unusable."""
    if not x.started:
        return UNKNOWN_ANGLE, UNKNOWN_ANGLE
    unseen = 0.0
    if time - x.time > p.longest_gap:
        unseen = unseen_angle(x, p, time - x.time) ** 2
    heading_variance = x.covariance[HEADING, HEADING] + unseen
    return np.sqrt(inclination_variance(x) + 2.0 * unseen), np.sqrt(heading_variance)

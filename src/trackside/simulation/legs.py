"""The legs: planted feet that roll, published swings, and the two-link leg in closed form.

During stance the foot pivots on its heel, lies flat, pivots on its ball and rolls off over the tip
of its toes; the pivot does not move. During swing the ankle and the foot's pitch follow the
published curves plus quintics that close the gap to the roll over the footprint that is left and
the one that is reached, so that position, velocity and acceleration are continuous. Hip, knee and
ankle angles then follow from the ankle's place.
"""

from typing import NamedTuple

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel
from trackside.simulation import gait_curves

_LANDING, _TOES = -0.08, 0.72
"""Fractions of stance: the pitch of initial contact begins to fall, and the toes begin to roll."""

BODY = 14
"""Columns of a body state: time (s), phase (strides), speed (m/s at reference height), running,
heading (rad), lean (rad), step width (m), pelvis east, north, up (m), pelvis orientation (4)."""

LEAVING, REACHING = 0.25, 0.18
"""Parts of the swing over which the foot changes from the ground's speed to the published swing's,
and back."""

_FULL_REACH = 0.9997  # of the straight leg, in swing
_WALK_REACH, _RUN_REACH = 0.9972, 0.9925
"""Of the straight leg, how far a stance may reach before the pelvis is lowered."""

_MARGIN = 0.006  # strides
_CLEARANCE, _BLUR = 0.015, 0.006  # of the leg's length: least height of mid-swing, and how sharp
_LIFTING = 0.2  # of the swing at either end, over which that height is reached
_TOE_SHARE = 0.65  # of the foot's pitch: in swing the toes stay drawn up

FOOT = 6
"""What places a foot: ankle east, north, up (m), pitch of foot and of toes, heading (rad)."""

SWING = 4 + 6 * FOOT
"""Columns of a swing, see :func:`solve_leg`."""
_TOE_OFF = gait_curves.TOE_OFF
_HARMONICS = gait_curves.HARMONICS


class LegShape(NamedTuple):
    """Lengths in m: thigh, shank, height of the ankle; heel and ball ahead of it; toes."""

    thigh: float
    shank: float
    ankle: float
    heel: float
    ball: float
    toes: float


@kernel
def _smooth(u: float) -> float:
    if u <= 0.0:
        return 0.0
    if u >= 1.0:
        return 1.0
    return u * u * u * (10.0 - 15.0 * u + 6.0 * u * u)


@kernel
def ankle_over_footprint(
    u: float, manner: Floats, shape: Floats
) -> tuple[float, float, float, float]:
    """Ankle ahead of and above the footprint (m), pitch of foot and toes (rad).

    ``u``: fraction of stance; what lies outside 0–1 continues the roll into swing. ``manner`` (6,):
    pitch at initial contact, at toe-off, that of the toes at toe-off (rad), and the fractions at
    which the heel rises, the foot is flat, and the push has run out. ``shape`` (6,) as in LegShape.
    """
    pitch, push, roll = manner[0], manner[1], manner[2]
    heel_rise, flat, pushed = manner[3], manner[4], manner[5]
    height, heel, ball, toes = shape[2], shape[3], shape[4], shape[5]
    rising = push / _smooth((1.0 - heel_rise) / (pushed - heel_rise))
    foot = pitch * (1.0 - _smooth((u - _LANDING) / (flat - _LANDING)))
    foot += rising * _smooth((u - heel_rise) / (pushed - heel_rise))
    c, s = np.cos(foot), np.sin(foot)
    if foot > 0.0:
        return heel - heel * c - height * s, height * c - heel * s, foot, foot
    off = roll / _smooth((1.0 - _TOES) / (pushed - _TOES))
    toe = off * _smooth((u - _TOES) / (pushed - _TOES))
    ball_ahead = ball + toes - toes * np.cos(toe)
    ball_above = -toes * np.sin(toe)
    return ball_ahead - ball * c - height * s, ball_above - ball * s + height * c, foot, toe


def leg_curves() -> Floats:
    """Fourier series of walking, running and sprinting, (3, 3, 1 + 2·HARMONICS) rad."""
    gaits = (gait_curves.WALKING, gait_curves.RUNNING, gait_curves.SPRINTING)
    return np.array([gait_curves.fourier_coefficients(curves) for curves in gaits])


_RUN_SPEED = gait_curves.RUNNING.speed
_SPRINT_SPEED = gait_curves.SPRINTING.speed


@kernel
def _swing_angles(
    fraction: float, speed: float, running: float, curves: Floats
) -> tuple[float, float, float]:
    """Hip, knee and ankle angle at a fraction of swing."""
    beyond = (speed - _RUN_SPEED) / (_SPRINT_SPEED - _RUN_SPEED)
    sprint = 0.5 * (beyond + np.sqrt(beyond * beyond + 0.01))  # smoothly max(beyond, 0)
    w0, w1, w2 = 1.0 - running, running * (1.0 - sprint), running * sprint
    angle = 2.0 * np.pi * (_TOE_OFF + (1.0 - _TOE_OFF) * fraction)
    c1, s1 = np.cos(angle), np.sin(angle)
    hip = w0 * curves[0, 0, 0] + w1 * curves[1, 0, 0] + w2 * curves[2, 0, 0]
    knee = w0 * curves[0, 1, 0] + w1 * curves[1, 1, 0] + w2 * curves[2, 1, 0]
    ankle = w0 * curves[0, 2, 0] + w1 * curves[1, 2, 0] + w2 * curves[2, 2, 0]
    c, s = c1, s1
    for harmonic in range(_HARMONICS):
        i, j = 1 + 2 * harmonic, 2 + 2 * harmonic
        hip += w0 * (curves[0, 0, i] * c + curves[0, 0, j] * s)
        hip += w1 * (curves[1, 0, i] * c + curves[1, 0, j] * s)
        hip += w2 * (curves[2, 0, i] * c + curves[2, 0, j] * s)
        knee += w0 * (curves[0, 1, i] * c + curves[0, 1, j] * s)
        knee += w1 * (curves[1, 1, i] * c + curves[1, 1, j] * s)
        knee += w2 * (curves[2, 1, i] * c + curves[2, 1, j] * s)
        ankle += w0 * (curves[0, 2, i] * c + curves[0, 2, j] * s)
        ankle += w1 * (curves[1, 2, i] * c + curves[1, 2, j] * s)
        ankle += w2 * (curves[2, 2, i] * c + curves[2, 2, j] * s)
        c, s = c * c1 - s * s1, s * c1 + c * s1
    return hip, knee, ankle


@kernel
def _planted(phase: float, stance: Floats, shape: Floats, foot: Floats) -> None:
    """The foot over its footprint; outside the stance, as if it went on rolling there."""
    u = (phase - stance[0]) / (stance[1] - stance[0])
    ahead, above, pitch, toe = ankle_over_footprint(u, stance[5:11], shape)
    foot[0] = stance[2] + ahead * np.cos(stance[4])
    foot[1] = stance[3] + ahead * np.sin(stance[4])
    foot[2], foot[3], foot[4], foot[5] = above, pitch, toe, stance[4]


@kernel
def _published(
    body: Floats, fraction: float, side: float, shape: Floats, curves: Floats, foot: Floats
) -> None:
    """The foot where the published curves put it at that fraction of swing."""
    hip, knee, ankle = _swing_angles(fraction, body[2], body[3], curves)
    shin = hip - knee
    ahead = shape[0] * np.sin(hip) + shape[1] * np.sin(shin)
    below = shape[0] * np.cos(hip) + shape[1] * np.cos(shin)
    heading, lean = body[4], body[5]
    # in a bend the leg hangs in the plane of the leaning body
    right = side * body[6] / 2.0 + below * np.sin(lean)
    foot[0] = body[7] + ahead * np.cos(heading) + right * np.sin(heading)
    foot[1] = body[8] + ahead * np.sin(heading) - right * np.cos(heading)
    foot[2] = body[9] - below * np.cos(lean)
    foot[3] = shin + ankle
    foot[4] = _TOE_SHARE * foot[3]
    foot[5] = heading


@kernel
def _swing_fraction(phase: float, stance: Floats, following: Floats) -> float:
    return (phase - stance[1]) / (following[0] - stance[1])


@kernel
def swing_gaps(
    body: Floats,
    stance: Floats,
    following: Floats,
    planted: Floats,
    side: float,
    shape: Floats,
    curves: Floats,
) -> Floats:
    """By how much a foot planted on ``planted`` is off the published swing, (M, FOOT).

    ``body`` (M, BODY); the swing is the one between the stances ``stance`` and ``following``, and
    ``planted`` is one of the two (rows of Stances).
    """
    gaps = np.empty((len(body), FOOT))
    published = np.empty(FOOT)
    for m in range(len(body)):
        fraction = _swing_fraction(body[m, 1], stance, following)
        _published(body[m], fraction, side, shape, curves, published)
        _planted(body[m, 1], planted, shape, gaps[m])
        gaps[m] -= published
    return gaps


@kernel
def _rotate(q: Floats, x: float, y: float, z: float) -> tuple[float, float, float]:
    w, a, b, c = q[0], q[1], q[2], q[3]
    tx, ty, tz = 2.0 * (b * z - c * y), 2.0 * (c * x - a * z), 2.0 * (a * y - b * x)
    return (
        x + w * tx + b * tz - c * ty,
        y + w * ty + c * tx - a * tz,
        z + w * tz + a * ty - b * tx,
    )


@kernel
def _standing(heading: float, pitch: float, out: Floats) -> None:
    """Orientation of a segment that faces ``heading`` and is pitched up, of the standing frame."""
    # turn(heading about up) ⊗ STANDING_FACING_EAST ⊗ turn(pitch about z)
    r = np.sqrt(0.5)
    ch, sh = np.cos(heading / 2.0), np.sin(heading / 2.0)
    cp, sp = np.cos(pitch / 2.0), np.sin(pitch / 2.0)
    w, x, y, z = r * ch, r * ch, r * sh, r * sh
    out[0] = w * cp - z * sp
    out[1] = x * cp + y * sp
    out[2] = y * cp - x * sp
    out[3] = z * cp + w * sp


@kernel
def _frame(x: Floats, y: Floats, z: Floats, near: Floats, out: Floats) -> None:
    """Quaternion of the frame with these axes, of the sign that is closer to ``near``."""
    trace = x[0] + y[1] + z[2]
    if trace > 0.0:
        s = 2.0 * np.sqrt(1.0 + trace)
        out[0], out[1] = s / 4.0, (y[2] - z[1]) / s
        out[2], out[3] = (z[0] - x[2]) / s, (x[1] - y[0]) / s
    elif x[0] > y[1] and x[0] > z[2]:
        s = 2.0 * np.sqrt(1.0 + x[0] - y[1] - z[2])
        out[0], out[1] = (y[2] - z[1]) / s, s / 4.0
        out[2], out[3] = (y[0] + x[1]) / s, (z[0] + x[2]) / s
    elif y[1] > z[2]:
        s = 2.0 * np.sqrt(1.0 + y[1] - x[0] - z[2])
        out[0], out[1] = (z[0] - x[2]) / s, (y[0] + x[1]) / s
        out[2], out[3] = s / 4.0, (z[1] + y[2]) / s
    else:
        s = 2.0 * np.sqrt(1.0 + z[2] - x[0] - y[1])
        out[0], out[1] = (x[1] - y[0]) / s, (z[0] + x[2]) / s
        out[2], out[3] = (z[1] + y[2]) / s, s / 4.0
    if out[0] * near[0] + out[1] * near[1] + out[2] * near[2] + out[3] * near[3] < 0.0:
        out *= -1.0


@kernel
def _pitched(q: Floats, angle: float, out: Floats) -> None:
    """q ⊗ turn(angle about z)."""
    c, s = np.cos(angle / 2.0), np.sin(angle / 2.0)
    out[0] = q[0] * c - q[3] * s
    out[1] = q[1] * c + q[2] * s
    out[2] = q[2] * c - q[1] * s
    out[3] = q[3] * c + q[0] * s


@kernel
def hip_to_ankle(
    body: Floats, foot: Floats, side: float, half_hips: float, vector: Floats
) -> float:
    """Write the vector from ankle to hip (m) into ``vector``; its length."""
    x, y, z = _rotate(body[10:14], 0.0, 0.0, side * half_hips)
    vector[0] = body[7] + x - foot[0]
    vector[1] = body[8] + y - foot[1]
    vector[2] = body[9] + z - foot[2]
    return float(np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2))


@kernel
def _place_leg(
    body: Floats,
    foot: Floats,
    side: float,
    half_hips: float,
    shape: Floats,
    line: Floats,
    axes: Floats,
    out: Floats,
    m: int,
) -> None:
    """Orientations of thigh, shank, foot and toes from the pelvis and the foot's place."""
    thigh, shank = shape[0], shape[1]
    pelvis = body[10:14]
    forward, up, right = axes[0], axes[1], axes[2]
    distance = hip_to_ankle(body, foot, side, half_hips, up)
    up /= distance
    # the knee bends about an axis halfway between the body's and the foot's
    middle = 0.5 * (body[4] + foot[5])
    right[0], right[1], right[2] = np.sin(middle), -np.cos(middle), 0.0
    right -= (right[0] * up[0] + right[1] * up[1]) * up
    right /= np.sqrt(right[0] ** 2 + right[1] ** 2 + right[2] ** 2)
    forward[0] = up[1] * right[2] - up[2] * right[1]
    forward[1] = up[2] * right[0] - up[0] * right[2]
    forward[2] = up[0] * right[1] - up[1] * right[0]
    _frame(forward, up, right, pelvis, line)
    # sin²(knee/2) from what the leg lacks to its full length
    lacking = (thigh + shank - distance) * (thigh + shank + distance)
    knee = 2.0 * np.arcsin(np.sqrt(max(lacking, 0.0) / (4.0 * thigh * shank)))
    advance = np.arctan2(shank * np.sin(knee), thigh + shank * np.cos(knee))
    _pitched(line, advance, out[0, m])
    _pitched(line, advance - knee, out[1, m])
    _standing(foot[5], foot[3], out[2, m])
    _standing(foot[5], foot[4], out[3, m])


@kernel
def _let_out(slope: float, curvature: float, u: float) -> float:
    """The quintic with that slope and curvature at 0 which is at rest in 0 from 1 on."""
    if u >= 1.0:
        return 0.0
    rest = (1.0 - u) ** 3
    return u * rest * (slope * (1.0 + 3.0 * u) + 0.5 * curvature * u)


@kernel
def _close_gap(u: float, gap: Floats, foot: Floats) -> None:
    """Add what separates the published swing from the footprints, at fraction u of the swing."""
    share = _smooth(u)
    leaving, reaching = u / LEAVING, (1.0 - u) / REACHING
    for i in range(FOOT):
        foot[i] += (1.0 - share) * gap[i] + share * gap[3 * FOOT + i]
        foot[i] += _let_out(gap[FOOT + i], gap[2 * FOOT + i], leaving)
        foot[i] += _let_out(gap[4 * FOOT + i], gap[5 * FOOT + i], reaching)


@kernel
def planted_reach(
    body: Floats, planted: Floats, side: float, half_hips: float, shape: Floats
) -> Floats:
    """Distance (M,) m from hip to ankle while the foot is on the footprint ``planted``."""
    reach, foot, vector = np.empty(len(body)), np.empty(FOOT), np.empty(3)
    for m in range(len(body)):
        _planted(body[m, 1], planted, shape, foot)
        reach[m] = hip_to_ankle(body[m], foot, side, half_hips, vector)
    return reach


@kernel
def stance_excess(
    body: Floats, side: float, half_hips: float, stances: Floats, shape: Floats
) -> Floats:
    """By how much (M,) m the pelvis is too high for the planted foot; 0 in swing.

    Stances count as a little longer, so that their ends are not missed between two samples.
    """
    excess, foot, vector = np.zeros(len(body)), np.empty(FOOT), np.empty(3)
    k = 0
    for m in range(len(body)):
        while k < len(stances) - 1 and stances[k + 1, 0] <= body[m, 1] + _MARGIN:
            k += 1
        if body[m, 1] > stances[k, 1] + _MARGIN:
            continue
        _planted(body[m, 1], stances[k], shape, foot)
        hip_to_ankle(body[m], foot, side, half_hips, vector)
        reach = _WALK_REACH + body[m, 3] * (_RUN_REACH - _WALK_REACH)
        height2 = (reach * (shape[0] + shape[1])) ** 2 - vector[0] ** 2 - vector[1] ** 2
        excess[m] = max(vector[2] - np.sqrt(max(height2, 0.0)), 0.0)
    return excess


@kernel
def _keep_within_reach(
    body: Floats, side: float, half_hips: float, free: float, full: float, foot: Floats
) -> None:
    """Draw a swinging foot towards the hip where the leg would be longer than ``free`` m.

    Three times differentiable, and never beyond ``full`` m.
    """
    vector = np.empty(3)
    distance = hip_to_ankle(body, foot, side, half_hips, vector)
    excess = (distance - free) / (full - free)
    if excess > 0.0:
        near = free + (full - free) * excess / (1.0 + excess**3) ** (1.0 / 3.0)
        for i in range(3):
            foot[i] += (1.0 - near / distance) * vector[i]


@kernel
def _keep_above_ground(u: float, shape: Floats, foot: Floats) -> None:
    """Lift a swinging foot whose heel, ball or toes come too near the ground; twice smooth."""
    sine, drop = np.sin(foot[3]), shape[2] * np.cos(foot[3])
    heel = foot[2] + shape[3] * sine - drop
    ball = foot[2] + shape[4] * sine - drop
    tip = ball + shape[5] * np.sin(foot[4])
    blur = _BLUR * (shape[0] + shape[1])
    nearest = np.exp(-heel / blur) + np.exp(-ball / blur) + np.exp(-tip / blur)
    low = _CLEARANCE * (shape[0] + shape[1]) + blur * np.log(nearest)
    if low > 0.0:
        lift = low**3 / (low**2 + blur**2)
        foot[2] += _smooth(u / _LIFTING) * _smooth((1.0 - u) / _LIFTING) * lift


@kernel
def solve_leg(
    body: Floats,
    side: float,
    half_hips: float,
    stances: Floats,
    swings: Floats,
    shape: Floats,
    curves: Floats,
    out: Floats,
) -> None:
    """Write the orientations of thigh, shank, foot and toes into ``out`` (4, M, 4).

    ``body`` (M, BODY); ``stances`` (K, 9) as in Stances; ``swings`` (K − 1, SWING): start
    and length in s of the swing after each stance; distance from hip to ankle (m) where the foot
    leaves the ground and where it reaches it again; then, at both, the gap to the published swing,
    its slope and its curvature.
    """
    foot, line, axes = np.empty(FOOT), np.empty(4), np.empty((3, 3))
    last, leg = len(stances) - 1, shape[0] + shape[1]
    k = 0
    for m in range(len(body)):
        while k < last and stances[k + 1, 0] <= body[m, 1]:
            k += 1
        if body[m, 1] <= stances[k, 1] or k == last:
            _planted(body[m, 1], stances[k], shape, foot)
        else:
            fraction = _swing_fraction(body[m, 1], stances[k], stances[k + 1])
            _published(body[m], fraction, side, shape, curves, foot)
            u = (body[m, 0] - swings[k, 0]) / swings[k, 1]
            _close_gap(u, swings[k, 4:], foot)
            _keep_above_ground(u, shape, foot)
            free = swings[k, 2] + _smooth(u) * (swings[k, 3] - swings[k, 2])
            _keep_within_reach(body[m], side, half_hips, free, _FULL_REACH * leg, foot)
        _place_leg(body[m], foot, side, half_hips, shape, line, axes, out, m)

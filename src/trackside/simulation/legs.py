"""The legs' motion: a foot that rolls over its planted footprint, a published swing between two
footprints, and the two-link leg between hip and ankle in closed form.

During stance the foot pivots on its heel, lies flat, pivots on its ball and rolls off over the tip
of its toes; the pivot does not move. During swing the ankle and the foot's pitch follow the
published curves, blended at both ends with the roll over the footprint that is left and the one
that is reached, so that position, velocity and acceleration are continuous. Hip, knee and ankle
angles then follow from the ankle's place.
"""

from typing import NamedTuple

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel
from trackside.simulation import gait_curves

FOOT_ROLL = (-0.15, 0.24, 1.30, 0.72)
"""Fractions of stance: the pitch of initial contact begins to fall, the foot is flat, the push
has run out (in swing), and the toes begin to roll."""

_LANDING, _FLAT, _PUSHED, _TOES = FOOT_ROLL
_LEAVE, _REACH = 0.45, 0.45  # of swing, over which a footprint is let go of and approached
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
    u: float,
    pitch: float,
    push: float,
    roll: float,
    heel_rise: float,
    thigh: float,
    shank: float,
    height: float,
    heel: float,
    ball: float,
    toes: float,
) -> tuple[float, float, float, float]:
    """Ankle ahead of and above the footprint (m), pitch of foot and toes (rad).

    ``u``: fraction of stance; what lies outside 0–1 continues the roll into swing.
    """
    rising = push / _smooth((1.0 - heel_rise) / (_PUSHED - heel_rise))
    foot = pitch * (1.0 - _smooth((u - _LANDING) / (_FLAT - _LANDING)))
    foot += rising * _smooth((u - heel_rise) / (_PUSHED - heel_rise))
    c, s = np.cos(foot), np.sin(foot)
    if foot > 0.0:
        return heel - heel * c - height * s, height * c - heel * s, foot, foot
    off = roll / _smooth((1.0 - _TOES) / (_PUSHED - _TOES))
    toe = off * _smooth((u - _TOES) / (_PUSHED - _TOES))
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
def blended_curves(speed: float, running: float, curves: Floats) -> Floats:
    """Fourier series (3, 1 + 2·HARMONICS) at that speed, linear between running and sprinting."""
    sprint = (speed - _RUN_SPEED) / (_SPRINT_SPEED - _RUN_SPEED)
    return (1.0 - running) * curves[0] + running * (
        (1.0 - sprint) * curves[1] + sprint * curves[2]
    )


@kernel
def _swing_angles(
    fraction: float, speed: float, running: float, curves: Floats
) -> tuple[float, float, float]:
    """Hip, knee and ankle angle at a fraction of swing."""
    sprint = (speed - _RUN_SPEED) / (_SPRINT_SPEED - _RUN_SPEED)
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
def solve_leg(
    phase: Floats,
    speed: Floats,
    running: Floats,
    heading: Floats,
    lean: Floats,
    pelvis: Floats,
    pelvis_orientation: Floats,
    width: Floats,
    side: float,
    half_hips: float,
    stances: Floats,
    shape: Floats,
    curves: Floats,
    out: Floats,
) -> None:
    """Orientations of thigh, shank, foot and toes, ``out`` (4, M, 4), of one leg.

    ``phase`` (M,): strides, non-decreasing where the foot moves; ``pelvis`` (M, 3) m and its
    orientation (M, 4); ``width`` (M,): step width in m; ``stances`` (K, 9) as in Stances.
    """
    thigh, shank, height = shape[0], shape[1], shape[2]
    heel, ball, toes = shape[3], shape[4], shape[5]
    line = np.empty(4)
    up, forward, right = np.empty(3), np.empty(3), np.empty(3)
    last = stances.shape[0] - 1
    k = 0
    for m in range(len(phase)):
        while k < last and stances[k + 1, 0] <= phase[m]:
            k += 1
        hip = _rotate(pelvis_orientation[m], 0.0, 0.0, side * half_hips)
        hx, hy, hz = pelvis[m, 0] + hip[0], pelvis[m, 1] + hip[1], pelvis[m, 2] + hip[2]

        contact, toe_off = stances[k, 0], stances[k, 1]
        u = (phase[m] - contact) / (toe_off - contact)
        ahead, above, foot, toe = ankle_over_footprint(
            u, stances[k, 5], stances[k, 6], stances[k, 7], stances[k, 8],
            thigh, shank, height, heel, ball, toes,
        )
        turn = stances[k, 4]
        ax = stances[k, 2] + ahead * np.cos(turn)
        ay = stances[k, 3] + ahead * np.sin(turn)
        az = above
        if u > 1.0 and k < last:
            next_contact = stances[k + 1, 0]
            swing = (phase[m] - toe_off) / (next_contact - toe_off)
            leave = 1.0 - _smooth(swing / _LEAVE)
            reach = _smooth((swing - 1.0 + _REACH) / _REACH)
            free = 1.0 - leave - reach
            hip_angle, knee_angle, ankle_angle = _swing_angles(
                swing, speed[m], running[m], curves
            )
            shin = hip_angle - knee_angle
            fx = thigh * np.sin(hip_angle) + shank * np.sin(shin)
            fz = -thigh * np.cos(hip_angle) - shank * np.cos(shin)
            aside = side * width[m] / 2.0
            # the leg hangs in the plane of the body, which leans in a bend
            ch, sh = np.cos(heading[m]), np.sin(heading[m])
            out_right = aside - fz * np.sin(lean[m])
            sx = pelvis[m, 0] + fx * ch + out_right * sh
            sy = pelvis[m, 1] + fx * sh - out_right * ch
            sz = hz + fz * np.cos(lean[m])
            u_next = (phase[m] - next_contact) / (stances[k + 1, 1] - next_contact)
            to_ahead, to_above, to_foot, to_toe = ankle_over_footprint(
                u_next, stances[k + 1, 5], stances[k + 1, 6], stances[k + 1, 7],
                stances[k + 1, 8], thigh, shank, height, heel, ball, toes,
            )
            turn_next = stances[k + 1, 4]
            nx = stances[k + 1, 2] + to_ahead * np.cos(turn_next)
            ny = stances[k + 1, 3] + to_ahead * np.sin(turn_next)
            ax = leave * ax + free * sx + reach * nx
            ay = leave * ay + free * sy + reach * ny
            az = leave * az + free * sz + reach * to_above
            free_pitch = shin + ankle_angle
            foot = leave * foot + free * free_pitch + reach * to_foot
            toe = leave * toe + free * free_pitch + reach * to_toe
            turn = leave * turn + free * heading[m] + reach * turn_next

        lx, ly, lz = hx - ax, hy - ay, hz - az
        distance2 = lx * lx + ly * ly + lz * lz
        distance = np.sqrt(distance2)
        up[0], up[1], up[2] = lx / distance, ly / distance, lz / distance
        # the knee bends about an axis halfway between the body's and the foot's
        middle = 0.5 * (heading[m] + turn)
        across = up[0] * np.sin(middle) - up[1] * np.cos(middle)
        right[0] = np.sin(middle) - across * up[0]
        right[1] = -np.cos(middle) - across * up[1]
        right[2] = -across * up[2]
        right /= np.sqrt(right[0] ** 2 + right[1] ** 2 + right[2] ** 2)
        forward[0] = up[1] * right[2] - up[2] * right[1]
        forward[1] = up[2] * right[0] - up[0] * right[2]
        forward[2] = up[0] * right[1] - up[1] * right[0]
        _frame(forward, up, right, pelvis_orientation[m], line)
        # sin²(knee/2) from what the leg lacks to full length
        lacking = (thigh + shank - distance) * (thigh + shank + distance)
        half = np.sqrt(max(lacking, 0.0) / (4.0 * thigh * shank))
        knee = 2.0 * np.arcsin(min(half, 1.0))
        advance = np.arctan2(shank * np.sin(knee), thigh + shank * np.cos(knee))
        _pitched(line, advance, out[0, m])
        _pitched(line, advance - knee, out[1, m])
        _standing(turn, foot, out[2, m])
        _standing(turn, toe, out[3, m])

"""Sensor-to-segment calibration from movement alone: no pose is held.

Somebody who walks or runs shows each sensor how it sits: where segments' long axes lie
(:mod:`trackside.kinematics.long_axes`), about which axes they turn
(:mod:`trackside.kinematics.axial_turns`), and that over strides straight ahead every segment faces
forward on average. Squats and movements of the arms
(:mod:`trackside.kinematics.functional_movements`) show what gait leaves open.

Each of these has a standard deviation. They are put together by least squares on small rotations,
and what comes out tells its own. The same way a static pose is refined by movement, see
:func:`refined`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, uniform_filter1d

from trackside.arrays import Booleans, Floats
from trackside.errors import CalibrationError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.axial_turns import HINGED, axial_turns
from trackside.kinematics.calibration import UP
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.facing import Facing, facings, groups_of
from trackside.kinematics.functional_movements import functional_movements, mean_vertical
from trackside.kinematics.long_axes import AxesSeen, expected_lean, long_axes, observed_axes
from trackside.kinematics.skeleton import STANDING_FACING_EAST
from trackside.kinematics.standing import find_moving

STRAIGHT = 3.0
"""s; so long the athlete goes straight ahead while all segments face forward on average."""
SETTLING = 1.0  # s at either end of a stretch of motion, of setting off and coming to rest
SHORTEST = 5.0  # s of motion without which nothing is calibrated
STRIDES = (0.5, 2.0)  # Hz; strides are neither slower nor faster
RUNNING = 1.2  # Hz; strides of running are more frequent
POSE_SD = np.deg2rad(np.array([2.5, 6.0, 5.0]))
"""How well people hold a static pose, rad about a segment's x, y and z: sideways, about its long
axis, and forwards."""


@dataclass(frozen=True)
class MovementCalibration:
    """How S sensors sit on their segments, as movement tells.

    ``mountings`` (S, 4) segment → sensor; ``sd`` (S, 3) rad, their standard deviations about the
    segment's x, y, z: sideways tilt, turn about the long axis, forward tilt. ``stretch`` in s: when
    the athlete went straight ahead; ``facing``: as then.
    """

    mountings: Floats
    sd: Floats
    stretch: tuple[float, float]
    facing: Facing


def calibrate_by_movement(
    motion: BodyMotion, north: bool, stretch: tuple[float, float] | None = None
) -> MovementCalibration:
    """Calibrate by walking or running, and what else is shown; ``north`` as in facings.

    ``stretch`` in s: when the athlete goes straight ahead; None to find it.

    Raises CalibrationError if nobody moves for SHORTEST seconds, or if nothing shows where forward
    is for a sensor: shanks, feet and segments between two other sensors do, and what is joined to
    them.
    """
    shown = functional_movements(motion)
    moving, straight = straight_ahead(motion, shown.moments)
    stretch = stretch or straight
    seen_moving = moving & motion.measured
    mean_up = np.stack([mean_vertical(motion, i, row) for i, row in enumerate(seen_moving)])
    rest = _rest(motion, stretch, mean_up)
    facing = facings(motion, rest, stretch, north)
    observed = observed_axes(motion, moving, shown, mean_up)
    seen = AxesSeen(motion.segments, mean_up, observed, _runs(motion, moving))
    planes = _planes(rest, facing.angles)
    for group in groups_of(facing.links, len(rest)):
        # with the mean for a rest nothing bends or leans, so facings could not tell the sign
        planes[group] *= _sign(motion, moving, seen, planes, group)
    upright, tilts = long_axes(seen, planes)
    rest = _rest(motion, stretch, upright)
    facing = facings(motion, rest, stretch, north)
    turned, turns = axial_turns(motion, rest, facing, moving, shown)
    standing = qt.multiply(qt.about_axis(UP, facing.angles + turned), STANDING_FACING_EAST)
    mountings = qt.multiply(qt.conjugate(rest), standing)
    sd = np.stack([tilts[:, 1], turns, tilts[:, 0]], axis=1)
    return MovementCalibration(mountings, sd, stretch, facing)


def refined(mountings: Floats, movement: MovementCalibration) -> tuple[Floats, Floats]:
    """Mountings (S, 4) of a static pose, turned towards movement's where that is surer.

    And their standard deviations (S, 3) rad, as in MovementCalibration. The mean of two small
    rotations, each with the weight of its inverse variance.
    """
    apart = qt.to_rotation_vector(qt.multiply(qt.conjugate(mountings), movement.mountings))
    share = POSE_SD**2 / (POSE_SD**2 + movement.sd**2)
    both = qt.multiply(mountings, qt.from_rotation_vector(share * apart))
    return both, np.sqrt(share) * movement.sd


def straight_ahead(motion: BodyMotion, otherwise: Booleans) -> tuple[Booleans, tuple[float, float]]:
    """When the athlete goes (N,), and start and end in s of the straightest stretch of that.

    ``otherwise`` (N,): when he moves otherwise, as in squats. Raises CalibrationError if nobody
    goes for long enough.
    """
    moving = np.zeros(len(motion.time), bool)
    for start, end in find_moving(motion):
        moving |= (motion.time > start + SETTLING) & (motion.time < end - SETTLING)
    rate, length = motion.rate, round(STRAIGHT * motion.rate)
    if otherwise.any():
        moving &= ~binary_dilation(otherwise, iterations=round(SETTLING * rate))
    if moving.sum() < SHORTEST * rate:
        raise CalibrationError(
            f"nobody walks or runs for {SHORTEST:g} s: movement alone does not tell how the "
            "sensors sit; hold a calibration pose instead, --by pose"
        )
    up = qt.to_matrix(motion.orientations)[:, :, 2]
    turning = np.mean(np.sum(up * motion.gyr, axis=-1), axis=0)
    heading = uniform_filter1d(np.cumsum(turning) / rate, max(1, round(rate)))
    firsts = np.arange(0, len(heading) - length, max(1, round(rate / 4)))
    windows = firsts[:, None] + np.arange(0, length, max(1, round(rate / 10)))
    bend = np.ptp(heading[windows], axis=1)
    bend[~moving[windows].all(axis=1)] = np.inf
    best = int(np.argmin(bend))
    if not np.isfinite(bend[best]):
        raise CalibrationError(
            f"nobody walks or runs for {STRAIGHT:g} s without a pause: hold a calibration pose "
            "instead, --by pose"
        )
    first = firsts[best]
    return moving, (float(motion.time[first]), float(motion.time[first + length]))


def _rest(motion: BodyMotion, stretch: tuple[float, float], upright: Floats) -> Floats:
    """Orientations (S, 4) that the sensors would have if the athlete stood instead of going on.

    The mean over a stretch in s, tilted until the long axes ``upright`` (S, 3) are vertical.
    """
    inside = (motion.time >= stretch[0]) & (motion.time <= stretch[1])
    mean = np.stack([qt.mean(q[inside]) for q in motion.orientations])
    leaning = qt.rotate(mean, upright)
    axis = np.cross(leaning, UP)
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.arctan2(sine, leaning[:, 2:])
    tilt = qt.from_rotation_vector(axis * angle / np.maximum(sine, 1e-12))
    return qt.multiply(tilt, mean)


def _planes(rest: Floats, angles: Floats) -> Floats:
    """Forwards and to the right (S, 2, 3) in the sensors' frames, by the facing (S,) rad."""
    forward = np.stack([np.cos(angles), np.sin(angles), 0.0 * angles], axis=1)
    axes = np.stack([forward, np.cross(forward, UP)], axis=1)
    return qt.rotate(qt.conjugate(rest)[:, None], axes)


def _sign(
    motion: BodyMotion, moving: Booleans, seen: AxesSeen, planes: Floats, group: list[int]
) -> float:
    """1 if forwards, of a group of sensors, is right, and −1 if it is backwards.

    Gravity's mean leans against the observed long axes as gait does. Or else: in walking shanks
    swing forwards faster than ever backwards; in running they lean forwards of their mean at
    initial contact, and so do feet.
    """
    score = 0.0
    for i in group:
        expected, sd = expected_lean(seen.segments[i], seen.runs)
        for axis, covariance in seen.observed[i]:
            variance = planes[i, 0] @ covariance @ planes[i, 0] + sd[0] ** 2
            score += expected[0] * float(planes[i, 0] @ (seen.mean_up[i] - axis)) / variance
    if score == 0.0:
        for i in group:
            if seen.segments[i].endswith(("shank", "foot")):
                if seen.runs:
                    score += _lean_at_impact(motion, i, moving, planes[i, 0])
                else:
                    score += float(np.mean((motion.gyr[i, moving] @ planes[i, 1]) ** 3))
    if score == 0.0:
        raise CalibrationError(
            f"nothing shows where forward is for {', '.join(seen.segments[i] for i in group)}: "
            "movement needs sensors on shanks or feet, and on what lies between them and the "
            "others; hold a calibration pose instead, --by pose"
        )
    return float(np.sign(score))


def _lean_at_impact(motion: BodyMotion, i: int, moving: Booleans, forward: Floats) -> float:
    """How far forwards of its mean a sensor leans when it is shaken, as a sine."""
    lean = qt.to_matrix(motion.orientations[i])[moving, 2] @ forward
    jerk = np.sum(np.gradient(motion.acc[i], axis=0)[moving] ** 2, axis=1)
    jerk = np.minimum(jerk, np.quantile(jerk, 0.98))  # of a single blow not more than of others
    return float(np.sum(jerk * (lean - lean.mean())) / np.sum(jerk))


def _runs(motion: BodyMotion, moving: Booleans) -> bool:
    """Whether legs swing as often as in running: the strongest frequency of how they lean."""
    legs = [i for i, segment in enumerate(motion.segments) if segment.endswith(HINGED)]
    power: Floats = np.zeros(0)
    for i in legs:
        up = qt.to_matrix(motion.orientations[i, moving])[:, 2]
        spectrum = np.fft.rfft(up - up.mean(axis=0), axis=0)
        power = np.sum(np.abs(spectrum) ** 2, axis=1) + (power if len(power) else 0.0)
    frequency = np.fft.rfftfreq(int(moving.sum()), 1.0 / motion.rate)
    inside = (frequency > STRIDES[0]) & (frequency < STRIDES[1])
    return bool(legs) and bool(frequency[inside][np.argmax(power[inside])] > RUNNING)

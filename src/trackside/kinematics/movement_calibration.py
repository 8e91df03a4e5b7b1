"""Sensor-to-segment calibration from movement alone: no pose is held.

Somebody who walks or runs shows each sensor how it sits:

- both joints of a limb segment are found by how they accelerate
  (:mod:`trackside.kinematics.joint_evidence`), and the line between them is its long axis. Movement
  about one axis leaves the joints' place along that axis open, so that the line is sure in the
  plane of movement only, as its covariance tells;
- gravity, on average over many strides, leans against a segment's long axis as published gait has
  it (``LEANS``), and feet are level whenever they rest on the ground;
- thighs, shanks and feet turn about the left-right axis, and forearms turn against upper arms about
  the elbow's: the main axis of the angular rate (of the relative one at the elbow: a hinge between
  two gyroscopes, Seel, Schauer & Raisch 2012);
- over strides straight ahead every segment faces forward on average.

Each of these has a standard deviation. They are put together by least squares on small rotations,
and what comes out tells its own. The same way a static pose is refined by movement, see
:func:`refined`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d

from trackside.arrays import Booleans, Floats
from trackside.errors import CalibrationError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.body_links import links_between
from trackside.kinematics.calibration import UP
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.contacts import still
from trackside.kinematics.facing import HINGE_SD, Facing, facings, groups_of, main_axis
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_evidence import JointEvidence, joint_evidence, pair_moments
from trackside.kinematics.skeleton import STANDING_FACING_EAST
from trackside.kinematics.standing import find_moving

STRAIGHT = 3.0
"""s; so long the athlete goes straight ahead while all segments face forward on average."""
SETTLING = 1.0  # s at either end of a stretch of motion, of setting off and coming to rest
SHORTEST = 5.0  # s of motion without which nothing is calibrated
LINE_SD = np.deg2rad(2.0)
"""How far the line between two joints lies off a segment's long axis at best, rad."""
ACROSS_SD = 0.04
"""m; how far one joint of a segment lies beside the other, along the axis about which it turns."""
FLAT_SD = np.deg2rad(3.0)
"""How level a foot is that rests on the ground, rad."""
AXIAL_SD = np.deg2rad(6.0)
"""How far a segment's mean heading over strides lies off the athlete's, rad."""
ARM_AXIAL_SD = np.deg2rad(25.0)
ELBOW_SD = np.deg2rad(8.0)
"""How far the main axis of an elbow lies off the left-right axis of the arm that hangs, rad."""
STRIDES = (0.5, 2.0)  # Hz; strides are neither slower nor faster
RUNNING = 1.2  # Hz; strides of running are more frequent
POSE_SD = np.deg2rad(np.array([2.5, 6.0, 5.0]))
"""How well people hold a static pose, rad about a segment's x, y and z: sideways, about its long
axis, and forwards."""

LEANS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "thigh": ((8, 6), (10, 6), (-3, 3)),
    "shank": ((-17, 6), (-30, 8), (-3, 3)),
    "foot": ((-14, 8), (-28, 10), (0, 5)),
    "toe": ((-14, 15), (-28, 15), (0, 10)),
    "shoulder": ((-2, 5), (-6, 6), (0, 5)),
    "upper_arm": ((-5, 8), (-20, 12), (4, 6)),
    "forearm": ((20, 12), (60, 20), (4, 20)),
    "hand": ((22, 15), (60, 25), (4, 25)),
    "head": ((-1, 6), (-3, 6), (0, 3)),
}
"""Mean lean of gravity against a segment and its deviation between people, in degrees: forwards in
walking, forwards in running, sideways. Forwards is the sense in which a thigh is lifted; sideways
that of abduction. Rounded from the curves of Fukuchi et al. 2017 and 2018 for thigh and shank
(``normative_curves.toml``), from Novacheck 1998 for the trunk and Hinrichs 1987 for the arms."""
_TRUNK = ((-2.0, 4.0), (-6.0, 4.0), (0.0, 2.0))
_HINGED = ("thigh", "shank", "foot")


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
    """Calibrate by walking or running; ``north`` as in facings.

    ``stretch`` in s: when the athlete goes straight ahead; None to find it.

    Raises CalibrationError if nobody moves for SHORTEST seconds, or if nothing shows where forward
    is for a sensor: shanks, feet and segments between two other sensors do, and what is joined to
    them.
    """
    moving, straight = straight_ahead(motion)
    stretch = stretch or straight
    mean_up = _mean_up(motion, moving)
    rest = _rest(motion, stretch, mean_up)
    facing = facings(motion, rest, stretch, north)
    seen = _Seen(motion.segments, mean_up, _observed(motion, moving), _runs(motion, moving))
    planes = _planes(rest, facing.angles)
    for group in groups_of(facing.links, len(rest)):
        # with the mean for a rest nothing bends or leans, so facings could not tell the sign
        planes[group] *= _sign(motion, moving, seen, planes, group)
    upright, tilts = _long_axes(seen, planes)
    rest = _rest(motion, stretch, upright)
    facing = facings(motion, rest, stretch, north)
    turned, turns = _turned(motion, rest, facing)
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


@dataclass(frozen=True)
class _Seen:
    """What movement shows of S sensors, in their frames.

    ``mean_up`` (S, 3): the vertical on average. ``observed``: directions (3,) of the long axis and
    their covariances (3, 3) rad². ``runs``: whether the athlete ran.
    """

    segments: tuple[str, ...]
    mean_up: Floats
    observed: list[list[tuple[Floats, Floats]]]
    runs: bool


def straight_ahead(motion: BodyMotion) -> tuple[Booleans, tuple[float, float]]:
    """When the athlete moves (N,), and start and end in s of the straightest stretch of that.

    Raises CalibrationError if that is never for long enough.
    """
    moving = np.zeros(len(motion.time), bool)
    for start, end in find_moving(motion):
        moving |= (motion.time > start + SETTLING) & (motion.time < end - SETTLING)
    rate, length = motion.rate, round(STRAIGHT * motion.rate)
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


def _mean_up(motion: BodyMotion, moving: Booleans) -> Floats:
    """Mean direction (S, 3) of the vertical in each sensor's frame."""
    seen = moving & motion.measured
    up = qt.to_matrix(motion.orientations)[:, :, 2]
    mean = np.sum(up * seen[:, :, None], axis=1)
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True))


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


def _observed(motion: BodyMotion, moving: Booleans) -> list[list[tuple[Floats, Floats]]]:
    lines: dict[str, tuple[Floats, Floats]] = {}
    if len(motion.segments) > 2:  # a line needs a neighbour at either end
        lines = joint_lines(motion.segments, joint_evidence(pair_moments(motion)))
    observed: list[list[tuple[Floats, Floats]]] = []
    for i, segment in enumerate(motion.segments):
        observed.append([])
        if segment in lines:
            line, covariance = _in_plane(*lines[segment], motion.gyr[i, moving])
            size = float(np.linalg.norm(line))
            observed[i].append((line / size, covariance / size**2 + LINE_SD**2 * np.eye(3)))
        flat = _level_foot(motion, i, moving) if segment.endswith("foot") else None
        if flat is not None:
            observed[i].append((flat, FLAT_SD**2 * np.eye(3)))
    return observed


def _in_plane(line: Floats, covariance: Floats, gyr: Floats) -> tuple[Floats, Floats]:
    """A line (3,) m and its covariance (3, 3) m², knowing that it is square to the main axis.

    About that one a segment turns most, and along it the joints' place is open.
    """
    axis = np.linalg.eigh(gyr.T @ gyr)[1][:, -1]
    gain = covariance @ axis / (axis @ covariance @ axis + ACROSS_SD**2)
    return line - gain * (axis @ line), covariance - np.outer(gain, covariance @ axis)


def _sign(
    motion: BodyMotion, moving: Booleans, seen: _Seen, planes: Floats, group: list[int]
) -> float:
    """1 if forwards, of a group of sensors, is right, and −1 if it is backwards.

    Gravity's mean leans against the observed long axes as gait does. Or else: in walking shanks
    swing forwards faster than ever backwards; in running they lean forwards of their mean at
    initial contact, and so do feet.
    """
    score = 0.0
    for i in group:
        expected, sd = _expected_lean(seen.segments[i], seen.runs)
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


def _long_axes(seen: _Seen, planes: Floats) -> tuple[Floats, Floats]:
    """Long axes (S, 3) in the sensors' frames, and deviations (S, 2) rad: forwards, sideways."""
    upright, deviations = np.empty_like(seen.mean_up), np.empty((len(planes), 2))
    for i, (segment, plane) in enumerate(zip(seen.segments, planes, strict=True)):
        lean, sd = _expected_lean(segment, seen.runs)
        information = np.diag(sd**-2.0)
        # where gravity's mean lies forwards of the long axis, that lies behind it
        vector = -information @ lean
        for axis, covariance in seen.observed[i]:
            told = np.linalg.inv(plane @ covariance @ plane.T)
            information = information + told
            vector = vector + told @ (plane @ axis)
        spread = np.linalg.inv(information)
        upright[i] = _beside(seen.mean_up[i], plane, spread @ vector)
        deviations[i] = np.sqrt(np.diag(spread))
    return upright, deviations


def _beside(axis: Floats, plane: Floats, coordinates: Floats) -> Floats:
    """The unit vector (3,) beside ``axis`` that has these coordinates (2,) in a plane (2, 3)."""
    normal = axis - plane.T @ (plane @ axis)
    normal /= np.linalg.norm(normal)
    size = min(float(np.linalg.norm(coordinates)), 0.99)
    return np.asarray(plane.T @ coordinates + normal * np.sqrt(1.0 - size**2))


def joint_lines(
    segments: tuple[str, ...], evidence: JointEvidence
) -> dict[str, tuple[Floats, Floats]]:
    """From distal to proximal joint (3,) m in the sensor's frame, and its covariance (3, 3) m².

    Of those segments whose sensor has a neighbour beyond either joint.
    """
    pairs = {
        (i, j): k for k, (i, j) in enumerate(zip(evidence.first, evidence.second, strict=True))
    }
    ends: dict[str, dict[str, tuple[Floats, Floats]]] = {}
    for link in links_between(segments):
        for own, other, end in (
            (link.child, link.parent, "upper"),
            (link.parent, link.child, "lower"),
        ):
            i, j = segments.index(own), segments.index(other)
            k, side = (pairs[i, j], 0) if (i, j) in pairs else (pairs[j, i], 1)
            found = evidence.arms[k, side], evidence.covariance[k, side]
            ends.setdefault(own, {})[end] = found
    return {
        segment: (both["upper"][0] - both["lower"][0], both["upper"][1] + both["lower"][1])
        for segment, both in ends.items()
        if len(both) == 2 and segment.endswith(("thigh", "shank", "upper_arm", "forearm"))
    }


def _expected_lean(segment: str, runs: bool) -> tuple[Floats, Floats]:
    """Lean of gravity against a segment, forwards and to the right, and its deviation, (2,) rad."""
    side, _, part = segment.partition("_")
    walking, running, sideways = LEANS.get(part or side, _TRUNK)
    forwards = running if runs else walking
    outwards = 1.0 if side == "right" else -1.0
    lean, sd = (forwards[0], outwards * sideways[0]), (forwards[1], sideways[1])
    return np.deg2rad(lean), np.deg2rad(sd)


def _level_foot(motion: BodyMotion, i: int, moving: Booleans) -> Floats | None:
    """Direction (3,) of the vertical in a foot's sensor while it rests; None if it never does."""
    resting = still(motion.rate, motion.gyr[i], motion.acc[i]) & motion.measured[i] & moving
    if resting.sum() < 0.05 * moving.sum():
        return None
    up = qt.to_matrix(motion.orientations[i, resting])[:, 2].mean(axis=0)
    return np.asarray(up / np.linalg.norm(up))


def _runs(motion: BodyMotion, moving: Booleans) -> bool:
    """Whether legs swing as often as in running: the strongest frequency of how they lean."""
    legs = [i for i, segment in enumerate(motion.segments) if segment.endswith(_HINGED)]
    power: Floats = np.zeros(0)
    for i in legs:
        up = qt.to_matrix(motion.orientations[i, moving])[:, 2]
        spectrum = np.fft.rfft(up - up.mean(axis=0), axis=0)
        power = np.sum(np.abs(spectrum) ** 2, axis=1) + (power if len(power) else 0.0)
    frequency = np.fft.rfftfreq(int(moving.sum()), 1.0 / motion.rate)
    inside = (frequency > STRIDES[0]) & (frequency < STRIDES[1])
    return bool(legs) and bool(frequency[inside][np.argmax(power[inside])] > RUNNING)


def _turned(motion: BodyMotion, rest: Floats, facing: Facing) -> tuple[Floats, Floats]:
    """How far each segment is turned about its long axis at rest, and its deviation, (S,) rad."""
    turned, sd = np.zeros(len(rest)), np.full(len(rest), AXIAL_SD)
    for i, segment in enumerate(motion.segments):
        if segment.endswith(("upper_arm", "forearm", "hand")):
            sd[i] = ARM_AXIAL_SD
        if segment.endswith(_HINGED):
            axis, spread = main_axis(motion.gyr[i], rest[i])
            _take(turned, sd, i, axis + np.pi / 2 - facing.angles[i], HINGE_SD + 0.5 * spread)
    for link in facing.links:
        names = motion.segments[link.parent], motion.segments[link.child]
        if [name.partition("_")[2] for name in names] == ["upper_arm", "forearm"]:
            for i, (axis, spread) in zip(
                (link.parent, link.child),
                _elbow_axes(motion, rest, facing, link.parent, link.child),
                strict=True,
            ):
                _take(turned, sd, i, axis + np.pi / 2 - facing.angles[i], ELBOW_SD + 0.5 * spread)
    for i, segment in enumerate(motion.segments):
        forearm = segment.replace("hand", "forearm")
        if segment.endswith("hand") and forearm in motion.segments:
            turned[i] = turned[motion.segments.index(forearm)]
    return turned, sd


def _take(turned: Floats, sd: Floats, i: int, told: float, spread: float) -> None:
    """Let an axis, known up to half a turn, tell how far segment i is turned."""
    if np.isfinite(spread):
        share = sd[i] ** 2 / (sd[i] ** 2 + spread**2)
        turned[i] = share * 0.5 * float(wrap(2.0 * told))
        sd[i] = np.sqrt(share) * spread


def _elbow_axes(
    motion: BodyMotion, rest: Floats, facing: Facing, upper: int, fore: int
) -> list[tuple[float, float]]:
    """Heading at rest of an elbow's main axis and its spread, rad, of upper arm and forearm."""
    heading = facing.angles + facing.drifts.T
    level = [qt.about_axis(UP, -heading[:, i]) for i in (upper, fore)]
    sensors = [
        qt.multiply(q, motion.orientations[i]) for q, i in zip(level, (upper, fore), strict=True)
    ]
    rates = [qt.rotate(q, motion.gyr[i]) for q, i in zip(sensors, (upper, fore), strict=True)]
    relative = rates[1] - rates[0]
    return [
        main_axis(qt.rotate(qt.conjugate(q), relative), rest[i])
        for q, i in zip(sensors, (upper, fore), strict=True)
    ]

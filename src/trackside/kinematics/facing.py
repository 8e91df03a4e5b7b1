"""Which way the athlete faces, in each sensor's own earth frame.

Three kinds of evidence, put together by least squares on the headings:

- neighbouring sensors agree on how their joint accelerates, see
  :mod:`trackside.kinematics.heading`, or share magnetic north;
- thighs, shanks and feet turn mostly about the axis from left to right when people walk and run, so
  the main axis of their angular rate is square to the forward direction;
- knees bend backwards and elbows forwards, feet go forward from rest to rest, thighs lean
  forward and shanks back on average, which tells forward from backward.

Shanks and feet of two legs move against each other, and much against the trunk. Without a sensor on
the thigh in between each leg finds its forward direction by itself.

With sensors on the trunk alone, forward is where the first steps after the pose lead, or getting up
after a pose of sitting.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP, StaticPose
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.contacts import still, stretches
from trackside.kinematics.heading import (
    RelativeHeading,
    joint_accelerations,
    relative_heading,
    smoothed,
    wrap,
)
from trackside.kinematics.leaning import leaning_score
from trackside.kinematics.skeleton import neighbours

MOVING = 1.0  # rad/s; slower turns say little about a hinge's axis
HINGE_SD = np.deg2rad(4.0)
"""How far the main axis of a leg segment lies off the left-right axis at best, rad."""
NORTH_SD = np.deg2rad(3.0)
"""How well two sensors with trusted magnetometers agree on north, rad."""
LONGEST_SWING = 1.5  # s, from rest to rest of a foot
SET_OFF = 1.0  # m/s²; a trunk accelerates more once the athlete sets off
UNKNOWN_SD = np.deg2rad(60.0)


@dataclass(frozen=True)
class Link:
    """Two neighbouring sensors, by index, and the heading of the child's frame in the parent's."""

    child: int
    parent: int
    heading: RelativeHeading


@dataclass(frozen=True)
class Facing:
    """The athlete's forward direction during the static pose, and how headings drift.

    ``angles`` (S,) rad: forward in each sensor's earth frame, counter-clockwise from its x axis.
    ``drifts`` (S, N) rad: how far each sensor's frame has turned since, relative to the first
    sensor's, on the motion's clock. ``covariance`` (S, S) rad² of the angles, without what all
    share.
    """

    angles: Floats
    drifts: Floats
    covariance: Floats
    links: tuple[Link, ...]

    @property
    def sd(self) -> Floats:
        """Standard deviation (S,) of the angles, rad."""
        return np.sqrt(np.diag(self.covariance))


def facings(
    motion: BodyMotion,
    rest: Floats,
    stretch: tuple[float, float],
    north: bool,
    pose: StaticPose = StaticPose.N,
) -> Facing:
    """Where forward is for each sensor of a motion.

    ``rest`` (S, 4): orientations while at rest in the static ``pose``, over ``stretch`` in s.
    ``north``: whether magnetometers have given all orientations a common heading zero.
    """
    links = tuple(heading_links(motion, north))
    moment = 0.5 * (stretch[0] + stretch[1])
    offsets = heading_offsets(links, len(motion.segments), motion.time)
    at_rest = np.array([np.interp(moment, motion.time, row) for row in offsets])
    angles, covariance = _solve(motion, rest, links, at_rest, moment)
    for group in groups_of(links, len(angles)):
        part = motion.of(group)
        if not _legs(part.segments):
            angles[group] = at_rest[group] + first_steps(part, stretch, pose)
        elif _backwards(part, rest[group], angles[group], pose):
            angles[group] += np.pi
    return Facing(wrap(angles), offsets - at_rest[:, None], covariance, links)


def main_axis(gyr: Floats, rest: Floats, slowest: float = MOVING) -> tuple[float, float]:
    """Heading of the main horizontal axis of rotation and its spread, both in rad.

    ``gyr`` (N, 3) in the sensor's frame, ``rest`` (4,) its orientation in the static pose. Of
    turns faster than ``slowest`` rad/s. The heading is known up to half a turn; the spread is
    infinite if the sensor hardly turned.
    """
    moving = gyr[np.linalg.norm(gyr, axis=1) > slowest]
    if len(moving) < 100:
        return 0.0, np.inf
    level = qt.rotate(rest, moving)[:, :2]
    spread, axes = np.linalg.eigh(level.T @ level / len(level))
    return float(np.arctan2(axes[1, 1], axes[0, 1])), float(
        np.sqrt(max(spread[0], 0.0) / spread[1])
    )


def bending_score(
    motion: BodyMotion, rest: Floats, angles: Floats, pose: StaticPose = StaticPose.N
) -> float:
    """Positive if knees bend backwards and elbows forwards with these facings, else negative.

    Knees that were bent at rest, in a sitting ``pose``, straighten from there.
    """
    every = slice(None, None, max(1, round(motion.rate / 10)))
    score = 0.0
    knees = 1.0 if pose is StaticPose.SIT else -1.0
    for part, parent, sign in (("shank", "thigh", knees), ("forearm", "upper_arm", 1.0)):
        for side in ("right", "left"):
            names = f"{side}_{part}", f"{side}_{parent}"
            if all(name in motion.segments for name in names):
                child, upper = (motion.segments.index(name) for name in names)
                bend = _bend(motion, rest, angles, child, upper, every)
                score += sign * float(np.sum(bend))
    return score


def _backwards(motion: BodyMotion, rest: Floats, angles: Floats, pose: StaticPose) -> bool:
    """Whether these facings are half a turn wrong, as far as knees, elbows or legs can tell."""
    score = bending_score(motion, rest, angles, pose) or advance_score(motion, angles)
    return (score or leaning_score(motion, rest, angles, pose)) < 0


def groups_of(links: tuple[Link, ...], count: int) -> list[list[int]]:
    """The sensors of a body, by index, in groups that are held together by links."""
    groups = {i: [i] for i in range(count)}
    for link in links:
        groups[link.parent].append(link.child)
        groups[link.child] = groups[link.parent]
    return [group for i, group in groups.items() if group[0] == i]


def advance_score(motion: BodyMotion, angles: Floats) -> float:
    """Way in m that feet go forward from one rest to the next, negative if backward."""
    score = 0.0
    for i in (i for i, name in enumerate(motion.segments) if name.endswith("foot")):
        resting = still(motion.rate, motion.gyr[i], motion.acc[i]) & motion.measured[i]
        ahead = np.array([np.cos(angles[i]), np.sin(angles[i])])
        forward = qt.rotate(motion.orientations[i], motion.acc[i])[:, :2] @ ahead
        for start, end in zip(*stretches(~resting), strict=True):
            if end - start < LONGEST_SWING * motion.rate:
                score += _way(forward[start:end]) / motion.rate**2
    return score


def _way(acceleration: Floats) -> float:
    """Way from rest to rest, in units of samples², whose end corrects the accelerometer."""
    speed = np.cumsum(acceleration)
    return float(np.sum(speed - speed[-1] * np.arange(1, len(speed) + 1) / len(speed)))


def first_steps(
    motion: BodyMotion, stretch: tuple[float, float], pose: StaticPose = StaticPose.N
) -> float:
    """Heading in rad, in the first sensor's frame, in which the athlete sets off.

    Who stood gains speed. Who gets up from sitting gains way, and comes to rest again.
    """
    acceleration = qt.rotate(motion.orientations[0], motion.acc[0])[:, :2]
    standing = (motion.time >= stretch[0]) & (motion.time <= stretch[1])
    acceleration -= acceleration[standing].mean(axis=0)
    after = motion.time > stretch[1]
    shaken = after & (np.linalg.norm(acceleration, axis=1) > SET_OFF)
    if not shaken.any():
        return 0.0
    start = motion.time[int(np.argmax(shaken))]
    first = (motion.time > start - 0.5) & (motion.time < start + 1.5)
    gained = acceleration[first].sum(axis=0)
    if pose is StaticPose.SIT:
        gained = np.cumsum(acceleration[first], axis=0).sum(axis=0)
    return float(np.arctan2(gained[1], gained[0]))


def _legs(segments: tuple[str, ...]) -> list[int]:
    return [i for i, name in enumerate(segments) if name.endswith(("thigh", "shank", "foot"))]


def _bend(
    motion: BodyMotion, rest: Floats, angles: Floats, child: int, parent: int, every: slice
) -> Floats:
    """Turn (N,) of child against parent about the athlete's left-to-right axis since rest, rad."""
    turned = []
    for i in (child, parent):
        level = qt.about_axis(UP, -angles[i])
        since_rest = qt.multiply(motion.orientations[i, every], qt.conjugate(rest[i]))
        turned.append(qt.multiply(qt.multiply(level, since_rest), qt.conjugate(level)))
    relative = qt.multiply(qt.conjugate(turned[1]), turned[0])
    return -qt.to_rotation_vector(relative)[:, 1]  # athlete faces x, so right is −y


def heading_links(motion: BodyMotion, north: bool) -> list[Link]:
    """The links between neighbouring sensors of a motion, by joints or by magnetic ``north``."""
    pairs = neighbours(motion.segments)
    if north:
        always = np.array([motion.time[0]])
        agreed = RelativeHeading(always, np.zeros(1), np.full(1, NORTH_SD))
        return [Link(child, parent, agreed) for child, parent in pairs]
    accounts: dict[int, Floats] = {}
    links = []
    for child, parent in pairs:
        if _strange(motion.segments[child], motion.segments[parent]):
            continue
        measured = relative_heading(motion.time, *_accounts(motion, child, parent, accounts))
        links.append(Link(child, parent, smoothed(measured)))
    return links


def _accounts(
    motion: BodyMotion, child: int, parent: int, accounts: dict[int, Floats]
) -> tuple[Floats, Floats]:
    """What both sensors say of their joint; ``accounts`` keeps what serves other joints too."""
    clear = motion.clear[child] & motion.clear[parent]
    if not clear.all():
        return joint_accelerations(motion, child, clear), joint_accelerations(motion, parent, clear)
    for i in (child, parent):
        if i not in accounts:
            accounts[i] = joint_accelerations(motion, i, clear)
    return accounts[child], accounts[parent]


def _strange(child: str, parent: str) -> bool:
    """Whether a knee and a hip lie between two sensors, so that hardly anything joins them."""
    side, _, part = child.partition("_")
    other_side, _, other = parent.partition("_")
    below = ("shank", "foot", "toe")
    same_leg = side == other_side and {part, other} <= {"thigh", *below}
    return (part in below or other in below) and not same_leg


def heading_offsets(links: Sequence[Link], count: int, time: Floats) -> Floats:
    """Heading (S, N) rad at which each sensor's frame sees what the first one sees at 0.

    Zero for sensors that no link leads to.
    """
    offsets = np.zeros((count, len(time)))
    for link in links:
        angle = np.interp(time, link.heading.time, link.heading.angle)
        offsets[link.child] = offsets[link.parent] - angle
    return offsets


def _solve(
    motion: BodyMotion, rest: Floats, links: tuple[Link, ...], offsets: Floats, moment: float
) -> tuple[Floats, Floats]:
    """Facing (S,) rad at rest and its covariance (S, S), from links and the axes of the legs."""
    axes = {i: main_axis(motion.gyr[i], rest[i]) for i in _legs(motion.segments)}
    axes = {i: axis for i, axis in axes.items() if np.isfinite(axis[1])}
    weights = {i: 1.0 / (HINGE_SD + 0.5 * spread) ** 2 for i, (_, spread) in axes.items()}
    forward = {i: heading + np.pi / 2 for i, (heading, _) in axes.items()}
    # all at once first: the axes are known up to half a turn, so their doubled angles are averaged
    doubled = sum(weights[i] * np.exp(2j * (forward[i] - offsets[i])) for i in axes)
    angles = offsets + 0.5 * float(np.angle(doubled))

    information = np.eye(len(angles)) / UNKNOWN_SD**2
    vector = np.zeros(len(angles))
    for link in links:
        sd = np.interp(moment, link.heading.time, link.heading.sd)
        edge = np.zeros(len(angles))
        edge[link.child], edge[link.parent] = 1.0, -1.0
        information += np.outer(edge, edge) / sd**2  # agrees with offsets: no residual
    for i in axes:
        information[i, i] += weights[i]
        vector[i] += weights[i] * 0.5 * wrap(2.0 * (forward[i] - angles[i]))
    covariance = np.linalg.inv(information)
    return angles + covariance @ vector, covariance

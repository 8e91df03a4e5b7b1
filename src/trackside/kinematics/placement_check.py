"""Whether sensors sit on the segments that they are said to sit on.

Every link between neighbouring sensors is tested for every pair of sensors that could make it, by
what :mod:`trackside.kinematics.joint_evidence` found: how far both disagree about the joint's
acceleration, and whether the arms to the joint point where the body has it (a knee lies below the
sensor on the thigh and above that on the shank; the right hip lies to the right of the pelvis).
Sensors farther apart tell less of what lies between them, but something; and each sensor shows by
itself what it sits on (:mod:`trackside.kinematics.segment_traits`). The stated placement is then
compared with those that come of exchanging two sensors, or the sensors of both legs or arms; one
that fits far better is reported. That is the assignment problem of Graurock, Schauer & Seel 2016
and Zimmermann, Taetz & Bleser 2018 without any training data.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import CalibrationError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.body_links import Link, far_links, links_between
from trackside.kinematics.calibration import (
    UP,
    StaticPose,
    rest_orientations,
    segment_in_pose,
)
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.facing import main_axis
from trackside.kinematics.heading import wrap
from trackside.kinematics.joint_evidence import (
    JointEvidence,
    PairMoments,
    joint_evidence,
    pair_moments,
)
from trackside.kinematics.leaning import leaning, leaning_signs
from trackside.kinematics.segment_traits import (
    SegmentTraits,
    level_costs,
    segment_traits,
    swing_cost,
)
from trackside.kinematics.skeleton import (
    INDEX,
    PARENTS,
    STANDING_FACING_EAST,
    Skeleton,
    skeleton_for,
)
from trackside.kinematics.standing import find_standing
from trackside.recordings.placements import SIDES

DISAGREEMENT_FLOOR = 0.3  # m/s²; below it soft tissue hides who is a neighbour
DISAGREEMENT_WEIGHT = 2.0
"""How often the logarithm of the disagreement's square counts."""
ACROSS_SD = 0.05  # m; how far a sensor sits beside the place that is assumed for it
ALONG_SD = 0.2  # of the segment's length; how far up or down it may sit
DEGREES_OF_FREEDOM = 4.0
"""Of Student's t by which arms are judged: one odd arm must not outweigh everything else."""
FAR_WEIGHT = 0.5
"""How much a link counts that spans more than bending segments."""
CLEARLY = 5.0
"""Difference of log-likelihood by which another placement must fit better to be reported."""
FURTHER_PAIR = 1.0
"""By so much an exchange must fit better for each further pair that it takes."""
CLEAR_HEADING = 4.5
"""Contrast from which on a heading between two sensors is relied upon."""
SET_OFF = 1.0  # m/s²; all sensors accelerate more once the athlete has set off
SET_OFF_SPEED = 0.7  # m/s, gained soon after
LEANING = 0.3  # rad; speed and leaning, in these units, tell where forward is if they make 1
LONGEST = 600.0  # s of a session that are looked at
ENOUGH_MOVEMENT = 0.5  # m/s²; RMS acceleration below which nothing can be told
_LEGS = ("thigh", "shank", "foot")
_ARMS = ("shoulder", "upper_arm", "forearm", "hand")


@dataclass(frozen=True)
class Misplacement:
    """A sensor said to sit on ``segment`` that far better fits ``really``.

    ``certainty``: log-likelihood ratio of the exchange that it is part of.
    """

    segment: str
    really: str
    certainty: float


@dataclass(frozen=True)
class PlacementCheck:
    """What can be said of a placement.

    ``misplaced``: sensors on another segment than stated. ``checked``: segments whose sensor fits
    there clearly better than exchanged with any other one; ``unchecked``: those that another sensor
    would fit nearly as well, or all if nobody moved.
    """

    misplaced: tuple[Misplacement, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]


@dataclass(frozen=True)
class _Body:
    """Whose body it is, the static pose it held, and when, in s; None if that must be found."""

    skeleton: Skeleton
    pose: StaticPose
    stretch: tuple[float, float] | None


def check_placement(
    motion: BodyMotion,
    stretch: tuple[float, float] | None = None,
    skeleton: Skeleton | None = None,
    pose: StaticPose = StaticPose.N,
) -> PlacementCheck:
    """Compare the stated placement of a motion's sensors with its alternatives.

    ``stretch`` in s: when the athlete held the static ``pose``; None to find it, and to do without
    where nobody stands still. ``skeleton``: the athlete's; None for one of medium height.
    """
    if len(motion.segments) < 2:
        return PlacementCheck((), (), motion.segments)
    motion = motion.until(motion.time[0] + LONGEST)
    pairs = pair_moments(motion)
    if np.median(pairs.movement) < ENOUGH_MOVEMENT:
        return PlacementCheck((), (), motion.segments)
    body = _Body(skeleton or skeleton_for(), pose, stretch)
    worn, certainty, told = _rearranged(motion, pairs, body)
    misplaced = tuple(
        Misplacement(motion.segments[sensor], segment, float(certainty[sensor]))
        for segment, sensor in zip(motion.segments, worn, strict=True)
        if motion.segments[sensor] != segment
    )
    checked = tuple(motion.segments[place] for place in np.flatnonzero(told))
    unchecked = tuple(motion.segments[place] for place in np.flatnonzero(~told))
    return PlacementCheck(misplaced, checked, unchecked)


@dataclass(frozen=True)
class _Evidence:
    """What speaks against any sensor on any of S segments, as negative log-likelihoods.

    ``ends`` (L, 2): both ends of each link, by index; ``joints`` (L, S, S): of all sensors as
    these ends; ``levels`` (S, S): of each sensor (column) on each segment by itself.
    """

    segments: tuple[str, ...]
    ends: Integers
    joints: Floats
    levels: Floats
    traits: SegmentTraits | None

    def against(self, worn: Integers) -> float:
        """All that speaks against the sensors ``worn`` (S,) on the segments."""
        every, places = np.arange(len(self.ends)), np.arange(len(self.segments))
        links = self.joints[every, worn[self.ends[:, 0]], worn[self.ends[:, 1]]].sum()
        swing = swing_cost(self.traits, self.segments, worn) if self.traits else 0.0
        return float(links + self.levels[places, worn].sum()) + swing


def _rearranged(
    motion: BodyMotion, pairs: PairMoments, body: _Body
) -> tuple[Integers, Floats, Booleans]:
    """Which sensor (S,) fits on each segment, and the certainty (S,) of each sensor's move.

    And whether (S,) each segment's sensor is there clearly better than any other one. The best
    exchange is made, then the next best as things then are, until none is clearly better. Where
    forward is depends on which sensors are on the legs, so it is found anew each time.
    """
    segments = motion.segments
    near, far = links_between(segments), far_links(segments)
    links = near + far
    weights = np.repeat([1.0, FAR_WEIGHT], [len(near), len(far)])[:, None, None]
    ends = np.array([[segments.index(k.parent), segments.index(k.child)] for k in links])
    traits = segment_traits(motion, _at_rest(motion, body))
    levels = level_costs(traits, segments) if traits else np.zeros((len(segments),) * 2)
    alternatives = list(_alternatives(segments))
    further = FURTHER_PAIR * np.array([len(exchange) - 1 for exchange in alternatives])
    joints = joint_evidence(pairs)
    worn: Integers = np.arange(len(segments))
    certainty = np.zeros(len(segments))
    seen: set[tuple[int, ...]] = set()
    while True:
        seen.add(tuple(worn))
        names = tuple(segments[place] for place in np.argsort(worn))
        costs = _costs(replace(motion, segments=names), pairs, joints, links, body)
        evidence = _Evidence(segments, ends, weights * costs, levels, traits)
        gains = _gains(evidence, worn, alternatives)
        best = int(np.argmax(gains - further))
        after = _exchanged(segments, worn, alternatives[best])
        if gains[best] < CLEARLY or tuple(after) in seen:
            break
        certainty[worn[after != worn]] = gains[best]
        worn = after
    told = np.ones(len(segments), bool)
    for gain, exchange in zip(gains, alternatives, strict=True):
        if gain > -CLEARLY and len(exchange) == 1:
            told[[segments.index(segment) for segment in exchange[0]]] = False
    return worn, certainty, told


def _alternatives(segments: tuple[str, ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Exchanges to try: any two sensors, and whole legs, arms or both, left for right."""
    for pair in combinations(segments, 2):
        yield (pair,)
    for parts in (_LEGS, _ARMS, _LEGS + _ARMS):
        pairs = [tuple(f"{side}_{part}" for side in SIDES) for part in parts]
        worn = tuple((a, b) for a, b in pairs if a in segments and b in segments)
        if len(worn) > 1:
            yield worn


def _exchanged(
    segments: tuple[str, ...], worn: Integers, pairs: tuple[tuple[str, str], ...]
) -> Integers:
    after = worn.copy()
    for a, b in pairs:
        i, j = segments.index(a), segments.index(b)
        after[i], after[j] = after[j], after[i]
    return after


def _gains(
    evidence: _Evidence, worn: Integers, alternatives: list[tuple[tuple[str, str], ...]]
) -> Floats:
    """By how much less (A,) speaks against each alternative."""
    now = evidence.against(worn)
    return np.array(
        [
            now - evidence.against(_exchanged(evidence.segments, worn, pairs))
            for pairs in alternatives
        ]
    )


def _costs(
    motion: BodyMotion,
    pairs: PairMoments,
    evidence: JointEvidence,
    links: list[Link],
    body: _Body,
) -> Floats:
    """Costs (L, S, S), negative log-likelihoods, of all sensors as all links' ends."""
    count = len(motion.segments)
    apart = np.full((count, count), np.inf)
    square = np.log(evidence.disagreement**2 + DISAGREEMENT_FLOOR**2)
    apart[evidence.first, evidence.second] = apart[evidence.second, evidence.first] = square
    costs = np.repeat(DISAGREEMENT_WEIGHT * apart[None], len(links), axis=0)
    stood = _at_rest(motion, body)
    if stood is None:
        return costs
    arms = _arms_at_rest(motion, pairs, evidence, body.pose, stood)
    for row, link in enumerate(links):
        for end in (0, 1):
            # an arm of the parent belongs to the pair's first index, one of the child to its second
            vectors, covariance = arms if end == 0 else tuple(np.swapaxes(a, 0, 1) for a in arms)
            expected, spread = _expected_arm(link, end, body.skeleton)
            turn = _to_segment(link.parent if end == 0 else link.child, body.pose)
            own = turn @ covariance @ turn.T
            costs[row] += _unlikeliness(vectors @ turn.T - expected, own + np.diag(spread**2))
    return costs


def _to_segment(segment: str, pose: StaticPose) -> Floats:
    """Matrix (3, 3) from the frame of a body in the neutral pose to a segment's in another one."""
    posed = segment_in_pose(segment, pose)
    return qt.to_matrix(qt.multiply(qt.conjugate(posed), STANDING_FACING_EAST))


def _at_rest(motion: BodyMotion, body: _Body) -> tuple[float, float] | None:
    try:
        return body.stretch or find_standing(motion, body.pose)
    except CalibrationError:
        return None


def _arms_at_rest(
    motion: BodyMotion,
    pairs: PairMoments,
    evidence: JointEvidence,
    pose: StaticPose,
    stood: tuple[float, float],
) -> tuple[Floats, Floats]:
    """Arms (S, S, 3) m and covariances (S, S, 3, 3): from sensor i to its joint with sensor j.

    Seen as the athlete holds the pose: x forward, y up, z right.
    """
    count = len(motion.segments)
    rest = rest_orientations(motion, *stood)
    forward, known = _forward(motion, evidence, stood, rest, pose)
    vague = evidence.contrast < CLEAR_HEADING
    settled = vague & known[evidence.first] & known[evidence.second]
    if settled.any():
        # what the first sees at its forward direction, the second sees at its own
        expected = wrap(forward[evidence.second] - forward[evidence.first])
        evidence = joint_evidence(pairs, np.where(settled, expected, np.nan))
        vague &= ~settled
    level = qt.about_axis(UP, -forward)
    to_body = qt.to_matrix(qt.multiply(qt.multiply(_TO_BODY, level), rest))
    arms = np.zeros((count, count, 3))
    spread = np.tile(np.eye(3), (count, count, 1, 1))
    for own, other, end in (
        (evidence.first, evidence.second, 0),
        (evidence.second, evidence.first, 1),
    ):
        turn = to_body[own]
        arms[own, other] = np.einsum("pij,pj->pi", turn, evidence.arms[:, end])
        spread[own, other] = turn @ evidence.covariance[:, end] @ np.swapaxes(turn, 1, 2)
    unsure = ~known
    loose = np.diag([1.0, 0.0, 1.0])
    spread[unsure] += loose
    spread[evidence.first[vague], evidence.second[vague]] += loose
    spread[evidence.second[vague], evidence.first[vague]] += loose
    return arms, spread


_TO_BODY = qt.conjugate(STANDING_FACING_EAST)


def _forward(
    motion: BodyMotion,
    evidence: JointEvidence,
    stood: tuple[float, float],
    rest: Floats,
    pose: StaticPose,
) -> tuple[Floats, Booleans]:
    """Where forward is in each sensor's earth frame (S,) rad, and for which (S,) it is known.

    Headings are handed on between sensors that agree on them clearly, whatever segments they are
    said to sit on. Each group that so hangs together learns where forward is from its sensors on
    legs, or else from where it sets off to and which way its arms lean.
    """
    offsets, groups = _common_headings(evidence, len(motion.segments))
    forward, known = offsets.copy(), np.zeros(len(offsets), bool)
    gained = _speed_gained(motion, stood) * np.exp(-1j * offsets)
    leans = leaning(motion, rest) @ np.array([1.0, 1j]) * np.exp(-1j * offsets)
    leans *= leaning_signs(motion.segments, pose)
    legs = np.array([segment.endswith(_LEGS) for segment in motion.segments])
    trunk = ~np.array([segment.endswith(_LEGS + _ARMS) for segment in motion.segments])
    for group in np.unique(groups):
        members = groups == group
        axis = _level_axis(motion, rest, offsets, np.flatnonzero(members & legs))
        steady = members & trunk if np.any(members & trunk) else members
        led = np.mean(gained[steady]) / SET_OFF_SPEED + np.sum(leans[members]) / LEANING
        if axis is not None:
            backward = np.real(np.sum(leans[members]) * np.exp(-1j * axis)) < 0
            forward[members] += axis + np.pi * backward
            known[members] = True
        else:
            forward[members] += np.angle(led)
            known[members] = abs(led) > 1.0
    return wrap(forward), known


def _level_axis(motion: BodyMotion, rest: Floats, offsets: Floats, legs: Integers) -> float | None:
    """Forward or backward in rad in the common frame of some legs; None if they hardly turned."""
    doubled = 0.0 + 0.0j
    for i in legs:
        axis, spread = main_axis(motion.gyr[i], rest[i])
        if np.isfinite(spread):
            doubled += np.exp(2j * (axis + np.pi / 2 - offsets[i])) / (0.05 + spread) ** 2
    return None if doubled == 0 else 0.5 * float(np.angle(doubled))


def _speed_gained(motion: BodyMotion, stood: tuple[float, float]) -> Floats:
    """Horizontal speed (S,) m/s, complex, that each sensor has soon after setting off."""
    acceleration = qt.rotate(motion.orientations, motion.acc)[..., :2]
    standing = (motion.time >= stood[0]) & (motion.time <= stood[1])
    acceleration = acceleration - acceleration[:, standing].mean(axis=1, keepdims=True)
    strong = np.linalg.norm(acceleration, axis=-1).min(axis=0) > SET_OFF
    strong &= motion.time > stood[1]
    if not strong.any():
        return np.zeros(len(acceleration), complex)
    start = motion.time[int(np.argmax(strong))]
    inside = (motion.time > start - 1.0) & (motion.time < start + 2.0)
    return acceleration[:, inside].sum(axis=1) @ np.array([1.0, 1j]) / motion.rate


def _common_headings(evidence: JointEvidence, count: int) -> tuple[Floats, Integers]:
    """Heading (S,) rad at which each sensor sees what the first of its group sees at 0.

    And the groups (S,). The clearest headings are taken first, as in a spanning tree (Kruskal
    1956).
    """
    turn = np.angle(np.sum(evidence.lever * np.exp(1j * evidence.heading), axis=1))
    offsets, groups = np.zeros(count), np.arange(count)
    for row in np.argsort(-evidence.contrast):
        i, j = int(evidence.first[row]), int(evidence.second[row])
        if evidence.contrast[row] < CLEAR_HEADING:
            break
        if groups[i] != groups[j]:
            # what i sees at h, j sees at h + turn
            joining = groups == groups[j]
            offsets[joining] += offsets[i] + turn[row] - offsets[j]
            groups[joining] = groups[i]
    return offsets, groups


def _expected_arm(link: Link, end: int, skeleton: Skeleton) -> tuple[Floats, Floats]:
    """Arm (3,) m from sensor to joint in the neutral pose, and its standard deviation (3,) m."""
    places = np.array([_origin(joint, skeleton) for joint in link.joints])
    joint, between = places.mean(axis=0), np.ptp(places, axis=0) / 2
    segment = link.parent if end == 0 else link.child
    axis = np.abs(skeleton.ends[INDEX[segment]])
    sensor = _origin(segment, skeleton) + _sensor_place(segment, skeleton)
    return joint - sensor, ACROSS_SD + ALONG_SD * axis + between


def _origin(segment: str | None, skeleton: Skeleton) -> Floats:
    """Where a segment's proximal joint is in the neutral pose, from the pelvis' (3,) m."""
    if segment is None or PARENTS[segment] is None:
        return np.zeros(3)
    return skeleton.offsets[INDEX[segment]] + _origin(PARENTS[segment], skeleton)


def _sensor_place(segment: str, skeleton: Skeleton) -> Floats:
    """Where a sensor is assumed to sit on its segment, (3,) m: halfway, on the skin."""
    middle = 0.5 * skeleton.ends[INDEX[segment]]
    if segment.endswith(("foot", "toe")):
        return middle + np.array([0.0, 0.05, 0.0])
    if segment.startswith(SIDES):
        return middle + np.array([0.0, 0.0, 0.05 if segment.startswith("right") else -0.05])
    return middle - np.array([0.1, 0.0, 0.0])


def _unlikeliness(difference: Floats, covariance: Floats) -> Floats:
    """Negative log-density, up to a constant, of Student's t for vectors (..., 3)."""
    distance = np.einsum(
        "...i,...i", difference, np.linalg.solve(covariance, difference[..., None])[..., 0]
    )
    tail = 0.5 * (DEGREES_OF_FREEDOM + 3) * np.log1p(distance / DEGREES_OF_FREEDOM)
    return tail + 0.5 * np.linalg.slogdet(covariance)[1]

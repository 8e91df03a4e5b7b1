"""What every pair of sensors would share if a joint lay between them.

Two sensors on neighbouring segments see the same joint accelerate (see
:mod:`trackside.kinematics.heading`), so arms to that joint and a turn about the vertical exist
under which both accounts agree. Two sensors that are no neighbours disagree, or agree only with
arms that no body has. Here arms, turn and disagreement are found for all pairs at once, whatever
segments the sensors are said to sit on: least squares on accelerations (Seel, Schauer & Raisch
2012; Crabolu et al. 2016), with the headings in closed form.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.heading import ARM_PRIOR, BAND, joint_accelerations
from trackside.kinematics.joint_agreement import (
    ROUNDS,
    SETTLED,
    WINDOW,
    best_angles,
    disagreement,
    few_together,
    residuals,
    with_one,
)

MODEL_SD = 0.5
"""m/s²; what soft tissue adds to the disagreement about a joint even of good neighbours."""
INDEPENDENT = 2.0
"""Hz; how many independent errors a second holds: soft tissue errs alike within half a step."""
REPEATED = 20.0
"""s; after so long soft tissue errs as it did before: strides repeat, and so do their errors."""
REACH = np.deg2rad(60.0)
"""rad; how far a heading may lie from where it is expected."""
_SAMPLING = 5.0  # of BAND: the low-passed accelerations need no higher rate
_TRIED = np.deg2rad(np.arange(0.0, 360.0, 6.0))


@dataclass(frozen=True)
class JointEvidence:
    """What P = S (S − 1) / 2 pairs of sensors say of a joint between them.

    ``first``, ``second`` (P,): sensors by index. ``disagreement`` (P,) m/s²: RMS difference of both
    accounts of the joint's acceleration. ``arms`` (P, 2, 3) m from first and second sensor to the
    joint, each in its sensor's frame; ``covariance`` (P, 2, 3, 3) m². ``heading`` (P, W) rad:
    turning the first sensor's earth frame by it about the vertical makes it agree with the
    second's, for each of W windows with centres ``time`` (W,) s; ``lever`` (P, W) says how much
    weight it carries. ``contrast`` (P,): by what factor the squared disagreement is larger with
    headings more than a quarter turn off; near 1 the heading may be wrong by half a turn.
    ``movement`` (S,) m/s²: RMS acceleration of each sensor.
    """

    first: Integers
    second: Integers
    disagreement: Floats
    arms: Floats
    covariance: Floats
    time: Floats
    heading: Floats
    lever: Floats
    contrast: Floats


@dataclass(frozen=True)
class PairMoments:
    """All that is needed of a motion: ``moments`` (P, W, 4, 7, 7) of each pair and window.

    ``first``, ``second``, ``time`` and ``movement`` as in JointEvidence; ``samples``: of all
    windows together, ``alike`` of which err alike.
    """

    first: Integers
    second: Integers
    time: Floats
    moments: Floats
    samples: int
    alike: float
    movement: Floats


def pair_moments(motion: BodyMotion) -> PairMoments:
    """The moments of all pairs of a motion's sensors; samples not measured are left out."""
    step = max(1, int(motion.rate / (_SAMPLING * BAND)))
    clear: Booleans = np.logical_and.reduce(motion.clear)
    accounts = [joint_accelerations(motion, i, clear)[::step] for i in range(len(motion.segments))]
    stacked = np.concatenate(accounts, axis=2)
    stacked[~motion.measured[:, ::step].all(axis=0)] = 0.0
    seconds = len(stacked) * step / motion.rate
    windows = np.array_split(np.arange(len(stacked)), max(1, round(seconds / WINDOW)))
    pairs = np.array(list(combinations(range(len(accounts)), 2)), int).reshape(-1, 2)
    moments = np.stack([_moments(stacked[w], pairs) for w in windows], axis=1)
    time = motion.time[::step]
    return PairMoments(
        pairs[:, 0],
        pairs[:, 1],
        np.array([time[w].mean() for w in windows]),
        moments,
        len(stacked),
        len(stacked) / (INDEPENDENT * min(seconds, REPEATED)),
        np.array([np.sqrt(np.mean(np.sum(a[:, :, 0] ** 2, axis=1))) for a in accounts]),
    )


def joint_evidence(pairs: PairMoments, near: Floats | None = None) -> JointEvidence:
    """The evidence of all pairs, whatever their headings, or with headings near given ones.

    ``near`` (P,) rad; NaN where nothing is known of it.
    """
    near = np.full(len(pairs.first), np.nan) if near is None else near
    arms, common, contrast = _first_arms(pairs, near)
    for _ in range(ROUNDS):
        before = arms
        angle, lever = _angles_near(pairs.moments, arms, common, near)
        square, form = _weighted(pairs, arms, angle)
        arms = _solve_arms(form, pairs.alike)
        if np.abs(arms - before).max() < SETTLED:
            break
    return JointEvidence(
        pairs.first,
        pairs.second,
        np.sqrt(np.maximum(square, 0.0)),
        arms.reshape(-1, 2, 3),
        _covariance(form, square, pairs.alike),
        pairs.time,
        angle,
        lever,
        contrast,
    )


def _weighted(pairs: PairMoments, arms: Floats, angle: Floats) -> tuple[Floats, Floats]:
    """Mean squared disagreement (P,) and forms (P, 7, 7) of all windows, odd ones counting less.

    Where a heading jumps within a window, as it may over a gap, no angle suits it. A window that
    agrees worse than most has a variance of its own, the inverse of which is its weight.
    """
    windows = residuals(pairs.moments, arms, angle) * len(pairs.time) / pairs.samples
    usual = np.maximum(np.median(windows, axis=1, keepdims=True), MODEL_SD**2)
    weight = usual / np.maximum(windows, usual)
    form = np.einsum("pw,pwij->pij", weight, disagreement(pairs.moments, angle))
    return np.average(windows, axis=1, weights=weight), form


def _angles_near(
    moments: Floats, arms: Floats, common: Floats, near: Floats
) -> tuple[Floats, Floats]:
    """The best angles (P, W) given the arms (P, 6), and their levers.

    Angles that stray from where they are known to be near are taken as the ``common`` ones (P,).
    """
    angle, lever = best_angles(moments, arms)
    strayed = np.cos(angle - near[:, None]) < np.cos(REACH)
    return np.where(strayed, common[:, None], angle), lever


def _first_arms(pairs: PairMoments, near: Floats) -> tuple[Floats, Floats, Floats]:
    """Arms (P, 6) to begin with: the best for all windows of those that suit a few in a row.

    And the angle (P,) common to those few, and its contrast (P,).
    """
    every = np.arange(len(pairs.first))
    found = []
    for few in np.moveaxis(few_together(pairs.moments), 1, 0):
        common, contrast = _best_common_angles(few, near)
        arms = _solve_arms(disagreement(few, common), pairs.alike)
        angle, _ = _angles_near(pairs.moments, arms, common, near)
        misfit = residuals(pairs.moments, arms, angle).sum(axis=1)
        found.append((misfit, arms, common, contrast))
    misfits, arms, common, contrast = (np.stack(each) for each in zip(*found, strict=True))
    best = misfits.argmin(axis=0)
    return arms[best, every], common[best, every], contrast[best, every]


def _moments(stacked: Floats, pairs: Integers) -> Floats:
    """The moments (P, 4, 7, 7) of one window for all pairs.

    ``stacked`` (n, 3, 4 S): the accounts of all sensors side by side. Everything that a pair needs
    is cut out of products of all columns with all.
    """
    x, y, z = np.moveaxis(stacked, 1, 0)
    level, crossed, upright = x.T @ x + y.T @ y, x.T @ y - y.T @ x, z.T @ z
    own, c, s, up = np.zeros((4, len(pairs), 7, 7))
    # x = (1, arm of the first, arm of the second)
    places = (np.array([0, 1, 2, 3]), np.array([0, 4, 5, 6]))
    columns = [4 * pairs[:, side, None] + np.arange(4) for side in (0, 1)]
    everything = np.arange(len(pairs))[:, None, None]
    for place, column in zip(places, columns, strict=True):
        rows = column[:, :, None], column[:, None, :]
        own[everything, place[:, None], place] += (level + upright)[rows]
    across = columns[0][:, :, None], columns[1][:, None, :]
    for part, whole in ((c, level), (s, crossed), (up, upright)):
        part[everything, places[0][:, None], places[1]] = whole[across]
    return np.stack([own, c, s, up], axis=1)


def _solve_arms(form: Floats, alike: float) -> Floats:
    """Arms (..., 6) in m that minimise the forms (..., 7, 7), kept short by the prior."""
    matrix = form[..., 1:, 1:] + _prior(alike)
    return np.asarray(-np.linalg.solve(matrix, form[..., 1:, :1])[..., 0], float)


def _prior(alike: float) -> Floats:
    return alike * MODEL_SD**2 / ARM_PRIOR**2 * np.eye(6)


def _covariance(form: Floats, square: Floats, alike: float) -> Floats:
    """Covariance (P, 2, 3, 3) of each sensor's arm in m²."""
    matrix = form[..., 1:, 1:] + _prior(alike)
    whole = np.linalg.inv(matrix) * alike
    whole *= np.maximum(square, MODEL_SD**2)[:, None, None]
    return np.stack([whole[:, :3, :3], whole[:, 3:, 3:]], axis=1)


def _best_common_angles(moments: Floats, near: Floats) -> tuple[Floats, Floats]:
    """One angle (P,) for all of the moments (P, 4, 7, 7), by trying all around the circle.

    Where ``near`` (P,) is known, all within its reach. And the contrast (P,) of its squared
    disagreement with the best that lies the other way.
    """
    costs = np.empty((len(moments), len(_TRIED)))
    for k, angle in enumerate(_TRIED):
        form = disagreement(moments, np.full(len(moments), angle))
        scale = np.trace(form[:, 1:, 1:], axis1=1, axis2=2)[:, None, None]
        matrix = form[:, 1:, 1:] + (1e-6 * scale + 1e-9) * np.eye(6)
        x = with_one(-np.linalg.solve(matrix, form[:, 1:, :1])[..., 0])
        costs[:, k] = np.einsum("pi,pij,pj->p", x, form, x)
    away = np.cos(_TRIED - near[:, None]) < np.cos(REACH)
    best = _TRIED[np.where(away, np.inf, costs).argmin(axis=1)]
    other_way = np.cos(_TRIED - best[:, None]) < 0
    least = np.maximum(costs.min(axis=1), 1e-12)
    return best, np.where(other_way, costs, np.inf).min(axis=1) / least

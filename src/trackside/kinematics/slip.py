"""Sensors that slip on their segment during a session: which, when, and how far.

A gait repeats itself, so over a few strides the mean direction of gravity, the axes about which a
sensor turns and the directions in which it is shaken stay the same in the sensor's own frame. All
of them turn together, from one moment on, when the sensor slips. Each stretch of time is described
by such moments of gyroscope and accelerometer; the rotation that brings a reference stretch's
moments to them is found by least squares (Wahba's problem, with matrices besides vectors). A step
in that rotation which nothing but time explains is a slip (a change point, Page 1954; fitted by
least squares as in Bai 1997). No orientation, no stride and no neighbour is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.placement_check import links_between

STRETCH = 4.0
"""s; each is weighted by a Hann window, so that it need not hold whole strides."""
HOP = 1.0  # s, from one stretch to the next
MOVING = 0.7  # rad/s or
SHAKEN = 1.0  # m/s²: RMS from which on a stretch tells how the sensor sits
LEAST = np.deg2rad(7.0)
"""rad; a smaller turn may be the athlete's."""
LIKELY = 5.0
"""A turn must be so many times its own standard deviation."""
OUTSTANDING = 2.5
"""A turn must be so many times as large as what stretches differ by anyway."""
SCATTER_FLOOR = np.deg2rad(0.5)  # rad
SIDE = 5  # stretches at least before and after
ALIKE = 0.3  # of the logarithm of intensity, within which two stretches are of one pace
ABRUPT, ABRUPT_SHARE = 5.0, 0.6
"""s about the slip within which at least this share of it must happen."""
TOGETHER = 4.0  # s, within which sensors turn together
_ROUNDS = 8  # of Gauss–Newton


@dataclass(frozen=True)
class Slip:
    """A sensor that turned on its segment and stayed so.

    ``time`` in s; ``turn`` (3,) rad: rotation vector in the sensor's frame; ``sd`` rad of each
    component; ``certainty``: length of the turn over its standard deviation.
    """

    segment: str
    time: float
    turn: Floats
    sd: float
    certainty: float

    @property
    def angle(self) -> float:
        """How far it turned, rad."""
        return float(np.linalg.norm(self.turn))


@dataclass(frozen=True)
class SlipCheck:
    """``slips``: found, at most one a sensor. ``unchecked``: segments that moved too little."""

    slips: tuple[Slip, ...]
    unchecked: tuple[str, ...]


@dataclass(frozen=True)
class _Moments:
    """A sensor's stretches: ``vectors`` (W, V, 3) and ``matrices`` (W, M, 3, 3), all without unit.

    ``intensity`` (W, 2): logarithms of the RMS rate and acceleration, which no slip changes.
    """

    time: Floats
    vectors: Floats
    matrices: Floats
    intensity: Floats

    def only(self, kept: Booleans) -> "_Moments":
        return _Moments(
            self.time[kept], self.vectors[kept], self.matrices[kept], self.intensity[kept]
        )


def check_slips(motion: BodyMotion) -> SlipCheck:
    """Look for one slip of each of a motion's sensors.

    A turn that neighbouring sensors share, or half of all, is the athlete's and not reported.
    """
    slips, unchecked = [], []
    for i, segment in enumerate(motion.segments):
        paces = list(_paces(_moving_moments(motion, i)))
        if not paces:
            unchecked.append(segment)
            continue
        slip = _find_slip(segment, paces)
        if slip is not None:
            slips.append(slip)
    return SlipCheck(tuple(_single(slips, motion.segments)), tuple(unchecked))


def _single(slips: list[Slip], segments: tuple[str, ...]) -> Iterator[Slip]:
    """Those that happen neither with a neighbour's nor with most others'."""
    neighbours = {frozenset((link.parent, link.child)) for link in links_between(segments)}
    for slip in slips:
        others = [s for s in slips if s is not slip and abs(s.time - slip.time) < TOGETHER]
        shared = any(frozenset((slip.segment, other.segment)) in neighbours for other in others)
        if not shared and len(others) < max(2, len(segments) / 2):
            yield slip


def _paces(moments: _Moments) -> Iterator[_Moments]:
    """Stretches of alike intensity, each kind by itself; those too few to hold a slip left out.

    A new kind begins wherever none of those before is alike (leader clustering, Hartigan 1975).
    """
    centres: list[Floats] = []
    kinds = np.empty(len(moments.time), int)
    for k, intensity in enumerate(moments.intensity):
        away = [float(np.max(np.abs(intensity - centre))) for centre in centres]
        kinds[k] = int(np.argmin(away)) if away and min(away) < ALIKE else len(centres)
        if kinds[k] == len(centres):
            centres.append(intensity)
    for kind in range(len(centres)):
        if np.sum(kinds == kind) >= 2 * SIDE:
            yield moments.only(kinds == kind)


def _find_slip(segment: str, paces: list[_Moments]) -> Slip | None:
    """The likeliest slip, if it is likely enough."""
    time = np.concatenate([pace.time for pace in paces])
    turns = np.concatenate([_turns(pace) for pace in paces])
    pace = np.repeat(np.arange(len(paces)), [len(p.time) for p in paces])
    best: tuple[float, float] = (0.0, 0.0)
    for moment in np.unique(time)[SIDE:-SIDE] - HOP / 2:
        step, weight = _step_at(moment, time, turns, pace)
        best = max(best, (weight * float(step @ step), moment))
    if best[0] == 0.0:
        return None
    moment = best[1]
    step, weight = _step_at(moment, time, turns, pace)
    scatter = _scatter(moment, time, turns, pace)
    sd = scatter * np.sqrt(STRETCH / HOP / weight)
    size = float(np.linalg.norm(step))
    nearby = np.abs(time - moment) < STRETCH / 2 + ABRUPT
    sudden, held = _step_at(moment, time[nearby], turns[nearby], pace[nearby])
    abrupt = held > 0 and sudden @ step > ABRUPT_SHARE * size**2
    if size < LEAST or size < LIKELY * sd or size < OUTSTANDING * scatter or not abrupt:
        return None
    return Slip(segment, float(moment), step, float(sd), size / float(sd))


def _step_at(
    moment: float, time: Floats, turns: Floats, pace: Integers
) -> tuple[Floats, float]:
    """Mean difference (3,) rad of turns after and before a moment at the same pace, and weight.

    The weight is the number of stretches that would tell as much if all else were known.
    """
    difference, weight = np.zeros(3), 0.0
    after = time > moment
    for kind in np.unique(pace):
        late, early = after & (pace == kind), ~after & (pace == kind)
        if min(late.sum(), early.sum()) >= 2:
            share = late.sum() * early.sum() / (late.sum() + early.sum())
            difference += share * (np.median(turns[late], axis=0) - np.median(turns[early], axis=0))
            weight += share
    return difference / max(weight, 1e-12), weight


def _scatter(moment: float, time: Floats, turns: Floats, pace: Integers) -> float:
    """How much turns scatter, rad, about what they are before and after at each pace."""
    left = []
    for kind in np.unique(pace):
        for side in (time > moment, time <= moment):
            part = turns[side & (pace == kind)]
            if len(part):
                left.append(part - np.median(part, axis=0))
    lengths = np.linalg.norm(np.concatenate(left), axis=1)
    return float(np.median(lengths)) + SCATTER_FLOOR


def _moving_moments(motion: BodyMotion, sensor: int) -> _Moments:
    """Moments of all stretches in which the sensor was measured and moved."""
    length, hop = round(STRETCH * motion.rate), max(1, round(HOP * motion.rate))
    weights = np.hanning(length + 2)[1:-1]
    weights /= weights.sum()

    def mean(values: Floats) -> Floats:
        flat = values.reshape(len(values), -1)
        windows = np.lib.stride_tricks.sliding_window_view(flat, length, axis=0)[::hop]
        return np.einsum("wcn,n->wc", windows, weights).reshape(-1, *values.shape[1:])

    if len(motion.time) < length:
        none = np.zeros((0, 3))
        return _Moments(none[:, 0], none[:, None], none[:, None, :, None], none[:, :2])
    gyr, acc = motion.gyr[sensor], motion.acc[sensor]
    pull = mean(acc)
    centre = mean(motion.time)
    shake = acc - np.stack([np.interp(motion.time, centre, column) for column in pull.T], axis=-1)
    turning, shaking = np.sum(gyr**2, axis=1), np.sum(shake**2, axis=1)
    rate, push = np.sqrt(mean(turning)), np.sqrt(mean(shaking))
    unit = 1e-9
    g, a = (rate + unit)[:, None], (push + unit)[:, None]
    vectors = [
        pull / (np.linalg.norm(pull, axis=1, keepdims=True) + unit),
        mean(turning[:, None] * gyr) / g**3,
        mean(shaking[:, None] * gyr) / (a**2 * g),
        mean(turning[:, None] * shake) / (g**2 * a),
        mean(shaking[:, None] * shake) / a**3,
    ]
    products = (gyr[:, :, None] * gyr[:, None], shake[:, :, None] * shake[:, None], gyr[:, :, None] * shake[:, None])
    scales = (g * g, a * a, g * a)
    matrices = [mean(p) / scale[..., None] for p, scale in zip(products, scales, strict=True)]
    usable = (mean(motion.measured[sensor].astype(float)) > 0.9) & ((rate > MOVING) | (push > SHAKEN))
    intensity = np.log(np.stack([rate + unit, push + unit], axis=1))
    return _Moments(centre, np.stack(vectors, 1), np.stack(matrices, 1), intensity).only(usable)


def _turns(moments: _Moments) -> Floats:
    """Rotation vectors (W, 3) that bring the reference stretch's moments to each stretch's."""
    reference = _reference(moments)
    vectors, matrices = moments.vectors[reference], moments.matrices[reference]
    weights = _weights(moments)
    turn = np.zeros((len(moments.time), 3))
    for _ in range(_ROUNDS):
        r = qt.to_matrix(qt.from_rotation_vector(turn))
        v = np.einsum("wij,vj->wvi", r, vectors)
        m = np.einsum("wij,mjk,wlk->wmil", r, matrices, r)
        residual = np.concatenate(
            [
                ((moments.vectors - v) * weights[0][:, None]).reshape(len(turn), -1),
                ((moments.matrices - m) * weights[1][:, None, None]).reshape(len(turn), -1),
            ],
            axis=1,
        )
        slope = np.stack([_slope(v, m, axis, weights) for axis in np.eye(3)], axis=2)
        normal = np.einsum("wfi,wfj->wij", slope, slope) + 1e-6 * np.eye(3)
        step = np.linalg.solve(normal, np.einsum("wfi,wf->wi", slope, residual)[..., None])[..., 0]
        size = np.linalg.norm(step, axis=1, keepdims=True)
        step *= np.minimum(1.0, 0.5 / (size + 1e-12))
        turn = qt.to_rotation_vector(
            qt.multiply(qt.from_rotation_vector(step), qt.from_rotation_vector(turn))
        )
    return turn


def _slope(v: Floats, m: Floats, axis: Floats, weights: tuple[Floats, Floats]) -> Floats:
    """How the weighted moments (W, F) change when turned about an axis (3,), per rad."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    dv = np.cross(axis, v) * weights[0][:, None]
    dm = (cross @ m - m @ cross) * weights[1][:, None, None]
    return np.concatenate([dv.reshape(len(v), -1), dm.reshape(len(m), -1)], axis=1)


def _weights(moments: _Moments) -> tuple[Floats, Floats]:
    """1/σ of each vector (V,) and matrix (M,): how much they differ from stretch to stretch.

    The median over successive ones, so that one slip or change of pace does not count.
    """
    apart = round(STRETCH / HOP / 2)
    dv = np.sum((moments.vectors[apart:] - moments.vectors[:-apart]) ** 2, axis=-1)
    dm = np.sum((moments.matrices[apart:] - moments.matrices[:-apart]) ** 2, axis=(-1, -2))
    return tuple(1.0 / np.sqrt(np.median(d, axis=0) + 0.01**2) for d in (dv, dm))


def _reference(moments: _Moments) -> int:
    """The stretch about which least changes."""
    apart = round(STRETCH / HOP / 2)
    change = np.sum((moments.matrices[2 * apart :] - moments.matrices[: -2 * apart]) ** 2, (1, 2, 3))
    return int(np.argmin(change)) + apart

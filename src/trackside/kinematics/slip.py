"""Sensors that slip on their segment during a session: which, when, and how far.

A slip turns all of a sensor's signature (see :mod:`trackside.kinematics.signature`) at once, from
one moment on and for good. Stretches of time that a rotation makes alike are of one pace; within
each, a step in that rotation is looked for (a change point, Page 1954; fitted by least squares as
in Bai 1997). No orientation, no stride and no neighbour is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.signature import (
    APART,
    HOP,
    STRETCH,
    Signatures,
    signatures,
    steadiest,
    turns_from,
)

LEAST = np.deg2rad(10.0)
"""rad; a smaller turn may be the athlete's."""
LIKELY = 3.0
"""A turn must be so many times its own standard deviation."""
OUTSTANDING = 2.0
"""A turn must be so many times as large as what stretches differ by anyway."""
ALIKE = 3.0
"""Two stretches are of one pace if they differ by no more spreads."""
SCATTER_FLOOR = np.deg2rad(0.5)  # rad
ENOUGH = 3.0
"""Weight of a step from which on it counts: that of six stretches before it and six after."""
SHORTEST_PACE = 12  # stretches
MOST_PACES = 10
ABRUPT, ABRUPT_SHARE = 5.0, 0.6
"""s about the slip within which at least this share of it must happen."""
TOGETHER = 4.0  # s, within which sensors turn together


@dataclass(frozen=True)
class Slip:
    """A sensor that turned on its segment and stayed so.

    ``time`` in s; ``turn`` (3,) rad: rotation vector in the sensor's frame; ``sd`` rad of it.
    """

    segment: str
    time: float
    turn: Floats
    sd: float

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
class _Turns:
    """Rotation vectors ``turns`` (W, 3) rad at ``time`` (W,) s, sorted, each from its pace's own.

    ``pace`` (W,): numbers from 0 on.
    """

    time: Floats
    turns: Floats
    pace: Integers

    def about(self, moment: float, reach: float) -> "_Turns":
        near = np.abs(self.time - moment) < reach
        return _Turns(self.time[near], self.turns[near], self.pace[near])


def check_slips(motion: BodyMotion) -> SlipCheck:
    """Look for one slip of each of a motion's sensors.

    A turn that sensors share is the athlete's and not reported.
    """
    slips, unchecked = [], []
    for i, segment in enumerate(motion.segments):
        own = signatures(motion.time, motion.gyr[i], motion.acc[i], motion.measured[i])
        turns = _turns(own)
        if len(turns.time) < SHORTEST_PACE:
            unchecked.append(segment)
            continue
        slip = _find_slip(segment, turns)
        if slip is not None:
            slips.append(slip)
    return SlipCheck(tuple(_single(slips)), tuple(unchecked))


def _single(slips: list[Slip]) -> Iterator[Slip]:
    """Those that happen alone."""
    for slip in slips:
        if not any(s is not slip and abs(s.time - slip.time) < TOGETHER for s in slips):
            yield slip


def _turns(own: Signatures) -> _Turns:
    """The turns of all stretches that are of some pace.

    The steadiest stretch leads the first pace, the steadiest of those left the next one (leader
    clustering, Hartigan 1975).
    """
    found: list[tuple[Floats, Floats]] = []
    while len(own.time) > max(SHORTEST_PACE, 2 * APART) and len(found) < MOST_PACES:
        leader = steadiest(own)
        turns, left = turns_from(own, leader)
        alike = left < ALIKE
        alike[leader] = True
        if alike.sum() >= SHORTEST_PACE:
            found.append((own.time[alike], turns[alike]))
        own = own.only(~alike)
    if not found:
        return _Turns(np.zeros(0), np.zeros((0, 3)), np.zeros(0, int))
    time = np.concatenate([part[0] for part in found])
    pace = np.repeat(np.arange(len(found)), [len(part[0]) for part in found])
    order = np.argsort(time)
    return _Turns(time[order], np.concatenate([part[1] for part in found])[order], pace[order])


def _find_slip(segment: str, turns: _Turns) -> Slip | None:
    """The likeliest slip, if it is likely enough."""
    moment = _likeliest_moment(turns)
    step, weight = _step_at(moment, turns)
    if weight < ENOUGH:
        return None
    scatter = _scatter(moment, turns)
    sd = scatter * np.sqrt(STRETCH / HOP / weight)
    size = float(np.linalg.norm(step))
    if size < max(LEAST, LIKELY * sd, OUTSTANDING * scatter):
        return None
    sudden, held = _step_at(moment, turns.about(moment, STRETCH / 2 + ABRUPT))
    if held > 0 and sudden @ step < ABRUPT_SHARE * size**2:
        return None
    return Slip(segment, moment, -step, float(sd))


def _likeliest_moment(turns: _Turns) -> float:
    """When one step, the same at all paces, explains most of the squared turns, s."""
    steps, weights = np.zeros((len(turns.time) - 1, 3)), np.zeros(len(turns.time) - 1)
    for kind in np.unique(turns.pace):
        own = (turns.pace == kind).astype(float)
        before = np.cumsum(own)[:-1]
        after = own.sum() - before
        early = np.cumsum(own[:, None] * turns.turns, axis=0)
        # share × (mean after − mean before), with share = before after / (before + after)
        steps += (before[:, None] * (early[-1] - early[:-1]) - after[:, None] * early[:-1]) / (
            own.sum()
        )
        weights += before * after / own.sum()
    best = int(np.argmax(np.sum(steps**2, axis=1) / np.maximum(weights, ENOUGH)))
    return float(turns.time[best : best + 2].mean())


def _step_at(moment: float, turns: _Turns) -> tuple[Floats, float]:
    """Median difference (3,) rad of turns after and before a moment at the same pace, and weight.

    The weight is the number of stretches that would tell as much if all else were known.
    """
    difference, weight = np.zeros(3), 0.0
    after = turns.time > moment
    for kind in np.unique(turns.pace):
        late = turns.turns[after & (turns.pace == kind)]
        early = turns.turns[~after & (turns.pace == kind)]
        if min(len(late), len(early)) >= 2:
            share = len(late) * len(early) / (len(late) + len(early))
            difference += share * (np.median(late, axis=0) - np.median(early, axis=0))
            weight += share
    return difference / max(weight, 1e-12), weight


def _scatter(moment: float, turns: _Turns) -> float:
    """How far nine in ten turns lie at most from what is usual before or after at their pace."""
    left = []
    for kind in np.unique(turns.pace):
        for side in (turns.time > moment, turns.time <= moment):
            part = turns.turns[side & (turns.pace == kind)]
            if len(part):
                left.append(part - np.median(part, axis=0))
    lengths = np.linalg.norm(np.concatenate(left), axis=1)
    return float(np.quantile(lengths, 0.9)) + SCATTER_FLOOR

"""What an athlete does, from any one body-worn IMU: rest, stand, turn, walk, run, sprint, jump.

Every sign has a physical meaning, and is the same for every athlete:

- **Steps** repeat: the autocorrelation of what a limb turns by has a peak at the stride time, that
  of the force on the trunk at the step time. Few walk with more than 2.3 steps/s, or run with
  fewer than 2.4; from 7 m/s on people make 3.4 and more (T. W. Dorn et al., J. Exp. Biol. 215,
  2012).
- **How hard**: a runner is pushed up by more than their weight and flies in between, so that the
  force on trunk, head and arms varies by its own mean; a walker's never leaves the ground. Legs
  swing about twice as fast.
- **A jump** is a free fall of a quarter of a second and more between two pushes; a runner's takes
  less than 0.2 s.
- **A turn** leads by 45° and more about the vertical (M. El-Gohary et al., Sensors 14, 2014), at
  0.5 rad/s and more over a stride; a bend of a track takes less than 0.25 rad/s.
- **Rest** is stillness with trunk or leg away from where it is in gait, or for more than a minute.

They are weighed as logistic memberships down a tree of questions, so that they make a probability;
a Viterbi pass then finds the likeliest course of activities (A. J. Viterbi, IEEE Trans. Inf. Theory
13, 1967).
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Booleans, Floats, Integers
from trackside.kernels import kernel
from trackside.kinematics.activity_signs import (
    ARMS,
    HOP,
    LIMBS,
    RATE,
    TURN_RATE,
    WINDOW,
    Signs,
    body_signals,
    measured_windows,
    window_signs,
    window_starts,
)
from trackside.kinematics.leg_swings import GRAVITY
from trackside.kinematics.oriented import Oriented, oriented
from trackside.recordings.model import Imu

Labels = NDArray[Any]


class Activity(StrEnum):
    """What an athlete does."""

    RESTING = "resting"  # lying or sitting still
    STANDING = "standing"
    TURNING = "turning"  # on the spot or while walking
    WALKING = "walking"
    RUNNING = "running"
    SPRINTING = "sprinting"  # at 7 m/s and more
    JUMPING = "jumping"


ACTIVITIES = tuple(Activity)
SPRINT_SPEED = 7.0  # m/s

REGULAR = 0.5, 0.08  # correlation of one stride with the next; of legs that stop it is less
STEPPING = 0.8, 0.15  # m/s², or rad/s of a limb, deviation that a slow walker has
WALK_TO_RUN = 2.37, 0.08  # steps/s
RUN_TO_SPRINT = 3.37, 0.06  # steps/s
RUN_FORCE = 0.5 * GRAVITY  # deviation of the force on trunk, head and arms between walk and run
RUN_TURNING = {"thigh": 2.7, "shank": 3.6, "foot": 4.3, "toe": 4.3}  # rad/s RMS
HARDER = 0.25  # of a logarithm of that ratio
MOST_EVIDENCE, OF_LIMBS = 3.0, 1.5
"""Logits that cadence and the force on the trunk give at most, and the vigour of limbs, which some
swing as fast in a brisk walk as others in a run."""

JUMP_FLIGHT = 0.235, 0.012  # s

STILL = 0.12, 0.03  # rad/s
STILL_FORCE = 0.35, 0.08  # m/s²
LEANING = {"pelvis": 15.0, "l5": 18.0, "l3": 22.0, "t12": 30.0}  # degrees; a seat tilts the pelvis
LEANING_ELSEWHERE = 40.0  # degrees
LEAST_GAIT = 4.0  # s of it tell where upright is
LONG_STILL = 60.0  # s

SWITCH = np.log(0.01)
"""Price of a change of activity from one window to the next."""
DOUBT = 0.01
"""Least probability of each activity in a window, for the course: nothing is impossible."""


@dataclass(frozen=True)
class Span:
    """A stretch of one activity from ``start`` to ``end`` s; ``confidence`` from 0 to 1."""

    start: float
    end: float
    activity: Activity
    confidence: float

    @property
    def duration(self) -> float:
        """Length in s."""
        return self.end - self.start


@dataclass(frozen=True)
class Recognised:
    """What was done at the moments ``time`` (W,) s, every half second where there are samples.

    ``probabilities`` (W, 7) in the order of ACTIVITIES; ``chosen`` (W,): number of the activity.
    ``source``: the placement of the sensor; ``start`` and ``end`` s: of its samples.
    """

    source: str
    start: float
    end: float
    time: Floats
    probabilities: Floats
    chosen: Integers

    def spans(self) -> list[Span]:
        """Stretches of one activity, in order, gaps left out."""
        if not len(self.time):
            return []
        new = (np.diff(self.chosen) != 0) | (np.diff(self.time) > 1.5 * HOP)
        edges = [0, *(np.flatnonzero(new) + 1), len(self.time)]
        return [
            Span(
                max(float(self.time[a]) - 0.5 * HOP, self.start),
                self._until(float(self.time[b - 1])),
                ACTIVITIES[self.chosen[a]],
                float(np.mean(self.probabilities[np.arange(a, b), self.chosen[a]])),
            )
            for a, b in pairwise(edges)
        ]

    def _until(self, last: float) -> float:
        """Until when the window about ``last`` s counts: the last one to the end."""
        return self.end if self.end - last < HOP else last + 0.5 * HOP

    def at(self, moments: Floats) -> Labels:
        """The activity (N,) at moments (N,) s, as its name; None where nothing was measured."""
        if not len(self.time):
            return np.full(len(moments), None, dtype=object)
        after = np.minimum(np.searchsorted(self.time, moments), len(self.time) - 1)
        before = np.maximum(after - 1, 0)
        later = self.time[after] - moments < moments - self.time[before]
        nearest = np.where(later, after, before)
        names = np.array([activity.value for activity in ACTIVITIES], dtype=object)
        near = np.abs(self.time[nearest] - moments) <= HOP
        labels = names[self.chosen[nearest]]
        labels[~near] = None
        return labels


def recognised_activities(imu: Imu, oriented: Oriented = oriented) -> Recognised:
    """What the athlete did, from one sensor on foot, leg, trunk, head or arm.

    Raises SignalError without a gyroscope, without gravity in the accelerometer, or with less than
    a window of samples.
    """
    signals = body_signals(imu, oriented)
    place = imu.stream.placement or ""
    windows = window_starts(signals)
    signs = window_signs(signals, windows, place)
    probabilities = _probabilities(signs, place)
    usable = measured_windows(signals, windows)
    chosen = np.empty(0, np.int64)
    edges = np.flatnonzero(np.diff(usable.astype(np.int64), prepend=0, append=0))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        chosen = np.append(chosen, _likeliest(probabilities[first:end]))
    middle = signals.time[windows + round(0.5 * WINDOW * RATE)]
    return Recognised(
        place,
        float(imu.time[0]),
        float(imu.time[-1]),
        middle[usable],
        probabilities[usable],
        chosen,
    )


def _member(values: Floats, middle_and_width: tuple[float, float]) -> Floats:
    """How far values (W,) are above the middle, from 0 to 1: a logistic function."""
    middle, width = middle_and_width
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip((values - middle) / width, -30.0, 30.0))))


def _probabilities(signs: Signs, place: str) -> Floats:
    """Probability (W, 7) of each activity, down a tree of questions."""
    leg = next((part for part in RUN_TURNING if place.endswith(part)), None)
    limb = place.endswith(LIMBS)
    moves = _member(signs.turning if limb else signs.force, STEPPING)
    steps = moves * _member(signs.regular, REGULAR)
    hard = signs.turning / RUN_TURNING[leg] if leg else signs.force / RUN_FORCE
    harder = np.log(np.maximum(hard, 1e-6)) / HARDER
    most = OF_LIMBS if limb else MOST_EVIDENCE
    faster = (signs.steps - WALK_TO_RUN[0]) / WALK_TO_RUN[1]
    evidence = np.clip(faster, -MOST_EVIDENCE, MOST_EVIDENCE) + np.clip(harder, -most, most)
    runs = _member(evidence, (0.0, 1.0))
    sprints = _member(signs.steps, RUN_TO_SPRINT)
    jumps = _member(signs.flight, JUMP_FLIGHT)
    turns = _member(signs.turn, (TURN_RATE, 0.06)) * (1.0 - steps * runs)
    rests = _resting(signs, steps * (1.0 - turns) * (1.0 - jumps), place)
    tree = np.zeros((len(jumps), len(ACTIVITIES)))
    left = 1.0 - jumps
    for activity, share in (
        (Activity.JUMPING, jumps),
        (Activity.TURNING, left * turns),
        (Activity.SPRINTING, left * (1.0 - turns) * steps * runs * sprints),
        (Activity.RUNNING, left * (1.0 - turns) * steps * runs * (1.0 - sprints)),
        (Activity.WALKING, left * (1.0 - turns) * steps * (1.0 - runs)),
        (Activity.RESTING, left * (1.0 - turns) * (1.0 - steps) * rests),
        (Activity.STANDING, left * (1.0 - turns) * (1.0 - steps) * (1.0 - rests)),
    ):
        tree[:, ACTIVITIES.index(activity)] = share
    return tree


def _resting(signs: Signs, gait: Floats, place: str) -> Floats:
    """Probability (W,) that who does not move sits or lies, not stands.

    ``gait`` (W,): probability of walking and running, in which the body is upright.
    """
    still = (1.0 - _member(signs.quiet, STILL)) * (1.0 - _member(signs.quiet_force, STILL_FORCE))
    rests = np.where(_for_long(still > 0.5), 0.6, 0.2)
    if place.endswith(("shank", "foot", "toe")):  # standing, they do not move for long either
        rests[:] = 0.2
    if gait.sum() * HOP >= LEAST_GAIT and not place.endswith(ARMS):
        upright = gait @ signs.up
        upright /= np.linalg.norm(upright)
        up = signs.up / np.maximum(np.linalg.norm(signs.up, axis=1), 1e-9)[:, None]
        leaning = np.rad2deg(np.arccos(np.clip(up @ upright, -1.0, 1.0)))
        bound = LEANING.get(place, LEANING_ELSEWHERE)
        leans = _member(leaning, (bound, 0.15 * bound))
        tells_all = place.endswith("thigh") or place in LEANING
        rests = leans if tells_all else np.where(leans > 0.5, np.maximum(rests, leans), rests)
    return still * rests


def _for_long(mask: Booleans) -> Booleans:
    """The stretches of the mask (W,) that last for LONG_STILL."""
    long = np.zeros_like(mask)
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        long[first:end] = (end - first) * HOP >= LONG_STILL
    return long


def _likeliest(probabilities: Floats) -> Integers:
    """The likeliest course (W,) of activities, by Viterbi's algorithm."""
    worth = np.log((1.0 - DOUBT * len(ACTIVITIES)) * probabilities + DOUBT)
    course = np.empty(len(worth), np.int64)
    _follow_back(worth, SWITCH, course)
    return course


@kernel
def _follow_back(worth: Floats, switch: float, course: Integers) -> None:
    """The ``course`` (W,) of the most worth (W, A), a change costing ``switch``."""
    count, kinds = worth.shape
    total, came = worth[0].copy(), np.empty((count, kinds), np.int64)
    for n in range(1, count):
        best = int(np.argmax(total))
        changed = total[best] + switch
        for kind in range(kinds):
            came[n, kind] = kind if total[kind] >= changed else best
            total[kind] = max(total[kind], changed) + worth[n, kind]
    course[-1] = int(np.argmax(total))
    for n in range(count - 1, 0, -1):
        course[n - 1] = came[n, course[n]]

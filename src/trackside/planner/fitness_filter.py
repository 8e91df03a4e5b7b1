"""The athlete's fitness and fatigue, followed by a Kalman filter over loads and test results.

The state is fitness (CTL) and fatigue (ATL) in load per day, and how running fitness (VDOT) follows
from them: VDOT = base + g CTL − f ATL, which is Banister's model in other units, with g = k₁ τ₁ and
f = k₂ τ₂. Each day's load enters with its standard deviation, each test with its own; the extended
filter carries what a test says to all five. The time constants stay as they are: fifteen tests and
more would be needed to tell one athlete's from another's. For the same reason the gains' priors are
strong, so that one good or bad race bends the plan only a little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from filterpy.kalman import ExtendedKalmanFilter

from trackside.arrays import Floats
from trackside.planner.fitness import ACUTE_DAYS, CHRONIC_DAYS, FitnessState
from trackside.planner.load_demand import FATIGUE_WEIGHT, FITNESS_WEIGHT

FITNESS, FATIGUE, BASE, FITNESS_GAIN, FATIGUE_GAIN = range(5)
START_SD = 0.15
"""Relative SD of fitness and fatigue before the plan, which follow from the usual week."""
DOUBLING_GAIN = 0.10
"""What twice the training adds to VDOT, relatively, before any test tells."""
GAIN_SD = 0.3
"""Relative SD of both gains."""
BASE_SD = 2.0  # VDOT
TEST_SD = 1.0
"""VDOT: how far a race may be from what the athlete had in the legs (course, weather, nerves)."""
RACE_FATIGUE_RATIO = FATIGUE_WEIGHT * ACUTE_DAYS / (FITNESS_WEIGHT * CHRONIC_DAYS)


@dataclass(frozen=True)
class FitnessEstimate:
    """The state (5,) on a morning, before its load, and its covariance (5, 5)."""

    mean: Floats
    covariance: Floats

    @property
    def state(self) -> FitnessState:
        """Fitness and fatigue."""
        return FitnessState(float(self.mean[FITNESS]), float(self.mean[FATIGUE]))

    @property
    def vdot(self) -> float:
        """Expected test result, ml/(kg min)."""
        return _expected(self.mean)

    @property
    def vdot_sd(self) -> float:
        """Standard deviation of :attr:`vdot`."""
        direction = _direction(self.mean)
        return float(np.sqrt(direction @ self.covariance @ direction))


def track_fitness(
    start: FitnessState,
    vdot: float,
    loads: Sequence[float] | Floats,
    load_sds: Sequence[float] | Floats,
    tests: Mapping[int, float] | None = None,
) -> list[FitnessEstimate]:
    """The state on the mornings of day 0 to the day after the last load, (D + 1).

    ``start``: before the first day, when running fitness was ``vdot``; ``loads`` (D,) with their
    SDs (D,); ``tests``: VDOT by the day on which they were run, counted from 0: what the morning
    had.
    """
    found, filter_ = [], _filter(start, vdot)
    for day in range(len(loads) + 1):
        if tests and day in tests:
            filter_.update(np.array([tests[day]]), _jacobian, _measured)
        found.append(FitnessEstimate(filter_.x.copy(), filter_.P.copy()))
        if day < len(loads):
            filter_.Q = np.outer(filter_.B, filter_.B) * float(load_sds[day]) ** 2
            filter_.predict(u=float(loads[day]))
    return found


def _filter(start: FitnessState, vdot: float) -> ExtendedKalmanFilter:
    gain = DOUBLING_GAIN * vdot / max(start.fitness, 1.0)
    mean = np.array(
        [start.fitness, start.fatigue, 0.0, gain, gain * RACE_FATIGUE_RATIO], dtype=float
    )
    mean[BASE] = vdot - _expected(mean)
    sds = np.array(
        [START_SD * start.fitness, START_SD * start.fatigue, BASE_SD, *(GAIN_SD * mean[3:])]
    )
    filter_ = ExtendedKalmanFilter(dim_x=5, dim_z=1, dim_u=1)
    filter_.x, filter_.P = mean, np.diag(sds**2)
    # The base takes up what is wrong with the gains, else they would be told by the first race.
    direction = _direction(mean)
    direction[[FITNESS, FATIGUE, BASE]] = 0.0
    filter_.P[BASE, FITNESS_GAIN:] = -(direction * sds**2)[FITNESS_GAIN:]
    filter_.P[FITNESS_GAIN:, BASE] = filter_.P[BASE, FITNESS_GAIN:]
    filter_.P[BASE, BASE] += float(direction**2 @ sds**2)
    filter_.F = np.diag([1.0 - 1.0 / CHRONIC_DAYS, 1.0 - 1.0 / ACUTE_DAYS, 1.0, 1.0, 1.0])
    filter_.B = np.array([1.0 / CHRONIC_DAYS, 1.0 / ACUTE_DAYS, 0.0, 0.0, 0.0])
    filter_.R = np.array([[TEST_SD**2]])
    return filter_


def _expected(mean: Floats) -> float:
    return float(
        mean[BASE] + mean[FITNESS_GAIN] * mean[FITNESS] - mean[FATIGUE_GAIN] * mean[FATIGUE]
    )


def _direction(mean: Floats) -> Floats:
    """How the expected VDOT changes with each part of the state, (5,)."""
    return np.array(
        [mean[FITNESS_GAIN], -mean[FATIGUE_GAIN], 1.0, mean[FITNESS], -mean[FATIGUE]], dtype=float
    )


def _jacobian(mean: Floats) -> Floats:
    return _direction(mean)[None]


def _measured(mean: Floats) -> Floats:
    return np.array([_expected(mean)])

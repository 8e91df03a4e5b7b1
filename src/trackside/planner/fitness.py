"""Fitness and fatigue from daily loads: chronic and acute training load, and their balance."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel

CHRONIC_DAYS = 42.0
ACUTE_DAYS = 7.0


@dataclass(frozen=True, slots=True)
class FitnessState:
    """Chronic (CTL, "fitness") and acute training load (ATL, "fatigue") after a day, load/day."""

    fitness: float
    fatigue: float

    @classmethod
    def steady(cls, daily_load: float) -> Self:
        """Return the state of somebody who has long trained with this mean daily load."""
        return cls(daily_load, daily_load)


class TrainingStress(NamedTuple):
    """CTL and ATL after each day, and TSB ("form") on its morning; load per day, shape (D,)."""

    fitness: Floats
    fatigue: Floats
    form: Floats


def training_stress(loads: Floats, state: FitnessState) -> TrainingStress:
    """Return CTL, ATL and TSB of daily ``loads`` (D,), from the ``state`` before the first day.

    CTL and ATL: X_d = X_{d−1} + (w_d − X_{d−1}) / τ with τ = 42 and 7 days, and
    TSB_d = CTL_{d−1} − ATL_{d−1}: Coggan's performance manager (Allen & Coggan, *Training and
    Racing with a Power Meter*, 2006). The weight is 1/τ, not 1 − e^{−1/τ}.
    """
    loads = np.ascontiguousarray(loads, dtype=np.float64)
    fitness = _moving_average(loads, state.fitness, CHRONIC_DAYS)
    fatigue = _moving_average(loads, state.fatigue, ACUTE_DAYS)
    balance = np.concatenate(([state.fitness - state.fatigue], fitness - fatigue))
    return TrainingStress(fitness, fatigue, balance[:-1])


@kernel
def _moving_average(loads: Floats, start: float, days: float) -> Floats:
    average = np.empty(len(loads))
    value = start
    for day in range(len(loads)):
        value += (loads[day] - value) / days
        average[day] = value
    return average

"""Banister's impulse-response model of training: simulation, fit and influence of each day.

Banister et al., Aust. J. Sports Med. 7 (1975) 57; Morton, Fitz-Clarke & Banister, J. Appl. Physiol.
69 (1990) 1171. Performance on the morning of day t, before that day's load:

    p_t = p₀ + k₁ Σ_{s<t} w_s e^{−(t−s)/τ₁} − k₂ Σ_{s<t} w_s e^{−(t−s)/τ₂}

A test after the day's training is one on the next morning. A handful of tests does not identify the
time constants (very different pairs fit alike), so they are given, or searched only where wished.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import ParameterError
from trackside.kernels import kernel


@dataclass(frozen=True, slots=True)
class BanisterModel:
    """p₀ (unit of performance), gains k₁ and k₂ (that per load), time constants τ₁ > τ₂ (days).

    Raises :class:`ParameterError` if fitness does not fade more slowly than fatigue.
    """

    base: float = 0.0
    fitness_gain: float = 1.0
    fatigue_gain: float = 2.0
    fitness_days: float = 42.0
    fatigue_days: float = 7.0

    def __post_init__(self) -> None:
        if not self.fitness_days > self.fatigue_days > 0:
            raise ParameterError(
                f"time constants {self.fitness_days:g} and {self.fatigue_days:g} days; "
                "expected fitness to fade more slowly than fatigue"
            )

    def performance(self, loads: Floats) -> Floats:
        """Return performance on the mornings of day 0 to the day after the last load, (D + 1,)."""
        fitness, fatigue = _responses(loads, self.fitness_days, self.fatigue_days)
        return self.base + self.fitness_gain * fitness - self.fatigue_gain * fatigue

    def influence(self, days_before: float | Floats) -> Floats:
        """Return what a unit of load so many days before a race adds to its performance.

        Fitz-Clarke, Morton & Banister, J. Appl. Physiol. 71 (1991) 1151.
        """
        days = np.asarray(days_before, dtype=np.float64)
        fitness = self.fitness_gain * np.exp(-days / self.fitness_days)
        return fitness - self.fatigue_gain * np.exp(-days / self.fatigue_days)

    @property
    def critical_time(self) -> float:
        """Days before the race, later than which training harms more than it helps: t_c."""
        return self._overtaking_time(self.fitness_gain, self.fatigue_gain)

    @property
    def greatest_gain_time(self) -> float:
        """Days before the race at which a load helps most: t_g."""
        return self._overtaking_time(
            self.fitness_gain / self.fitness_days, self.fatigue_gain / self.fatigue_days
        )

    def _overtaking_time(self, fitness: float, fatigue: float) -> float:
        """Days n ≥ 0 before the race, earlier than which fitness e^{−n/τ₁} > fatigue e^{−n/τ₂}."""
        if fatigue <= fitness:
            return 0.0
        if fitness == 0:
            return math.inf
        return math.log(fatigue / fitness) / (1 / self.fatigue_days - 1 / self.fitness_days)


@dataclass(frozen=True, slots=True)
class BanisterFit:
    """A fitted model, its root mean square error (unit of performance), and R² = 1 − SSE/SST.

    R² is NaN where all results are equal.
    """

    model: BanisterModel
    rmse: float
    r_squared: float


def fit_banister(
    loads: Floats,
    days: Integers,
    performances: Floats,
    fitness_days: Sequence[float] = (45.0,),
    fatigue_days: Sequence[float] = (15.0,),
) -> BanisterFit:
    """Fit p₀, k₁ and k₂, none negative, to tests; of several time constants, take the best pair.

    Variable projection: for each pair (τ₁ > τ₂) the rest is a non-negative least-squares problem
    (Golub & Pereyra, SIAM J. Numer. Anal. 10 (1973) 413).

    Parameters
    ----------
    loads
        Of every day, from the first, shape (D,).
    days
        On whose morning each test was, counted from 0, at most D; shape (N,), N ≥ 4.
    performances
        Of each test, the greater the better (speed or power, not time), shape (N,).
    fitness_days, fatigue_days
        Time constants to choose from, days.

    Raises
    ------
    ParameterError
        If there are too few tests, a test is on no day of the loads, or no pair has τ₁ > τ₂.
    """
    _check_tests(loads, days, performances)
    return _best_fit(_designs(loads, days, fitness_days, fatigue_days), performances)


def bootstrap_fits(
    loads: Floats,
    days: Integers,
    performances: Floats,
    fitness_days: Sequence[float] = (45.0,),
    fatigue_days: Sequence[float] = (15.0,),
    *,
    count: int = 200,
    seed: int = 0,
) -> list[BanisterFit]:
    """Return fits to ``count`` resampled sets of tests; their spread tells how sure each value is.

    Residual bootstrap (Efron & Tibshirani 1993, ch. 9): residuals, widened for the three fitted
    values, are drawn with replacement and added to the best fit.
    """
    _check_tests(loads, days, performances)
    designs = _designs(loads, days, fitness_days, fatigue_days)
    fitted = _best_fit(designs, performances).model.performance(loads)[days]
    residuals = performances - fitted
    residuals = (residuals - residuals.mean()) * math.sqrt(len(days) / (len(days) - 3))
    random = np.random.default_rng(seed)
    return [_best_fit(designs, fitted + random.choice(residuals, len(days))) for _ in range(count)]


def _check_tests(loads: Floats, days: Integers, performances: Floats) -> None:
    if len(days) != len(performances) or len(days) < 4:
        raise ParameterError(
            f"{len(days)} test days with {len(performances)} results; "
            "expected at least 4 days with a result each"
        )
    if min(days) < 0 or max(days) > len(loads):
        raise ParameterError(
            f"tests on days {min(days)} to {max(days)}; "
            f"expected days 0 to {len(loads)}, as there are loads"
        )


def _designs(
    loads: Floats, days: Integers, fitness_days: Sequence[float], fatigue_days: Sequence[float]
) -> list[tuple[float, float, Floats]]:
    """Each pair of time constants with its matrix for (p₀, k₁, k₂), shape (N, 3)."""
    pairs = [(slow, fast) for slow, fast in product(fitness_days, fatigue_days) if slow > fast]
    if not pairs:
        raise ParameterError(
            f"time constants {list(fitness_days)} and {list(fatigue_days)} days; "
            "expected fitness to fade more slowly than fatigue"
        )
    designs = []
    for slow, fast in pairs:
        fitness, fatigue = _responses(loads, slow, fast)
        columns = (np.ones(len(days)), fitness[days], -fatigue[days])
        designs.append((slow, fast, np.column_stack(columns)))
    return designs


def _best_fit(designs: list[tuple[float, float, Floats]], performances: Floats) -> BanisterFit:
    from scipy.optimize import nnls

    solved = [(nnls(matrix, performances), slow, fast) for slow, fast, matrix in designs]
    (values, distance), slow, fast = min(solved, key=lambda entry: entry[0][1])
    total = float(np.sum((performances - np.mean(performances)) ** 2))
    base, fitness_gain, fatigue_gain = map(float, values)
    return BanisterFit(
        BanisterModel(base, fitness_gain, fatigue_gain, slow, fast),
        rmse=distance / math.sqrt(len(performances)),
        r_squared=1 - distance**2 / total if total > 0 else math.nan,
    )


def _responses(loads: Floats, fitness_days: float, fatigue_days: float) -> tuple[Floats, Floats]:
    loads = np.ascontiguousarray(loads, dtype=np.float64)
    return _decaying_sum(loads, fitness_days), _decaying_sum(loads, fatigue_days)


@kernel
def _decaying_sum(loads: Floats, days: float) -> Floats:
    """Σ_{s<t} w_s e^{−(t−s)/τ} for t = 0 … D."""
    keep = np.exp(-1.0 / days)
    total = np.zeros(len(loads) + 1)
    for day in range(len(loads)):
        total[day + 1] = (total[day] + loads[day]) * keep
    return total

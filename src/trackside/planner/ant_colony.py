"""Ant-colony optimisation of mixed variables (ACO_MV): continuous, ordinal and categorical.

An archive of the best solutions is the colony's memory. Every ant chooses one of them as its guide,
the better the likelier, and samples around it: continuous values, and the indices of ordinal ones,
from a normal distribution as wide as the archive is spread; categories by how often and how well
they have done. When nothing improves any more the archive is drawn anew and only the best stays.

K. Socha & M. Dorigo, Ant colony optimization for continuous domains, Eur. J. Oper. Res. 185 (2008);
T. Liao et al., Ant colony optimization for mixed-variable optimization problems, IEEE Trans. Evol.
Comput. 18 (2014), whose tuned parameters are the defaults. One thing is added: beside ants that
sample each variable by itself, as theirs do, most go along a normal mixture of the archive's
differences from their guide. That is about as wide, but has the archive's correlations, and follows
a valley that is oblique to the axes.

Infeasible solutions are ranked behind all feasible ones, by how far they break the constraints
(K. Deb, Comput. Methods Appl. Mech. Eng. 186 (2000)): whoever gives the objective adds how far to
a penalty that is above every feasible value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Continuous:
    """A real variable between two limits."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ordinal:
    """One of ordered values, which have a distance."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Categorical:
    """One of ``count`` values without an order: 0 to count − 1."""

    count: int


Variable = Continuous | Ordinal | Categorical


Objective = Callable[[Floats], Floats]
"""Evaluates candidates (n, V), ordinal ones by their values: (n,), smaller is better."""


@dataclass(frozen=True, slots=True)
class Colony:
    """Parameters of the search.

    ``ants`` an iteration; size of the ``archive``; how ``greedy`` guides are chosen (q, in archive
    sizes: small favours the best); how ``wide`` ants sample (ξ); share of ants that go ``oblique``
    to the axes. After ``patience`` iterations without a relative improvement of ``tolerance`` the
    archive is drawn anew.
    """

    ants: int = 5
    archive: int = 90
    greedy: float = 0.05099
    wide: float = 0.6795
    oblique: float = 0.7
    patience: int = 650
    tolerance: float = 1e-5


@dataclass(frozen=True)
class Found:
    """The best candidate (V,), its objective, and how many were evaluated to find it."""

    best: Floats
    objective: float
    evaluations: int


def guide_probabilities(size: int, greedy: float) -> Floats:
    """Probability (size,) of each rank of the archive to guide an ant.

    ω_l = exp(−(l − 1)² / 2q²k²) / (qk√2π), normalised (Socha & Dorigo, eq. 3).
    """
    ranks = np.arange(size)
    weights = np.exp(-(ranks**2) / (2.0 * (greedy * size) ** 2))
    probabilities: Floats = weights / weights.sum()
    return probabilities


def optimise(
    objective: Objective,
    variables: Sequence[Variable],
    evaluations: int,
    rng: np.random.Generator,
    colony: Colony | None = None,
    enough: Callable[[float], bool] | None = None,
) -> Found:
    """The best candidate of a number of evaluations; ``enough`` may end the search before.

    Raises ParameterError for a variable without a value.
    """
    _check(variables)
    search = _Search(objective, variables, rng, colony or Colony(), evaluations)
    while search.evaluated < evaluations and not (enough and enough(search.best_objective)):
        search.step()
    return Found(search.values(search.best[None])[0], search.best_objective, search.evaluated)


def _check(variables: Sequence[Variable]) -> None:
    for number, variable in enumerate(variables, start=1):
        match variable:
            case Continuous(low, high):
                valid = low <= high
            case Ordinal(values):
                valid = len(values) > 0
            case Categorical(count):
                valid = count > 0
        if not valid:
            raise ParameterError(f"variable {number}, {variable}: expected at least one value")


class _Search:
    """The archive, kept sorted, and how it develops. Ordinal variables are indices in here."""

    def __init__(
        self,
        objective: Objective,
        variables: Sequence[Variable],
        rng: np.random.Generator,
        colony: Colony,
        evaluations: int,
    ) -> None:
        self._objective = objective
        self._rng = rng
        self._colony = colony
        self._limit = evaluations
        self._low, self._high = _limits(variables)
        self._whole = np.array([not isinstance(v, Continuous) for v in variables])
        self._ordinal = [
            (i, np.array(v.values)) for i, v in enumerate(variables) if isinstance(v, Ordinal)
        ]
        self._categories = [
            (i, v.count) for i, v in enumerate(variables) if isinstance(v, Categorical)
        ]
        self._probabilities = guide_probabilities(colony.archive, colony.greedy)
        self._cumulative = np.cumsum(self._probabilities)
        self._archive: Floats = np.empty((0, len(variables)))
        self._objectives: Floats = np.empty(0)
        self._reference = np.inf
        self._stagnant = 0
        self.evaluated = 0
        self.best_objective = np.inf
        self.best = self._low
        self._draw_archive(colony.archive)

    def values(self, archive: Floats) -> Floats:
        """Rows of the archive with ordinal values in place of indices."""
        values = archive.copy()
        for column, ordinals in self._ordinal:
            values[:, column] = ordinals[archive[:, column].astype(np.int64)]
        return values

    def step(self) -> None:
        """One iteration: ants go out, the best of all stay in the archive; or a restart."""
        if self._stagnant >= self._colony.patience:
            self._restart()
            return
        count = min(self._colony.ants, self._limit - self.evaluated)
        guides = np.searchsorted(self._cumulative, self._rng.random(count))
        guides = np.minimum(guides, len(self._archive) - 1)
        ants = self._sampled(guides)
        objectives = self._evaluate(ants)
        self._admit(ants, objectives)
        gained = self._reference - self._objectives[0]
        if gained > self._colony.tolerance * abs(self._reference):
            self._reference = self._objectives[0]
            self._stagnant = 0
        else:
            self._stagnant += 1

    def _sampled(self, guides: Integers) -> Floats:
        """An ant (n, V) around each guide."""
        centres = self._archive[guides]
        oblique = self._rng.random((len(guides), 1)) < self._colony.oblique
        steps = np.where(oblique, self._along_archive(centres), self._along_axes(centres))
        ants = centres + self._colony.wide * steps
        ants[:, self._whole] = np.rint(ants[:, self._whole])
        ants = np.clip(ants, self._low, self._high)
        for column, count in self._categories:
            chances = self._category_chances(column, count)
            ants[:, column] = self._rng.choice(count, len(ants), p=chances)
        return ants

    def _along_axes(self, centres: Floats) -> Floats:
        """Steps (n, V) from centres, as wide as the archive's mean distance in each variable."""
        spread = np.abs(self._archive[:, None] - centres).sum(axis=0) / (len(self._archive) - 1)
        return spread * self._rng.standard_normal(centres.shape)

    def _along_archive(self, centres: Floats) -> Floats:
        """Steps (n, V) Σ_e z_e (x_e − centre)/√(k − 1), z normal: correlated as the archive is."""
        normal = self._rng.standard_normal((len(centres), len(self._archive)))
        mixture = normal @ self._archive - normal.sum(axis=1, keepdims=True) * centres
        return mixture / np.sqrt(len(self._archive) - 1)

    def _category_chances(self, column: int, count: int) -> Floats:
        """Chances (count,) of categories: well-ranked, rarely used, or not in the archive yet."""
        used = self._archive[:, column].astype(np.int64)
        uses = np.bincount(used, minlength=count)
        best_rank = np.full(count, len(used))
        np.minimum.at(best_rank, used, np.arange(len(used)))
        weights = np.zeros(count)
        there = uses > 0
        weights[there] = self._probabilities[best_rank[there]] / uses[there]
        if not there.all():
            weights += self._colony.greedy / (~there).sum()
        chances: Floats = weights / weights.sum()
        return chances

    def _evaluate(self, ants: Floats) -> Floats:
        self.evaluated += len(ants)
        return np.asarray(self._objective(self.values(ants)), dtype=float)

    def _admit(self, ants: Floats, objectives: Floats) -> None:
        everybody = np.concatenate([self._archive, ants])
        all_objectives = np.concatenate([self._objectives, objectives])
        order = np.argsort(all_objectives, kind="stable")[: self._colony.archive]
        self._archive, self._objectives = everybody[order], all_objectives[order]
        if self._objectives[0] < self.best_objective:
            self.best, self.best_objective = self._archive[0], float(self._objectives[0])

    def _draw_archive(self, size: int) -> None:
        """A random archive, the first one or after a restart."""
        size = min(size, self._limit - self.evaluated)
        drawn = self._rng.uniform(
            self._low - 0.5 * self._whole, self._high + 0.5 * self._whole, (size, len(self._low))
        )
        drawn[:, self._whole] = np.rint(drawn[:, self._whole])
        drawn = np.clip(drawn, self._low, self._high)
        self._archive = np.empty((0, len(self._low)))
        self._objectives = np.empty(0)
        self._stagnant = 0
        self._admit(drawn, self._evaluate(drawn))
        self._reference = self._objectives[0]

    def _restart(self) -> None:
        self._draw_archive(self._colony.archive - 1)
        best = self.best[None], np.array([self.best_objective])
        self._admit(*best)


def _limits(variables: Sequence[Variable]) -> tuple[Floats, Floats]:
    """Least and greatest value, or index, of each variable."""
    limits = []
    for variable in variables:
        match variable:
            case Continuous(low, high):
                limits.append((low, high))
            case Ordinal(values):
                limits.append((0.0, len(values) - 1.0))
            case Categorical(count):
                limits.append((0.0, count - 1.0))
    low, high = np.array(limits, float).T
    return low, high

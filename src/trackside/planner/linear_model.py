"""Mixed-integer linear models, rule by rule: solved exactly, or the rules in conflict named.

Every row belongs to a rule with a name in plain words. A model without a solution is solved again
with every rule allowed to give, at a price: those that do are in conflict, and by how much each
gives is the nearest relaxation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack

from trackside.arrays import Floats, Integers
from trackside.errors import ParameterError
from trackside.planner.silence import silent_output

OPTIMAL, TIME_UP, INFEASIBLE = 0, 1, 2  # what scipy.optimize.milp calls them
GIVEN_WAY = 1e-6


class ConflictError(ParameterError):
    """Rules cannot all be kept. ``relaxations``: how far each of those in conflict had to give."""

    def __init__(self, what: str, relaxations: Mapping[str, float]) -> None:
        parts = [f"{rule} (would have to give by {by:.3g})" for rule, by in relaxations.items()]
        super().__init__(f"{what} is impossible; these conflict: {'; '.join(parts)}")
        self.relaxations = dict(relaxations)


@dataclass(frozen=True)
class Solved:
    """Values of all variables, the objective, and by how much it may at most be from the best.

    ``gap`` is relative to the objective, as HiGHS proves it.
    """

    values: Floats
    objective: float
    gap: float


@dataclass(frozen=True)
class _Rule:
    """Rows of a model: ``columns`` and ``coefficients`` (R, K), bounds (R,)."""

    name: str
    columns: Integers
    coefficients: Floats
    lower: Floats
    upper: Floats


@dataclass
class LinearModel:
    """Variables in blocks and rows in rules. Indices of variables are integer arrays."""

    _lower: list[Floats] = field(default_factory=list)
    _upper: list[Floats] = field(default_factory=list)
    _cost: list[Floats] = field(default_factory=list)
    _integer: list[Floats] = field(default_factory=list)
    _count: int = 0
    _rules: list[_Rule] = field(default_factory=list)

    def variables(
        self,
        shape: tuple[int, ...],
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        *,
        integer: bool = False,
    ) -> Integers:
        """A block of new variables: their indices in that shape. The others broadcast to it."""
        size = int(np.prod(shape))
        for column, values in (
            (self._lower, lower),
            (self._upper, upper),
            (self._cost, cost),
            (self._integer, float(integer)),
        ):
            column.append(np.broadcast_to(np.asarray(values, float), shape).ravel())
        self._count += size
        return np.arange(self._count - size, self._count).reshape(shape)

    def rule(
        self,
        name: str,
        columns: ArrayLike,
        coefficients: ArrayLike = 1.0,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> None:
        """Rows of a rule: ``lower`` ≤ Σ coefficients · variables ≤ ``upper``.

        ``columns`` (R, K) indices, or (K,) for a single row; the others broadcast to it, the
        bounds to (R,).
        """
        columns = np.atleast_2d(np.asarray(columns, np.int64))
        values = np.broadcast_to(np.asarray(coefficients, float), columns.shape)
        least, most = (
            np.broadcast_to(np.asarray(one, float), len(columns)) for one in (lower, upper)
        )
        self._rules.append(_Rule(name, columns, values, least, most))

    def solve(self, what: str, gap: float = 1e-3, time_limit: float | None = None) -> Solved:
        """The values of least cost, proven to within the relative ``gap``.

        ``what`` is being solved, for the message. Stops after ``time_limit`` (s) with the best so
        far. Raises :class:`ConflictError` if the rules conflict.
        """
        matrix, lower, upper = self._matrix()
        found = self._milp(np.concatenate(self._cost), matrix, lower, upper, gap, time_limit)
        if found.x is None:
            raise ConflictError(what, self._relaxations())
        return Solved(found.x, float(found.fun), float(found.mip_gap or 0.0))

    def _matrix(self) -> tuple[csr_array, Floats, Floats]:
        rules = self._rules
        widths = np.concatenate([np.full(*one.columns.shape) for one in rules])
        rows = np.repeat(np.arange(len(widths)), widths)
        columns, values = (
            np.concatenate([part.ravel() for part in parts])
            for parts in ([one.columns for one in rules], [one.coefficients for one in rules])
        )
        lower, upper = (
            np.concatenate(parts)
            for parts in ([one.lower for one in rules], [one.upper for one in rules])
        )
        shape = len(lower), self._count
        return csr_array(coo_array((values, (rows, columns)), shape)), lower, upper

    def _milp(
        self,
        cost: Floats,
        matrix: csr_array,
        lower: Floats,
        upper: Floats,
        gap: float,
        time_limit: float | None,
    ) -> Any:
        extra = len(cost) - self._count  # slacks: from 0 on, and real
        bounds = Bounds(
            np.concatenate([*self._lower, np.zeros(extra)]),
            np.concatenate([*self._upper, np.full(extra, np.inf)]),
        )
        options = {"mip_rel_gap": gap}
        if time_limit is not None:
            options["time_limit"] = time_limit
        integrality = np.concatenate([*self._integer, np.zeros(extra)])
        constraint = LinearConstraint(matrix, lower, upper)
        with silent_output():
            return milp(
                cost,
                integrality=integrality,
                bounds=bounds,
                constraints=constraint,
                options=options,
            )

    def _relaxations(self) -> dict[str, float]:
        """How far each rule must give at least, all together giving as little as they can."""
        matrix, lower, upper = self._matrix()
        count = matrix.shape[0]
        eye = csr_array((np.ones(count), (np.arange(count), np.arange(count))), (count, count))
        sizes = np.maximum(np.abs(np.where(np.isfinite(upper), upper, lower)), 1.0)
        cost = np.concatenate([np.zeros(self._count), 1.0 / sizes, 1.0 / sizes])
        relaxed = csr_array(hstack([matrix, eye, -eye]))
        found = self._milp(cost, relaxed, lower, upper, 1e-3, 20.0)
        if found.x is None:
            return {"the limits of single values": np.inf}
        slack = np.abs(found.x[self._count :]).reshape(2, -1).sum(axis=0)
        names = np.repeat(
            [one.name for one in self._rules], [len(one.lower) for one in self._rules]
        )
        given = {name: float(slack[names == name].max()) for name in dict.fromkeys(names)}
        return {name: by for name, by in given.items() if by > GIVEN_WAY}

"""The load of every day up to the race, so that performance on its morning is highest.

Banister's performance is linear in daily loads, and so are fitness (CTL) and fatigue (ATL); with
the kind of each day as a choice the best season of loads is a mixed-integer linear programme. The
linear model alone would pile load on load and then rest: it is the limits that shape the plan, and
the gain in performance is to be read beside them (Ceddia et al., arXiv 2505.20859).
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.linear_model import LinearModel
from trackside.planner.load_demand import (
    HARD,
    KINDS,
    LONG,
    RACE,
    REST,
    DayKind,
    LoadDemand,
    performance_weights,
)
from trackside.planner.load_limits import limit_loads


@dataclass(frozen=True)
class DailyLoads:
    """The kind and load (TRIMP) of each of D days.

    ``performance``: what the loads add to Banister's performance on the race's morning, in loads;
    no season of loads gives more than ``gap`` times that above it.
    """

    kinds: tuple[DayKind, ...]
    loads: Floats
    performance: float
    gap: float


def optimise_loads(
    demand: LoadDemand, gap: float = 1e-3, time_limit: float | None = None
) -> DailyLoads:
    """The kinds and loads of all days that make performance highest within the limits.

    Raises :class:`~trackside.planner.linear_model.ConflictError` if the limits conflict.
    """
    days = len(demand.kinds)
    model = LinearModel()
    allowed = np.array([[kind in kinds for kind in KINDS] for kinds in demand.kinds], float)
    chosen = model.variables((days, len(KINDS)), 0.0, allowed, integer=True)
    least, most = np.moveaxis(demand.bounds, -1, 0)
    weights = performance_weights(days, demand.race)
    loads = model.variables((days,), 0.0, (most * allowed).max(axis=1), -weights)
    model.rule("one kind a day", chosen, lower=1.0, upper=1.0)
    both = np.hstack([loads[:, None], chosen])
    ones = np.ones((days, 1))
    model.rule("the most that a day may be", both, np.hstack([ones, -most]), upper=0.0)
    model.rule("the least that a day may be", both, np.hstack([ones, -least]), lower=0.0)
    _order_of_kinds(model, chosen, demand)
    limit_loads(model, loads, demand)
    found = model.solve("the plan of daily loads", gap, time_limit)
    kinds = tuple(KINDS[kind] for kind in found.values[chosen].argmax(axis=1))
    solved = found.values[loads].clip(0.0)
    return DailyLoads(kinds, solved, float(weights @ solved), found.gap)


def _order_of_kinds(model: LinearModel, chosen: Integers, demand: LoadDemand) -> None:
    """Rules about the kinds of neighbouring days, where there is something to choose."""
    free = np.array([len(kinds) > 1 for kinds in demand.kinds])
    strenuous = chosen[:, [HARD, LONG, RACE]]
    pairs = np.hstack([strenuous[:-1], strenuous[1:]])[free[:-1] | free[1:]]
    if len(pairs):
        model.rule("no two strenuous days in a row", pairs, upper=1.0)
    limits = demand.limits
    for week in range(len(demand.kinds) // 7):
        days = slice(7 * week, 7 * week + 7)
        if free[days].any():
            model.rule("days of rest", chosen[days, REST], lower=limits.rest_days)
            model.rule("hard days a week", chosen[days, HARD], upper=limits.hard_days)

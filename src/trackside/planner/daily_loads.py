"""The load of every day up to the race, so that performance on its morning is highest.

Banister's performance is linear in daily loads, and so are fitness (CTL) and fatigue (ATL); with
the kind of each day as a choice the best season of loads is a mixed-integer linear programme. The
linear model alone would pile load on load and then rest: it is the limits that shape the plan, and
the gain in performance is to be read beside them (Ceddia et al., arXiv 2505.20859).
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.fitness import ACUTE_DAYS, CHRONIC_DAYS
from trackside.planner.linear_model import LinearModel
from trackside.planner.load_demand import (
    HARD,
    KINDS,
    LONG,
    RACE,
    REST,
    DayKind,
    LoadDemand,
    settled_most,
    trained,
    week_limits,
    weekly_amounts,
)

FITNESS_WEIGHT, FATIGUE_WEIGHT = 1.0, 2.0
"""k₁ and k₂ of Banister's model, with time constants of 42 and 7 days; k₂/k₁ is 1.8 to 2 in
published fits."""


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


def performance_weights(days: int, race: int) -> Floats:
    """What a unit of load on each day (D,) does to performance on the race's morning."""
    before = np.maximum(race - np.arange(days), 0)
    weights = FITNESS_WEIGHT * np.exp(-before / CHRONIC_DAYS)
    weights -= FATIGUE_WEIGHT * np.exp(-before / ACUTE_DAYS)
    return np.where(before > 0, weights, 0.0)


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
    _weekly_loads(model, loads, demand)
    _shape_of_weeks(model, loads, demand)
    _fitness_and_fatigue(model, loads, demand)
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


def _weekly_loads(model: LinearModel, loads: Integers, demand: LoadDemand) -> None:
    """Weeks grow by little over the last building week, and recovery and taper are lighter."""
    weeks, usual = loads.reshape(-1, 7), 7.0 * demand.state.fitness
    for amount, daily in weekly_amounts(demand):
        counted = daily.reshape(-1, 7)
        for week, reference, share, name in week_limits(demand):
            if reference is not None:
                columns = np.concatenate([weeks[week], weeks[reference]])
                signs = np.concatenate([counted[week], -share * counted[reference]])
                model.rule(f"{name}, {amount}", columns, signs, upper=0.0)
            elif amount == "load":
                model.rule(f"{name}, {amount}", weeks[week], counted[week], upper=share * usual)
    heaviest = trained(demand).reshape(-1, 7).astype(float)
    model.rule("the heaviest week", weeks, heaviest, upper=demand.limits.peak * usual)


def _shape_of_weeks(model: LinearModel, loads: Integers, demand: LoadDemand) -> None:
    """Settled days of a week are cut by about the same share."""
    if demand.shape is None:
        return
    most = settled_most(demand)
    days = np.flatnonzero(most > 0.0)
    share = model.variables((len(loads) // 7,))
    both = np.stack([loads[days], share[days // 7]], axis=1)
    signs = np.stack([np.ones(len(days)), -most[days]], axis=1)
    off = most[days] * demand.shape / 2.0
    model.rule("the shape of the week", both, signs, -off, off)


def _fitness_and_fatigue(model: LinearModel, loads: Integers, demand: LoadDemand) -> None:
    """CTL and ATL of training as variables, with their limits up to the day before the race."""
    days, state, limits = len(loads), demand.state, demand.limits
    counted = trained(demand).astype(float)
    fitness = _moving_average(model, loads, counted, state.fitness, CHRONIC_DAYS)
    fatigue = _moving_average(model, loads, counted, state.fatigue, ACUTE_DAYS)
    before = slice(0, demand.race)
    fresh = max(state.fatigue / max(limits.fatigue * state.fitness, 1e-9), 1.0)
    both = np.stack([fatigue[before], fitness[before]], axis=1)
    decay = limits.fatigue * np.maximum(fresh * np.exp(-np.arange(demand.race) / ACUTE_DAYS), 1.0)
    signs = np.stack([np.ones(demand.race), -decay], axis=1)
    model.rule("fatigue against fitness", both, signs, upper=0.0)
    share, load = limits.ramp
    if days > 7:
        week = np.stack([fitness[7 : demand.race], fitness[: demand.race - 7]], axis=1)
        model.rule("the rise of fitness in a week", week, [1.0, -1.0 - share], upper=load)


def _moving_average(
    model: LinearModel, loads: Integers, counted: Floats, start: float, tau: float
) -> Integers:
    """Variables X_d = X_{d−1} + (w_d − X_{d−1})/τ, w_d being 0 on days that do not count."""
    average = model.variables((len(loads),))
    model.rule(
        "fitness and fatigue",
        [average[0], loads[0]],
        [1.0, -counted[0] / tau],
        start * (1.0 - 1.0 / tau),
        start * (1.0 - 1.0 / tau),
    )
    rows = np.stack([average[1:], average[:-1], loads[1:]], axis=1)
    ones = np.ones(len(loads) - 1)
    signs = np.stack([ones, (1.0 / tau - 1.0) * ones, -counted[1:] / tau], axis=1)
    model.rule("fitness and fatigue", rows, signs, 0.0, 0.0)
    return average

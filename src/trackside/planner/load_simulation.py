"""A season of daily loads lived through day by day, and every limit checked on the way.

This shares nothing with the optimiser but the definition of its demand: it walks the days.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from trackside.arrays import Floats
from trackside.planner.daily_loads import DailyLoads
from trackside.planner.fitness import (
    ACUTE_DAYS,
    CHRONIC_DAYS,
    FitnessState,
    training_stress,
)
from trackside.planner.load_demand import (
    FATIGUE_WEIGHT,
    FITNESS_WEIGHT,
    KINDS,
    DayKind,
    LoadDemand,
    fatigue_shares,
    least_loads,
    settled_most,
    trained,
    week_limits,
    weekly_amounts,
)
from trackside.planner.training_load import monotony

TOLERANCE = 1e-4
"""Relative to the limit: what a solver's own tolerance may leave."""

STRENUOUS = (DayKind.HARD, DayKind.LONG, DayKind.RACE)


class Violation(NamedTuple):
    """A limit that is broken: on which day, which, by what value."""

    day: date
    limit: str
    value: float
    allowed: float


@dataclass(frozen=True)
class SimulatedSeason:
    """What D days of load do.

    ``fitness``, ``fatigue``, ``form`` (D,): CTL, ATL, TSB, loads per day. ``performance`` (D,):
    Banister's, on each morning, in loads, from the loads of the plan alone. ``weekly_loads``,
    ``monotony``, ``strain`` (T,) of the weeks. ``violations``: of the demand's limits, none if all
    is well.
    """

    start: date
    fitness: Floats
    fatigue: Floats
    form: Floats
    performance: Floats
    weekly_loads: Floats
    monotony: Floats
    strain: Floats
    violations: tuple[Violation, ...]


def simulate_loads(
    demand: LoadDemand, plan: DailyLoads, start: date, tolerance: float = TOLERANCE
) -> SimulatedSeason:
    """Live through ``plan`` from the Monday ``start`` on, and check each day that is to come.

    ``tolerance``: by how much, relative to it, a limit may be passed.
    """
    above = _Above(tolerance)
    loads = plan.loads
    stress = training_stress(loads, demand.state)
    weeks = loads.reshape(-1, 7)
    monotonies = np.array([monotony(week) for week in weeks])
    with np.errstate(invalid="ignore"):
        strain = np.where(weeks.any(axis=1), weeks.sum(axis=1) * monotonies, 0.0)
    found = [
        *_day_violations(above, demand, plan),
        *_order_violations(demand, plan),
        *_week_violations(above, demand, loads),
        *_shape_violations(above, demand, loads),
        *_state_violations(above, demand, np.where(trained(demand), loads, 0.0)),
    ]
    return SimulatedSeason(
        start,
        stress.fitness,
        stress.fatigue,
        stress.form,
        _performance(loads),
        weeks.sum(axis=1),
        monotonies,
        strain,
        tuple(
            Violation(start + timedelta(days=day), limit, value, allowed)
            for day, limit, value, allowed in sorted(found)
        ),
    )


Found = list[tuple[int, str, float, float]]


def _performance(loads: Floats) -> Floats:
    """Banister's performance on the morning of each day, from the loads of the days before it."""
    fit, tired = 0.0, 0.0
    performance = np.empty(len(loads))
    for day, load in enumerate(loads):
        performance[day] = FITNESS_WEIGHT * fit - FATIGUE_WEIGHT * tired
        fit = (fit + load) * np.exp(-1.0 / CHRONIC_DAYS)
        tired = (tired + load) * np.exp(-1.0 / ACUTE_DAYS)
    return performance


@dataclass(frozen=True)
class _Above:
    """Whether a value is above a limit by more than a tolerance, relative to the limit or 1."""

    tolerance: float

    def __call__(self, value: float, limit: float) -> bool:
        return value > limit + self.tolerance * max(abs(limit), 1.0)


def _day_violations(above: _Above, demand: LoadDemand, plan: DailyLoads) -> Found:
    found: Found = []
    for day, (kind, load) in enumerate(zip(plan.kinds, plan.loads, strict=True)):
        if day < demand.since:
            continue
        least, most = demand.bounds[day, KINDS.index(kind)]
        if kind not in demand.kinds[day]:
            found.append((day, f"the day cannot be {kind}", 0.0, 0.0))
        if above(load, most):
            found.append((day, f"the most for a day that is {kind}", float(load), float(most)))
        if above(-load, -least):
            found.append((day, f"the least for a day that is {kind}", float(load), float(least)))
    return found


def _order_violations(demand: LoadDemand, plan: DailyLoads) -> Found:
    found: Found = []
    free = [len(kinds) > 1 for kinds in demand.kinds]
    for day in range(max(demand.since, 1), len(free)):
        pair = plan.kinds[day - 1], plan.kinds[day]
        if (free[day - 1] or free[day]) and all(kind in STRENUOUS for kind in pair):
            found.append((day, "no two strenuous days in a row", 2.0, 1.0))
    for first in range(demand.since - demand.since % 7, len(free), 7):
        kinds = plan.kinds[first : first + 7]
        if any(free[first : first + 7]):
            rests, hard = kinds.count(DayKind.REST), kinds.count(DayKind.HARD)
            if rests < demand.limits.rest_days:
                found.append((first, "days of rest", float(rests), demand.limits.rest_days))
            if hard > demand.limits.hard_days:
                found.append((first, "hard days a week", float(hard), demand.limits.hard_days))
    return found


def _week_violations(above: _Above, demand: LoadDemand, loads: Floats) -> Found:
    found: Found = []
    least = least_loads(demand).reshape(-1, 7).sum(axis=1)
    for amount, daily in weekly_amounts(demand):
        weeks = (daily * loads).reshape(-1, 7).sum(axis=1)
        for limit in week_limits(demand):
            week, other = limit.week, limit.reference
            if week < demand.since // 7 or (other is None and amount != "load"):
                continue
            most = limit.most + (limit.share * weeks[other] if other is not None else 0.0)
            if demand.since:
                most = max(most, least[week])
            if above(weeks[week], most):
                found.append((7 * week, f"{limit.name}, {amount}", float(weeks[week]), float(most)))
    if demand.aim is not None:
        return found
    most = 7.0 * demand.limits.peak * demand.state.fitness
    for week, load in enumerate(np.where(trained(demand), loads, 0.0).reshape(-1, 7).sum(axis=1)):
        if above(load, most):
            found.append((7 * week, "the heaviest week", float(load), float(most)))
    return found


def _shape_violations(above: _Above, demand: LoadDemand, loads: Floats) -> Found:
    found: Found = []
    most = settled_most(demand)
    for first in range(0, len(most), 7):
        days = first + np.flatnonzero(most[first : first + 7] > 0.0)
        if demand.shape is not None and len(days):
            apart = float(np.ptp(loads[days] / most[days]))
            if above(apart, demand.shape):
                found.append((first, "the shape of the week", apart, demand.shape))
    return found


def _state_violations(above: _Above, demand: LoadDemand, loads: Floats) -> Found:
    """``loads`` (D,) of training alone."""
    found: Found = []
    share, load = demand.limits.ramp
    parts = fatigue_shares(demand)
    fitness, fatigue = _walk(demand, loads)
    calm, fresh = _walk(demand, least_loads(demand)) if demand.since else (fitness, fatigue)
    for day in range(demand.since, demand.race):
        part = parts[day]
        most = part * fitness[day]
        if demand.since:
            most += max(fresh[day] - part * calm[day], 0.0)
        if above(fatigue[day], most):
            found.append((day, "fatigue against fitness", float(fatigue[day]), float(most)))
        if day >= 7:
            most = (1.0 + share) * fitness[day - 7] + load
            if demand.since:
                most += max(calm[day] - (1.0 + share) * calm[day - 7] - load, 0.0)
            if above(fitness[day], most):
                found.append((day, "the rise of fitness in a week", float(fitness[day]), most))
    return found


def _walk(demand: LoadDemand, loads: Floats) -> tuple[Floats, Floats]:
    """CTL and ATL after each day (D,), with the correction where what is done ends."""
    first = training_stress(loads[: demand.since], demand.state)
    state = demand.state
    if demand.since:
        state = FitnessState(float(first.fitness[-1]), float(first.fatigue[-1]))
    off = demand.correction
    now = FitnessState(state.fitness + off.fitness, state.fatigue + off.fatigue)
    rest = training_stress(loads[demand.since :], now)
    return (
        np.concatenate([first.fitness, rest.fitness]),
        np.concatenate([first.fatigue, rest.fatigue]),
    )

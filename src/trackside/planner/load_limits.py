"""The limits of daily loads as rules of a linear model: weeks, fitness and fatigue.

A limit leaves some room where a demand has a past (see LoadDemand), and where the loads are those
of a plan that is already followed: what such a plan passes by less than its rounding is left alone.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.fitness import ACUTE_DAYS, CHRONIC_DAYS
from trackside.planner.linear_model import LinearModel
from trackside.planner.load_demand import (
    LoadDemand,
    fatigue_shares,
    least_loads,
    settled_most,
    trained,
    week_limits,
    weekly_amounts,
)


@dataclass(frozen=True)
class InForce:
    """Loads (D,) of a plan that is followed; limits give way by ``share`` of them to keep it."""

    loads: Floats
    share: float


@dataclass(frozen=True)
class State:
    """Variables (D,) of a model: CTL and ATL after each day."""

    fitness: Integers
    fatigue: Integers


def limit_loads(
    model: LinearModel, loads: Integers, demand: LoadDemand, in_force: InForce | None = None
) -> State:
    """Add the rules that keep ``loads`` (D,), variables of ``model``, within their limits."""
    _weekly_loads(model, loads, demand, in_force)
    _shape_of_weeks(model, loads, demand)
    return _fitness_and_fatigue(model, loads, demand, in_force)


def _weekly_loads(
    model: LinearModel, loads: Integers, demand: LoadDemand, in_force: InForce | None
) -> None:
    """Weeks grow by little, or stay near a plan; recovery and taper are lighter."""
    weeks = loads.reshape(-1, 7)
    least = least_loads(demand).reshape(-1, 7).sum(axis=1) * bool(demand.since)
    followed = in_force.loads.reshape(-1, 7) if in_force else np.zeros_like(weeks, float)
    for amount, daily in weekly_amounts(demand):
        counted = daily.reshape(-1, 7)
        for limit in week_limits(demand):
            week, other = limit.week, limit.reference
            if week < demand.since // 7 or (other is None and amount != "load"):
                continue
            rule, columns, signs = f"{limit.name}, {amount}", weeks[week], counted[week]
            if other is None:
                most = max(limit.most, float(least[week]))
                planned = float(counted[week] @ followed[week])
                model.rule(rule, columns, signs, upper=most + _grace(planned, most, in_force))
            else:
                columns = np.concatenate([columns, weeks[other]])
                signs = np.concatenate([signs, -limit.share * counted[other]])
                model.rule(rule, columns, signs, upper=0.0)
    if demand.aim is None:
        peak = 7.0 * demand.limits.peak * demand.state.fitness
        counted = trained(demand).reshape(-1, 7).astype(float)
        model.rule("the heaviest week", weeks, counted, upper=peak)


def _grace(planned: float, limit: float, in_force: InForce | None) -> float:
    """By how much a plan in force passes a limit, if that is little; else 0."""
    if in_force is None or planned > (1.0 + in_force.share) * limit:
        return 0.0
    return max(planned - limit, 0.0)


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


def _fitness_and_fatigue(
    model: LinearModel, loads: Integers, demand: LoadDemand, in_force: InForce | None
) -> State:
    """CTL and ATL of training as variables, with their limits up to the day before the race."""
    counted = trained(demand).astype(float)
    fitness = _moving_average(model, loads, counted, demand, CHRONIC_DAYS)
    fatigue = _moving_average(model, loads, counted, demand, ACUTE_DAYS)
    least = _walked(demand, least_loads(demand)) if demand.since else None
    planned = _walked(demand, counted * in_force.loads) if in_force else None
    days = np.arange(demand.since, demand.race)
    most = fatigue_shares(demand)

    def room(excess: str, limit: str) -> Floats:
        none = np.zeros(demand.race)
        floor = none if least is None else np.maximum(getattr(least, excess), 0.0)
        if planned is None or in_force is None:
            return floor
        passed, allowed = getattr(planned, excess), getattr(planned, limit)
        little = passed <= in_force.share * allowed
        return np.maximum(floor, np.where(little, np.maximum(passed, 0.0), 0.0))

    both = np.stack([fatigue[days], fitness[days]], axis=1)
    signs = np.stack([np.ones(len(days)), -most[days]], axis=1)
    upper = room("fatigue_excess", "fatigue_limit")[days]
    model.rule("fatigue against fitness", both, signs, upper=upper)
    share, load = demand.limits.ramp
    days = np.arange(max(demand.since, 7), demand.race)
    if len(days):
        week = np.stack([fitness[days], fitness[days - 7]], axis=1)
        upper = load + room("ramp_excess", "ramp_limit")[days]
        model.rule("the rise of fitness in a week", week, [1.0, -1.0 - share], upper=upper)
    return State(fitness, fatigue)


@dataclass(frozen=True)
class _Walked:
    """By how much loads pass the limits of the state, and those limits, (R,) each."""

    fatigue_excess: Floats
    fatigue_limit: Floats
    ramp_excess: Floats
    ramp_limit: Floats


def _walked(demand: LoadDemand, loads: Floats) -> _Walked:
    fitness, fatigue = np.empty(demand.race), np.empty(demand.race)
    now, tired = demand.state.fitness, demand.state.fatigue
    for day in range(demand.race):
        if day == demand.since:
            now += demand.correction.fitness
            tired += demand.correction.fatigue
        now += (loads[day] - now) / CHRONIC_DAYS
        tired += (loads[day] - tired) / ACUTE_DAYS
        fitness[day], fatigue[day] = now, tired
    most = fatigue_shares(demand) * fitness
    share, load = demand.limits.ramp
    ramp = np.full(demand.race, np.inf)
    ramp[7:] = (1.0 + share) * fitness[:-7] + load
    return _Walked(fatigue - most, most, fitness - ramp, np.where(np.isinf(ramp), 0.0, ramp))


def _moving_average(
    model: LinearModel, loads: Integers, counted: Floats, demand: LoadDemand, tau: float
) -> Integers:
    """Variables X_d = X_{d−1} + (w_d − X_{d−1})/τ, w_d being 0 on days that do not count."""
    which = "fitness" if tau == CHRONIC_DAYS else "fatigue"
    start: float = getattr(demand.state, which)
    jump: float = getattr(demand.correction, which)
    keep = 1.0 - 1.0 / tau
    average = model.variables((len(loads),))
    known = np.zeros(len(loads))
    known[0] = keep * start
    known[demand.since] += keep * jump
    name = "fitness and fatigue"
    model.rule(name, [average[0], loads[0]], [1.0, -counted[0] / tau], known[0], known[0])
    rows = np.stack([average[1:], average[:-1], loads[1:]], axis=1)
    ones = np.ones(len(loads) - 1)
    signs = np.stack([ones, -keep * ones, -counted[1:] / tau], axis=1)
    model.rule(name, rows, signs, known[1:], known[1:])
    return average

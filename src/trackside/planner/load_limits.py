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
    heaviest_done,
    least_loads,
    missing_loads,
    most_loads,
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


def limit_loads(
    model: LinearModel, loads: Integers, demand: LoadDemand, in_force: InForce | None = None
) -> None:
    """Add the rules that keep ``loads`` (D,), variables of ``model``, within their limits."""
    _weekly_loads(model, loads, demand, in_force)
    _shape_of_weeks(model, loads, demand)
    _fitness_and_fatigue(model, loads, demand, in_force)


def fatigue_shares(demand: LoadDemand) -> Floats:
    """Of CTL, what ATL may be on each day (R,) up to the race; more where the start was tired."""
    state, limits = demand.state, demand.limits
    fresh = max(state.fatigue / max(limits.fatigue * state.fitness, 1e-9), 1.0)
    days = np.arange(demand.race)
    return limits.fatigue * np.maximum(fresh * np.exp(-days / ACUTE_DAYS), 1.0)


def _weekly_loads(
    model: LinearModel, loads: Integers, demand: LoadDemand, in_force: InForce | None
) -> None:
    """Weeks grow by little over the last building week, and recovery and taper are lighter."""
    weeks, usual = loads.reshape(-1, 7), 7.0 * demand.state.fitness
    least = least_loads(demand).reshape(-1, 7).sum(axis=1)
    most = most_loads(demand).reshape(-1, 7).sum(axis=1)
    missing = missing_loads(demand)
    followed = in_force.loads.reshape(-1, 7) if in_force else np.zeros_like(weeks, float)
    for amount, daily in weekly_amounts(demand):
        counted = daily.reshape(-1, 7)
        planned = (counted * followed).sum(axis=1)
        for week, reference, share, name in week_limits(demand):
            if 7 * (week + 1) <= demand.since:
                continue
            enough = 0.0
            if demand.since and amount == "load":
                growing = week not in demand.recovery and len(weeks) - week > demand.taper
                enough = max(least[week], heaviest_done(demand, week) if growing else 0.0)
            rule = f"{name}, {amount}"
            if reference is None:
                if amount == "load":
                    limit = share * usual
                    limit = max(limit, enough) + _grace(planned[week], limit, in_force)
                    model.rule(rule, weeks[week], counted[week], upper=limit)
                continue
            lacking = share * float(missing[reference]) if amount == "load" else 0.0
            room = lacking + _grace(planned[week], share * planned[reference] + lacking, in_force)
            columns = np.concatenate([weeks[week], weeks[reference]])
            signs = np.concatenate([counted[week], -share * counted[reference]])
            if enough <= 0.0:
                model.rule(rule, columns, signs, upper=room)
                continue
            either = model.variables((1,), 0.0, 1.0, integer=True)
            columns = np.concatenate([columns, either])
            far = max(most[week] - enough, 0.0)
            signs_of = np.concatenate([signs, [-most[week]]])
            model.rule(rule, columns, signs_of, upper=room)
            columns = np.concatenate([weeks[week], either])
            signs_of = np.concatenate([counted[week], [far]])
            model.rule(rule, columns, signs_of, upper=enough + far)
    heaviest = trained(demand).reshape(-1, 7).astype(float)
    peak = demand.limits.peak * usual
    planned = (heaviest * followed).sum(axis=1)
    for week in range(demand.since // 7, len(weeks)):
        limit = max(peak, least[week]) if demand.since else peak
        limit += _grace(planned[week], peak, in_force)
        model.rule("the heaviest week", weeks[week], heaviest[week], upper=limit)


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
) -> None:
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

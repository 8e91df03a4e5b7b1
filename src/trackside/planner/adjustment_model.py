"""The future of a plan solved again: what changes least, keeps all limits, and gives up least.

A mixed-integer linear programme over the days to come. What is minimised, in loads (TRIMP):

    Σ_d |w_d − plan_d|  +  S · (days that become another kind)  +  L · (lost sessions)
        +  F · Σ_d (ATL_d − 1.25 CTL_d)⁺  +  M · shortfall

Hard and long sessions are lost that were missed and find no other day. Fatigue (ATL) that outruns
fitness (CTL) costs before it reaches its limit. The shortfall is by how much Banister's performance
on the race's morning is below that of the plan's first loads: training that was lost comes back
where limits leave room, and nothing more than what was lost. The same input has the same answer.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.daily_loads import DailyLoads
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
from trackside.planner.load_limits import InForce, State, limit_loads

ROUNDING = 0.06
"""Workouts are cut to whole 100 m and minutes: limits may be passed by as much, relatively."""
GRACE = 0.04
"""By how much, relatively, a plan in force may pass a limit and stay; less than the rounding, as
limits that follow fitness fall with it."""
SWITCH_COST = 12.0
LOST_COST = 60.0
"""What it is worth that a hard or long session that was missed is done on another day."""
SHORTFALL_COST = 20.0
DEEP, DEEP_COST = 1.25, 14.0
"""Of CTL, above which ATL costs something; what a load of ATL more costs on each day."""
BEYOND_HALF = 3.0
"""How much dearer it is to take more than half of a session away."""
LATER = 1e-4
"""How much dearer a change is with each day: of two that do as much, the nearer is taken."""
MOST_RUNS = 6
"""In any seven days, as in a season's rules."""
STRENUOUS = [HARD, LONG, RACE]


@dataclass(frozen=True)
class Adjusting:
    """What is asked.

    ``demand``: with the kinds and loads that each day may have. ``plan``: kinds and loads in force,
    those done where days are past. ``aim`` (D,): the loads that the plan was first made with.
    ``lost``: for each session of weight that was missed, its kind and the days to which it may
    move.
    """

    demand: LoadDemand
    plan: DailyLoads
    aim: Floats
    lost: tuple[tuple[DayKind, tuple[int, ...]], ...] = ()


def adjusted_loads(asked: Adjusting, gap: float = 1e-3) -> DailyLoads:
    """The kinds and loads of all days (D,); those before ``demand.since`` are as they were.

    ``performance`` is that on the race's morning, in loads. Raises
    :class:`~trackside.planner.linear_model.ConflictError` if the rules conflict, which takes a day
    that must be heavier than they allow.
    """
    demand, plan = asked.demand, asked.plan
    days, since = len(demand.kinds), demand.since
    model = LinearModel()
    allowed = np.array([[kind in kinds for kind in KINDS] for kinds in demand.kinds], float)
    before = np.array([KINDS.index(kind) for kind in plan.kinds])
    switches = np.full((days, len(KINDS)), SWITCH_COST)
    switches[np.arange(days), before] = 0.0
    switches[:since] = 0.0
    chosen = model.variables((days, len(KINDS)), 0.0, allowed, switches, integer=True)
    least, most = np.moveaxis(demand.bounds, -1, 0)
    loads = model.variables((days,), 0.0, (most * allowed).max(axis=1))
    model.rule("one kind a day", chosen, lower=1.0, upper=1.0)
    both = np.hstack([loads[:, None], chosen])
    ones = np.ones((days, 1))
    model.rule("the most that a day may be", both, np.hstack([ones, -most]), upper=0.0)
    model.rule("the least that a day may be", both, np.hstack([ones, -least]), lower=0.0)
    _changes(model, loads, asked)
    _shortfall(model, loads, asked)
    _lost_sessions(model, chosen, asked)
    _spacing(model, chosen, asked)
    state = limit_loads(model, loads, demand, InForce(plan.loads, GRACE))
    _deep_fatigue(model, state, demand)
    found = model.solve("the adjusted plan", gap)
    kinds = tuple(KINDS[kind] for kind in found.values[chosen].argmax(axis=1))
    solved = found.values[loads].clip(0.0)
    weights = performance_weights(days, demand.race)
    return DailyLoads(kinds, solved, float(weights @ solved), found.gap)


def _changes(model: LinearModel, loads: Integers, asked: Adjusting) -> None:
    """What a change costs, by how large it is."""
    ahead = np.arange(asked.demand.since, asked.demand.race)
    if not len(ahead):
        return
    cost = 1.0 + LATER * (ahead - asked.demand.since)
    planned = asked.plan.loads[ahead]
    more = model.variables((len(ahead),), cost=cost)
    less = model.variables((len(ahead),), 0.0, 0.5 * planned, cost)
    much_less = model.variables((len(ahead),), 0.0, 0.5 * planned, BEYOND_HALF * cost)
    columns = np.stack([loads[ahead], more, less, much_less], axis=1)
    model.rule("changes of the plan", columns, [1.0, -1.0, 1.0, 1.0], planned, planned)


def _deep_fatigue(model: LinearModel, state: State, demand: LoadDemand) -> None:
    """What it costs that fatigue outruns fitness, before it reaches its limit."""
    days = np.arange(demand.since, demand.race)
    if not len(days):
        return
    deep = model.variables((len(days),), cost=DEEP_COST)
    columns = np.stack([state.fatigue[days], state.fitness[days], deep], axis=1)
    model.rule("deep fatigue", columns, [1.0, -DEEP, -1.0], upper=0.0)


def _shortfall(model: LinearModel, loads: Integers, asked: Adjusting) -> None:
    """What is lost of the performance on the race's morning."""
    weights = gains(len(loads), asked.demand.race)
    aim = float(weights @ asked.aim)
    short = model.variables((1,), cost=SHORTFALL_COST)
    columns = np.concatenate([loads, short])
    model.rule("what is lost", columns, np.append(weights, 1.0), lower=aim)


def gains(days: int, race: int) -> Floats:
    """What a unit of load on each day (D,) adds on the race's morning; 0 where it only tires.

    Without the last days, or rest in race week would pass for training made up.
    """
    return np.maximum(performance_weights(days, race), 0.0)


def _lost_sessions(model: LinearModel, chosen: Integers, asked: Adjusting) -> None:
    """Each is found again on one of its days, or lost."""
    for kind, days in asked.lost:
        lost = model.variables((1,), 0.0, 1.0, LOST_COST)
        found = np.append(chosen[list(days), KINDS.index(kind)], lost)
        model.rule("sessions that were missed", found, lower=1.0)


def _spacing(model: LinearModel, chosen: Integers, asked: Adjusting) -> None:
    """Hard days keep their distance, and there are days of rest; what is planned so may stay."""
    demand, kinds = asked.demand, asked.plan.kinds
    strenuous = np.array([kind in (DayKind.HARD, DayKind.LONG, DayKind.RACE) for kind in kinds])
    hard = np.array([kind is DayKind.HARD for kind in kinds])
    runs = np.array([kind is not DayKind.REST for kind in kinds])
    since = demand.since
    for day in range(max(since, 1), len(kinds)):
        if not (strenuous[day - 1] and hard[day]):
            pair = np.append(chosen[day - 1, STRENUOUS], chosen[day, HARD])
            model.rule("no hard day after a strenuous one", pair, upper=1.0)
        if not hard[day - 1]:
            pair = np.array([chosen[day - 1, HARD], chosen[day, RACE]])
            model.rule("no hard day before a race", pair, upper=1.0)
    for first in range(max(since - 6, 0), len(kinds) - 6):
        days = slice(first, first + 7)
        done = int(runs[first : max(since, first)].sum())
        most = max(MOST_RUNS, int(runs[days].sum()), done)
        rests = chosen[days, REST]
        model.rule(f"at most {MOST_RUNS} runs in 7 days", rests, lower=7 - most)
    for week in range(since // 7, len(kinds) // 7):
        days = slice(7 * week, 7 * week + 7)
        for kind, name, usual in ((HARD, "hard", demand.limits.hard_days), (LONG, "long", 1)):
            planned = sum(one is KINDS[kind] for one in kinds[days])
            moving = sum(
                lost is KINDS[kind] and not set(to).isdisjoint(range(7 * week, 7 * week + 7))
                for lost, to in asked.lost
            )
            most = max(planned + moving, usual)
            model.rule(f"{name} days a week", chosen[days, kind], upper=most)

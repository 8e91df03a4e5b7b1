"""The season as a mixed-integer linear model: which run of what length on which day.

The rules are Andrews' (Optimal Season Running Schedule, 2024) with the sign of the deviations
mended, shares that may be missed at a price, and those of his rules that he states but does not
model. Distances in this file are km, the unit of his objective.
"""

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Self

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.planner.linear_model import LinearModel
from trackside.planner.season_rules import RunType, SeasonRules

EASY, LONG, ANAEROBIC, THRESHOLD = range(len(RunType))
TYPES = len(RunType)
GROUPS = ((EASY, LONG), (ANAEROBIC,), (THRESHOLD,))
"""Types that share a part of the week: aerobic, anaerobic, threshold."""

NOT_FIXED = -1
RACE = TYPES
"""In place of a type: a race, which takes the day and is nobody's to plan."""

TIDY = 1e-6
"""What it costs, in km, to run on a Monday, or hard on a Monday or Sunday, where nothing else
decides: weeks that begin and end easy fit together in any order."""


@dataclass(frozen=True)
class SeasonDemand:
    """What is asked of T weeks, in km.

    ``goals`` (T,), ``shares`` (T, 3) of them for the groups. ``shortest`` and ``longest``
    (T, 7, 4) of a run of each type on each day; a longest of 0 forbids it. ``fewest`` (T,) runs of
    a week, ``longs`` (T,) of them long. ``fixed`` (T, 7): the type of a day that is settled, RACE,
    or NOT_FIXED; ``run`` (T, 7) how far then, 0 with a type for a rest.
    """

    goals: Floats
    shares: Floats
    shortest: Floats
    longest: Floats
    fewest: Integers
    longs: Integers
    fixed: Integers
    run: Floats

    def weeks(self, start: int, end: int) -> Self:
        """The demand of the weeks from ``start`` to before ``end``."""
        return type(self)(*(getattr(self, field.name)[start:end] for field in fields(self)))


@dataclass(frozen=True)
class SeasonModel:
    """A model and its variables: ``distance`` and ``runs`` (T, 7, 4)."""

    model: LinearModel
    distance: Integers
    runs: Integers


def build_model(demand: SeasonDemand, rules: SeasonRules) -> SeasonModel:
    """The model of consecutive weeks with all rules within and between them."""
    model = LinearModel()
    allowed = np.where(demand.longest > 0.0, 1.0, 0.0)
    weeks = len(demand.goals)
    distance = model.variables((weeks, 7, TYPES), 0.0, demand.longest)
    cost = np.full((weeks, 7, TYPES), rules.run_weight / 1000.0) + _tidiness()
    runs = model.variables((weeks, 7, TYPES), 0.0, allowed, cost, integer=True)
    built = SeasonModel(model, distance, runs)
    _deviations(built, demand, rules)
    _lengths(built, demand, rules)
    _week_rules(built, demand, rules)
    _day_rules(built, demand, rules)
    return built


def _tidiness() -> Floats:
    cost = np.zeros((7, TYPES))
    cost[0] = TIDY
    cost[0, ANAEROBIC:] += TIDY
    cost[6, ANAEROBIC:] += TIDY
    return cost


def _deviations(built: SeasonModel, demand: SeasonDemand, rules: SeasonRules) -> None:
    """Distance of the week and of each group, with what they miss of their goals."""
    model, weeks = built.model, len(demand.goals)
    over, under = model.variables((2, weeks), cost=1.0)
    raced = np.where(demand.fixed == RACE, 0.0, 1.0)[:, :, None]
    weight = np.broadcast_to(raced, built.distance.shape)
    columns = [built.distance.reshape(weeks, -1), over[:, None], under[:, None]]
    ones = np.ones((weeks, 1))
    coefficients = np.hstack([weight.reshape(weeks, -1), -ones, ones])
    model.rule("the week's goal", np.hstack(columns), coefficients, demand.goals, demand.goals)
    for group, types in enumerate(GROUPS):
        wanted = demand.shares[:, group] * demand.goals
        over, under = model.variables((2, weeks), cost=rules.share_weight)
        run = built.distance[:, :, types].reshape(weeks, -1)
        columns = [run, over[:, None], under[:, None]]
        signs = np.concatenate([np.ones(run.shape[1]), [-1.0, 1.0]])
        model.rule("the shares of the types", np.hstack(columns), signs, wanted, wanted)


def _lengths(built: SeasonModel, demand: SeasonDemand, rules: SeasonRules) -> None:
    """Runs are between their shortest and longest, and none is longer than the long run's share."""
    model, x, y = built.model, built.distance.ravel(), built.runs.ravel()
    ones = np.ones(len(x))
    pairs = np.stack([x, y], axis=1)
    longest = np.stack([ones, -demand.longest.ravel()], axis=1)
    model.rule("the longest run of its type", pairs, longest, upper=0.0)
    shortest = np.stack([ones, -demand.shortest.ravel()], axis=1)
    model.rule("the shortest run of its type", pairs, shortest, lower=0.0)
    for week in np.flatnonzero(demand.longs):
        easy = built.distance[week, :, EASY][:, None]
        long = np.broadcast_to(built.distance[week, :, LONG], (7, 7))
        columns = np.hstack([easy, long])
        signs = np.concatenate([[1.0], np.full(7, -rules.easy_share)])
        model.rule("the long run is the longest", columns, signs, upper=0.0)


def _week_rules(built: SeasonModel, demand: SeasonDemand, rules: SeasonRules) -> None:
    model, runs, weeks = built.model, built.runs, len(demand.goals)
    races = (demand.fixed == RACE).sum(axis=1)
    every = runs.reshape(weeks, -1)
    model.rule(f"at most {rules.most_runs} runs a week", every, upper=rules.most_runs - races)
    model.rule(f"at least {rules.fewest_runs} runs a week", every, lower=demand.fewest)
    name = f"at most {rules.most_anaerobic} anaerobic runs a week"
    model.rule(name, runs[:, :, ANAEROBIC], upper=rules.most_anaerobic)
    model.rule("one long run a week", runs[:, :, LONG], lower=demand.longs, upper=demand.longs)


def _day_rules(built: SeasonModel, demand: SeasonDemand, rules: SeasonRules) -> None:
    model = built.model
    days = built.runs.reshape(-1, TYPES)
    raced = (demand.fixed == RACE).ravel()
    model.rule("one run a day", days, upper=np.where(raced, 0.0, 1.0))
    most = rules.most_runs
    for first in range(len(days) - 6):
        week = slice(first, first + 7)
        room = most - int(raced[week].sum())
        model.rule(f"at most {most} runs in 7 days", days[week].ravel(), upper=room)
    hard = days[:, ANAEROBIC:]
    before, after = days[:-1], days[1:]
    both = np.hstack([before[:, LONG:], after[:, ANAEROBIC:]])
    model.rule("no hard run on the day after a long or hard one", both, upper=1.0)
    beside = raced.copy()
    beside[:-1] |= raced[1:]
    beside[1:] |= raced[:-1]
    if beside.any():
        model.rule("no hard run next to a race", hard[beside].reshape(-1, 1), upper=0.0)
    _settled(built, demand)


def _settled(built: SeasonModel, demand: SeasonDemand) -> None:
    """Days that lie in the past, or that somebody has decided on, stay as they are."""
    for week, day in np.argwhere((demand.fixed != NOT_FIXED) & (demand.fixed != RACE)):
        kind, run = demand.fixed[week, day], demand.run[week, day]
        chosen = np.zeros(TYPES)
        chosen[kind] = run > 0.0
        for columns, values in (
            (built.runs[week, day], chosen),
            (built.distance[week, day], run * chosen),
        ):
            built.model.rule("settled days stay", columns[:, None], 1.0, values, values)


def fits_together(kinds: Integers, most_runs: int) -> bool:
    """Whether the days of two or more weeks, in order, keep the rules between weeks.

    ``kinds`` (D,): type, RACE, or −1 for a rest.
    """
    ran = kinds >= 0
    if any(ran[first : first + 7].sum() > most_runs for first in range(len(kinds) - 6)):
        return False
    hard = (kinds == ANAEROBIC) | (kinds == THRESHOLD)
    heavy = hard | (kinds == LONG) | (kinds == RACE)
    next_to_race = any(
        RACE in pair and hard[i : i + 2].any() for i, pair in enumerate(pairwise(kinds))
    )
    return not (heavy[:-1] & hard[1:]).any() and not next_to_race

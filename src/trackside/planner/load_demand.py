"""What is asked of a season of daily loads, and the limits that keep it healthy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.planner.fitness import ACUTE_DAYS, CHRONIC_DAYS, FitnessState


class DayKind(StrEnum):
    """What a day is for, in the order of the last axis of load bounds."""

    REST = "rest"
    EASY = "easy"
    HARD = "hard"
    LONG = "long"
    RACE = "race"


KINDS = tuple(DayKind)
REST, EASY, HARD, LONG, RACE = range(len(KINDS))

FITNESS_WEIGHT, FATIGUE_WEIGHT = 1.0, 2.0
"""k₁ and k₂ of Banister's model, with time constants of 42 and 7 days; k₂/k₁ is 1.8 to 2 in
published fits."""

USUAL_BOUNDS = {
    DayKind.REST: (0.0, 0.0),
    DayKind.EASY: (0.4, 1.8),
    DayKind.HARD: (0.9, 3.2),
    DayKind.LONG: (1.0, 4.5),
    DayKind.RACE: (0.0, 9.0),
}
"""Least and most load of a day, relative to the daily load that the athlete is used to."""


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """What keeps a season of loads healthy.

    ``growth``: of a week over the last building week; ``recovery`` and ``taper``: of such weeks to
    the last building one; ``peak``: of any week to seven times the CTL before the plan.
    ``fatigue``: ATL to CTL, at most (TSB no lower than −(it − 1) · CTL). ``ramp``: how much CTL
    rises in 7 days at most, as a share and as a load. ``hard_days`` a week at most, ``rest_days``
    at least.
    """

    growth: float = 1.10
    recovery: float = 0.75
    taper: tuple[float, float] = (0.75, 0.50)
    peak: float = 1.8
    fatigue: float = 1.5
    ramp: tuple[float, float] = (0.08, 1.5)
    hard_days: int = 2
    rest_days: int = 1


@dataclass(frozen=True)
class LoadDemand:
    """What is asked of D days, whole weeks from Monday.

    ``kinds``: for each day what it may be; a day with one kind is settled, and the rules about the
    order of kinds do not judge it. ``bounds`` (D, 5, 2): least and most load by day and kind.
    ``recovery`` weeks, from 0; ``taper``: how many weeks the taper has, at the end. ``race``: index
    of the goal race's day. ``state``: fitness and fatigue before the first day. ``first_week``:
    whether the first week is whole, and so can be built on. ``shape``: by how much, within a week,
    loads of settled days may differ as shares of the most that each may be; None: as they like.
    ``distances`` (D,) m run on a settled day at the most load it may be: they grow no faster than
    loads; None: nobody looks.

    ``since``: days before it are done, and their bounds are the loads they had. Limits are for the
    days from it on: one that even the least loads would pass is as high as they need.
    ``correction``: by how much fitness and fatigue before ``since`` differ from what the loads done
    say. ``aim`` (D,): where a plan is followed, the loads it was first made with. They tell then
    what a week may have, and not the growth from week to week, which an illness would cut short
    for good: what training is safe to come back to, fitness and fatigue say.
    """

    kinds: Sequence[frozenset[DayKind]]
    bounds: Floats
    recovery: frozenset[int]
    taper: int
    race: int
    state: FitnessState
    first_week: bool = True
    shape: float | None = None
    distances: Floats | None = None
    limits: LoadLimits = field(default_factory=LoadLimits)
    since: int = 0
    correction: FitnessState = field(default_factory=lambda: FitnessState(0.0, 0.0))
    aim: Floats | None = None


LEAST_TO_BUILD_ON = 0.7
"""A week that can hold less than this part of the last one built on is not built on."""


MADE_UP = 1.25
"""Of its first load, what a week of a plan that is followed may have."""


def performance_weights(days: int, race: int) -> Floats:
    """What a unit of load on each day (D,) does to performance on the race's morning."""
    before = np.maximum(race - np.arange(days), 0)
    weights = FITNESS_WEIGHT * np.exp(-before / CHRONIC_DAYS)
    weights -= FATIGUE_WEIGHT * np.exp(-before / ACUTE_DAYS)
    return np.where(before > 0, weights, 0.0)


def usual_bounds(days: int, daily_load: float) -> Floats:
    """Bounds (days, 5, 2) for an athlete who is used to ``daily_load`` on average."""
    bounds = daily_load * np.array([USUAL_BOUNDS[kind] for kind in KINDS])
    return np.repeat(bounds[None], days, axis=0)


def trained(demand: LoadDemand) -> Booleans:
    """Whether the limits look at a day (D,): training is limited, a settled race is as it is."""
    return np.array([kinds != {DayKind.RACE} for kinds in demand.kinds])


def most_loads(demand: LoadDemand) -> Floats:
    """The most load that each day (D,) may have, whatever it is; 0 for a settled race."""
    most = [
        max(demand.bounds[day, KINDS.index(kind), 1] for kind in kinds)
        for day, kinds in enumerate(demand.kinds)
    ]
    return np.where(trained(demand), most, 0.0)


def least_loads(demand: LoadDemand) -> Floats:
    """The least load that each day (D,) must have, whatever it is; 0 for a settled race."""
    least = [
        min(demand.bounds[day, KINDS.index(kind), 0] for kind in kinds)
        for day, kinds in enumerate(demand.kinds)
    ]
    return np.where(trained(demand), least, 0.0)


def settled_most(demand: LoadDemand) -> Floats:
    """The most load of each day (D,) that is settled and trained on; 0 for others."""
    settled = np.array([len(kinds) == 1 for kinds in demand.kinds])
    return np.where(settled, most_loads(demand), 0.0)


def weekly_amounts(demand: LoadDemand) -> Iterator[tuple[str, Floats]]:
    """What is limited week by week: its name, and how much a unit of each day's load (D,) counts.

    The load itself; and the distance, where the demand tells it.
    """
    yield "load", trained(demand).astype(float)
    if demand.distances is not None:
        most = settled_most(demand)
        run = np.where(most > 0.0, demand.distances, 0.0)
        yield "distance", run / np.where(most > 0.0, most, 1.0)


@dataclass(frozen=True, slots=True)
class WeekLimit:
    """``week`` may have ``most``, and ``share`` of what the week ``reference`` has, if any."""

    week: int
    name: str
    most: float
    share: float = 0.0
    reference: int | None = None


def week_limits(demand: LoadDemand) -> Iterator[WeekLimit]:
    """What each week may have."""
    return _growing(demand) if demand.aim is None else _made_up(demand, demand.aim)


def _made_up(demand: LoadDemand, aim: Floats) -> Iterator[WeekLimit]:
    """Of a plan that is followed: some more than at first, but not in the week of the race."""
    weeks = np.where(trained(demand), aim, 0.0).reshape(-1, 7).sum(axis=1)
    for week, first in enumerate(weeks.tolist()):
        most = first if week == len(weeks) - 1 else MADE_UP * first
        yield WeekLimit(week, "the week as first planned", most)


def _growing(demand: LoadDemand) -> Iterator[WeekLimit]:
    """Of a new plan: a share of the last building week; of the first weeks, of seven times CTL.

    A week with a race is not built on, nor one with little time to train.
    """
    limits, count = demand.limits, len(demand.kinds) // 7
    whole = [all(week) for week in trained(demand).reshape(-1, 7)]
    could = most_loads(demand).reshape(-1, 7).sum(axis=1)
    usual = 7.0 * demand.state.fitness
    built, enough = None, LEAST_TO_BUILD_ON * usual
    for week in range(count):
        left, building = count - week, False
        if left <= demand.taper:
            share = limits.taper[-left] if left <= len(limits.taper) else limits.taper[0]
            name = "the taper"
        elif week in demand.recovery:
            share, name = limits.recovery, "recovery weeks"
        else:
            share, name, building = limits.growth, "growth from week to week", True
        if built is None:
            yield WeekLimit(week, name, share * usual)
        else:
            yield WeekLimit(week, name, 0.0, share, built)
        if building and whole[week] and could[week] >= enough and (week or demand.first_week):
            built, enough = week, LEAST_TO_BUILD_ON * could[week]


def fatigue_shares(demand: LoadDemand) -> Floats:
    """Of CTL, what ATL may be on each day (R,) up to the race; more where the start was tired."""
    state, limits = demand.state, demand.limits
    fresh = max(state.fatigue / max(limits.fatigue * state.fitness, 1e-9), 1.0)
    days = np.arange(demand.race)
    return limits.fatigue * np.maximum(fresh * np.exp(-days / ACUTE_DAYS), 1.0)

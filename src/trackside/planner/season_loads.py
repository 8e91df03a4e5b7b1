"""What the optimisation of daily loads is asked, once the season has settled each day's kind."""

from collections.abc import Sequence

import numpy as np

from trackside.planner.athlete import Athlete
from trackside.planner.calendar import Calendar, Phase
from trackside.planner.fitness import FitnessState
from trackside.planner.load_demand import KINDS, DayKind, LoadDemand, LoadLimits
from trackside.planner.run_choice import RunChoice
from trackside.planner.season_rules import RunType
from trackside.planner.training_load import usual_daily_load
from trackside.planner.workout_cutting import Paces, cut_to_load
from trackside.planner.workouts import Workout

SHAPE = 0.2
"""By how much the cuts of a week's runs may differ."""

HARDER = 1.2
"""How much more load a km has at most when there is more hard running in it than usual."""
TOO_MUCH = 1.15
"""A workout that cannot be cut to so many times its load makes way for a smaller one."""

KIND_OF = {
    RunType.EASY: DayKind.EASY,
    RunType.LONG: DayKind.LONG,
    RunType.ANAEROBIC: DayKind.HARD,
    RunType.THRESHOLD: DayKind.HARD,
}


def load_demand(
    calendar: Calendar,
    choices: Sequence[RunChoice],
    athlete: Athlete,
    *,
    first_week: bool,
) -> LoadDemand:
    """The demand whose days are settled, and whose loads may be up to those of ``choices``.

    A trial has its own load; the goal race none, since nothing comes after it. The heaviest week
    may be heavier than usual by as much as the season's longest is longer. ``first_week``: whether
    the plan's first week is whole.
    """
    distances = np.array([choice.workout.distance for choice in choices])
    trained = np.where([choice.race is None for choice in choices], distances, 0.0)
    longest = trained.reshape(-1, 7).sum(axis=1).max()
    kinds = [frozenset({_kind(choice)}) for choice in choices]
    bounds = np.zeros((len(choices), len(KINDS), 2))
    for day, choice in enumerate(choices):
        load = choice.workout.load
        if choice.race is None:
            bounds[day, :, 1] = load
        elif not choice.race.goal:
            bounds[day] = load
    race = next(day for day, choice in enumerate(choices) if choice.race and choice.race.goal)
    return LoadDemand(
        kinds,
        bounds,
        recovery=frozenset(week.number - 1 for week in calendar.weeks if week.is_recovery),
        taper=sum(week.phase is Phase.TAPER for week in calendar.weeks),
        race=race,
        state=FitnessState.steady(usual_daily_load(athlete)),
        first_week=first_week,
        shape=SHAPE,
        distances=distances,
        limits=LoadLimits(peak=max(1.0, HARDER * float(longest) / athlete.weekly_distance)),
    )


def _kind(choice: RunChoice) -> DayKind:
    if choice.race is not None:
        return DayKind.RACE
    return DayKind.REST if choice.kind is None else KIND_OF[choice.kind]


def cut_runs(
    choices: Sequence[RunChoice], loads: Sequence[float], athlete: Athlete
) -> list[Workout]:
    """The workouts of all days, cut to their loads (TRIMP); races and rests as they are."""
    paces = Paces.of(athlete)
    return [
        _cut_run(choice, load, athlete, paces) for choice, load in zip(choices, loads, strict=True)
    ]


def _cut_run(choice: RunChoice, load: float, athlete: Athlete, paces: Paces) -> Workout:
    if choice.template is None or choice.smallest is None:
        return choice.workout
    longest = choice.workout.distance
    workout = cut_to_load(choice.template, load, longest, athlete, paces)
    if workout.load > TOO_MUCH * load:
        smaller = cut_to_load(choice.smallest, load, longest, athlete, paces)
        return min(workout, smaller, key=lambda one: one.load)
    return workout

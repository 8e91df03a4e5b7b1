"""What is done beside running, put where a week has time for it."""

from collections.abc import Sequence

from trackside.planner.athlete import Athlete
from trackside.planner.run_choice import RunChoice
from trackside.planner.season_rules import RunType
from trackside.planner.workout_cutting import Paces, cut_to_distance
from trackside.planner.workout_library import Library
from trackside.planner.workouts import SessionType, Workout

TIRING = (SessionType.STRENGTH, SessionType.CROSS_TRAINING)


def supplements(
    choices: Sequence[RunChoice], codes: Sequence[str], library: Library, athlete: Athlete
) -> list[tuple[Workout, ...]]:
    """What each day of a week (7) has beside its run.

    Each code goes to the day with most time left that has nothing beside running yet. Strength and
    cross-training leave one day of rest alone, and keep off races, long runs and the day before
    them. What there is no time for is left out.
    """
    paces = Paces.of(athlete)
    beside: list[tuple[Workout, ...]] = [() for _ in choices]
    left = [choice.day.available - choice.workout.duration for choice in choices]
    rest = _day_of_rest(choices)
    for code in codes:
        workout = cut_to_distance(library[code], 0.0, athlete, paces)
        days = [
            day
            for day, choice in enumerate(choices)
            if left[day] >= workout.duration
            and choice.race is None
            and not (workout.type in TIRING and (day == rest or _keeps_fresh(choices, day)))
        ]
        if days:
            day = min(days, key=lambda day: (len(beside[day]), -left[day]))
            beside[day] += (workout,)
            left[day] -= workout.duration
    return beside


def _day_of_rest(choices: Sequence[RunChoice]) -> int | None:
    """The day of the week that stays without training: a day off if there is one."""
    rests = [day for day, choice in enumerate(choices) if choice.workout.type is SessionType.REST]
    return min(rests, key=lambda day: choices[day].day.available, default=None)


def _keeps_fresh(choices: Sequence[RunChoice], day: int) -> bool:
    """Whether a day, or the one after it, has a race or a long run."""
    return any(
        choice.race is not None or choice.kind is RunType.LONG for choice in choices[day : day + 2]
    )

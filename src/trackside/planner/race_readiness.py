"""Whether a race can be prepared for in time, by the weekly distance that it takes."""

from datetime import timedelta
from itertools import count

from trackside.errors import ParameterError
from trackside.planner.athlete import Athlete
from trackside.planner.periodisation import loading_weeks

WEEK_PER_RACE = 30.0 / 42.195
"""Least weekly distance over race distance: below 30 km a week, twice as many marathon runners
are injured (Rasmussen et al., Int. J. Sports Phys. Ther. 8 (2013) 111). Other distances in
proportion, which is this module's assumption."""

GROWTH = 1.1
"""Greatest ratio of one week to the one before, as in Andrews' season."""

FIRST_WEEK = 5e3  # m, from which somebody starts who did not run


def longest_race(weekly_distance: float, weeks: int) -> float:
    """Return the longest race (m) to be run after ``weeks`` of training from a weekly distance (m).

    Every week 10 % longer than the one before: what is longer cannot be prepared for.
    """
    return max(weekly_distance, FIRST_WEEK) * GROWTH ** max(weeks - 1, 0) / WEEK_PER_RACE


def require_reachable(athlete: Athlete, weeks: int) -> None:
    """Refuse a goal race that cannot be prepared for in ``weeks``.

    Raises
    ------
    ParameterError
        Naming what conflicts, the earliest day on which it could be run, and what could be run
        on its day.
    """
    goal, start = athlete.goal, athlete.weekly_distance
    longest = longest_race(start, loading_weeks(weeks))
    if longest >= goal.distance:
        return
    needed = next(
        total
        for total in count(weeks)
        if longest_race(start, loading_weeks(total)) >= goal.distance
    )
    earliest = goal.day + timedelta(weeks=needed - weeks)
    raise ParameterError(
        f"{_km(goal.distance)} on {goal.day} from {_km(start)} a week: that race takes a week of "
        f"{_km(goal.distance * WEEK_PER_RACE)}, but at 10 % more each week the {_weeks(weeks)} "
        f"until then allow {_km(longest * WEEK_PER_RACE)}; what would work: the same distance from "
        f"{earliest} on, or up to {_km(longest // 100 * 100)} on {goal.day}"
    )


def _weeks(number: int) -> str:
    return "week" if number == 1 else f"{number} weeks"


def _km(distance: float) -> str:
    return f"{distance / 1000:.1f} km"

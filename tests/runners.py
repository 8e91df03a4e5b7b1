"""Athletes to plan for."""

from dataclasses import replace
from datetime import date
from typing import Any

from trackside.planner.athlete import Athlete
from trackside.planner.profile import Experience, GoalRace, Sex

TODAY = date(2030, 1, 9)  # a Wednesday
RACE_DAY = date(2030, 6, 2)  # the Sunday of the 21st week from then
HOURS = tuple(3600.0 * hours for hours in (0, 1, 1.5, 1, 1, 2, 4))


def runner(**changes: Any) -> Athlete:
    """A runner of 40 km a week who prepares for a marathon, with other values where given."""
    athlete = Athlete(
        runner_id="ada",
        goal=GoalRace(RACE_DAY, 42195.0, "City marathon"),
        age=38.0,
        sex=Sex.FEMALE,
        height=1.68,
        weight=61.0,
        resting_heart_rate=50.0,
        maximum_heart_rate=190.0,
        vdot=45.0,
        weekly_distance=40e3,
        available=HOURS,
        injuries=(),
        experience=Experience.RECREATIONAL,
        estimated={},
    )
    return replace(athlete, **changes)

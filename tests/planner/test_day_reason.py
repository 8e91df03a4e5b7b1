"""Why a day is as it is: said truly, from its phase and its neighbours."""

from dataclasses import replace
from datetime import timedelta

from plans import INTERVALS, MONDAY, RACE, REST, TEMPO, plan

from trackside.planner.day_reason import day_reason
from trackside.planner.training_plan import PlannedDay, TrainingPlan

WEEK = ((TEMPO,), (REST,), (INTERVALS,), (TEMPO,), (REST,), (REST,), (RACE,))


def reason(weekday: int, made: TrainingPlan) -> str:
    day = next(one for one in made.days if one.date == MONDAY + timedelta(days=weekday))
    return day_reason(made, day)


def test_the_days_beside_it_tell_why() -> None:
    made = plan(WEEK)
    assert reason(1, made).endswith("Rest today, as yesterday was hard.")
    assert reason(2, made).endswith("You come to it rested: yesterday was easy.")
    assert "rested" not in reason(3, made)
    assert reason(5, made).endswith("Little today, as you race tomorrow.")
    assert reason(6, made).endswith("All of the last weeks led here.")


def test_the_phase_and_a_recovery_week_are_named() -> None:
    made = plan(WEEK)
    assert reason(0, made).startswith("Week 12, taper: less distance")
    day: PlannedDay = replace(made.days[0], is_recovery_week=True)
    assert "training takes effect while you rest" in day_reason(made, day)

"""A plan as documents, one a day, with the fields that SmartRunning stores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from trackside.planner.calendar import Phase
from trackside.planner.training_plan import PlannedDay, TrainingPlan
from trackside.planner.workouts import SessionType, Workout

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class DayDocument:
    """A day of a plan, as it is stored. ``steps`` holds the day's workouts with their steps."""

    runner_id: str
    date: date
    week_number: int
    day_of_week: str
    session_code: str
    session_type: SessionType
    session_definition: str
    is_training_day: bool
    is_recovery_week: bool
    phase: Phase
    created_at: datetime
    steps: Annotated[tuple[Workout, ...], Field(min_length=1)]


def day_documents(plan: TrainingPlan) -> list[DayDocument]:
    """The documents of all days of a plan, in order."""
    return [
        DayDocument(
            runner_id=plan.runner_id,
            date=day.date,
            week_number=day.week_number,
            day_of_week=WEEKDAYS[day.date.weekday()],
            session_code="+".join(workout.code for workout in day.workouts),
            session_type=day.main.type,
            session_definition=" Also: ".join(workout.definition for workout in day.workouts),
            is_training_day=day.is_training_day,
            is_recovery_week=day.is_recovery_week,
            phase=day.phase,
            created_at=plan.created_at,
            steps=day.workouts,
        )
        for day in plan.days
    ]


def days_of(documents: Sequence[DayDocument]) -> tuple[PlannedDay, ...]:
    """The days of a plan from their documents."""
    return tuple(
        PlannedDay(one.date, one.week_number, one.phase, one.is_recovery_week, one.steps)
        for one in documents
    )

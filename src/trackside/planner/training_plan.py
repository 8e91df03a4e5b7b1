"""A training plan: what is done on every day up to the goal race."""

from dataclasses import dataclass
from datetime import date, datetime

from trackside.planner.calendar import Phase
from trackside.planner.profile import GoalRace
from trackside.planner.workouts import SessionType, Workout


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day's workouts, the main one first; a day of rest has one of type REST, without steps."""

    date: date
    week_number: int
    phase: Phase
    is_recovery_week: bool
    workouts: tuple[Workout, ...]

    @property
    def main(self) -> Workout:
        """The workout that the day is named after."""
        return self.workouts[0]

    @property
    def is_training_day(self) -> bool:
        """Whether anything is to be trained."""
        return self.main.type is not SessionType.REST

    @property
    def distance(self) -> float:
        """What is run, in m."""
        return sum(workout.distance for workout in self.workouts)

    @property
    def load(self) -> float:
        """Load of all workouts (Banister's TRIMP)."""
        return sum(workout.load for workout in self.workouts)


@dataclass(frozen=True)
class TrainingPlan:
    """All days from the plan's first to the goal race, in order.

    ``revision`` counts how often the plan was changed after it was made; ``created_at`` in UTC.
    """

    runner_id: str
    goal: GoalRace
    created_at: datetime
    days: tuple[PlannedDay, ...]
    revision: int = 0

    @property
    def plan_id(self) -> str:
        """Names the plan: a runner has one plan for a race's day."""
        return f"{self.runner_id}-{self.goal.day.isoformat()}"

"""Plans that are made in no time, and what goes with them into a store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from runners import runner
from trackside.planner.calendar import Phase
from trackside.planner.load_demand import DayKind
from trackside.planner.plan_record import LoadRecord, PlanRecord
from trackside.planner.profile import GoalRace
from trackside.planner.store.database import Database
from trackside.planner.store.plans import save_plan
from trackside.planner.store.runners import save_runner
from trackside.planner.training_plan import PlannedDay, TrainingPlan
from trackside.planner.workouts import Intensity, SessionType, Step, Workout

TODAY = date.today()
RACE_DAY = TODAY + timedelta(days=40)
REST = Workout("REST", SessionType.REST, "Rest")
EASY = Workout(
    "EASY",
    SessionType.EASY,
    "Easy run",
    (Step("easy running", Intensity.ACTIVE, distance=6000.0, speed=(2.6, 3.0)),),
    6000.0,
    2100.0,
    45.0,
)
TEMPO = replace(EASY, code="TEMPO", type=SessionType.TEMPO, definition="Steady", load=80.0)
RACE = replace(EASY, code="RACE", type=SessionType.RACE, definition="City 10 km", load=120.0)
WEEK = (REST, EASY, TEMPO, REST, EASY, REST, TEMPO)


def profile(runner_id: str = "ada", **more: Any) -> dict[str, Any]:
    """A profile's document."""
    goal = {"day": RACE_DAY.isoformat(), "distance_km": 10, "name": "City 10 km"}
    return {"runner_id": runner_id, "goal": goal, "weekly_distances_km": [30, 32], **more}


def made_plan(
    runner_id: str = "ada", first: date = TODAY - timedelta(days=10), race: date = RACE_DAY
) -> PlanRecord:
    """A plan from a day to a race, made by hand."""
    monday = first - timedelta(days=first.weekday())
    count = (race - first).days + 1
    dates = [first + timedelta(days=number) for number in range(count)]
    days = tuple(
        PlannedDay(
            day,
            (day - monday).days // 7 + 1,
            Phase.BUILD,
            False,
            (RACE if day == race else WEEK[day.weekday()],),
        )
        for day in dates
    )
    goal = GoalRace(race, 10e3, "City 10 km")
    plan = TrainingPlan(runner_id, goal, datetime.now(UTC), days)
    weeks = (race - monday).days // 7 + 1
    at = (race - monday).days
    kinds = [DayKind.EASY] * (7 * weeks)
    kinds[at] = DayKind.RACE
    loads = LoadRecord(
        tuple(kinds),
        (0.0,) * (7 * weeks),
        (150.0,) * (7 * weeks),
        (),
        1,
        at,
        40.0,
        42.0,
        True,
        1.8,
    )
    focus = tuple(f"Week {number} has a focus." for number in range(1, weeks + 1))
    athlete = runner(runner_id=runner_id, goal=goal, available=(3600.0,) * 7)
    return PlanRecord(plan, athlete, "shorter-12", loads, focus, ("a note",))


def changed(record: PlanRecord, day: date, workout: Workout) -> PlanRecord:
    """The next revision, with another workout on a day."""
    days = tuple(
        replace(one, workouts=(workout,)) if one.date == day else one for one in record.plan.days
    )
    return replace(record, plan=replace(record.plan, days=days, revision=record.plan.revision + 1))


def store_runner(database: Database, runner_id: str = "ada") -> None:
    """Put a runner into a store."""
    with database.writing() as connection:
        save_runner(connection, profile(runner_id))


def store_plan(database: Database, runner_id: str = "ada") -> PlanRecord:
    """Put a runner and a plan into a store."""
    record = made_plan(runner_id)
    with database.writing() as connection:
        save_runner(connection, profile(runner_id))
        save_plan(connection, record, TODAY)
    return record

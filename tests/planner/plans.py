"""Training plans to export."""

from datetime import UTC, date, datetime, timedelta

from trackside.planner.calendar import Phase
from trackside.planner.profile import GoalRace
from trackside.planner.training_plan import PlannedDay, TrainingPlan
from trackside.planner.workouts import Intensity, Repeat, SessionType, Step, Workout

MONDAY = date(2030, 5, 27)
GOAL = GoalRace(MONDAY + timedelta(days=6), 10e3, "City 10 km")
REST = Workout("REST", SessionType.REST, "Rest")
TEMPO = Workout(
    "T8",
    SessionType.TEMPO,
    "Threshold run, steady; not faster, even if it feels easy",
    (
        Step("Warm up", Intensity.WARM_UP, duration=900.0, heart_rate=(120.0, 140.0)),
        Step("", Intensity.ACTIVE, duration=1200.0, speed=(3.6, 3.8), heart_rate=(160.0, 170.0)),
        Step("Cool down", Intensity.COOL_DOWN, distance=1500.0),
    ),
    distance=8000.0,
    duration=2700.0,
)
INTERVALS = Workout(
    "I5x1000",
    SessionType.INTERVALS,
    "Kilometres",
    (
        Step("Warm up", Intensity.WARM_UP, duration=900.0),
        Repeat(
            5,
            (
                Step("", Intensity.ACTIVE, distance=1000.0, speed=(3.92, 4.08)),
                Step("jog", Intensity.RECOVERY, duration=120.0),
            ),
        ),
    ),
    distance=9000.0,
)
STRENGTH = Workout("S1", SessionType.STRENGTH, "Legs and trunk", duration=1800.0)
RACE = Workout("RACE", SessionType.RACE, "City 10 km", distance=10e3, duration=2700.0)
WEEK = ((TEMPO,), (REST,), (INTERVALS, STRENGTH), (STRENGTH,), (REST,), (REST,), (RACE,))


def plan(week: tuple[tuple[Workout, ...], ...] = WEEK, revision: int = 0) -> TrainingPlan:
    """A plan of the race's week: tempo, rest, intervals and strength, strength, rest, race."""
    days = tuple(
        PlannedDay(MONDAY + timedelta(days=number), 12, Phase.TAPER, False, workouts)
        for number, workouts in enumerate(week)
    )
    return TrainingPlan("ada", GOAL, datetime(2030, 3, 4, 5, 6, 7, tzinfo=UTC), days, revision)

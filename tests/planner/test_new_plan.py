"""Plans from end to end: what every one of them keeps, and wishes that cannot be met."""

from dataclasses import asdict, fields, replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runners import RACE_DAY, TODAY, runner
from trackside.errors import ParameterError
from trackside.planner.athlete import Athlete, complete
from trackside.planner.calendar import Phase
from trackside.planner.load_simulation import simulate_loads
from trackside.planner.new_plan import PlanWishes, new_plan
from trackside.planner.plan_documents import DayDocument, day_documents
from trackside.planner.plan_record import PlanRecord
from trackside.planner.profile import AthleteProfile, GoalRace, Injury
from trackside.planner.training_plan import PlannedDay
from trackside.planner.training_schema import find_schema
from trackside.planner.workout_library import workout_library
from trackside.planner.workout_size import steps_in_order
from trackside.planner.workouts import SessionType

ROUNDING = 0.06
HARD = {SessionType.TEMPO, SessionType.INTERVALS, SessionType.HILLS, SessionType.RACE_PACE}
SMARTRUNNING = (
    "runner_id",
    "date",
    "week_number",
    "day_of_week",
    "session_code",
    "session_type",
    "session_definition",
    "is_training_day",
    "is_recovery_week",
    "phase",
    "created_at",
)


@cache
def marathon() -> PlanRecord:
    """The plan of the usual runner: 21 weeks, from a Wednesday on."""
    return new_plan(runner(), TODAY)


def first_monday(record: PlanRecord) -> date:
    """Of the plan's first week."""
    first = record.plan.days[0].date
    return first - timedelta(days=first.weekday())


def check(record: PlanRecord, athlete: Athlete, today: date) -> None:
    """What every plan keeps."""
    days = record.plan.days
    assert [day.date for day in days] == [
        today + timedelta(days=number) for number in range((athlete.goal.day - today).days + 1)
    ]
    assert days[-1].main.type is SessionType.RACE
    assert days[-1].main.distance == athlete.goal.distance
    for day in days:
        races = {SessionType.RACE, SessionType.TRIAL} & {one.type for one in day.workouts}
        free = athlete.available[day.date.weekday()]
        took = sum(workout.duration for workout in day.workouts)
        assert races or took <= free + 60.0, (day.date, took, free)
        assert (day.main.type is SessionType.REST) == (not day.is_training_day)
    lived = simulate_loads(
        record.loads.demand(), record.daily_loads(), first_monday(record), ROUNDING
    )
    assert not lived.violations


def test_a_plan_of_21_weeks() -> None:
    record = marathon()
    check(record, runner(), TODAY)
    phases = [day.phase for day in record.plan.days]
    assert [phase for phase, after in pairwise([*phases, None]) if phase is not after] == list(
        Phase
    )
    trials = [day for day in record.plan.days if day.main.type is SessionType.TRIAL]
    assert [day.main.distance for day in trials] == [21_097.5, 10_000.0]
    types = {workout.type for day in record.plan.days for workout in day.workouts}
    assert types == set(SessionType)


def test_training_is_spread_well() -> None:
    """Long runs at weekends and longest of their week; no hard days in a row; easy eves."""
    days = marathon().plan.days
    for day, after in pairwise(days):
        assert not (day.main.type in HARD and after.main.type in HARD)
        if after.main.type in (SessionType.RACE, SessionType.TRIAL):
            assert day.main.type not in HARD
            assert day.distance <= 5000.0
    for number in range(1, 22):
        week = [day for day in days if day.week_number == number]
        long = [day for day in week if day.main.type is SessionType.LONG]
        assert all(day.date.weekday() >= 5 for day in long)
        assert all(day.distance <= one.distance for one in long for day in week)
        assert number == 1 or any(not day.is_training_day for day in week)


def test_weeks_grow_and_ease_off() -> None:
    """No week but those of races runs further than 10 % above all before; recovery is lighter."""
    weeks: dict[int, list[PlannedDay]] = {}
    for day in marathon().plan.days:
        weeks.setdefault(day.week_number, []).append(day)
    furthest = 40_000.0
    for number, week in list(weeks.items())[1:]:
        run = sum(day.distance for day in week)
        raced = any(day.main.type in (SessionType.RACE, SessionType.TRIAL) for day in week)
        if week[0].is_recovery_week or week[0].phase is Phase.TAPER:
            assert raced or run < 0.9 * furthest, number
        elif not raced:
            assert run <= 1.1 * furthest + 500.0, number
            furthest = max(furthest, run)


def test_documents_have_exactly_the_fields_of_smartrunning_and_steps() -> None:
    assert tuple(field.name for field in fields(DayDocument)) == (*SMARTRUNNING, "steps")
    documents = day_documents(marathon().plan)
    assert len(documents) == len(marathon().plan.days)
    first = asdict(documents[0])
    assert first["runner_id"] == "ada"
    assert first["date"] == TODAY
    assert first["day_of_week"] == "Wednesday"
    assert first["week_number"] == 1
    rest = next(one for one in documents if not one.is_training_day)
    assert rest.session_type is SessionType.REST
    assert rest.session_code.startswith("REST")
    for one in documents:
        assert one.session_code == "+".join(workout.code for workout in one.steps)


def test_tempo_runs_follow_heart_rate() -> None:
    """Speeds found by the session's optimisation, with a range of heart rate for the hard parts."""
    tempos = [
        day.main for day in marathon().plan.days if day.main.code == "TEMPO" and day.week_number > 4
    ]
    assert tempos
    guided = [list(steps_in_order(workout.steps)) for workout in tempos]
    guided = [steps for steps in guided if any(step.heart_rate for step in steps)]
    assert guided
    for steps in guided:
        assert len(steps) == 4
        assert all(step.duration is not None and step.duration % 60.0 == 0.0 for step in steps)


PEOPLE = st.builds(
    AthleteProfile,
    runner_id=st.just("somebody"),
    goal=st.builds(
        GoalRace,
        day=st.dates(TODAY + timedelta(days=20), TODAY + timedelta(days=90)),
        distance=st.sampled_from((3000.0, 5000.0, 10_000.0, 21_097.5, 42_195.0)),
    ),
    age=st.none() | st.integers(16, 80),
    weekly_distances=st.lists(st.floats(0.0, 100e3), max_size=6).map(tuple),
    available=st.none()
    | st.lists(st.sampled_from((0.0, 1800.0, 3600.0, 7200.0)), min_size=7, max_size=7).map(tuple),
    injuries=st.just(()) | st.just((Injury("knee", TODAY + timedelta(days=9), 0.3),)),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(profile=PEOPLE)
def test_whoever_it_is_the_plan_is_sound_or_refused_with_a_reason(profile: AthleteProfile) -> None:
    try:
        athlete = complete(profile, TODAY)
        record = new_plan(athlete, TODAY)
    except ParameterError as error:
        assert len(str(error)) > 40  # says what conflicts  # noqa: PT017
        return
    check(record, athlete, TODAY)


def test_a_chosen_schema_is_followed() -> None:
    schema = find_schema("shorter-12", workout_library())
    goal = GoalRace(TODAY + timedelta(weeks=6), 10e3)
    record = new_plan(runner(goal=goal), TODAY, PlanWishes(schema=schema))
    assert record.schema == "shorter-12"
    focuses = {week.focus for week in schema.week}
    assert set(record.focus) <= focuses


def test_progress_is_told() -> None:
    told: list[tuple[float, str]] = []
    goal = GoalRace(TODAY + timedelta(weeks=3), 5e3)
    new_plan(runner(goal=goal), TODAY, tell=lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert min(shares) >= 0.0
    assert shares[-1] == 1.0
    assert any("season" in what for _, what in told)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"goal": GoalRace(TODAY + timedelta(weeks=3), 42195.0), "weekly_distance": 0.0},
            "42.2 km",
        ),
        ({"available": (0.0,) * 7}, "no day to train"),
        ({"goal": GoalRace(TODAY, 42195.0)}, "today is"),
        ({"goal": GoalRace(RACE_DAY + timedelta(weeks=60), 42195.0)}, "at most 40"),
        ({"injuries": (Injury("foot", None, 0.0),)}, "no day to train is left"),
    ],
)
def test_impossible_wishes_are_refused_with_what_conflicts(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        new_plan(runner(**changes), TODAY)


def test_what_should_be_known_is_said() -> None:
    goal = replace(runner().goal, target_time=3 * 3600.0, day=TODAY + timedelta(weeks=6))
    record = new_plan(runner(goal=goal, estimated={"age": "a guess"}), TODAY)
    assert any("age is estimated: a guess" in note for note in record.notes)
    assert any("3:00:00 is ambitious" in note for note in record.notes)
    assert any("no time for a trial" in note for note in record.notes)

"""A new plan: calendar, season, workouts, loads, sessions, in this order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from trackside.planner.athlete import Athlete
from trackside.planner.calendar import Calendar, build_calendar
from trackside.planner.daily_loads import optimise_loads
from trackside.planner.guided_tempo import guided_tempo
from trackside.planner.heart_rate_model import HeartRateModel
from trackside.planner.plan_record import LoadRecord, PlanRecord
from trackside.planner.race_performance import race_time, training_speeds
from trackside.planner.race_readiness import FIRST_WEEK
from trackside.planner.run_choice import RunChoice, choose_runs
from trackside.planner.season import plan_season
from trackside.planner.season_loads import cut_runs, load_demand
from trackside.planner.season_rules import SeasonRules
from trackside.planner.supplements import TIRING, supplements
from trackside.planner.training_plan import PlannedDay, TrainingPlan
from trackside.planner.training_schema import SchemaWeek, TrainingSchema, place_schema, schema_for
from trackside.planner.workout_library import Library, workout_library
from trackside.planner.workouts import SessionType, Workout

Progress = Callable[[float, str], None]
"""Called with the share done, from 0 to 1, and what is being done."""

SHORTEST_RUN, ENOUGH_FOR_LONGER_RUNS = 3000.0, 25_000.0
"""m of a run; m a week from which on no run is shorter."""
SEASON_DONE, LOADS_DONE = 0.5, 0.6
LONGEST_RUN_SHORT = 0.9
FAST_TARGET = 0.98
"""A target time below this part of what fitness has it is told to be ambitious."""


@dataclass(frozen=True)
class PlanWishes:
    """What may be chosen about a plan, beside the athlete."""

    schema: TrainingSchema | None = None
    library: Library | None = None
    heart_rate: HeartRateModel | None = None


def new_plan(
    athlete: Athlete, today: date, wishes: PlanWishes | None = None, tell: Progress | None = None
) -> PlanRecord:
    """The plan of an athlete from ``today`` to the goal race.

    Raises :class:`~trackside.errors.ParameterError` if there is no such plan, saying what conflicts
    and what would work.
    """
    wishes, tell = wishes or PlanWishes(), tell or _nobody
    calendar = build_calendar(athlete, today)
    athlete = replace(athlete, weekly_distance=max(athlete.weekly_distance, FIRST_WEEK))
    library = wishes.library or workout_library()
    schema = wishes.schema or schema_for(athlete.goal.distance)
    placed = place_schema(schema, calendar)
    season = plan_season(
        calendar,
        athlete.weekly_distance,
        training_speeds(athlete.vdot).easy[0],
        _season_rules(athlete),
        tell=lambda share, what: tell(SEASON_DONE * share, f"season, {what}"),
    )
    choices = choose_runs(calendar, season.distances, placed, library, athlete)
    tell(SEASON_DONE, "daily loads")
    demand = load_demand(calendar, choices, athlete, first_week=calendar.days[0].date >= today)
    loads = optimise_loads(demand)
    runs = cut_runs(choices, loads.loads.tolist(), athlete)
    model = wishes.heart_rate or HeartRateModel.usual(athlete)
    runs = _guided(choices, runs, athlete, model, tell)
    beside = [
        workouts
        for week, wanted in enumerate(placed)
        for workouts in supplements(choices[7 * week : 7 * week + 7], wanted.also, library, athlete)
    ]
    days = tuple(
        PlannedDay(
            choice.day.date,
            choice.week.number,
            choice.week.phase,
            choice.week.is_recovery,
            _day(run, also),
        )
        for choice, run, also in zip(choices, runs, beside, strict=True)
        if today <= choice.day.date <= athlete.goal.day
    )
    plan = TrainingPlan(athlete.runner_id, athlete.goal, datetime.now(UTC), days)
    return PlanRecord(
        plan,
        athlete,
        schema.id,
        LoadRecord.of(demand),
        tuple(week.focus for week in placed),
        tuple(_notes(athlete, calendar, placed, plan)),
    )


def _season_rules(athlete: Athlete) -> SeasonRules:
    """Andrews' rules; who runs enough has no runs that are not worth changing clothes for."""
    if athlete.weekly_distance < ENOUGH_FOR_LONGER_RUNS:
        return SeasonRules()
    return SeasonRules(shortest=(SHORTEST_RUN,) * 4)


def _nobody(share: float, what: str) -> None:
    """Told of progress when nobody wants to know."""


def _day(run: Workout, also: tuple[Workout, ...]) -> tuple[Workout, ...]:
    """A day's workouts: what tires comes before a rest, whatever else after the run."""
    if run.type is SessionType.REST and also:
        tiring = tuple(one for one in also if one.type in TIRING)
        return tiring + tuple(one for one in also if one not in tiring) if tiring else (run, *also)
    return (run, *also)


def _guided(
    choices: Sequence[RunChoice],
    runs: Sequence[Workout],
    athlete: Athlete,
    model: HeartRateModel,
    tell: Progress,
) -> list[Workout]:
    """The runs, those by heart rate optimised."""
    tempos = [
        day
        for day, choice in enumerate(choices)
        if choice.template is not None and choice.template.by_heart_rate
    ]
    guided = list(runs)
    for done, day in enumerate(tempos):
        tell(LOADS_DONE + (1.0 - LOADS_DONE) * done / len(tempos), "sessions by heart rate")
        guided[day] = guided_tempo(runs[day], athlete, model) or runs[day]
    tell(1.0, "done")
    return guided


def _notes(
    athlete: Athlete, calendar: Calendar, placed: Sequence[SchemaWeek], plan: TrainingPlan
) -> Iterator[str]:
    """What the athlete should know before following the plan."""
    for value, source in athlete.estimated.items():
        yield f"{value.replace('_', ' ')} is estimated: {source}"
    goal = athlete.goal
    predicted = race_time(athlete.vdot, goal.distance)
    if goal.target_time and goal.target_time < FAST_TARGET * predicted:
        yield (
            f"the target of {_clock(goal.target_time)} is ambitious: fitness today is worth "
            f"{_clock(predicted)}; trials on the way will tell"
        )
    longest = max((day.distance for day in plan.days if day.date < goal.day), default=0.0) / 1000.0
    usual = max((week.long_run_km[0] for week in placed if week.long_run_km), default=0.0)
    if longest < LONGEST_RUN_SHORT * usual:
        yield (
            f"the longest run is {longest:.0f} km, not the programme's {usual:.0f} km: no run is "
            "longer than 30 % of its week, and weeks grow by a tenth at most"
        )
    if not any(day.race and not day.race.goal for day in calendar.days):
        yield "there is no time for a trial race: paces stay those of today's fitness"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"

"""What the page shows of an athlete: today, the week, the season, sessions, open proposals."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock

import numpy as np
from sqlalchemy import Connection

from trackside.arrays import Floats
from trackside.planner.calendar import Phase
from trackside.planner.day_reason import day_reason
from trackside.planner.fitness import FitnessState, training_stress
from trackside.planner.plan_documents import WEEKDAYS
from trackside.planner.plan_record import PlanRecord
from trackside.planner.recording_summary import RecordingSummary
from trackside.planner.service.plan_choice import plan_on
from trackside.planner.store.adjustments import Adjustment, AdjustmentState, adjustments_of
from trackside.planner.store.plans import PlanEntry, find_plan
from trackside.planner.store.recordings import recordings_of
from trackside.planner.training_plan import PlannedDay
from trackside.planner.workout_text import session_name, title, workout_lines
from trackside.planner.workouts import SessionType, Workout

SESSIONS = 10
ADJUSTMENTS = 20
LOAD = "trimp"
"""The feature of a recording that is its load."""


@dataclass(frozen=True, slots=True)
class WorkoutView:
    """A workout in plain words."""

    title: str
    type: SessionType
    name: str
    definition: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the plan. ``reason``: why it is so."""

    date: date
    weekday: str
    workouts: tuple[WorkoutView, ...]
    km: float
    minutes: int
    load: int
    reason: str


@dataclass(frozen=True, slots=True)
class WeekView:
    """A week of the plan."""

    number: int
    of: int
    phase: Phase
    is_recovery: bool
    focus: str
    days: tuple[DayView, ...]


@dataclass(frozen=True, slots=True)
class SeasonView:
    """Each day from the plan's first Monday to the race: planned load, and what it comes to.

    ``fitness``, ``fatigue``, ``form``: CTL, ATL, TSB. ``done``: measured loads, by day.
    """

    start: date
    race_day: date
    race: str
    loads: tuple[float, ...]
    fitness: tuple[float, ...]
    fatigue: tuple[float, ...]
    form: tuple[float, ...]
    done: dict[date, float]


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows; None where there is no plan, or it does not reach the day."""

    runner_id: str
    day: date
    plan: PlanEntry | None
    today: DayView | None
    week: WeekView | None
    season: SeasonView | None
    notes: tuple[str, ...]
    sessions: list[RecordingSummary]
    adjustments: list[Adjustment]


class PlanCache:
    """The plans that were read last, as long as they are of the same revision."""

    def __init__(self, size: int = 64) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, int], PlanRecord] = OrderedDict()
        self._lock = Lock()

    def plan(self, connection: Connection, entry: PlanEntry) -> PlanRecord | None:
        """The plan of an entry."""
        key = entry.plan_id, entry.revision
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = find_plan(connection, entry.plan_id)
        if found is not None:
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return found


def overview(connection: Connection, plans: PlanCache, runner_id: str, day: date) -> Overview:
    """What the page shows of a runner on a day."""
    entry = plan_on(connection, runner_id, day)
    record = None if entry is None else plans.plan(connection, entry)
    sessions = recordings_of(connection, runner_id, SESSIONS)
    if record is None:
        return Overview(runner_id, day, None, None, None, None, (), sessions, [])
    changes = adjustments_of(
        connection,
        runner_id,
        ADJUSTMENTS,
        (AdjustmentState.PROPOSED, AdjustmentState.CONFIRMED),
    )
    reasons = _changed_for(changes, record)
    today = next((one for one in record.plan.days if one.date == day), None)
    return Overview(
        runner_id,
        day,
        entry,
        None if today is None else _day(record, today, reasons),
        _week(record, day, reasons),
        _season(record, sessions),
        record.notes,
        sessions,
        [one for one in changes if one.state is AdjustmentState.PROPOSED],
    )


def _changed_for(changes: Sequence[Adjustment], record: PlanRecord) -> dict[date, str]:
    """The reasons of days that were changed, the latest change of each."""
    return {
        day.date: day.reason
        for one in reversed(changes)
        if one.state is AdjustmentState.CONFIRMED and one.plan_id == record.plan.plan_id
        for day in one.changes
    }


def _week(record: PlanRecord, day: date, reasons: dict[date, str]) -> WeekView | None:
    monday = day - timedelta(days=day.weekday())
    days = [one for one in record.plan.days if 0 <= (one.date - monday).days < 7]
    if not days:
        return None
    number = days[0].week_number
    return WeekView(
        number,
        record.plan.days[-1].week_number,
        days[0].phase,
        days[0].is_recovery_week,
        record.focus[number - 1],
        tuple(_day(record, one, reasons) for one in days),
    )


def _day(record: PlanRecord, day: PlannedDay, reasons: dict[date, str]) -> DayView:
    return DayView(
        day.date,
        WEEKDAYS[day.date.weekday()],
        tuple(map(_workout, day.workouts)),
        round(day.distance / 1000.0, 1),
        round(sum(workout.duration for workout in day.workouts) / 60.0),
        round(day.load),
        reasons.get(day.date) or day_reason(record.plan, day),
    )


def _workout(workout: Workout) -> WorkoutView:
    return WorkoutView(
        title(workout),
        workout.type,
        session_name(workout.type),
        workout.definition,
        tuple(workout_lines(workout)),
    )


def _season(record: PlanRecord, sessions: Sequence[RecordingSummary]) -> SeasonView:
    first = record.plan.days[0].date
    start = first - timedelta(days=first.weekday())
    state = FitnessState(record.loads.fitness, record.loads.fatigue)
    loads = record.daily_loads().loads[: record.loads.race + 1]
    stress = training_stress(loads, state)
    done: dict[date, float] = {}
    for one in sessions:
        day = one.started_at.date()
        if LOAD in one.features and start <= day <= record.plan.goal.day:
            done[day] = round(done.get(day, 0.0) + one.features[LOAD].value, 1)
    return SeasonView(
        start=start,
        race_day=record.plan.goal.day,
        race=record.plan.goal.name,
        loads=_rounded(loads),
        fitness=_rounded(stress.fitness),
        fatigue=_rounded(stress.fatigue),
        form=_rounded(stress.form),
        done=done,
    )


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(np.round(values, 1).tolist())

"""What a plan holds and what it does to the athlete, as plain values for print and JSON."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from trackside.app.display import Report
from trackside.errors import ParameterError
from trackside.planner.load_simulation import SimulatedSeason, simulate_loads
from trackside.planner.plan_documents import WEEKDAYS
from trackside.planner.plan_record import PlanRecord
from trackside.planner.training_plan import PlannedDay, TrainingPlan
from trackside.planner.workout_text import session_name, title, workout_lines
from trackside.planner.workouts import SessionType, Workout

ROUNDING = 0.06
"""Workouts are cut to whole 100 m and minutes: limits may be passed by as much, relatively."""


def plan_report(record: PlanRecord, path: str) -> Report:
    """What ``trackside plan show`` says of a whole plan."""
    plan, lived = record.plan, lived_through(record)
    numbers = sorted({day.week_number for day in plan.days})
    return {
        "file": path,
        "plan_id": plan.plan_id,
        "revision": plan.revision,
        "goal": plan.goal.name,
        "goal_km": plan.goal.distance / 1000.0,
        "race_day": plan.goal.day.isoformat(),
        "schema": record.schema,
        "vdot": round(record.athlete.vdot, 1),
        "notes": list(record.notes),
        "weeks": [_week_row(record, lived, number) for number in numbers],
        "limits_broken": _violations(lived),
    }


def _week_row(record: PlanRecord, lived: SimulatedSeason, number: int) -> Report:
    days = [day for day in record.plan.days if day.week_number == number]
    monday = days[0].date - timedelta(days=days[0].date.weekday())
    last = (days[-1].date - lived.start).days
    key = [
        workout
        for day in days
        for workout in day.workouts[:1]
        if workout.type not in (SessionType.EASY, SessionType.STRIDES) and workout.distance > 0.0
    ]
    return {
        "week": number,
        "monday": monday.isoformat(),
        "phase": days[0].phase.value,
        "recovery": days[0].is_recovery_week,
        "km": round(sum(day.distance for day in days) / 1000.0, 1),
        "load": round(sum(day.load for day in days)),
        "fitness": round(float(lived.fitness[last])),
        "fatigue": round(float(lived.fatigue[last])),
        "focus": record.focus[number - 1],
        "key_sessions": [
            {"code": workout.code, "km": round(workout.distance / 1000.0, 1)} for workout in key
        ],
    }


def week_report(record: PlanRecord, number: int) -> Report:
    """What ``trackside plan show --week`` says."""
    days = [day for day in record.plan.days if day.week_number == number]
    if not days:
        most = record.plan.days[-1].week_number
        raise ParameterError(f"week {number}: expected a week of the plan, 1 to {most}")
    return {
        "week": number,
        "phase": days[0].phase.value,
        "recovery": days[0].is_recovery_week,
        "focus": record.focus[number - 1],
        "days": [_day_row(day) for day in days],
    }


def _day_row(day: PlannedDay) -> Report:
    return {
        "date": day.date.isoformat(),
        "weekday": WEEKDAYS[day.date.weekday()],
        "sessions": [title(workout) for workout in day.workouts],
        "km": round(day.distance / 1000.0, 1),
        "minutes": round(sum(workout.duration for workout in day.workouts) / 60.0),
        "load": round(day.load),
    }


def day_report(plan: TrainingPlan, wanted: date) -> Report:
    """What ``trackside plan show --day`` says."""
    for day in plan.days:
        if day.date == wanted:
            return {**_day_row(day), "workouts": [_workout_report(one) for one in day.workouts]}
    first, last = plan.days[0].date, plan.days[-1].date
    raise ParameterError(f"{wanted}: expected a day of the plan, {first} to {last}")


def _workout_report(workout: Workout) -> Report:
    return {
        "code": workout.code,
        "type": session_name(workout.type),
        "definition": workout.definition,
        "steps": workout_lines(workout),
        "km": round(workout.distance / 1000.0, 1),
        "minutes": round(workout.duration / 60.0),
        "load": round(workout.load),
    }


def lived_through(
    record: PlanRecord, skipped: Sequence[date] = (), scale: float = 1.0
) -> SimulatedSeason:
    """The plan lived through from its first Monday, without some days, with loads scaled."""
    start = record.plan.days[0].date
    start -= timedelta(days=start.weekday())
    plan = record.daily_loads()
    loads = scale * plan.loads
    for day in skipped:
        at = (day - start).days
        if not 0 <= at < len(loads):
            raise ParameterError(f"{day}: expected a day of the plan to skip")
        loads[at] = 0.0
    return simulate_loads(record.loads.demand(), replace(plan, loads=loads), start, ROUNDING)


def simulation_report(record: PlanRecord, skipped: Sequence[date], scale: float) -> Report:
    """What ``trackside plan simulate`` says."""
    asked, lived = lived_through(record), lived_through(record, skipped, scale)
    race = record.loads.race
    changed = bool(skipped) or scale != 1.0
    return {
        "plan_id": record.plan.plan_id,
        "skipped": [day.isoformat() for day in skipped],
        "scale": scale,
        "weeks": [
            {
                "week": week + 1,
                "load": round(float(lived.weekly_loads[week])),
                "fitness": round(float(lived.fitness[end]), 1),
                "fatigue": round(float(lived.fatigue[end]), 1),
                "form": round(float(lived.form[end]), 1),
                "monotony": _finite(lived.monotony[week]),
                "strain": _finite(lived.strain[week]),
            }
            for week, end in enumerate(range(6, len(lived.fitness), 7))
        ],
        "race_morning": {
            "fitness": round(float(lived.fitness[race - 1]), 1),
            "fatigue": round(float(lived.fatigue[race - 1]), 1),
            "form": round(float(lived.form[race]), 1),
            "performance": round(float(lived.performance[race]), 1),
            "performance_as_planned": round(float(asked.performance[race]), 1),
        },
        "changed": changed,
        "limits_broken": _violations(lived),
    }


def _violations(lived: SimulatedSeason) -> list[Report]:
    return [
        {
            "date": one.day.isoformat(),
            "limit": one.limit,
            "value": round(float(one.value), 2),
            "allowed": round(float(one.allowed), 2),
        }
        for one in lived.violations
    ]


def _finite(value: Any) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None

"""A change of a plan that is proposed to the athlete, day by day, each with its reason."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from trackside.planner.plan_record import LoadRecord, PlanRecord
from trackside.planner.recording_summary import RecordingSummary
from trackside.planner.workouts import Workout


class OccasionKind(StrEnum):
    """What may be a reason to change a plan."""

    SESSION = "session"
    MISSED = "missed"
    ILLNESS = "illness"
    VARIABILITY = "variability"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a change is asked for, on which day, and what the athlete says about it."""

    kind: OccasionKind
    day: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a change is derived from: ``recordings`` of the plan's days, oldest first."""

    today: date
    occasion: Occasion
    recordings: tuple[RecordingSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a day becomes, and why."""

    date: date
    workouts: tuple[Workout, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes of days from today on, in order; ``summary``: all of them in a sentence.

    ``loads``: what daily loads have to keep afterwards, if that changes too.
    """

    summary: str
    changes: tuple[DayChange, ...]
    loads: LoadRecord | None = None


Propose = Callable[[PlanRecord, Evidence], Proposal | None]
"""Proposes changes of a plan; None where the plan stays as it is. The same input gives the same."""


def adjusted(
    record: PlanRecord, changes: tuple[DayChange, ...], loads: LoadRecord | None = None
) -> PlanRecord:
    """The plan with changed days; the next revision."""
    by_date = {change.date: change.workouts for change in changes}
    days = tuple(
        replace(day, workouts=by_date.get(day.date, day.workouts)) for day in record.plan.days
    )
    plan = replace(record.plan, days=days, revision=record.plan.revision + 1)
    return replace(record, plan=plan, loads=loads or record.loads)

"""A plan made anew for the same race, joined to the days of the old one that are past."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from trackside.planner.plan_record import LoadRecord, PlanRecord

T = TypeVar("T")


def continued(old: PlanRecord, new: PlanRecord) -> PlanRecord:
    """The days of ``old`` before the first of ``new``, then those of ``new``; the next revision.

    Weeks are counted on from those of ``old``. Both lead to the same race.
    """
    first = new.plan.days[0].date
    past = tuple(day for day in old.plan.days if day.date < first)
    revision = old.plan.revision + 1
    if not past:
        return replace(new, plan=replace(new.plan, revision=revision))
    weeks = past[0].date.toordinal() - past[0].date.weekday()
    days_past = first.toordinal() - weeks
    weeks_past = days_past // 7
    days = tuple(replace(day, week_number=day.week_number + weeks_past) for day in new.plan.days)
    return replace(
        new,
        plan=replace(new.plan, days=past + days, revision=revision),
        loads=_joined(old.loads, new.loads, days_past),
        focus=old.focus[:weeks_past] + new.focus,
    )


def _joined(old: LoadRecord, new: LoadRecord, days_past: int) -> LoadRecord:
    """What keeps loads healthy over both; the heaviest week is what either allows."""
    weeks_past, into_week = divmod(days_past, 7)

    def join(before: Sequence[T], after: Sequence[T]) -> tuple[T, ...]:
        return (*before[:days_past], *after[into_week:])

    heaviest = max(old.peak * old.fitness, new.peak * new.fitness)
    return replace(
        new,
        kinds=join(old.kinds, new.kinds),
        least=join(old.least, new.least),
        most=join(old.most, new.most),
        recovery=(
            *(week for week in old.recovery if week < weeks_past),
            *(week + weeks_past for week in new.recovery),
        ),
        race=new.race + 7 * weeks_past,
        fitness=old.fitness,
        fatigue=old.fatigue,
        first_week=old.first_week,
        peak=heaviest / old.fitness if old.fitness > 0.0 else new.peak,
    )

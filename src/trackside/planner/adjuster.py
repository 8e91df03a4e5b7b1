"""The adjuster: from what happened to a proposal that changes as little as it can.

What was done is fused with the plan (``standing``), days that must be something are ordered
(``orders``), the others get their room (``freedom``), all is solved again (``adjustment_model``),
and each day that becomes different is told with its reason (``adjustment_reasons``). Past days
stay as they are, and so do days that the athlete has spoken a veto on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from trackside.arrays import Floats
from trackside.planner.adjustment import DayChange, Evidence, OccasionKind, Proposal
from trackside.planner.adjustment_model import ROUNDING, Adjusting, adjusted_loads, gains
from trackside.planner.adjustment_reasons import Reasons, summary
from trackside.planner.changed_day import Cutting, changed_day
from trackside.planner.daily_loads import DailyLoads
from trackside.planner.freedom import Freedom, done_kinds, freedom, run_of
from trackside.planner.load_demand import LoadDemand
from trackside.planner.load_simulation import Violation, simulate_loads
from trackside.planner.orders import Order, orders
from trackside.planner.plan_record import LoadRecord, PlanRecord
from trackside.planner.recording_summary import RecordingSummary
from trackside.planner.standing import Standing, standing
from trackside.planner.training_diary import DoneSession, Illness, TrainingDiary
from trackside.planner.training_plan import PlannedDay
from trackside.planner.workout_library import Library, workout_library
from trackside.planner.workouts import Workout

SMALL = 0.05
"""A change of a day's load by less than this part of it is none."""
WORTH_LOOKING, WORTH_CHANGING = 0.005, 0.002
"""Of the performance aimed for: a shortfall that is smaller is no reason to look for something
better, and what is found no reason to change anything."""
LOAD, MORNING = "trimp", "morning_rmssd_ms"
"""Names of what recordings tell the adjuster."""


@dataclass(frozen=True)
class Adjusted:
    """An adjustment with what it is made of, for those who check it.

    ``loads``: as solved, before workouts are cut to them; ``asked``: the demand they keep.
    """

    proposal: Proposal
    loads: DailyLoads
    asked: LoadDemand
    standing: Standing


def propose(record: PlanRecord, evidence: Evidence) -> Proposal | None:
    """Changes of a plan for what a service has stored; None where the plan stays as it is."""
    found = adjust(record, diary_of(evidence), evidence.today)
    return found.proposal if found else None


def adjust(
    record: PlanRecord, diary: TrainingDiary, today: date, library: Library | None = None
) -> Adjusted | None:
    """Solve the days of a plan from ``today`` on again; None if there is nothing to change.

    ``library``: of the templates that workouts are cut from. The same input has the same answer.
    """
    stands = standing(record, diary, today)
    aim = _aim(record, stands)
    ordered = orders(diary, stands, aim, today)
    vetoes = frozenset(stands.index(day) for day in diary.vetoes)
    free = freedom(record, stands, ordered, vetoes)
    in_force = DailyLoads(done_kinds(stands), _with_done(stands), np.nan, np.nan)
    broken = _broken(free.demand, in_force, stands)
    race = free.demand.race
    short = _gain(in_force.loads, aim, aim, race)
    off = broken or _is_off(ordered, in_force)
    if not (off or free.lost or short > WORTH_LOOKING):
        return None
    asked = Adjusting(free.demand, in_force, aim, free.lost)
    solved = adjusted_loads(asked)
    found = _gain(in_force.loads, solved.loads, aim, race)
    moves = any(solved.kinds[day] is kind for day, kind in free.moving)
    if not (off or moves or found > WORTH_CHANGING):
        return None
    reasons = Reasons(stands, ordered, broken, free.moving)
    cutting = Cutting(library or workout_library(), record.athlete)
    changes = _changes(record, stands, in_force, solved, free, reasons, cutting)
    if not changes:
        return None
    loads = _load_record(record, stands, solved, changes, aim)
    proposal = Proposal(
        summary(stands, changes, aim, solved, free.demand.race), tuple(changes), loads
    )
    return Adjusted(proposal, solved, free.demand, stands)


def diary_of(evidence: Evidence) -> TrainingDiary:
    """What recordings and an occasion say, as a diary."""
    told, today = evidence.occasion, evidence.today
    sessions = [_session(one) for one in evidence.recordings if LOAD in one.features]
    mornings = {
        one.started_at.date(): one.features[MORNING].value
        for one in evidence.recordings
        if MORNING in one.features
    }
    kind, day = told.kind, told.day
    return TrainingDiary(
        sessions=tuple(one for one in sessions if one.day <= today),
        missed=(day,) if kind is OccasionKind.MISSED and day <= today else (),
        illnesses=(Illness(day),) if kind is OccasionKind.ILLNESS else (),
        mornings=mornings,
        off=(day,) if kind is OccasionKind.WISH and day >= today else (),
    )


def _session(recording: RecordingSummary) -> DoneSession:
    load = recording.features[LOAD]
    return DoneSession(recording.started_at.date(), recording.recording_id, load.value, load.sd)


def _aim(record: PlanRecord, stands: Standing) -> Floats:
    """The loads (D,) that the plan was first made with."""
    return np.array(record.loads.aim) if record.loads.aim else stands.planned


def _with_done(stands: Standing) -> Floats:
    return np.concatenate([stands.done, stands.planned[stands.since :]])


def _broken(demand: LoadDemand, in_force: DailyLoads, stands: Standing) -> tuple[Violation, ...]:
    """The limits that the plan would pass after what was done."""
    kinds = [frozenset({kind}) for kind in in_force.kinds]
    bounds = np.zeros_like(demand.bounds)
    bounds[..., 1] = in_force.loads[:, None]
    bounds[: stands.since, :, 0] = stands.done[:, None]
    as_it_is = replace(demand, kinds=kinds, bounds=bounds)
    return simulate_loads(as_it_is, in_force, stands.start, ROUNDING).violations


def _is_off(ordered: Mapping[int, Order], in_force: DailyLoads) -> bool:
    """Whether a day is not what was ordered."""
    return any(
        in_force.kinds[day] not in order.kinds
        or in_force.loads[day] > order.most * (1.0 + SMALL) + 1e-9
        for day, order in ordered.items()
    )


def _gain(before: Floats, after: Floats, aim: Floats, race: int) -> float:
    """How much more loads give for the race, as a share of what the first ones give."""
    weights = gains(len(aim), race)
    return float(weights @ (after - before)) / max(float(weights @ aim), 1e-9)


def _changes(
    record: PlanRecord,
    stands: Standing,
    in_force: DailyLoads,
    solved: DailyLoads,
    free: Freedom,
    reasons: Reasons,
    cutting: Cutting,
) -> list[DayChange]:
    days = {day.date: day for day in record.plan.days}
    changes = []
    for index in range(stands.since, free.demand.race):
        day = days.get(stands.day(index))
        kinds = in_force.kinds[index], solved.kinds[index]
        before, after = float(in_force.loads[index]), float(solved.loads[index])
        if day is None or (
            kinds[0] is kinds[1] and abs(after - before) <= SMALL * max(before, 1.0)
        ):
            continue
        source = free.moving.get((index, kinds[1])) if kinds[0] is not kinds[1] else None
        moved = None if source is None else _run(days[stands.day(source)])
        workouts = changed_day(day, kinds, after, cutting, moved)
        if workouts != day.workouts:
            reason = reasons.of(index, day, kinds, workouts, source)
            changes.append(DayChange(day.date, workouts, reason))
    return changes


def _run(day: PlannedDay) -> Workout | None:
    at = run_of(day)
    return None if at is None else day.workouts[at]


def _load_record(
    record: PlanRecord,
    stands: Standing,
    solved: DailyLoads,
    changes: list[DayChange],
    aim: Floats,
) -> LoadRecord:
    """What daily loads have to keep afterwards."""
    loads = record.loads
    kinds, most = list(loads.kinds), list(loads.most)
    for change in changes:
        day = stands.index(change.date)
        kinds[day] = solved.kinds[day]
        most[day] = max(most[day], sum(one.load for one in change.workouts))
    return replace(
        loads,
        kinds=tuple(kinds),
        most=tuple(most),
        done=tuple(stands.done.tolist()),
        aim=tuple(aim.tolist()),
    )

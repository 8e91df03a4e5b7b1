"""Where an athlete stands in a plan: what was really done, and what that makes of fitness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from trackside.arrays import Floats
from trackside.planner.fitness import FitnessState, training_stress
from trackside.planner.fitness_filter import FitnessEstimate, track_fitness
from trackside.planner.load_demand import DayKind
from trackside.planner.plan_record import PlanRecord
from trackside.planner.race_performance import vdot
from trackside.planner.training_diary import TrainingDiary

SILENT_SD = 0.3
"""Relative SD of the load of a day of which nothing was told: taken as planned."""
SETTLED_SD = 0.05
"""Relative SD of a load that an earlier adjustment settled on, or whose own is not told."""
PRIOR_SD, LEAST_PRIOR_SD = 0.5, 10.0
"""How far, relative to what was planned or measured and in TRIMP, a session may be from its plan
before anybody measures: what a bad recording says is drawn towards the plan."""
MOSTLY_MISSED = 0.3
"""A session that had less than this part of its load was missed."""


@dataclass(frozen=True)
class Standing:
    """A plan's days, counted from the Monday ``start``, up to ``since``, the first one to come.

    ``kinds`` and ``planned`` (D,): as the plan has them; ``done`` (since,): the loads done, with
    ``sds``. ``mornings``: the tracked state on each morning up to that of ``since``.
    """

    start: date
    since: int
    kinds: tuple[DayKind, ...]
    planned: Floats
    done: Floats
    sds: Floats
    mornings: tuple[FitnessEstimate, ...]
    walked: FitnessState

    def day(self, index: int) -> date:
        """The date of a day."""
        return self.start + timedelta(days=index)

    def index(self, day: date) -> int:
        """The number of a date."""
        return (day - self.start).days

    @property
    def now(self) -> FitnessEstimate:
        """The state on the first morning to come."""
        return self.mornings[-1]

    @property
    def correction(self) -> FitnessState:
        """By how much tests moved fitness and fatigue away from what loads alone say."""
        state = self.now.state
        return FitnessState(
            state.fitness - self.walked.fitness, state.fatigue - self.walked.fatigue
        )

    def missed(self) -> list[int]:
        """Days before ``since`` on which much less was done than was planned, oldest first."""
        least = MOSTLY_MISSED * self.planned[: self.since]
        return [int(day) for day in np.flatnonzero(self.done < least)]


def standing(record: PlanRecord, diary: TrainingDiary, today: date) -> Standing:
    """Where the athlete stands on ``today``; a session that was done today makes it a past day."""
    first = record.plan.days[0].date
    start = first - timedelta(days=first.weekday())
    plan = record.daily_loads()
    planned = _as_planned(record, start)
    done_today = any(one.day == today for one in diary.sessions) or today in diary.missed
    since = (today - start).days + done_today
    since = min(max(since, (first - start).days), record.loads.race)
    told = [
        _done(record, diary, today, start + timedelta(days=day), day, float(planned[day]))
        for day in range(since)
    ]
    done, sds = np.array(told).reshape(-1, 2).T
    loads = record.loads
    state = FitnessState(loads.fitness, loads.fatigue)
    counted = np.array([kind is not DayKind.RACE for kind in plan.kinds[:since]])
    stress = training_stress(np.where(counted, done, 0.0), state)
    walked = FitnessState(float(stress.fitness[-1]), float(stress.fatigue[-1])) if since else state
    tests = _tests(diary, start, since)
    mornings = track_fitness(state, record.athlete.vdot, done * counted, sds * counted, tests)
    return Standing(start, since, plan.kinds, planned, done, sds, tuple(mornings), walked)


def _as_planned(record: PlanRecord, start: date) -> Floats:
    """Loads (D,) of the plan's workouts, whatever was done."""
    loads = np.zeros(len(record.loads.kinds))
    for day in record.plan.days:
        loads[(day.date - start).days] = day.load
    loads[record.loads.race] = 0.0
    return loads


def _done(
    record: PlanRecord, diary: TrainingDiary, today: date, day: date, index: int, planned: float
) -> tuple[float, float]:
    """The load of a day and its SD: measured and planned together, each by how sure it is."""
    sessions = [one for one in diary.sessions if one.day == day]
    known = [(one.load, one.sd) for one in sessions if one.load is not None]
    if known:
        measured = sum(load for load, _ in known)
        sd = float(np.hypot.reduce([SETTLED_SD * load if s is None else s for load, s in known]))
        prior = max(PRIOR_SD * max(planned, measured), LEAST_PRIOR_SD)
        weight = prior**2 / (prior**2 + max(sd, 1e-3) ** 2)
        fused = weight * measured + (1.0 - weight) * planned
        return fused, float(np.sqrt(weight) * max(sd, 1e-3))
    if day in diary.missed or day in diary.off or diary.is_ill(day, today):
        return 0.0, 0.0
    if not sessions and index < len(record.loads.done):
        settled = record.loads.done[index]
        return settled, SETTLED_SD * settled
    return planned, SILENT_SD * planned


def _tests(diary: TrainingDiary, start: date, since: int) -> Mapping[int, float]:
    """VDOT of the best test of each day."""
    found: dict[int, float] = {}
    for test in diary.tests:
        day = (test.day - start).days
        if 0 <= day <= since:
            found[day] = max(found.get(day, 0.0), vdot(test.distance, test.time))
    return found

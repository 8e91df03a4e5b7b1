"""Why a day changes, in plain words: what it becomes, and because of what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from trackside.arrays import Floats
from trackside.planner.adjustment import DayChange
from trackside.planner.adjustment_model import gains
from trackside.planner.daily_loads import DailyLoads
from trackside.planner.load_demand import DayKind
from trackside.planner.load_simulation import Violation
from trackside.planner.orders import Order
from trackside.planner.standing import Standing
from trackside.planner.training_plan import PlannedDay
from trackside.planner.workout_text import distance_text, session_name
from trackside.planner.workouts import SessionType, Workout

LIMITS = {"the week as first planned": "a week may have that makes up for others"}
STATES = {
    "fatigue against fitness": "fatigue {over} above what your fitness carries",
    "the rise of fitness in a week": "fitness would rise {over} above the ramp limit",
}
TELLING = 2
"""Missed sessions that a reason names."""
LEAST_LOST = 0.3
"""Of a day's load: what is less was no session missed."""
LOOKS_BACK = 28
"""Days back that a reason looks for what was missed."""


@dataclass(frozen=True)
class Reasons:
    """What speaks for changes.

    ``orders`` by day; ``broken``: limits that the plan as it was would pass; ``moving``: where
    missed sessions may go, as in Freedom.
    """

    standing: Standing
    orders: Mapping[int, Order]
    broken: Sequence[Violation]
    moving: Mapping[tuple[int, DayKind], int]

    def of(
        self,
        index: int,
        day: PlannedDay,
        kinds: tuple[DayKind, DayKind],
        workouts: tuple[Workout, ...],
        source: int | None,
    ) -> str:
        """One sentence: what becomes of a day's session, and why."""
        what = _becoming(day, kinds, workouts, source is not None)
        return f"{day.date:%A}'s {what}: {self._why(index, day, workouts, source)}"

    def _why(
        self, index: int, day: PlannedDay, workouts: tuple[Workout, ...], source: int | None
    ) -> str:
        if source is not None:
            missed = source < self.standing.since
            return (
                f"{self.standing.day(source):%A}'s session "
                f"{'was missed, and there is time for it' if missed else 'moves here'}"
            )
        lighter = sum(one.load for one in workouts) < day.load
        reasons = []
        if index in self.orders:
            reasons.append(self.orders[index].reason)
        if lighter:
            limit = self._limit(index)
            reasons += [limit] if limit else []
            if not reasons and any(target < index + 3 for target, _ in self.moving):
                reasons.append("it makes room for a session that moves")
            return "; ".join(reasons) or "so that fatigue does not outrun your fitness"
        reasons.append(self._lost())
        return "; ".join(reasons)

    def _limit(self, index: int) -> str | None:
        """The limit that the plan as it was would pass most around a day."""
        start = self.standing.start
        week, states = [], []
        for one in self.broken:
            at = (one.day - start).days
            rule, _, _ = one.limit.partition(",")
            over = one.value / one.allowed - 1.0 if one.allowed > 0.0 else np.inf
            if rule in LIMITS and at <= index < at + 7:
                week.append((over, rule))
            elif rule in STATES and at >= index:
                states.append((over, rule))
        if week:
            over, rule = max(week)
            return f"the week's load is {_percent(over)} above what {LIMITS[rule]}"
        if states:
            over, rule = max(states[:7])
            return STATES[rule].format(over=_percent(over))
        return None

    def _lost(self) -> str:
        """What is made up for."""
        stands = self.standing
        missing = stands.planned[: stands.since] - stands.done
        recent = range(max(stands.since - LOOKS_BACK, 0), stands.since)
        lost = [day for day in recent if missing[day] > LEAST_LOST * stands.planned[day]]
        if not lost:
            return "makes up for load that was lost"
        if len(lost) <= TELLING:
            return f"makes up for load lost on {' and '.join(_date(stands.day(d)) for d in lost)}"
        first, last = _date(stands.day(lost[0])), _date(stands.day(lost[-1]))
        return f"makes up for load lost from {first} to {last}"


def summary(
    standing: Standing, changes: Sequence[DayChange], aim: Floats, solved: DailyLoads, race: int
) -> str:
    """All of a proposal in a sentence."""
    weights = gains(len(aim), race)
    wanted, now = float(weights @ aim), float(weights @ solved.loads)
    off = 100.0 * (now - wanted) / abs(wanted) if wanted else 0.0
    count = f"{len(changes)} {'day changes' if len(changes) == 1 else 'days change'}"
    ahead = [change.date for change in changes]
    span = _span(ahead)
    state = standing.now.state
    return (
        f"{count}{span}; fitness {state.fitness:.0f}, fatigue {state.fatigue:.0f}; what the plan "
        f"gives for the race {'stays' if abs(off) < 0.5 else f'becomes {off:+.1f} %'}"
    )


def _date(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B}"


def _span(days: Sequence[date]) -> str:
    if len(days) < 2:
        return f" on {_date(days[0])}" if days else ""
    return f" from {_date(days[0])} to {_date(days[-1])}"


def _becoming(
    day: PlannedDay, kinds: tuple[DayKind, DayKind], workouts: tuple[Workout, ...], moves: bool
) -> str:
    before, after = _main_run(day.workouts), _main_run(workouts)
    name = "rest" if before is None else _name(before)
    if after is None:
        return f"{name} {_verb(before, 'becomes', 'become')} a rest"
    if moves or before is None:
        return f"{name} {_verb(before, 'becomes', 'become')} {_article(after)}"
    if kinds[0] is not kinds[1] or after.code != before.code:
        easy = "easy" if after.type is SessionType.EASY else _article(after)
        return f"{name} {_verb(before, 'becomes', 'become')} {easy}, {_size(after)}"
    longer = "longer" if after.load > before.load else "shorter"
    return (
        f"{name} {_verb(before, 'is', 'are')} {longer}, {_size(after)} in place of {_size(before)}"
    )


def _main_run(workouts: tuple[Workout, ...]) -> Workout | None:
    return next((one for one in workouts if one.load > 0.0), None)


def _name(workout: Workout) -> str:
    if workout.type in (SessionType.EASY, SessionType.LONG, SessionType.TEMPO):
        return f"{session_name(workout.type).lower()} run"
    return session_name(workout.type).lower()


def _verb(workout: Workout | None, one: str, several: str) -> str:
    plural = workout is not None and workout.type in (
        SessionType.INTERVALS,
        SessionType.HILLS,
        SessionType.STRIDES,
    )
    return several if plural else one


def _article(workout: Workout) -> str:
    name = _name(workout)
    if _verb(workout, "one", "several") == "several":
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _size(workout: Workout) -> str:
    return distance_text(round(workout.distance, -2))


def _percent(over: float) -> str:
    return f"{100.0 * over:.0f} %" if np.isfinite(over) else "far"

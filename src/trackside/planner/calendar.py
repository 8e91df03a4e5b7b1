"""The calendar of a plan: whole weeks from Monday to Sunday, up to the week of the race."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from trackside.errors import ParameterError
from trackside.planner.athlete import Athlete
from trackside.planner.periodisation import phase_lengths, recovery_weeks, trial_weeks
from trackside.planner.race_performance import race_time
from trackside.planner.race_readiness import longest_race, require_reachable

LONGEST_PREPARATION = 40  # weeks
TRIALS = {
    42195.0: "Marathon trial",
    21097.5: "Half-marathon trial",
    10000.0: "10 km trial",
    5000.0: "5 km trial",
    3000.0: "3 km trial",
    1500.0: "1500 m trial",
}
LONGEST_TRIAL = 0.6  # of the goal's distance
TRIAL_WEEKDAYS = (6, 5, 4, 3, 2, 1, 0)  # Sunday first


class Phase(StrEnum):
    """A mesocycle of the season."""

    BASE = "base"
    BUILD = "build"
    SPECIFIC = "specific"
    TAPER = "taper"


@dataclass(frozen=True, slots=True)
class KeyRace:
    """A race or trial on a day of the plan: distance in m; ``goal`` for the race planned for."""

    name: str
    distance: float
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One day: how long there is to train (s, 0 for a day off), and its race if there is one.

    A day with a race has at least the time that the race takes. Days before the plan starts and
    after the goal race complete the first and the last week: there, ``available`` is 0.
    """

    date: date
    week_number: int
    available: float
    race: KeyRace | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A week: number from 1, seven days from Monday, phase, and whether it is for recovery."""

    number: int
    days: tuple[Day, ...]
    phase: Phase
    is_recovery: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """All weeks of the preparation, first to last; the last one holds the goal race."""

    weeks: Sequence[Week]

    @property
    def days(self) -> list[Day]:
        """Every day in order; a whole number of weeks."""
        return [day for week in self.weeks for day in week.days]


def build_calendar(athlete: Athlete, today: date) -> Calendar:
    """Return the calendar from this week to that of the goal race.

    Phases in the proportions of a 21-week marathon programme, every fourth week for recovery,
    trials over shorter distances where there is time for them. Injuries shorten the time to train.

    Raises
    ------
    ParameterError
        If the race is not ahead, more than 40 weeks away, too long to be prepared for in time, or
        leaves no day to train.
    """
    goal = athlete.goal
    first = _monday(today)
    number = (_monday(goal.day) - first).days // 7 + 1
    _require_span(athlete, today, number)
    require_reachable(athlete, number)
    races = _trials(athlete, first, number)
    races[goal.day] = KeyRace(goal.name, goal.distance, goal=True)
    _require_training(athlete, today)
    return Calendar(tuple(_weeks(athlete, today, number, races)))


def _weeks(
    athlete: Athlete, today: date, number: int, races: dict[date, KeyRace]
) -> Iterator[Week]:
    recovery = recovery_weeks(number)
    lengths = zip(Phase, phase_lengths(number), strict=True)
    phases = [phase for phase, length in lengths for _ in range(length)]
    for week, phase in enumerate(phases, start=1):
        monday = _monday(today) + timedelta(weeks=week - 1)
        dates = (monday + timedelta(days=day) for day in range(7))
        days = tuple(
            Day(day, week, _available(athlete, day, today, races.get(day)), races.get(day))
            for day in dates
        )
        yield Week(week, days, phase, week in recovery)


def _available(athlete: Athlete, day: date, today: date, race: KeyRace | None) -> float:
    """Time to train (s) on a day of the calendar; a race has as much as it takes."""
    if not today <= day <= athlete.goal.day:
        return 0.0
    time = available_time(athlete, day)
    return time if race is None else max(time, race_time(athlete.vdot, race.distance))


def available_time(athlete: Athlete, day: date) -> float:
    """Time to train (s) on a day by the athlete's week and injuries."""
    return athlete.available[day.weekday()] * _training_share(athlete, day)


def _training_share(athlete: Athlete, day: date) -> float:
    """Part of the usual training that injuries allow on a day: that of the most limiting one."""
    limits = [
        injury.training_share
        for injury in athlete.injuries
        if injury.until is None or day <= injury.until
    ]
    return min(limits, default=1.0)


def _trials(athlete: Athlete, first: date, number: int) -> dict[date, KeyRace]:
    """Tune-up races, each shorter than the one before, by day."""
    trials: dict[date, KeyRace] = {}
    limit = LONGEST_TRIAL * athlete.goal.distance
    for week in trial_weeks(number):
        longest = min(limit, longest_race(athlete.weekly_distance, week))
        found = _trial(athlete, first + timedelta(weeks=week - 1), longest)
        if found is not None:
            day, race = found
            trials[day] = race
            limit = race.distance - 1.0
    return trials


def _trial(athlete: Athlete, monday: date, longest: float) -> tuple[date, KeyRace] | None:
    """The longest trial that a week has time for, on the latest day on which no injury limits."""
    for distance, name in TRIALS.items():
        for weekday in TRIAL_WEEKDAYS:
            day = monday + timedelta(days=weekday)
            free = athlete.available[weekday] if _training_share(athlete, day) == 1 else 0.0
            if distance <= longest and race_time(athlete.vdot, distance) <= free:
                return day, KeyRace(name, distance)
    return None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _require_span(athlete: Athlete, today: date, number: int) -> None:
    race = athlete.goal.day
    if race <= today:
        raise ParameterError(
            f"the race is on {race}, today is {today}: "
            f"expected a race on {today + timedelta(days=1)} or later"
        )
    if number > LONGEST_PREPARATION:
        start = _monday(race) - timedelta(weeks=LONGEST_PREPARATION - 1)
        raise ParameterError(
            f"the race on {race} is {number} weeks away: expected at most {LONGEST_PREPARATION}; "
            f"plan from {start} on, or plan for an earlier race first"
        )


def _require_training(athlete: Athlete, today: date) -> None:
    span = (athlete.goal.day - today).days
    days = [today + timedelta(days=number) for number in range(span)]
    if not any(_available(athlete, day, today, None) for day in days):
        injuries = ", ".join(injury.place for injury in athlete.injuries) or "none"
        raise ParameterError(
            f"no day to train is left from {today} to the race on {athlete.goal.day}: days off or "
            f"injuries ({injuries}) take them all; expected time on one of them or a later race"
        )

"""The athlete as planned for: every value known or estimated, and which ones are estimates."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from trackside.errors import ParameterError
from trackside.planner import norms
from trackside.planner.profile import (
    AthleteProfile,
    Experience,
    GoalRace,
    Injury,
    RaceResult,
    Sex,
)
from trackside.planner.race_performance import training_speeds, vdot

T = TypeVar("T")

MINUTE = 60.0
USUAL_AVAILABLE = tuple(MINUTE * minutes for minutes in (0, 60, 90, 60, 60, 90, 210))
RECENT_DAYS = 365
LEAST_HEART_RATE_RESERVE = 40.0  # bpm
HISTORY_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Athlete:
    """All that planning needs. Units: years, m, kg, bpm, s, m/s; distances in m.

    ``weekly_distance``: what is run in a usual week now. ``vdot``: Daniels' measure of running
    fitness, ml/(kg min). ``available``: seven training times in s, Monday first. ``estimated``:
    name of each value that was not given, with the source of its estimate.
    """

    runner_id: str
    goal: GoalRace
    age: float
    sex: Sex
    height: float
    weight: float
    resting_heart_rate: float
    maximum_heart_rate: float
    vdot: float
    weekly_distance: float
    available: tuple[float, ...]
    injuries: tuple[Injury, ...]
    experience: Experience
    estimated: Mapping[str, str]


def complete(profile: AthleteProfile, today: date) -> Athlete:
    """Return the athlete of a profile, with an estimate for every value that it lacks.

    Raises
    ------
    ParameterError
        If values contradict each other: a race result of the future, heart rates too close, no
        time to train on any day, usual weeks longer than there is time for.
    """
    _check_races(profile.races, today)
    told = _Estimates()
    recent = profile.weekly_distances[-HISTORY_WEEKS:]
    week = sum(recent) / len(recent) if recent else None
    age = told.unless(profile.age, "age", norms.AGE, norms.AGE_SOURCE)
    sex = told.unless(profile.sex, "sex", Sex.MALE, "assumed, for the formulas that need one")
    height = told.unless(profile.height, "height", norms.HEIGHT[sex], norms.HEIGHT_SOURCE)
    experience = told.unless(
        profile.experience, "experience", norms.experience(week or 0.0), norms.EXPERIENCE_SOURCE
    )
    fitness, source = _fitness(profile.races, age, sex, experience, today)
    available = told.unless(
        profile.available,
        "available",
        _usual_available(fitness, week or 0.0),
        "assumed: Mondays off, most on Sundays, enough for longer weeks than now",
    )
    athlete = Athlete(
        runner_id=profile.runner_id,
        goal=profile.goal,
        age=age,
        sex=sex,
        height=height,
        weight=told.unless(profile.weight, "weight", norms.weight(height), norms.WEIGHT_SOURCE),
        resting_heart_rate=told.unless(
            profile.resting_heart_rate,
            "resting_heart_rate",
            norms.RESTING_HEART_RATE[sex],
            norms.RESTING_HEART_RATE_SOURCE,
        ),
        maximum_heart_rate=told.unless(
            profile.maximum_heart_rate,
            "maximum_heart_rate",
            norms.maximum_heart_rate(age),
            norms.MAXIMUM_HEART_RATE_SOURCE,
        ),
        vdot=told.unless(None, "vdot", fitness, source),
        weekly_distance=told.unless(
            week,
            "weekly_distance",
            min(norms.WEEKLY_DISTANCE[experience], _longest_week(fitness, available)),
            norms.WEEKLY_DISTANCE_SOURCE,
        ),
        available=available,
        injuries=profile.injuries,
        experience=experience,
        estimated=told.sources,
    )
    _check_heart_rates(athlete)
    _check_time(athlete)
    return athlete


@dataclass(slots=True)
class _Estimates:
    """Which values were estimated so far, with their sources."""

    sources: dict[str, str] = field(default_factory=dict)

    def unless(self, given: T | None, name: str, estimate: T, source: str) -> T:
        """The given value, unless there is none: then the estimate, with a note of its source."""
        if given is not None:
            return given
        self.sources[name] = source
        return estimate


def _fitness(
    races: tuple[RaceResult, ...], age: float, sex: Sex, experience: Experience, today: date
) -> tuple[float, str]:
    """VDOT of the last year's best race, else of the best before, else a norm; and its source.

    An earlier result is lowered by the usual decline of VO2max with age since then.
    """

    def current(race: RaceResult) -> float:
        years = (today - race.day).days / 365.25
        return vdot(race.distance, race.time) * norms.yearly_decline(sex) ** years

    if not races:
        return norms.oxygen_uptake(age, sex, experience), norms.OXYGEN_UPTAKE_SOURCE
    recent = [race for race in races if (today - race.day).days <= RECENT_DAYS]
    best = max(recent or races, key=current)
    source = (
        f"race of {best.day}: {best.distance / 1000:g} km in {best.time / MINUTE:.1f} min "
        "(Daniels & Gilbert 1979), less the usual decline with age since then"
    )
    return current(best), source


def _usual_available(vdot_value: float, weekly_distance: float) -> tuple[float, ...]:
    """Usual times to train, longer where the week's distance and half as much again need it."""
    needed = 1.5 * weekly_distance / _longest_week(vdot_value, USUAL_AVAILABLE)
    return tuple(max(needed, 1.0) * time for time in USUAL_AVAILABLE)


def _longest_week(vdot_value: float, available: tuple[float, ...]) -> float:
    """The distance (m) that can be run easily in the time of a week."""
    return sum(available) * training_speeds(vdot_value).easy[1]


def _check_races(races: tuple[RaceResult, ...], today: date) -> None:
    for race in races:
        if race.day > today:
            raise ParameterError(
                f"race result of {race.day}: expected a day in the past, today being {today}"
            )


def _check_heart_rates(athlete: Athlete) -> None:
    rest, most = athlete.resting_heart_rate, athlete.maximum_heart_rate
    if most - rest < LEAST_HEART_RATE_RESERVE:
        raise ParameterError(
            f"resting heart rate {rest:g} bpm and maximum heart rate {most:g} bpm: "
            f"expected at least {LEAST_HEART_RATE_RESERVE:g} bpm between them"
        )


def _check_time(athlete: Athlete) -> None:
    if not any(athlete.available):
        raise ParameterError(
            "no time to train on any day of the week: expected at least one day with some"
        )
    longest = _longest_week(athlete.vdot, athlete.available)
    if athlete.weekly_distance > longest:
        minutes = sum(athlete.available) / MINUTE
        needed = math.ceil(minutes * athlete.weekly_distance / longest)
        raise ParameterError(
            f"usual weeks of {athlete.weekly_distance / 1000:.1f} km with {minutes:g} minutes to "
            f"train: expected {needed} minutes or more, or at most {longest // 100 / 10:.1f} km"
        )

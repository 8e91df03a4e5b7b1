"""Completing a profile by estimates."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners import RACE_DAY, TODAY
from trackside.errors import ParameterError
from trackside.planner import norms
from trackside.planner.athlete import Athlete, complete
from trackside.planner.profile import AthleteProfile, Experience, GoalRace, RaceResult, Sex
from trackside.planner.race_performance import training_speeds, vdot

GOAL = GoalRace(RACE_DAY, 42195.0)
FULL = AthleteProfile(
    "ada",
    GOAL,
    age=38.0,
    sex=Sex.FEMALE,
    height=1.68,
    weight=61.0,
    resting_heart_rate=50.0,
    maximum_heart_rate=190.0,
    races=(RaceResult(TODAY - timedelta(days=30), 10e3, 2970.0),),
    weekly_distances=(0.0, 10e3, 20e3, 30e3, 40e3),
    available=(0.0, 3600.0, 0.0, 3600.0, 0.0, 3600.0, 7200.0),
    experience=Experience.COMPETITIVE,
)


def test_what_was_told_is_kept() -> None:
    """Of a full profile every value is kept, and only VDOT is an estimate, from the race."""
    athlete = complete(FULL, TODAY)
    for name in set(Athlete.__slots__) & set(AthleteProfile.__slots__):
        assert getattr(athlete, name) == getattr(FULL, name)
    assert athlete.weekly_distance == pytest.approx(25e3)  # the last four weeks
    assert set(athlete.estimated) == {"vdot"}
    assert "10 km in 49.5 min" in athlete.estimated["vdot"]


def test_all_that_is_missing_is_estimated_and_marked() -> None:
    """A profile of nothing but a goal is completed, each estimate with its source."""
    athlete = complete(AthleteProfile("ada", GOAL), TODAY)
    given_fields = {"runner_id", "goal", "injuries", "estimated"}
    assert set(athlete.estimated) == set(Athlete.__slots__) - given_fields
    assert all(athlete.estimated.values())
    assert athlete.maximum_heart_rate == pytest.approx(208 - 0.7 * athlete.age)
    assert 18.5 < athlete.weight / athlete.height**2 < 24.9


@pytest.mark.parametrize(("age", "expected"), [(20.0, 194.0), (40.0, 180.0), (65.0, 162.5)])
def test_maximum_heart_rate_of_tanaka(age: float, expected: float) -> None:
    """208 − 0.7 · age, whoever it is."""
    assert norms.maximum_heart_rate(age) == pytest.approx(expected)


@given(st.floats(10.0, 100.0), st.sampled_from(Sex))
def test_usual_oxygen_uptake(age: float, sex: Sex) -> None:
    """It is a runner's at every age, falls with age and rises with experience."""
    values = [norms.oxygen_uptake(age, sex, experience) for experience in Experience]
    assert values == sorted(values)
    assert values[0] > 9
    assert values[-1] < 60
    assert norms.oxygen_uptake(age + 1, sex, Experience.RECREATIONAL) <= values[1]


def test_usual_oxygen_uptake_of_the_registry() -> None:
    """Medians at both ends are those published: 48.0 to 24.4 for men, 37.6 to 18.3 for women."""
    for sex, young, old in ((Sex.MALE, 48.0, 24.4), (Sex.FEMALE, 37.6, 18.3)):
        ends = [norms.oxygen_uptake(age, sex, Experience.RECREATIONAL) for age in (24.5, 74.5)]
        assert ends == pytest.approx([young, old])


def at(day: date, time: float) -> RaceResult:
    """A 10 km race."""
    return RaceResult(day, 10e3, time)


def test_the_best_race_of_the_last_year_counts() -> None:
    """Of recent races the best counts, even if a race long ago was better."""
    slow, fast = at(TODAY - timedelta(days=10), 3000.0), at(TODAY - timedelta(days=300), 2700.0)
    ancient = at(date(2020, 5, 1), 2000.0)
    athlete = complete(AthleteProfile("ada", GOAL, races=(ancient, slow, fast)), TODAY)
    assert vdot(10e3, 3000.0) < athlete.vdot < vdot(10e3, 2700.0)
    assert athlete.vdot == pytest.approx(vdot(10e3, 2700.0), rel=0.02)


def test_an_old_race_is_lowered_by_its_age() -> None:
    """A result of ten years ago counts about 13 % less for a man: the registry's decline."""
    day = TODAY - timedelta(days=3652)
    profile = AthleteProfile("ada", GOAL, sex=Sex.MALE, races=(at(day, 2400.0),))
    expected = vdot(10e3, 2400.0) * (24.4 / 48.0) ** (10 / 50)
    assert complete(profile, TODAY).vdot == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("weeks", "experience"),
    [
        ((), Experience.BEGINNER),
        ((20e3,), Experience.BEGINNER),
        ((30e3, 45e3), Experience.RECREATIONAL),
        ((60e3,), Experience.COMPETITIVE),
    ],
)
def test_experience_from_weekly_distance(weeks: tuple[float, ...], experience: Experience) -> None:
    """Untold experience is that of others who run as much."""
    profile = AthleteProfile("ada", GOAL, weekly_distances=weeks)
    assert complete(profile, TODAY).experience is experience


def test_a_history_of_no_running_is_no_missing_history() -> None:
    """Weeks of 0 km are told, not estimated."""
    athlete = complete(AthleteProfile("ada", GOAL, weekly_distances=(0.0, 0.0)), TODAY)
    assert athlete.weekly_distance == 0.0
    assert "weekly_distance" not in athlete.estimated


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        (AthleteProfile("ada", GOAL, races=(at(date(2031, 1, 1), 2400.0),)), "2031-01-01"),
        (
            AthleteProfile("ada", GOAL, age=80.0, resting_heart_rate=115.0),
            "115 bpm and maximum heart rate 152 bpm: expected at least 40 bpm",
        ),
        (AthleteProfile("ada", GOAL, available=(0.0,) * 7), "no time to train on any day"),
        (
            AthleteProfile("ada", GOAL, weekly_distances=(60e3,), available=(1800.0,) * 7),
            r"usual weeks of 60\.0 km with 210 minutes to train: expected \d+ minutes or more",
        ),
    ],
)
def test_contradictions_are_refused(profile: AthleteProfile, message: str) -> None:
    """A result of the future, heart rates too close, no or too little time: the error says so."""
    with pytest.raises(ParameterError, match=message):
        complete(profile, TODAY)


@given(st.floats(1e3, 200e3), st.floats(60.0, 7200.0))
def test_time_or_distance_said_to_work_works(distance: float, time: float) -> None:
    """With usual weeks too long for the time, both the time and the distance named will do."""

    def completed(week: float, free: float) -> Athlete:
        told = replace(FULL, weekly_distances=(week,), available=(free,) * 7)
        return complete(told, TODAY)

    try:
        completed(distance, time)
    except ParameterError as error:
        found = re.search(r"expected (\d+) minutes or more, or at most (\S+) km", str(error))
        assert found is not None
        completed(distance, 60.0 * int(found[1]) / 7)
        completed(1000.0 * float(found[2]), time)


@given(st.floats(0.0, 300e3))
def test_assumed_time_is_enough(distance: float) -> None:
    """Who tells no times to train is taken to have enough for the usual week."""
    athlete = complete(replace(FULL, weekly_distances=(distance,), available=None), TODAY)
    assert sum(athlete.available) * training_speeds(athlete.vdot).easy[1] >= distance


def test_an_estimated_week_fits_in_the_time() -> None:
    """Where little time was told, the estimate of the weekly distance is what can be run in it."""
    hour = AthleteProfile("ada", GOAL, available=(0.0,) * 6 + (3600.0,))
    assert 5e3 < complete(hour, TODAY).weekly_distance < 10e3

"""The calendar: weeks, phases, recovery weeks, trials, days off, and impossible wishes."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runners import HOURS, RACE_DAY, TODAY, runner
from trackside.errors import ParameterError
from trackside.planner.calendar import Calendar, KeyRace, Phase, build_calendar
from trackside.planner.profile import GoalRace, Injury
from trackside.planner.race_performance import race_time

SPANS = st.integers(1, 273)  # days to the race: 1 to 40 weeks, whatever day today is


def calendar(days: int, today: date = TODAY, distance: float = 42195.0) -> Calendar:
    """A calendar up to a race in so many days, for a runner who could run it any day."""
    goal = GoalRace(today + timedelta(days=days), distance)
    return build_calendar(runner(goal=goal, available=(3600.0,) * 6 + (4 * 3600.0,)), today)


def numbers(found: Calendar, phase: Phase) -> list[int]:
    """The weeks of a phase."""
    return [week.number for week in found.weeks if week.phase is phase]


def races(found: Calendar) -> dict[int, KeyRace]:
    """The races by week."""
    return {day.week_number: day.race for day in found.days if day.race is not None}


def test_the_marathon_programme() -> None:
    """21 weeks are divided as published, with a half marathon in week 9 and 10 km in week 15."""
    found = build_calendar(runner(), TODAY)
    assert numbers(found, Phase.BASE) == [1, 2, 3, 4]
    assert numbers(found, Phase.BUILD) == list(range(5, 13))
    assert numbers(found, Phase.SPECIFIC) == list(range(13, 20))
    assert numbers(found, Phase.TAPER) == [20, 21]
    assert [week.number for week in found.weeks if week.is_recovery] == [4, 8, 12, 16]
    assert races(found) == {
        9: KeyRace("Half-marathon trial", 21097.5),
        15: KeyRace("10 km trial", 10000.0),
        21: KeyRace("City marathon", 42195.0, goal=True),
    }


@given(SPANS, st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_weeks_are_whole_and_reach_the_race(days: int, today: date) -> None:
    """Weeks go from Monday to Sunday without gaps, from today's to the race's, numbered from 1."""
    race = today + timedelta(days=days)
    assume((race - today).days + today.weekday() < 280)
    found = calendar(days, today)
    dates = [day.date for day in found.days]
    assert dates[0].weekday() == 0
    assert dates[0] <= today <= dates[6]
    assert dates == [dates[0] + timedelta(days=number) for number in range(7 * len(found.weeks))]
    assert dates[-7] <= race <= dates[-1]
    assert [day.week_number for day in found.days] == [n // 7 + 1 for n in range(len(dates))]
    assert [day.date for day in found.days if day.race and day.race.goal] == [race]


@given(SPANS)
def test_nothing_is_planned_before_today_or_after_the_race(days: int) -> None:
    """Such days have no time to train; the others have theirs."""
    found = calendar(days)
    for day in found.days:
        inside = TODAY <= day.date <= TODAY + timedelta(days=days)
        assert (day.available > 0) == inside


@given(SPANS)
def test_phases_follow_each_other(days: int) -> None:
    """Phases come in their order; the taper takes two weeks, or one of a short preparation."""
    found = calendar(days)
    order = [list(Phase).index(week.phase) for week in found.weeks]
    assert order == sorted(order)
    assert len(numbers(found, Phase.TAPER)) == (2 if len(found.weeks) >= 6 else 1)
    assert abs(len(numbers(found, Phase.BUILD)) - 2 * len(numbers(found, Phase.BASE))) <= 1


@given(SPANS)
def test_recovery_weeks(days: int) -> None:
    """Every fourth week is for recovery, but none in the taper or next to it."""
    weeks = calendar(days).weeks
    for week, after in pairwise(weeks):
        near_taper = Phase.TAPER in (week.phase, after.phase)
        assert week.is_recovery == (week.number % 4 == 0 and not near_taper)
    assert not weeks[-1].is_recovery


@given(SPANS, st.floats(1000.0, 45000.0))
def test_trials(days: int, distance: float) -> None:
    """Trials get shorter, stay below 60 % of the goal, are not in recovery weeks or the taper."""
    found = calendar(days, distance=distance)
    trials = [(day, race) for day in found.days if (race := day.race) and not race.goal]
    distances = [race.distance for _, race in trials]
    assert distances == sorted(set(distances), reverse=True)
    assert all(value <= 0.6 * distance for value in distances)
    for day, race in trials:
        week = found.weeks[day.week_number - 1]
        assert not week.is_recovery
        assert week.phase is not Phase.TAPER
        assert day.available >= race_time(45.0, race.distance)
    assert len(trials) <= (2 if len(found.weeks) >= 12 else 1 if len(found.weeks) >= 8 else 0)


@pytest.mark.parametrize(
    ("distance", "names"),
    [
        (21097.5, ["10 km trial", "5 km trial"]),
        (10000.0, ["5 km trial", "3 km trial"]),
        (5000.0, ["3 km trial", "1500 m trial"]),
        (1500.0, []),
    ],
)
def test_shorter_goals_have_shorter_trials(distance: float, names: list[str]) -> None:
    """Trials go with the goal's distance."""
    assert [race.name for race in races(calendar(140, distance=distance)).values()][:-1] == names


def test_a_trial_is_no_longer_than_training_allows() -> None:
    """Who starts from nothing has a 10 km trial in week 9, where others run a half marathon."""
    goal = GoalRace(RACE_DAY + timedelta(weeks=1), 42195.0)
    assert races(build_calendar(runner(goal=goal), TODAY))[9].distance == 21097.5
    found = build_calendar(runner(goal=goal, weekly_distance=0.0), TODAY)
    assert races(found)[9].distance == 10000.0


def test_a_trial_needs_the_time_for_it() -> None:
    """With an hour on Saturdays and no Sundays, the longest trial is one that takes an hour."""
    found = build_calendar(runner(available=(0, 3600.0, 0, 3600.0, 0, 3600.0, 0)), TODAY)
    trials = [day for day in found.days if day.race and not day.race.goal]
    assert [day.race.name for day in trials if day.race] == ["10 km trial", "5 km trial"]
    assert {day.date.weekday() for day in trials} == {5}


def test_a_race_on_a_day_off_has_its_time() -> None:
    """On the day of the goal race there is time for it, even if it is a day off."""
    found = build_calendar(runner(available=(3600.0,) * 6 + (0,)), TODAY)
    assert found.days[-1].available == pytest.approx(race_time(45.0, 42195.0))


def test_injuries_limit_until_they_are_over() -> None:
    """The most limiting injury cuts the time of each day up to its last, and puts off trials."""
    last = date(2030, 3, 10)  # the Sunday of week 9
    injuries = (Injury("knee", last, 0.5), Injury("foot", TODAY, 0.0), Injury("back", None, 0.8))
    found = build_calendar(runner(injuries=injuries[:2]), TODAY)
    by_date = {day.date: day.available for day in found.days}
    assert by_date[TODAY] == 0.0
    assert by_date[TODAY + timedelta(days=1)] == HOURS[3] / 2
    assert by_date[last] == HOURS[6] / 2
    assert by_date[last + timedelta(days=2)] == HOURS[1]
    assert 9 not in races(found)
    for_good = build_calendar(runner(injuries=injuries), TODAY)
    assert for_good.days[-8].available == pytest.approx(0.8 * HOURS[6])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"goal": GoalRace(TODAY, 10e3)}, "the race is on 2030-01-09, today is 2030-01-09"),
        ({"goal": GoalRace(date(2029, 6, 1), 10e3)}, "expected a race on 2030-01-10 or later"),
        (
            {"goal": GoalRace(date(2030, 12, 1), 10e3)},
            "is 47 weeks away: expected at most 40; plan from 2030-02-25 on",
        ),
        (
            {"goal": GoalRace(date(2030, 1, 27), 42195.0), "weekly_distance": 0.0},
            (
                "42.2 km on 2030-01-27 from 0.0 km a week: that race takes a week of 30.0 km, "
                "but at 10 % more each week the 3 weeks until then allow 5.5 km; what would work: "
                "the same distance from 2030-06-09 on, or up to 7.7 km on 2030-01-27"
            ),
        ),
        ({"injuries": (Injury("knee", None, 0.0),)}, "injuries (knee) take them all"),
        (
            {"goal": GoalRace(date(2030, 1, 10), 10e3), "available": (0,) * 6 + (3600.0,)},
            "no day to train is left from 2030-01-09 to the race on 2030-01-10",
        ),
    ],
)
def test_impossible_wishes(changes: dict[str, object], message: str) -> None:
    """What conflicts is said, with the nearest thing that would work."""
    with pytest.raises(ParameterError, match=re.escape(message)):
        build_calendar(runner(**changes), TODAY)


@given(SPANS, st.floats(0.0, 25e3), st.floats(15e3, 42195.0))
def test_what_is_said_to_work_works(days: int, weekly: float, distance: float) -> None:
    """Both ways out of a race too soon, the later day and the shorter race, give a calendar."""
    goal = GoalRace(TODAY + timedelta(days=days), distance)
    try:
        build_calendar(runner(goal=goal, weekly_distance=weekly), TODAY)
    except ParameterError as error:
        found = re.search(r"from (\S+) on, or up to (\S+) km on", str(error))
        assert found is not None
        later = GoalRace(date.fromisoformat(found[1]), distance)
        shorter = GoalRace(goal.day, 1000 * float(found[2]))
        assert later.day > goal.day
        assert shorter.distance < distance
        for wish in (later, shorter):
            build_calendar(runner(goal=wish, weekly_distance=weekly), TODAY)


def test_the_last_day_of_the_race_week_is_a_sunday() -> None:
    """A race on a Saturday leaves a Sunday with nothing planned."""
    goal = GoalRace(RACE_DAY - timedelta(days=1), 42195.0)
    last = build_calendar(runner(goal=goal), TODAY).days[-1]
    assert (last.date, last.available, last.race) == (RACE_DAY, 0.0, None)

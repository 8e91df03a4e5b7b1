"""The season's optimum, its rules, and what happens when they cannot be kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from season_checker import broken, days_of

from runners import RACE_DAY, TODAY, runner
from trackside.planner.calendar import Phase, build_calendar
from trackside.planner.linear_model import ConflictError
from trackside.planner.season import HARD_OR_LONG, plan_season, solve_season
from trackside.planner.season_rules import (
    RunType,
    SeasonRules,
    andrews_aerobic_shares,
    andrews_goals,
)
from trackside.planner.weekly_goals import Progression, weekly_goals

OPTIMA = {10: (1.7125, 83), 24: (0.3072, 96), 40: (5.8132, 96), 60: (19.063, 96)}
"""Objective and runs of Andrews' season by start, km; two solvers agree on those of 20 and 40."""


@pytest.mark.parametrize("start", OPTIMA)
def test_the_known_optima_are_found_and_proven(start: int) -> None:
    """The objective is that of the reference, within a gap of 1e-6, and no rule is broken."""
    goals = andrews_goals(start * 1e3)
    season = solve_season(goals, andrews_aerobic_shares())
    objective, runs = OPTIMA[start]
    assert season.objective == pytest.approx(objective, abs=1e-4)
    assert season.runs == runs
    assert season.gap < 1e-6
    assert not broken(days_of(season.distances), [goal / 1e3 for goal in goals])


def test_the_whole_model_at_once_finds_the_same() -> None:
    """Weeks solved one by one and put together are as good as all of them in one model."""
    from trackside.planner.season import _demand, _solve_weeks

    goals, shares = np.array(andrews_goals(30e3))[:3], np.array(andrews_aerobic_shares())[:3]
    rules = SeasonRules()
    demand = _demand(goals, shares, rules, None)
    whole = _solve_weeks(demand, rules, 1e-6)
    season = solve_season(goals, shares, rules)
    assert season.objective == pytest.approx(whole.cost, abs=1e-4)
    assert season.objective >= whole.bound - 1e-4


def test_weeks_fitted_after_another_keep_the_rules_and_tell_what_it_costs() -> None:
    """Where many weeks clash, following each other they keep all rules, within the gap told."""
    time = np.tile([4.1e3, 10e3, 5.5e3, 14e3, 2.8e3, 8.3e3, 8.3e3], (4, 1))
    goals = np.array(andrews_goals(26e3, 4))
    quick = solve_season(goals, andrews_aerobic_shares(4), longest=time, gap=1e-3, together=1)
    exact = solve_season(goals, andrews_aerobic_shares(4), longest=time, gap=1e-3)
    assert not broken(days_of(quick.distances), [goal / 1e3 for goal in goals])
    assert exact.gap < 1e-3 < quick.gap
    assert exact.objective > quick.objective * (1.0 - quick.gap) - 1e-4


@settings(max_examples=12)
@given(
    start=st.floats(5.0, 80.0),
    weeks=st.integers(2, 6),
    seed=st.integers(0, 10**6),
)
def test_seasons_of_busy_athletes_keep_all_rules(start: float, weeks: int, seed: int) -> None:
    """Whatever days are off and however little time there is, the checker finds nothing."""
    rng = np.random.default_rng(seed)
    longest = rng.uniform(0.0, 30e3, (weeks, 7)) * (rng.random((weeks, 7)) < 0.8)
    goals = andrews_goals(start * 1e3, weeks)
    season = solve_season(goals, andrews_aerobic_shares(weeks), longest=longest, gap=1e-3)
    assert not broken(days_of(season.distances), [goal / 1e3 for goal in goals])
    assert (season.distances.sum(axis=2) <= longest + 0.1).all()
    assert season.gap < 1e-3


def test_a_day_without_time_is_a_rest() -> None:
    """Days off have no run, and the other days carry on."""
    longest = np.full((8, 7), 30e3)
    longest[:, [0, 3]] = 0.0
    season = solve_season(andrews_goals(30e3, 8), andrews_aerobic_shares(8), longest=longest)
    assert not season.distances[:, [0, 3]].any()
    assert season.off_goals == pytest.approx(0.0, abs=1e-3)


def test_a_week_off_has_no_run() -> None:
    """A holiday is no conflict."""
    longest = np.full((6, 7), 30e3)
    longest[2] = 0.0
    season = solve_season(andrews_goals(30e3, 6), andrews_aerobic_shares(6), longest=longest)
    assert not season.distances[2].any()
    assert season.goals[2] == 0.0


def test_long_runs_move_from_a_weekend_without_time() -> None:
    """Somebody who works on weekends runs long on the day with most time."""
    longest = np.full((6, 7), 12e3)
    longest[:, 5:] = 0.0
    longest[:, 2] = 25e3
    season = solve_season(andrews_goals(30e3, 6), andrews_aerobic_shares(6), longest=longest)
    long = list(RunType).index(RunType.LONG)
    assert (season.distances[:, 2, long] > 0.0).all()


def test_races_take_the_place_of_the_long_run() -> None:
    """On the day of a race nothing else is run, and nothing hard on the days beside it."""
    races = {5 * 7 + 6: 10e3, 7 * 7 + 5: 21.1e3}
    goals = andrews_goals(40e3, 8)
    season = solve_season(goals, andrews_aerobic_shares(8), races=races)
    days = days_of(season.distances, races)
    assert not broken(days, [goal / 1e3 for goal in goals])
    assert days[5][6] == ("race", 10.0)


def test_a_race_on_a_monday_after_the_only_day_for_a_long_run() -> None:
    """The eve of a race takes the week's only long run; that is no conflict."""
    longest = np.zeros((5, 7))
    longest[:, [3, 4, 6]] = 8e3, 4e3, 12e3
    goals = andrews_goals(10e3, 5)
    season = solve_season(goals, andrews_aerobic_shares(5), longest=longest, races={28: 21.1e3})
    assert not broken(days_of(season.distances, {28: 21.1e3}), [goal / 1e3 for goal in goals])
    assert not season.distances[3, 6, HARD_OR_LONG].any()


def test_settled_days_stay_as_they_are() -> None:
    """The past is not planned again, even where it broke a rule of lengths."""
    settled = {
        0: (RunType.EASY, 4e3),
        1: (RunType.THRESHOLD, 17e3),
        2: (RunType.EASY, 0.0),
        3: (RunType.ANAEROBIC, 2.5e3),
    }
    season = solve_season(andrews_goals(40e3, 6), andrews_aerobic_shares(6), settled=settled)
    for day, (kind, distance) in settled.items():
        run = season.distances[0, day]
        assert run.sum() == pytest.approx(distance, abs=1e-3)
        assert run[list(RunType).index(kind)] == pytest.approx(distance, abs=1e-3)


def test_a_conflict_names_its_rules_and_the_least_that_must_give() -> None:
    """Two hard days in a row that are settled conflict with the rule against them, and no other."""
    settled = {1: (RunType.THRESHOLD, 5e3), 2: (RunType.ANAEROBIC, 3e3)}
    with pytest.raises(ConflictError, match="day after a long or hard one") as caught:
        solve_season(andrews_goals(40e3, 6), andrews_aerobic_shares(6), settled=settled)
    assert set(caught.value.relaxations) <= {
        "no hard run on the day after a long or hard one",
        "settled days stay",
    }


def test_goals_grow_by_a_tenth_at_most_and_taper() -> None:
    """Every week is at most a tenth above the furthest before it; two weeks lead down."""
    calendar = build_calendar(runner(), TODAY)
    goals = weekly_goals(calendar, 40e3)
    weeks = calendar.weeks
    for i in range(1, len(goals)):
        assert goals[i] <= 1.1 * max(goals[:i]) + 1e-6
        if weeks[i].is_recovery:
            assert goals[i] <= 0.8 * max(goals[:i]) + 1e-6
    assert goals[-2:] == pytest.approx([0.75 * max(goals), 0.5 * max(goals)])
    assert max(goals) <= Progression().furthest(40e3)


def test_a_plan_has_the_race_on_its_day_and_little_around_it() -> None:
    """The season of a calendar ends with the race; its weeks come near their goals."""
    calendar = build_calendar(runner(), TODAY)
    season = plan_season(calendar, 40e3, 2.8)
    day = [day.date for day in calendar.days].index(RACE_DAY)
    assert not season.distances.reshape(-1, 4)[day].any()
    assert len(season.distances) == len(calendar.weeks)
    off = np.abs(season.distances.sum(axis=(1, 2)) - season.goals)
    assert off.max() < 200.0
    taper = [week.phase is Phase.TAPER for week in calendar.weeks]
    assert season.distances[taper].sum() < 0.1 * season.distances.sum()


def test_what_there_is_no_time_for_is_not_built_on() -> None:
    """With little time each week the goals stop growing instead of leaping later."""
    calendar = build_calendar(
        runner(available=tuple(3600.0 * h for h in (0, 1, 0, 1, 0, 1, 1))), TODAY
    )
    season = plan_season(calendar, 30e3, 2.8)
    run = season.distances.sum(axis=(1, 2))
    for i in range(1, len(run)):
        assert run[i] <= 1.1 * max(run[:i].max(), 30e3) + 250.0

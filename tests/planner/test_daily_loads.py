"""The optimum of daily loads, its limits, and the simulation that checks them."""

from dataclasses import replace
from datetime import date
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.planner.daily_loads import DailyLoads, optimise_loads
from trackside.planner.fitness import FitnessState, training_stress
from trackside.planner.linear_model import ConflictError
from trackside.planner.load_demand import (
    KINDS,
    DayKind,
    LoadDemand,
    performance_weights,
    usual_bounds,
)
from trackside.planner.load_simulation import simulate_loads

MONDAY = date(2030, 1, 7)
CHOICE = frozenset({DayKind.REST, DayKind.EASY, DayKind.HARD})


def demand(weeks: int, daily_load: float = 45.0, off: frozenset[int] = frozenset()) -> LoadDemand:
    """A preparation of whole weeks for a race on its last day, with days off by weekday."""
    days = 7 * weeks
    kinds = [
        frozenset({DayKind.REST})
        if day % 7 in off
        else CHOICE | ({DayKind.LONG} if day % 7 >= 5 else set())
        for day in range(days)
    ]
    kinds[-1] = frozenset({DayKind.RACE})
    bounds = usual_bounds(days, daily_load)
    state = FitnessState.steady(daily_load)
    return LoadDemand(kinds, bounds, frozenset({3, 7, 11}), 2, days - 1, state)


@settings(max_examples=12)
@given(
    weeks=st.integers(3, 14),
    daily_load=st.floats(5.0, 120.0),
    fatigue=st.floats(0.5, 2.0),
    off=st.frozensets(st.integers(0, 6), max_size=5),
)
def test_simulation_finds_no_broken_limit(
    weeks: int, daily_load: float, fatigue: float, off: frozenset[int]
) -> None:
    """Whoever it is and whenever there is time, each day keeps the limits."""
    wanted = demand(weeks, daily_load, off)
    wanted = replace(wanted, state=FitnessState(daily_load, fatigue * daily_load))
    plan = optimise_loads(wanted)
    simulated = simulate_loads(wanted, plan, MONDAY)
    assert not simulated.violations
    assert plan.gap <= 1e-3
    assert simulated.performance[wanted.race] == pytest.approx(plan.performance)


def test_no_other_choice_of_kinds_is_better() -> None:
    """On a week small enough to try every order of kinds, the optimum is the best of them."""
    wanted = demand(1)
    wanted = replace(wanted, taper=0, kinds=[*[CHOICE] * 4, *[frozenset({DayKind.REST})] * 3])
    best = -np.inf
    for order in product(*wanted.kinds):
        settled = replace(wanted, kinds=[frozenset({kind}) for kind in order])
        strenuous = [kind is DayKind.HARD for kind in order]
        apart = not any(a and b for a, b in pairwise(strenuous))
        if apart and strenuous.count(True) <= wanted.limits.hard_days:
            best = max(best, optimise_loads(settled, gap=1e-9).performance)
    assert optimise_loads(wanted, gap=1e-9).performance == pytest.approx(best, rel=1e-6)


def test_the_rest_of_an_optimum_is_the_optimum_of_the_rest() -> None:
    """Solved again from a later Monday with the past as it was planned, it is as good as before."""
    wanted = replace(demand(8), recovery=frozenset())
    whole = optimise_loads(wanted, gap=1e-6)
    kinds = [frozenset({kind}) for kind in whole.kinds[:21]] + list(wanted.kinds[21:])
    bounds = wanted.bounds.copy()
    for day in range(21):
        bounds[day, KINDS.index(whole.kinds[day])] = whole.loads[day]
    again = optimise_loads(replace(wanted, kinds=kinds, bounds=bounds), gap=1e-6)
    np.testing.assert_allclose(again.loads[:21], whole.loads[:21], atol=1e-6)
    assert again.performance == pytest.approx(whole.performance, rel=1e-5)


def test_settled_kinds_are_kept_and_not_judged() -> None:
    """Kinds that the season has decided on stay, even hard days in a row."""
    order = [DayKind.EASY, DayKind.HARD, DayKind.HARD, DayKind.REST, DayKind.EASY, DayKind.LONG]
    kinds = [frozenset({kind}) for kind in [*order, DayKind.REST] * 4]
    wanted = replace(demand(4), kinds=kinds, race=27)
    plan = optimise_loads(wanted)
    assert list(plan.kinds[:7]) == [*order, DayKind.REST]
    assert not simulate_loads(wanted, plan, MONDAY).violations


def test_loads_close_to_the_race_only_tire() -> None:
    """The last days' load does harm: their weight is negative, and the plan leaves them light."""
    weights = performance_weights(56, 55)
    crossing = np.flatnonzero(weights > 0).max()
    assert 55 - crossing == 6  # the last useful day is 5.8 days before the race
    plan = optimise_loads(demand(8))
    assert plan.loads[50:55].sum() == pytest.approx(0.0, abs=1e-6)


def test_limits_in_conflict_are_named() -> None:
    """A week that must be heavier than growth allows says so."""
    wanted = demand(2)
    kinds = [frozenset({DayKind.HARD}) for _ in wanted.kinds]
    with pytest.raises(ConflictError, match=r"taper|growth|heaviest|fatigue"):
        optimise_loads(replace(wanted, kinds=kinds))


def test_simulation_tells_what_is_broken_on_which_day() -> None:
    """Each kind of mistake in a plan is found where it is."""
    wanted = demand(4)
    plan = optimise_loads(wanted)

    def broken(day: int, load: float, kind: DayKind | None = None) -> set[str]:
        loads: Floats = plan.loads.copy()
        loads[day] = load
        kinds = list(plan.kinds)
        kinds[day] = kind or kinds[day]
        found = simulate_loads(wanted, DailyLoads(tuple(kinds), loads, 0.0, 0.0), MONDAY)
        return {violation.limit for violation in found.violations}

    rest = plan.kinds.index(DayKind.REST)
    assert "the most for a day that is rest" in broken(rest, 50.0)
    assert "the day cannot be long" in broken(1, plan.loads[1], DayKind.LONG)
    hard = plan.kinds.index(DayKind.HARD)
    assert "fatigue against fitness" in broken(hard, 2000.0)
    assert "the heaviest week" in broken(hard, 2000.0)


def test_the_walk_agrees_with_the_recursions() -> None:
    """CTL, ATL and TSB are those of the fitness module."""
    wanted = demand(4)
    plan = optimise_loads(wanted)
    simulated = simulate_loads(wanted, plan, MONDAY)
    stress = training_stress(plan.loads, wanted.state)
    np.testing.assert_array_equal(simulated.form, stress.form)
    assert simulated.weekly_loads.sum() == pytest.approx(plan.loads.sum())


def settled_weeks(weeks: int, shape: float | None = None, distances: bool = False) -> LoadDemand:
    """Weeks whose days are all settled: easy, hard and long runs, and rests."""
    order = [DayKind.REST, DayKind.EASY, DayKind.HARD, DayKind.EASY]
    order += [DayKind.REST, DayKind.EASY, DayKind.LONG]
    wanted = demand(weeks)
    kinds = [frozenset({kind}) for kind in order * weeks]
    kinds[-1] = frozenset({DayKind.RACE})
    far = np.tile([0.0, 8e3, 10e3, 8e3, 0.0, 8e3, 20e3], weeks)
    bounds = wanted.bounds.copy()
    bounds[:, :, 0] = 0.0
    return replace(
        wanted, kinds=kinds, bounds=bounds, shape=shape, distances=far if distances else None
    )


@pytest.mark.parametrize("shape", [0.0, 0.2])
def test_days_of_a_week_are_cut_alike(shape: float) -> None:
    """Within a week the share of what each day may be differs by the shape's tolerance at most."""
    wanted = settled_weeks(8, shape)
    plan = optimise_loads(wanted)
    ran = np.array([kinds <= {DayKind.EASY, DayKind.HARD, DayKind.LONG} for kinds in wanted.kinds])
    most = np.array([wanted.bounds[i, KINDS.index(k), 1] for i, k in enumerate(plan.kinds)])
    for week in range(8):
        days = np.flatnonzero(ran[7 * week : 7 * week + 7]) + 7 * week
        shares = plan.loads[days] / most[days]
        assert np.ptp(shares) <= shape + 1e-6
    free = optimise_loads(settled_weeks(8))
    assert free.performance >= plan.performance


def test_distances_grow_no_faster_than_loads() -> None:
    """Where distances are told, those of each week keep the limits of growth too."""
    wanted = settled_weeks(10, distances=True)
    assert wanted.distances is not None
    plan = optimise_loads(wanted)
    assert not simulate_loads(wanted, plan, MONDAY).violations
    most = np.array([wanted.bounds[i, KINDS.index(k), 1] for i, k in enumerate(plan.kinds)])
    run = np.divide(wanted.distances * plan.loads, most, out=np.zeros_like(most), where=most > 0.0)
    weekly = run[:-7].reshape(-1, 7).sum(axis=1)
    built = weekly[0]
    for week in range(1, 8):
        share = 0.75 if week in wanted.recovery else 1.10
        assert weekly[week] <= share * built + 1.0
        built = built if week in wanted.recovery else weekly[week]


def test_a_settled_race_is_no_training() -> None:
    """However heavy the race, it breaks no limit; as a hard session that load would."""
    wanted = demand(6)
    bounds = wanted.bounds.copy()
    bounds[-1, KINDS.index(DayKind.RACE)] = 500.0, 500.0
    wanted = replace(wanted, bounds=bounds)
    plan = optimise_loads(wanted)
    assert plan.loads[-1] == pytest.approx(500.0)
    assert not simulate_loads(wanted, plan, MONDAY).violations

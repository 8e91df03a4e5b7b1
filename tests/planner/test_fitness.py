"""Chronic and acute training load."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.planner.fitness import FitnessState, training_stress

LOADS = st.lists(st.floats(0.0, 300.0), min_size=1, max_size=60)


@given(LOADS, st.floats(0.0, 150.0), st.floats(0.0, 150.0))
def test_recursion(loads: list[float], fitness: float, fatigue: float) -> None:
    """Each day moves CTL and ATL by 1/42 and 1/7 towards its load; TSB is the morning's balance."""
    stress = training_stress(np.array(loads), FitnessState(fitness, fatigue))
    for day, load in enumerate(loads):
        assert stress.form[day] == pytest.approx(fitness - fatigue, abs=1e-9)
        fitness += (load - fitness) / 42
        fatigue += (load - fatigue) / 7
        assert (stress.fitness[day], stress.fatigue[day]) == pytest.approx((fitness, fatigue))


@given(LOADS, st.integers(1, 59))
def test_a_season_can_go_on_from_any_day(loads: list[float], cut: int) -> None:
    """The state after some days, carried on, gives the same as all days at once."""
    whole = training_stress(np.array(loads), FitnessState(40.0, 60.0))
    cut = min(cut, len(loads) - 1) or 1
    first = training_stress(np.array(loads[:cut]), FitnessState(40.0, 60.0))
    state = FitnessState(first.fitness[-1], first.fatigue[-1])
    rest = training_stress(np.array(loads[cut:]), state)
    for part, both in zip(rest, whole, strict=True):
        assert np.array_equal(part, both[cut:])


def test_a_steady_state_stays() -> None:
    """Who goes on with the load they are used to keeps fitness and fatigue, and has no form."""
    stress = training_stress(np.full(30, 55.0), FitnessState.steady(55.0))
    assert np.allclose(stress.fitness, 55.0)
    assert np.allclose(stress.form, 0.0)


def test_rest_fades_by_the_published_factors() -> None:
    """A day of rest leaves 41/42 of CTL and 6/7 of ATL, and form turns positive after a week."""
    stress = training_stress(np.zeros(8), FitnessState.steady(70.0))
    assert stress.fitness[0] == pytest.approx(70 * 41 / 42)
    assert stress.fatigue[0] == pytest.approx(70 * 6 / 7)
    assert stress.form[0] == 0.0
    assert np.all(np.diff(stress.form) > 0)

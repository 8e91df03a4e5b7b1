"""The colony on functions whose optimum is known, and what it promises of every search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.ant_colony import (
    Categorical,
    Colony,
    Continuous,
    Objective,
    Ordinal,
    Variable,
    guide_probabilities,
    optimise,
)

MIXED: list[Variable] = [Continuous(-4.0, 6.0), Ordinal((1.0, 2.0, 5.0, 9.0)), Categorical(4)]


def distance_to(real: float, ordinal: float, category: int) -> Objective:
    """An objective that is least, 0, there."""

    def objective(x: Floats) -> Floats:
        return (x[:, 0] - real) ** 2 + np.abs(x[:, 1] - ordinal) + (x[:, 2] != category)

    return objective


@settings(max_examples=15, deadline=None)
@given(
    real=st.floats(-3.5, 5.5),
    ordinal=st.sampled_from((1.0, 2.0, 5.0, 9.0)),
    category=st.integers(0, 3),
)
def test_variables_of_every_kind_find_their_best(
    real: float, ordinal: float, category: int
) -> None:
    rng = np.random.default_rng(1)
    found = optimise(distance_to(real, ordinal, category), MIXED, 4000, rng)
    assert found.best == pytest.approx([real, ordinal, category], abs=1e-3)
    assert found.objective < 1e-6


def test_an_oblique_valley_is_followed() -> None:
    """A thousand times steeper across than along, at 45° to the axes."""

    def valley(x: Floats) -> Floats:
        along, across = x[:, 0] + x[:, 1] - 3.0, x[:, 0] - x[:, 1]
        return along**2 + 1e6 * across**2

    variables = [Continuous(-10.0, 10.0)] * 2
    found = optimise(valley, variables, 6000, np.random.default_rng(3))
    assert found.best == pytest.approx([1.5, 1.5], abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(evaluations=st.integers(1, 400), seed=st.integers(0, 2**32 - 1))
def test_only_allowed_values_are_evaluated_and_no_more_than_asked_for(
    evaluations: int, seed: int
) -> None:
    seen: list[Floats] = []

    def objective(x: Floats) -> Floats:
        seen.append(x.copy())
        return x[:, 0] + x[:, 1]

    colony = Colony(ants=3, archive=20, patience=5)
    found = optimise(objective, MIXED, evaluations, np.random.default_rng(seed), colony)
    everything = np.concatenate(seen)
    assert len(everything) == found.evaluations == evaluations
    assert ((everything[:, 0] >= -4.0) & (everything[:, 0] <= 6.0)).all()
    assert set(everything[:, 1]) <= {1.0, 2.0, 5.0, 9.0}
    assert set(everything[:, 2]) <= {0.0, 1.0, 2.0, 3.0}
    assert found.objective == (everything[:, 0] + everything[:, 1]).min()


def test_a_restart_keeps_the_best() -> None:
    """Patience of one iteration: the archive is drawn anew again and again."""
    goal = distance_to(0.5, 5.0, 2)
    colony = Colony(ants=2, archive=10, patience=1)
    bests = [
        optimise(goal, MIXED, evaluations, np.random.default_rng(7), colony).objective
        for evaluations in (20, 100, 400, 1000)
    ]
    assert bests == sorted(bests, reverse=True)


def test_the_search_repeats_and_ends_when_it_is_good_enough() -> None:
    goal = distance_to(0.5, 5.0, 2)
    first, second = (optimise(goal, MIXED, 900, np.random.default_rng(5)) for _ in range(2))
    assert (first.best == second.best).all()
    early = optimise(goal, MIXED, 900, np.random.default_rng(5), enough=lambda best: best < 0.1)
    assert early.evaluations < 900
    assert early.objective < 0.1


def test_infeasible_solutions_rank_behind_feasible_ones() -> None:
    """The objective is least where a constraint is broken; the answer keeps it."""

    def objective(x: Floats) -> Floats:
        broken = np.maximum(2.0 - x[:, 0], 0.0)
        return np.where(broken > 0.0, 1e6 + broken, x[:, 0] ** 2)

    found = optimise(objective, [Continuous(-50.0, 50.0)], 3000, np.random.default_rng(2))
    assert found.best[0] == pytest.approx(2.0, abs=1e-4)
    assert found.best[0] >= 2.0


def test_better_ranks_guide_more_often() -> None:
    chances = guide_probabilities(90, 0.05099)
    assert chances.sum() == pytest.approx(1.0)
    assert (np.diff(chances) <= 0.0).all()
    ratio = np.exp(-((10.0 / (0.05099 * 90)) ** 2) / 2.0)
    assert chances[10] / chances[0] == pytest.approx(ratio)


@pytest.mark.parametrize("variable", [Continuous(2.0, 1.0), Ordinal(()), Categorical(0)])
def test_a_variable_without_a_value_is_refused(variable: Variable) -> None:
    with pytest.raises(ParameterError, match=r"variable 2.*at least one value"):
        optimise(lambda x: x[:, 0], [Continuous(0.0, 1.0), variable], 10, np.random.default_rng(0))

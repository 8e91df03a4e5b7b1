"""Banister's model: simulation, influence, fit and its uncertainty."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.planner.banister import BanisterModel, bootstrap_fits, fit_banister

MODEL = BanisterModel(260.0, 0.09, 0.15, 45.0, 15.0)
TESTS = np.arange(20, 161, 10)


def loads(seed: int = 0, days: int = 160) -> Floats:
    """Two training days in three, more and more."""
    random = np.random.default_rng(seed)
    training = random.random(days) < 0.67
    return training * random.uniform(20.0, 100.0, days) * np.linspace(0.6, 1.2, days)


@given(st.lists(st.floats(0.0, 200.0), max_size=30))
def test_performance_is_the_sum_of_influences(daily: list[float]) -> None:
    """On each morning performance is the base and every earlier load times its influence."""
    found = MODEL.performance(np.array(daily))
    assert len(found) == len(daily) + 1
    for day, value in enumerate(found):
        earlier = sum(daily[s] * float(MODEL.influence(day - s)) for s in range(day))
        assert value == pytest.approx(260.0 + earlier)


def test_published_times_of_influence() -> None:
    """With 42 and 7 days and gains 1 : 2, training helps until 5.8 days before, most at 20.9."""
    model = BanisterModel()
    assert model.critical_time == pytest.approx(5.8, abs=0.05)
    assert model.greatest_gain_time == pytest.approx(20.9, abs=0.05)


@given(st.floats(0.1, 5.0), st.floats(0.1, 5.0), st.floats(20.0, 60.0), st.floats(3.0, 19.0))
def test_times_of_influence(gain: float, loss: float, slow: float, fast: float) -> None:
    """Influence is never negative earlier than t_c, and no day's is greater than that at t_g."""
    model = BanisterModel(0.0, gain, loss, slow, fast)
    days = np.linspace(0.0, 200.0, 401)
    influence = model.influence(days)
    assert np.all(influence[days > model.critical_time + 1e-6] > 0)
    assert np.all(influence[days < model.critical_time - 1e-6] < 0)
    assert np.all(influence <= model.influence(model.greatest_gain_time) + 1e-12)


def test_training_that_only_tires_never_helps() -> None:
    """Without a fitness gain every load harms, however early."""
    assert BanisterModel(fitness_gain=0.0).critical_time == math.inf
    assert BanisterModel(fatigue_gain=0.0).critical_time == 0.0


def test_fit_finds_the_model_behind_exact_tests() -> None:
    """Tests without noise give back every value, also among 36 pairs of time constants."""
    daily = loads()
    results = MODEL.performance(daily)[TESTS]
    slow, fast = np.arange(35.0, 61.0, 5.0).tolist(), np.arange(5.0, 31.0, 5.0).tolist()
    for fit in (
        fit_banister(daily, TESTS, results),
        fit_banister(daily, TESTS, results, slow, fast),
    ):
        assert (fit.model.fitness_days, fit.model.fatigue_days) == (45.0, 15.0)
        assert fit.model.base == pytest.approx(260.0)
        assert fit.model.fitness_gain == pytest.approx(0.09)
        assert fit.model.fatigue_gain == pytest.approx(0.15)
        assert (fit.rmse, fit.r_squared) == pytest.approx((0.0, 1.0), abs=1e-9)


def test_a_test_after_training_is_one_on_the_next_morning() -> None:
    """Published models that count a test day's load are this one a morning later, gains e^{1/τ}."""
    daily = loads()
    slow, fast = 33.6, 24.6
    days = np.arange(len(daily))
    keep = np.tril(np.ones((len(daily), len(daily)))) > 0
    age = np.where(keep, days[:, None] - days, np.inf)
    evening = 266.0 + 0.302 * np.exp(-age / slow) @ daily - 0.351 * np.exp(-age / fast) @ daily
    model = BanisterModel(266.0, 0.302 * math.exp(1 / slow), 0.351 * math.exp(1 / fast), slow, fast)
    assert model.performance(daily)[1:] == pytest.approx(evening)


def test_gains_are_never_negative() -> None:
    """Results that fall with fitness do not make training harmful in the fit: its gain is 0."""
    daily = loads()
    falling = 300.0 - MODEL.performance(daily)[TESTS]
    model = fit_banister(daily, TESTS, falling).model
    assert min(model.base, model.fitness_gain, model.fatigue_gain) >= 0


def test_equal_results_leave_nothing_to_explain() -> None:
    """The base alone is the fit, and R² is not a number."""
    fit = fit_banister(loads(), TESTS, np.full(len(TESTS), 250.0))
    assert fit.model.base == pytest.approx(250.0)
    assert fit.rmse == pytest.approx(0.0, abs=1e-9)
    assert math.isnan(fit.r_squared)


def test_bootstrap_tells_how_sure_a_fit_is() -> None:
    """The spread of each bootstrapped value is its standard error in ordinary least squares."""
    daily = loads()
    noise = np.random.default_rng(3).normal(size=len(TESTS))
    results = MODEL.performance(daily)[TESTS] + noise
    columns = [
        BanisterModel(*values, 45.0, 15.0).performance(daily)[TESTS]
        for values in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    ]
    design = np.column_stack(columns)
    _, (residual,), _, _ = np.linalg.lstsq(design, results, rcond=None)
    covariance = np.linalg.inv(design.T @ design) * residual / (len(TESTS) - 3)
    models = [fit.model for fit in bootstrap_fits(daily, TESTS, results, count=400, seed=1)]
    values = [(model.base, model.fitness_gain, model.fatigue_gain) for model in models]
    assert np.std(values, axis=0) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.15)


def test_bootstrap_repeats_itself() -> None:
    """The same seed gives the same fits."""
    daily = loads()
    results = MODEL.performance(daily)[TESTS] + np.arange(len(TESTS)) % 3
    first = bootstrap_fits(daily, TESTS, results, count=5, seed=7)
    assert first == bootstrap_fits(daily, TESTS, results, count=5, seed=7)
    assert first != bootstrap_fits(daily, TESTS, results, count=5, seed=8)


def test_what_cannot_be_fitted_is_refused() -> None:
    """Too few tests, tests outside the loads and swapped time constants are named."""
    daily = loads()
    results = MODEL.performance(daily)[TESTS]
    with pytest.raises(ParameterError, match=r"3 test days .* expected at least 4"):
        fit_banister(daily, TESTS[:3], results[:3])
    with pytest.raises(ParameterError, match="expected days 0 to 100"):
        fit_banister(daily[:100], TESTS, results)
    with pytest.raises(ParameterError, match="expected fitness to fade more slowly"):
        fit_banister(daily, TESTS, results, [7.0], [42.0])
    with pytest.raises(ParameterError, match="7 and 42 days"):
        BanisterModel(fitness_days=7.0, fatigue_days=42.0)

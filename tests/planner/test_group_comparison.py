"""Before and after: against published examples, scipy, and simulated groups."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nct, ttest_rel

from trackside.errors import ParameterError
from trackside.planner.group_comparison import compare_changes, paired_comparison

SLEEP_FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
"""Hours of sleep gained with two drugs: Student, Biometrika 6 (1908) 1, after Cushny & Peebles."""


def test_students_own_example() -> None:
    """t = 4.062, df = 9, p = .00283, difference 1.58 (0.70 to 2.46), as R's t.test prints."""
    found = paired_comparison(SLEEP_FIRST, SLEEP_SECOND)
    assert found.t == pytest.approx(4.0621, abs=5e-5)
    assert found.freedom == 9
    assert found.p == pytest.approx(0.002833, abs=5e-7)
    assert found.difference == pytest.approx(1.58)
    assert found.interval == pytest.approx((0.7001142, 2.4598858), abs=5e-7)
    assert found.d == pytest.approx(1.58 / 1.229995, abs=1e-6)
    assert found.d == pytest.approx(found.t / math.sqrt(10))


def test_welchs_test_on_the_same() -> None:
    """t = -1.8608, df = 17.776, p = .07939 for the two as groups, as R's t.test prints."""
    nothing = np.zeros(10)
    found = compare_changes((nothing, SLEEP_FIRST), (nothing, SLEEP_SECOND))
    assert found.t == pytest.approx(-1.8608, abs=5e-5)
    assert found.freedom == pytest.approx(17.776, abs=5e-4)
    assert found.p == pytest.approx(0.07939, abs=5e-6)
    assert found.interval == pytest.approx((-3.3654832, 0.2054832), abs=5e-7)
    assert found.d == pytest.approx(-0.8321811, abs=5e-7)


@given(st.integers(0, 10_000), st.integers(3, 40), st.floats(-2.0, 2.0))
def test_it_is_scipys_and_its_interval_inverts_the_noncentral_t(
    seed: int, count: int, shift: float
) -> None:
    random = np.random.default_rng(seed)
    before = random.normal(50.0, 5.0, count)
    after = before + shift + random.normal(0.0, 2.0, count)
    found, peer = paired_comparison(before, after), ttest_rel(after, before)
    assert found.t == pytest.approx(peer.statistic)
    assert found.p == pytest.approx(peer.pvalue)
    assert found.interval == pytest.approx(tuple(peer.confidence_interval()))
    low, high = found.d_interval
    assert low < found.d < high
    root = math.sqrt(count)
    assert nct.cdf(found.t, count - 1, low * root) == pytest.approx(0.975, abs=1e-6)
    assert nct.cdf(found.t, count - 1, high * root) == pytest.approx(0.025, abs=1e-6)
    assert (found.p < 0.05) == (low > 0.0 or high < 0.0)


def test_the_effects_interval_covers_the_true_effect_as_often_as_it_says() -> None:
    """In 400 groups of 12, a true effect of .8 is within its interval 95 % of the time."""
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        low, high = paired_comparison(np.zeros(12), random.normal(0.8, 1.0, 12)).d_interval
        covered += low <= 0.8 <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_no_spread_is_no_error() -> None:
    found = paired_comparison(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    assert math.isinf(found.t)
    assert math.isinf(found.d)
    assert found.p == 0.0
    assert all(map(math.isnan, found.d_interval))


def test_what_cannot_be_compared_is_told() -> None:
    with pytest.raises(ParameterError, match="one pair for each"):
        paired_comparison(np.arange(3.0), np.arange(4.0))
    with pytest.raises(ParameterError, match="finite"):
        paired_comparison(np.array([1.0, math.nan]), np.arange(2.0))
    with pytest.raises(ParameterError, match="2 or more"):
        paired_comparison(np.array([1.0]), np.array([2.0]))

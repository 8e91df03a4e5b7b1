"""Training loads against published and hand-made values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners import runner
from trackside.errors import ParameterError
from trackside.planner.profile import Sex
from trackside.planner.race_performance import training_speeds
from trackside.planner.training_load import (
    banister_trimp,
    edwards_load,
    heart_rate_stress_score,
    lucia_load,
    monotony,
    reserve_fraction,
    running_stress_score,
    session_rpe_load,
    steady_load,
    strain,
    training_stress_score,
    usual_daily_load,
)

HOUR = 3600.0


@pytest.mark.parametrize(
    ("fraction", "sex", "expected"),
    [
        (0.70, Sex.MALE, 103.1),
        (0.70, Sex.FEMALE, 116.3),
        (0.85, Sex.MALE, 166.9),
        (0.85, Sex.FEMALE, 181.4),
    ],
)
def test_trimp_of_an_hour(fraction: float, sex: Sex, expected: float) -> None:
    """An hour at 70 and 85 % of heart-rate reserve has the TRIMP of the literature."""
    assert banister_trimp(HOUR, fraction, sex) == pytest.approx(expected, abs=0.05)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=50))
def test_trimp_of_samples_adds_up(fractions: list[float]) -> None:
    """The TRIMP of a recording is the sum of that of its samples."""
    whole = banister_trimp(np.full(len(fractions), 5.0), np.array(fractions), Sex.MALE)
    assert whole == pytest.approx(sum(banister_trimp(5.0, x, Sex.MALE) for x in fractions))


def test_heart_rates_below_rest_count_nothing() -> None:
    """A heart rate under the resting one neither adds nor takes away."""
    assert banister_trimp(HOUR, -0.1, Sex.MALE) == 0.0


def test_edwards_counts_minutes_by_zone() -> None:
    """Ten minutes in each of rest and zones 1 to 5 count 10 · (0 + 1 + 2 + 3 + 4 + 5)."""
    fractions = np.array([0.45, 0.5, 0.6, 0.79, 0.85, 1.0])
    assert edwards_load(np.full(6, 600.0), fractions) == pytest.approx(150.0)


def test_lucia_counts_minutes_by_threshold() -> None:
    """Ten minutes below, between and above the thresholds count 10 · (1 + 2 + 3)."""
    heart_rates = np.array([120.0, 150.0, 180.0])
    assert lucia_load(np.full(3, 600.0), heart_rates, (140.0, 170.0)) == pytest.approx(60.0)


def test_session_rpe() -> None:
    """45 minutes felt as 6 of 10 count 270; 11 of 10 is refused."""
    assert session_rpe_load(45 * 60.0, 6) == pytest.approx(270.0)
    with pytest.raises(ParameterError, match="expected 0 to 10"):
        session_rpe_load(60.0, 11)


def test_an_hour_at_threshold_counts_100() -> None:
    """TSS, rTSS and hrTSS are 100 for an hour at threshold, and TSS grows with its square."""
    assert training_stress_score(HOUR, 1.0) == pytest.approx(100.0)
    assert training_stress_score(HOUR / 2, 0.8) == pytest.approx(32.0)
    assert running_stress_score(HOUR, 4.0, 4.0) == pytest.approx(100.0)
    trimp = banister_trimp(HOUR, 0.88, Sex.FEMALE)
    assert heart_rate_stress_score(trimp, 0.88, Sex.FEMALE) == pytest.approx(100.0)


def test_monotony_and_strain() -> None:
    """A week of 0 and 70 by hand; equal days are infinitely monotonous, a week of rest is not."""
    week = np.array([70.0, 0.0, 70.0, 0.0, 70.0, 0.0, 70.0])
    assert monotony(week) == pytest.approx(40.0 / math.sqrt(4 * 30**2 / 6 + 3 * 40**2 / 6))
    assert strain(week) == pytest.approx(280.0 * monotony(week))
    assert monotony(np.full(7, 50.0)) == math.inf
    assert monotony(np.zeros(7)) == strain(np.zeros(7)) == 0.0


@given(st.floats(20.0, 80.0))
def test_reserve_fraction_of_speed(vdot: float) -> None:
    """Standing takes no reserve, the speed at VO2max all of it, and more speed takes more."""
    speeds = training_speeds(vdot)
    assert reserve_fraction(0.0, vdot) == 0.0
    assert reserve_fraction(speeds.interval[1], vdot) == pytest.approx(1.0)
    assert reserve_fraction(speeds.repetition[0], vdot) == 1.0
    fractions = [reserve_fraction(speed, vdot) for speed in (*speeds.easy, *speeds.threshold)]
    assert fractions == sorted(fractions)
    # Of the oxygen reserve above 3.5: less than the fraction of VO2max itself.
    assert reserve_fraction(speeds.threshold[1], vdot) < 0.88


def test_steady_load_grows_with_distance_and_speed() -> None:
    """Twice the distance is twice the load, and the same distance run faster is more."""
    load = steady_load(runner(), 10e3, 3.0)
    assert steady_load(runner(), 20e3, 3.0) == pytest.approx(2 * load)
    assert steady_load(runner(), 10e3, 3.5) > load


def test_usual_daily_load() -> None:
    """A week's distance at easy speed, over seven days; none for somebody who does not run."""
    slow, fast = training_speeds(45.0).easy
    week = steady_load(runner(), 40e3, (slow + fast) / 2)
    assert usual_daily_load(runner()) == pytest.approx(week / 7)
    assert usual_daily_load(runner(weekly_distance=0.0)) == 0.0

"""The heart-rate model: what it expects, what it learns, and how sure it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners import runner
from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.planner.heart_rate_model import HeartRateModel, respond
from trackside.planner.heart_rate_zones import heart_rate
from trackside.planner.race_performance import training_speeds
from trackside.planner.training_load import reserve_fraction

ATHLETE = runner()
TIME = np.arange(0.0, 2400.0, 5.0)
SPEED = np.select([TIME < 600, TIME < 1200, TIME < 1500, TIME < 2100], [2.4, 3.2, 2.0, 3.6], 2.2)
TRUTH = np.array([48.0, 31.0, 0.004, 35.0, 80.0])


def recorded(seed: int, sd: float = 3.0, truth: Floats = TRUTH) -> Floats:
    """Heart rate (N,) of a session with noise."""
    noise = np.random.default_rng(seed).normal(0.0, sd, len(TIME))
    return respond(TIME, SPEED, truth, 60.0) + noise


def test_the_usual_model_meets_karvonen_at_easy_and_threshold_speed() -> None:
    model, speeds = HeartRateModel.usual(ATHLETE), training_speeds(ATHLETE.vdot)
    for speed in (speeds.easy[0], speeds.threshold[1]):
        expected = heart_rate(ATHLETE, reserve_fraction(speed, ATHLETE.vdot))
        assert model.steady(speed) == pytest.approx(expected)


def test_a_step_of_speed_is_answered_exponentially() -> None:
    """63 % of the way after one time constant, faster up than down."""
    speed = np.where(TIME < 1200, 3.0, 2.0)
    beats = respond(TIME, speed, np.array([60.0, 30.0, 0.0, 40.0, 80.0]), 60.0)
    assert beats[8] == pytest.approx(60.0 + 90.0 * (1.0 - np.exp(-1.0)))
    assert beats[240] == pytest.approx(150.0)
    assert beats[256] == pytest.approx(120.0 + 30.0 * np.exp(-1.0))


def test_recordings_teach_the_model() -> None:
    """After three of them, heart rate is predicted to within 3 bpm, and the guard band narrows."""
    usual = model = HeartRateModel.usual(ATHLETE)
    for seed in range(3):
        model = model.refitted(TIME, SPEED, recorded(seed))
    off = model.predict(TIME, SPEED, 60.0) - respond(TIME, SPEED, TRUTH, 60.0)
    assert np.sqrt(np.mean(off**2)) < 3.0
    assert model.guard_band(3.2, 1200.0) < 0.8 * usual.guard_band(3.2, 1200.0)
    assert model.guard_band(3.2) >= 6.0  # days differ


def test_the_guard_band_holds_what_it_says() -> None:
    """Runners drawn from what is believed of them: about 68 % are within one SD."""
    rng = np.random.default_rng(4)
    model = HeartRateModel.usual(ATHLETE)
    band = model.guard_band(3.0, 600.0)
    drawn = rng.multivariate_normal(model.parameters, model.covariance, 4000)
    beats = drawn[:, 0] + 3.0 * drawn[:, 1] + 600.0 * drawn[:, 2]
    beats += rng.normal(0.0, np.hypot(8.0, 6.0), len(drawn))
    within = np.mean(np.abs(beats - model.steady(3.0, 600.0)) < band)
    assert within == pytest.approx(0.683, abs=0.03)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), lost=st.floats(0.0, 0.7))
def test_gaps_do_no_harm(seed: int, lost: float) -> None:
    beats = recorded(seed)
    beats[np.random.default_rng(seed).random(len(beats)) < lost] = np.nan
    model = HeartRateModel.usual(ATHLETE).refitted(TIME, SPEED, beats)
    assert np.isfinite(model.parameters).all()
    assert (np.linalg.eigvalsh(model.covariance) > 0.0).all()


def test_too_little_is_refused() -> None:
    with pytest.raises(SignalError, match="less than 60 s"):
        HeartRateModel.usual(ATHLETE).refitted(TIME[:8], SPEED[:8], recorded(0)[:8])

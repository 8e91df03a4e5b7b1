"""The simulated heart follows effort."""

import numpy as np
import pytest

from trackside.simulation.heart_rate import GAIN, TIME_CONSTANT, Heart

TIME = np.arange(0.0, 900.0, 0.1)


def test_heart_rate_follows_speed_with_its_time_constant() -> None:
    """After a step of speed, 63 % of the change is done within one time constant, then all."""
    rate = Heart().rate(np.where(TIME < 100, 0.0, 3.0), 0.1)
    assert rate[:1000] == pytest.approx(75.0)
    reached = np.interp(100 + TIME_CONSTANT, TIME, rate)
    assert reached == pytest.approx(75 + 3 * GAIN * (1 - np.exp(-1)), abs=0.2)
    assert rate[-1] == pytest.approx(75 + 3 * GAIN, abs=0.1)


def test_heart_rate_stays_below_its_maximum() -> None:
    """However fast the athlete sprints, the heart does not beat faster than it can."""
    rate = Heart(maximum=180.0).rate(np.full_like(TIME, 9.5), 0.1)
    assert rate.max() <= 180.0


def test_beats_add_up_to_the_rate() -> None:
    """Beats are as many as the rate integrates to, and vary less in a fast heart."""
    heart, rng = Heart(), np.random.default_rng(1)
    spread = []
    for bpm in (75.0, 180.0):
        beats = heart.beats(TIME, np.full_like(TIME, bpm), rng)
        assert len(beats) == pytest.approx(bpm * 15, abs=2)
        interval = np.diff(beats)
        assert interval.min() > 0
        spread.append(interval.std() / interval.mean())
    assert spread[0] > 4 * spread[1]

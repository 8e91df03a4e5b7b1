"""Cadence lock: recognised soon, and never in clean runs."""

import numpy as np
import pytest
from scipy.signal import lfilter

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.cadence_lock import locked_on_cadence
from trackside.simulation.heart_rate import Heart

SPEEDS = (0.0, 1.4, 2.5, 3.0, 3.5, 4.0, 5.5, 6.5)


def clean_run(seed: int, duration: int = 2400) -> tuple[Floats, Floats, Floats]:
    """Time (N,) s, heart rate bpm and cadence steps/min of a run with changes of pace."""
    rng = np.random.default_rng(seed)
    time, speed, start = np.arange(float(duration)), np.zeros(duration), 60
    while start < duration:
        length = int(rng.integers(20, 500))
        speed[start : start + length] = rng.choice(SPEEDS)
        start += length
    heart = Heart(resting=rng.uniform(50, 80), maximum=rng.uniform(175, 200))
    wander = lfilter([1.0], [1.0, -0.9], rng.normal(0.0, 0.4, duration))
    flutter = lfilter([1.0], [1.0, -0.8], rng.normal(0.0, 0.6, duration))
    cadence = np.where(speed > 2.0, 150.0 + 7.0 * speed, 110.0 + 5.0 * speed) + flutter
    return time, heart.rate(speed, 1.0) + wander, np.where(speed > 0.1, cadence, 0.0)


def locked_from(rate: Floats, cadence: Floats, start: int, stop: int, delay: float) -> Floats:
    """The heart rate of an optical sensor that follows the cadence for a while, ``delay`` s."""
    shown, value = rate.copy(), rate[start]
    for n in range(start, stop):
        value += (cadence[n] - value) * (1.0 - np.exp(-1.0 / delay))
        shown[n] = value
    return np.rint(shown)


def test_no_false_alarm_in_clean_runs() -> None:
    """Hearts near the cadence, crossing it, and changing with it, are hearts."""
    near = []
    for seed in range(12):
        time, rate, cadence = clean_run(seed)
        near.append(np.mean(np.abs(rate - cadence) < 5.0))
        assert not locked_on_cadence(time, np.rint(rate), time, cadence).any(), seed
    assert np.mean(near) > 0.05


@pytest.mark.parametrize("delay", [0.3, 2.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_lock_is_recognised_within_ten_seconds(seed: int, delay: float) -> None:
    """From what was known ten seconds after it began, and marked back to its beginning."""
    rng = np.random.default_rng(seed)
    time = np.arange(900.0)
    rate = Heart(resting=60.0).rate(np.where(time > 60, 3.0, 0.0), 1.0)
    rate += lfilter([1.0], [1.0, -0.9], rng.normal(0.0, 0.4, 900))
    cadence = 172.0 + lfilter([1.0], [1.0, -0.8], rng.normal(0.0, 0.6, 900))
    cadence[time < 60] = 0.0
    shown = locked_from(rate, cadence, 500, 700, delay)
    marked = locked_on_cadence(time[:511], shown[:511], time, cadence)
    assert marked[500:].any()
    assert not marked[:495].any()
    whole = locked_on_cadence(time, shown, time, cadence)
    assert whole[505:700].all()
    assert not whole[:495].any()
    assert not whole[720:].any()


def test_a_lock_on_strides() -> None:
    """A sensor on one wrist may count strides: half the cadence."""
    time = np.arange(600.0)
    cadence = 174.0 + np.sin(time / 7.0)
    rate = np.where(time < 300, 140.0 + np.sin(time / 20.0), 0.5 * cadence)
    marked = locked_on_cadence(time, np.rint(rate), time, cadence)
    assert marked[310:].all()
    assert not marked[:299].any()


def test_unknown_cadence_calls_nothing() -> None:
    """Without cadence, or without heart rate, there is nothing to compare."""
    time, rate, cadence = clean_run(0, 300)
    nothing = np.full(300, np.nan)
    assert not locked_on_cadence(time, rate, time, nothing).any()
    assert not locked_on_cadence(time, nothing, time, cadence).any()
    assert not locked_on_cadence(time, np.full(300, 170.0), [0.0], [170.0])[20:].any()


def test_times_have_to_increase() -> None:
    """Samples out of order are somebody's mistake."""
    with pytest.raises(SignalError, match="increasing"):
        locked_on_cadence([1.0, 0.0], [100.0, 100.0], [0.0], [170.0])

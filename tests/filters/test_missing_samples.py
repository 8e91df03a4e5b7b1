"""Short gaps filled by analogues of the same motion."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trackside.arrays import Booleans, Floats
from trackside.filters.missing_samples import LONGEST, fill_gaps

TIME = np.arange(0.0, 12.0, 0.01)


def strides(time: Floats) -> Floats:
    """A gyroscope and an accelerometer (N, 6) in a motion whose rhythm is not that of samples."""
    phase = 2 * np.pi * 1.437 * time[:, None]
    axes = np.arange(3.0)
    turns = 6.0 * np.sin(phase + axes) + 3.0 * np.sin(5 * phase + 2 * axes)
    forces = 20.0 * np.cos(phase + axes) + 9.0 * np.sin(7 * phase + 2 * axes)
    return np.hstack([turns, forces])


def without(*gaps: tuple[float, float]) -> Booleans:
    """Which samples remain when those between two times, s, are lost."""
    kept = np.ones(len(TIME), bool)
    for start, end in gaps:
        kept &= ~((start <= TIME) & (end >= TIME))
    return kept


def test_running_is_filled_in_as_it_was() -> None:
    """What is filled in is closer to the truth than a straight line by far, at the right times."""
    kept = without((5.02, 5.07), (7.5, 7.53), (9.901, 9.999))
    signals = strides(TIME)
    filled = fill_gaps(TIME[kept], signals[kept])
    np.testing.assert_allclose(filled.time, TIME, atol=1e-9)
    np.testing.assert_array_equal(filled.measured, kept)
    line = np.stack([np.interp(TIME, TIME[kept], column[kept]) for column in signals.T], axis=-1)
    lost = ~kept
    error = np.sqrt(np.mean((filled.signals - signals)[lost] ** 2))
    assert error < 0.15 * np.sqrt(np.mean((line - signals)[lost] ** 2))


def test_rows_of_nan_are_missing_samples() -> None:
    """A sample that came without values is filled in like one that did not come."""
    signals = strides(TIME)
    broken = signals.copy()
    broken[400:404, 1] = np.nan
    filled = fill_gaps(TIME, broken)
    assert not filled.measured[400:404].any()
    assert np.isfinite(filled.signals).all()
    np.testing.assert_allclose(filled.signals[400:404], signals[400:404], atol=2.0)


def test_long_gaps_stay() -> None:
    """Nothing is invented for longer than a moment."""
    kept = without((5.0, 5.0 + LONGEST + 0.05))
    filled = fill_gaps(TIME[kept], strides(TIME)[kept])
    np.testing.assert_array_equal(filled.time, TIME[kept])
    assert filled.measured.all()


def test_motion_that_resembles_nothing_stays() -> None:
    """Without an analogue the gap is left to whoever knows better than to guess."""
    noise = np.random.default_rng(5).standard_normal((len(TIME), 6))
    kept = without((5.0, 5.05))
    filled = fill_gaps(TIME[kept], noise[kept])
    np.testing.assert_array_equal(filled.time, TIME[kept])


def test_bursts_of_samples_are_left_alone() -> None:
    """Stamps within packets are no rate: an hour of them is not cut into 10 µs."""
    packets = np.repeat(np.arange(0.0, 3600.0, 0.2), 20)
    time = packets + 1e-5 * np.tile(np.arange(20), 18000)
    filled = fill_gaps(time, strides(time))
    np.testing.assert_array_equal(filled.time, time)
    assert filled.measured.all()


@given(st.integers(0, 10**6), st.floats(0.0, 0.9), st.sampled_from([0.0, 0.5, 30.0]))
def test_samples_are_never_changed(seed: int, loss: float, noise: float) -> None:
    """However much is lost, every sample comes out as it went in, in order."""
    rng = np.random.default_rng(seed)
    kept = rng.random(300) >= loss
    kept[[0, -1]] = True
    time = TIME[:300][kept]
    signals = strides(time) + noise * rng.standard_normal((len(time), 6))
    filled = fill_gaps(time, signals)
    np.testing.assert_allclose(filled.time[filled.measured], time, atol=1e-12)
    np.testing.assert_array_equal(filled.signals[filled.measured], signals)
    assert (np.diff(filled.time) > 0).all()


def test_few_samples_stay() -> None:
    """No sample, one, or two give the same back."""
    for count in range(3):
        filled = fill_gaps(TIME[:count], strides(TIME[:count]))
        assert len(filled.time) == count

"""Samples at the end of an accelerometer's range."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trackside.filters.clipped import clipped

TIME = np.arange(0.0, 20.0, 0.01)
STEP = 9.81 / 2048  # of 16 bits over 16 g


def quantised(peak: float, noise: float, seed: int) -> np.ndarray:
    """An accelerometer that feels as much at every step, along its y axis."""
    rng = np.random.default_rng(seed)
    acc = noise * rng.standard_normal((len(TIME), 3))
    acc[:, 1] += peak * np.maximum(np.sin(2 * np.pi * 1.3 * TIME), 0.0) ** 8
    return np.asarray(np.rint(acc / STEP) * STEP)


@given(limit=st.floats(30.0, 160.0), excess=st.floats(1.2, 4.0), sign=st.sampled_from([-1, 1]))
def test_what_reaches_the_range_is_found_without_knowing_it(
    limit: float, excess: float, sign: int
) -> None:
    """Exactly the samples that were cut off."""
    acc = sign * quantised(excess * limit, 0.05, 1)
    end = np.rint(limit / STEP) * STEP
    cut = (np.abs(acc) >= end).any(axis=1)
    np.testing.assert_array_equal(clipped(acc.clip(-end, end)), cut)


@given(peak=st.floats(1.0, 150.0), noise=st.floats(0.02, 0.1), seed=st.integers(0, 10**6))
def test_steps_that_repeat_are_not_taken_for_a_range(peak: float, noise: float, seed: int) -> None:
    """Peaks that quantisation makes equal lie among others that are as high."""
    assert not clipped(quantised(peak, noise, seed)).any()

"""What is kept of a stream's last seconds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trackside.capture.recent_samples import RecentSamples

SPAN = 5.0


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40), st.sampled_from([0.01, 0.1, 2.0]))
def test_the_last_seconds_are_kept_whole(counts: list[int], step: float) -> None:
    """However many come at once, what came within the span is there, in its order."""
    recent = RecentSamples(SPAN)
    ends = np.cumsum(counts)
    for count, end in zip(counts, ends, strict=True):
        number = np.arange(end - count, end)
        recent.add(step * number + 0.5, step * number, number)
    everything = np.arange(ends[-1])
    now = step * everything[-1] + 0.5
    recent.forget(now)
    kept = everything[step * everything + 0.5 >= now - SPAN]
    assert len(recent) == len(kept)
    np.testing.assert_array_equal(recent.number, kept)
    np.testing.assert_array_equal(recent.time, step * kept)
    np.testing.assert_array_equal(recent.arrival, step * kept + 0.5)
    recent.forget(now + 2.0 * SPAN)
    assert not len(recent)


def test_memory_is_bounded_where_nobody_looks() -> None:
    """Hours pass, and no more is held than twice the span."""
    recent = RecentSamples(SPAN)
    for start in range(0, 100_000, 100):
        number = np.arange(start, start + 100)
        time = np.linspace(0.01 * start, 0.01 * (start + 99), 100)
        recent.add(time, time, number)
    assert len(recent) < 2 * (SPAN / 0.01 + 100)

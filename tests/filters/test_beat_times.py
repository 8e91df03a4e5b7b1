"""Moments of beats from bundles of RR intervals."""

import numpy as np
import pytest
from spoiled_beats import session

from trackside.errors import SignalError
from trackside.filters.beat_times import beat_stretches


def test_bundles_give_the_beats_back() -> None:
    """Intervals in ticks, sent once a second: every beat within the delay of sending."""
    beats, _, _ = session(0)
    intervals = np.rint(np.diff(beats) * 1024) / 1024
    (found,) = beat_stretches(np.ceil(beats[1:]) + 0.1, intervals)
    assert len(found) == len(beats)
    late = found - beats
    assert late.min() > 0.0
    assert late.max() < 1.2
    assert np.ptp(late) < 0.1


def test_lost_intervals_end_a_stretch() -> None:
    """A dropout of ten seconds, and one of ten minutes: three stretches, none across."""
    beats, _, _ = session(0, 3000.0)
    arrival = np.ceil(beats[1:]) + 0.1
    lost = (arrival > 500) & (arrival < 510) | (arrival > 1000) & (arrival < 1600)
    stretches = beat_stretches(arrival[~lost], np.diff(beats)[~lost])
    assert [round(float(stretch[-1])) for stretch in stretches] == [499, 999, 3000]
    for stretch in stretches:
        assert np.abs(stretch[:, np.newaxis] - beats).min(axis=1).max() < 0.3


def test_a_dropped_strap_is_no_heart() -> None:
    """Zeros, the greatest number, NaN, and one interval again and again, are not beats."""
    good = 0.8 + 0.01 * np.sin(np.arange(40))
    for bad in (np.zeros(20), np.full(20, 65535 / 1024), np.full(5, np.nan), np.full(40, 0.5)):
        intervals = np.concatenate([good, bad, good])
        arrival = np.cumsum(np.nan_to_num(np.minimum(intervals, 2.0)))
        stretches = beat_stretches(arrival, intervals)
        assert [len(stretch) for stretch in stretches] == [41, 41]
    assert beat_stretches([], []) == []


def test_arrivals_that_go_back_are_refused() -> None:
    """Samples out of order are somebody's mistake."""
    with pytest.raises(SignalError, match="decrease"):
        beat_stretches([1.0, 0.0], [0.8, 0.8])

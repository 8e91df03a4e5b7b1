"""The Kalman heart rate over beats and averages."""

from itertools import pairwise

import numpy as np
import pytest
from spoiled_beats import session, spoiled

from trackside.errors import SignalError
from trackside.filters.beat_correction import correct_beats
from trackside.filters.heart_rate import LiveHeartRate, heart_rate


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_heart_rate(seed: int) -> None:
    """With 5 % artefacts, the state is within half a beat a minute RMS of the truth."""
    beats, time, truth = session(seed)
    clock = np.arange(5.0, 1190.0)
    found = heart_rate(clock, [correct_beats(spoiled(beats, 0.05, seed))])
    error = found.bpm - np.interp(clock, time, truth)
    assert np.sqrt(np.mean(error**2)) < 0.5
    assert np.abs(error).max() < 5.0


def test_averages_fill_in_where_beats_are_missing() -> None:
    """Beats count where they are; elsewhere the average, with more doubt; in gaps nothing."""
    beats = np.arange(0.0, 60.0, 0.5)  # 120 bpm
    average_time = np.arange(0.0, 121.0)
    found = heart_rate(
        np.arange(0.0, 300.0), [correct_beats(beats)], average_time, np.full(121, 130.0)
    )
    assert found.bpm[30] == pytest.approx(120.0, abs=0.01)
    assert found.bpm[100] == pytest.approx(130.0, abs=0.5)
    assert found.sd[100] > found.sd[30]
    assert np.isfinite(found.bpm[1:120]).all()
    assert np.isnan(found.bpm[140:]).all()


def test_a_long_gap_is_not_invented() -> None:
    """Ten minutes without samples: known on both sides, unknown in between."""
    time = np.concatenate([np.arange(0.0, 60.0), np.arange(660.0, 720.0)])
    found = heart_rate(np.arange(0.0, 720.0), (), time, np.full(120, 150.0))
    assert np.isnan(found.bpm[90:630]).all()
    assert np.isfinite(found.bpm[[*range(60), *range(660, 720)]]).all()


def test_nothing_at_all_is_refused() -> None:
    """Without a sample there is no heart rate."""
    with pytest.raises(SignalError, match="no heart rate"):
        heart_rate([0.0, 1.0])


def test_live_follows_and_leaves_artefacts_out() -> None:
    """Beat by beat: a missed beat does not pull the rate down, a new level is taken up."""
    live = LiveHeartRate()
    beats = np.arange(0.5, 60.0, 0.5)
    for beat in beats:
        rate, sd = live.beat(beat, 0.5)
    assert rate == pytest.approx(120.0)
    missed, _ = live.beat(60.5, 1.0)
    assert missed == pytest.approx(120.0, abs=0.5)
    assert live.average(61.0, 0.0)[0] == pytest.approx(120.0, abs=0.5)
    assert live.average(61.5, 255.0)[1] > sd
    for beat in 62.0 + np.arange(0.0, 20.0, 0.8):
        rate, _ = live.beat(beat, 0.8)
    assert rate == pytest.approx(75.0, abs=1.0)


def test_live_ends_where_the_filter_does() -> None:
    """Without artefacts the live rate is the truth but for noise and delay."""
    beats, time, truth = session(0)
    live = LiveHeartRate()
    rates = np.array([live.beat(b, b - a)[0] for a, b in pairwise(beats)])
    error = rates - np.interp(beats[1:], time, truth)
    assert np.sqrt(np.mean(error[10:] ** 2)) < 1.5

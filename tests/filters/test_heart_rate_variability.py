"""RMSSD, SDNN and DFA α1."""

import numpy as np
import pytest

from trackside.errors import SignalError
from trackside.filters.beat_correction import CleanBeats, correct_beats
from trackside.filters.heart_rate_variability import dfa_alpha1, variability


@pytest.mark.parametrize(("exponent", "alpha"), [(0.0, 0.5), (1.0, 1.0), (2.0, 1.5)])
def test_alpha_of_known_noises(exponent: float, alpha: float) -> None:
    """White, 1/f and Brownian noise have 0.5, 1 and 1.5, up to the known bias of short boxes."""
    rng = np.random.default_rng(4)
    frequency = np.fft.rfftfreq(1 << 14)
    frequency[0] = np.inf
    spectrum = np.fft.rfft(rng.normal(size=1 << 14)) * frequency ** (-exponent / 2)
    assert dfa_alpha1(np.fft.irfft(spectrum)) == pytest.approx(alpha, abs=0.1)


def test_rmssd_and_sdnn_by_hand() -> None:
    """Intervals of 0.8 and 0.9 s in turn: successive differences of 0.1 s."""
    beats = np.concatenate([[0.0], np.cumsum(np.tile([0.8, 0.9], 100))])
    found = variability([CleanBeats(beats, np.ones(200, np.bool_), {})])
    assert found.rmssd == pytest.approx(0.1)
    assert found.sdnn == pytest.approx(0.05, rel=0.01)
    assert (found.intervals, found.corrected) == (200, 0.0)
    assert found.caveats == ()


def test_caveats() -> None:
    """Too few beats, and too many corrected ones, are told."""
    short = variability([correct_beats(np.arange(10.0))])
    assert np.isnan([short.rmssd, short.sdnn, short.dfa_alpha1]).all()
    assert len(short.caveats) == 2
    rng = np.random.default_rng(0)
    beats = np.cumsum(0.8 + 0.02 * rng.normal(size=400))
    beats[10::20] += 0.25
    assert any("corrected" in caveat for caveat in variability([correct_beats(beats)]).caveats)
    assert np.isnan(variability([]).rmssd)


def test_a_metronome_has_no_alpha() -> None:
    """Intervals that do not vary scale with nothing; a handful is refused."""
    assert np.isnan(dfa_alpha1(np.full(200, 0.8)))
    with pytest.raises(SignalError, match="32"):
        dfa_alpha1(np.full(20, 0.8))

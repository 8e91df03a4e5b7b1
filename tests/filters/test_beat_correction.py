"""Artefacts among beats, found and corrected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoiled_beats import beat_rate, session, spoiled

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.beat_correction import Artefact, correct_beats


def rms(error: Floats) -> float:
    return float(np.sqrt(np.mean(error**2)))


@pytest.mark.parametrize("seed", range(3))
def test_heart_rate_with_artefacts_is_that_of_clean_beats(seed: int) -> None:
    """With 5 % of beats spoiled, the rate from beat to beat is off by less than 1 bpm RMS."""
    beats, _, _ = session(seed)
    clock = np.arange(5.0, 1190.0, 0.5)
    bad = spoiled(beats, 0.05, seed)
    truth = beat_rate(beats, clock)
    assert rms(beat_rate(bad, clock) - truth) > 10.0
    assert rms(beat_rate(correct_beats(bad).beats, clock) - truth) < 1.0


def steady(count: int = 120) -> Floats:
    """Beats of a heart at 75 bpm that breathes."""
    rr = 0.8 + 0.02 * np.sin(np.arange(count) / 3.0) + 0.004 * np.cos(np.arange(count) * 1.7)
    return np.cumsum(rr)


def test_a_missed_beat_is_put_in_between() -> None:
    """One beat left out: named missed, and put back to within the breathing."""
    beats = steady()
    clean = correct_beats(np.delete(beats, 60))
    assert clean.artefacts[Artefact.MISSED] == 1
    np.testing.assert_allclose(clean.beats, beats, atol=0.02)
    np.testing.assert_array_equal(np.flatnonzero(~clean.measured), [59, 60])


def test_beats_missed_in_a_row_are_put_in_at_once() -> None:
    """Four beats left out leave as many intervals as there were."""
    beats = steady()
    clean = correct_beats(np.delete(beats, [60, 61, 62, 63]))
    assert clean.artefacts[Artefact.MISSED] == 1
    np.testing.assert_allclose(clean.beats, beats, atol=0.08)


def test_an_extra_beat_is_left_out() -> None:
    """One beat too many: named extra, and the others stay to within the breathing."""
    beats = steady()
    clean = correct_beats(np.sort(np.append(beats, beats[60] + 0.3)))
    assert clean.artefacts[Artefact.EXTRA] == 1
    np.testing.assert_allclose(clean.beats, beats, atol=0.02)
    assert not clean.measured[60]


def test_an_early_beat_is_moved() -> None:
    """An ectopic beat, early and followed by a pause, goes to the middle."""
    beats = steady()
    early = beats.copy()
    early[60] -= 0.3
    clean = correct_beats(early)
    assert clean.artefacts[Artefact.ECTOPIC] + clean.artefacts[Artefact.LONG_OR_SHORT] >= 1
    np.testing.assert_allclose(clean.beats, beats, atol=0.02)


def test_clean_beats_stay() -> None:
    """Breathing and the rise of an effort are no artefacts."""
    clean = correct_beats(steady())
    np.testing.assert_array_equal(clean.beats, steady())
    assert clean.measured.all()
    rising = np.cumsum(np.linspace(0.9, 0.4, 200) + 0.005 * np.sin(np.arange(200) * 1.3))
    assert correct_beats(rising).measured.mean() > 0.95


def test_few_beats_and_steady_ones_come_back() -> None:
    """Eleven beats, none, or a metronome: nothing to compare with, nothing wrong."""
    for beats in (np.empty(0), np.array([1.0]), np.arange(11.0), 0.5 * np.arange(400)):
        clean = correct_beats(beats)
        np.testing.assert_array_equal(clean.beats, beats)
        assert clean.measured.all()


@given(st.lists(st.floats(0.02, 3.0), min_size=2, max_size=120))
@settings(max_examples=60)
def test_any_intervals_survive(intervals: list[float]) -> None:
    """Whatever the intervals, beats increase, begin and end where they did."""
    beats = np.cumsum(intervals)
    clean = correct_beats(beats)
    assert (np.diff(clean.beats) > 0.0).all()
    assert (clean.beats[0], clean.beats[-1]) == (beats[0], beats[-1])
    assert len(clean.measured) == len(clean.beats) - 1


def test_beats_that_go_back_are_refused() -> None:
    """Moments that do not increase are somebody's mistake."""
    with pytest.raises(SignalError, match="increasing"):
        correct_beats([0.0, 1.0, 0.5])


def test_same_artefacts_as_neurokit() -> None:
    """NeuroKit2, where it is installed, names the same isolated artefacts."""
    neurokit = pytest.importorskip("neurokit2", reason="neurokit2 is not installed")
    beats = steady(300)
    beats[50] -= 0.3
    beats = np.sort(np.append(np.delete(beats, [120, 200]), beats[250] + 0.3))
    found, _ = neurokit.signal_fixpeaks(
        np.rint(beats * 1000).astype(int), sampling_rate=1000, iterative=False, method="kubios"
    )
    ours = correct_beats(beats).artefacts
    assert len(found["missed"]) == ours[Artefact.MISSED]
    assert len(found["extra"]) == ours[Artefact.EXTRA]

"""R peaks of a synthetic ECG at the rate of a Polar H10."""

import numpy as np
import pytest
from spoiled_beats import session

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.r_peaks import r_peaks

RATE = 130.0
WAVES = ((-0.16, 0.1, 0.02), (-0.025, -0.1, 0.01), (0.0, 1.0, 0.011), (0.028, -0.2, 0.011))
T_WAVE = (0.28, 0.25, 0.045)


def ecg_of(beats: Floats, duration: float, noise: float) -> tuple[Floats, Floats]:
    """Time and ECG (mV): P, Q, R, S and T as Gaussians about each beat (McSharry et al. 2003)."""
    time = np.arange(0.0, duration, 1.0 / RATE)
    ecg = 0.4 * np.sin(2 * np.pi * 0.25 * time)  # breathing
    spacing = np.sqrt(np.gradient(beats))
    for offset, height, width in (*WAVES, T_WAVE):
        stretch = spacing if abs(offset) > 0.1 else 1.0
        for at in beats + offset * stretch:
            part = slice(*np.searchsorted(time, [at - 5 * width, at + 5 * width]))
            ecg[part] += height * np.exp(-0.5 * ((time[part] - at) / width) ** 2)
    return time, ecg + np.random.default_rng(0).normal(0.0, noise, len(time))


def beats_of(duration: float) -> Floats:
    beats, _, _ = session(0)
    return beats[(beats > 1.0) & (beats < duration - 1.0)]


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(("noise", "error"), [(0.02, 0.001), (0.1, 0.002)])
def test_all_peaks_between_samples(noise: float, error: float, sign: float) -> None:
    """Every beat from rest to running is found once, to a fraction of a sample's 7.7 ms."""
    beats = beats_of(300.0)
    (found,) = r_peaks(*_signed(ecg_of(beats, 300.0, noise), sign))
    assert len(found) == len(beats)
    assert np.sqrt(np.mean((found - beats) ** 2)) < error


def _signed(signal: tuple[Floats, Floats], sign: float) -> tuple[Floats, Floats]:
    return signal[0], sign * signal[1]


def test_gaps_and_loose_electrodes() -> None:
    """Lost samples split the ECG; a flat line has no beats."""
    beats = beats_of(120.0)
    time, ecg = ecg_of(beats, 120.0, 0.02)
    ecg[(time > 40) & (time < 60)] = np.nan
    first, second = r_peaks(time, ecg)
    assert first[-1] < 40.1
    assert second[0] > 59.9
    assert [len(found) for found in r_peaks(time, np.full(len(time), 0.3))] == [0]
    assert r_peaks([], []) == []


def test_too_slow_an_ecg_is_refused() -> None:
    """At 20 samples/s there is no QRS to be seen."""
    with pytest.raises(SignalError, match="60 or more"):
        r_peaks(np.arange(0.0, 10.0, 0.05), np.zeros(200))


def test_same_peaks_as_neurokit() -> None:
    """NeuroKit2's own detector, where it is installed, finds the same beats."""
    neurokit = pytest.importorskip("neurokit2", reason="neurokit2 is not installed")
    time, ecg = ecg_of(beats_of(120.0), 120.0, 0.02)
    _, info = neurokit.ecg_peaks(ecg, sampling_rate=int(RATE))
    (found,) = r_peaks(time, ecg)
    np.testing.assert_allclose(time[info["ECG_R_Peaks"]], found, atol=0.02)

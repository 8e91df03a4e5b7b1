"""R peaks in an ECG, such as that of a chest strap at 130 Hz.

Two moving averages: M. Elgendi, M. Jonkman & F. De Boer, "Frequency bands effects on QRS
detection", BIOSIGNALS 2010, 428. The ECG is filtered to 8–20 Hz and squared; where its average over
a QRS (97 ms) is above that over a beat (611 ms) plus a share of the mean, a QRS is, unless it is
shorter than one. The peak is refined between samples by a parabola: 130 Hz alone rounds to
7.7 ms, which is as much as the variability of a running heart.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfiltfilt

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import SignalError

BAND = (8.0, 20.0)  # Hz
QRS = 0.097  # s
BEAT = 0.611  # s
SHARE = 0.08
REFRACTORY = 0.25  # s; no heart beats faster than 240 bpm
LOW_PEAK = 0.4  # of the usual height nearby; lower ones are noise
LONGEST_GAP = 0.1  # s; a longer one ends a stretch
SHORTEST = 2.0  # s of ECG in which to look for peaks
SLOWEST_RATE = 60.0  # Hz


def r_peaks(time: ArrayLike, ecg: ArrayLike) -> list[Floats]:
    """Moments (B,) s of the R peaks in each stretch of an ECG without gaps.

    ``time`` (N,) s, increasing and even but for gaps; ``ecg`` (N,) in any unit, upright or not, NaN
    where missing. Stretches without any change, as of electrodes off the skin, have no peaks.

    Raises
    ------
    SignalError
        Shapes that do not match, time that does not increase, or less than 60 samples/s.
    """
    time, ecg = np.asarray(time, float), np.asarray(ecg, float)
    if time.ndim != 1 or time.shape != ecg.shape or not (np.diff(time) > 0.0).all():
        raise SignalError("ECG: expected (N,) samples at (N,) increasing times")
    known = np.isfinite(ecg)
    moments, signal = time[known], ecg[known]
    if len(moments) < 2:
        return []
    rate = 1.0 / float(np.median(np.diff(moments)))
    if rate < SLOWEST_RATE:
        raise SignalError(f"ECG at {rate:.0f} samples/s: expected 60 or more")
    ends = np.flatnonzero(np.diff(moments) > LONGEST_GAP) + 1
    return [
        _peaks(moments[part], signal[part], rate)
        for part in np.split(np.arange(len(moments)), ends)
        if moments[part[-1]] - moments[part[0]] >= SHORTEST
    ]


def _peaks(time: Floats, ecg: Floats, rate: float) -> Floats:
    sos = butter(2, BAND, "band", fs=rate, output="sos")
    filtered = sosfiltfilt(sos, ecg - ecg.mean())
    power = filtered**2
    if not power.max() > 0.0:
        return np.empty(0)
    short, long = (uniform_filter1d(power, _odd(width * rate)) for width in (QRS, BEAT))
    tops = _block_tops(short > long + SHARE * power.mean(), power, round(QRS * rate))
    tops = _apart(tops, power, REFRACTORY * rate)
    if not len(tops):
        return np.empty(0)
    heights = np.sqrt(power[tops])
    usual = np.array([np.median(heights[max(0, i - 5) : i + 6]) for i in range(len(heights))])
    tops = tops[heights >= LOW_PEAK * usual]
    return time[tops] + _between_samples(np.sqrt(power), tops) / rate


def _odd(width: float) -> int:
    return 2 * round((width - 1) / 2) + 1


def _block_tops(block: Booleans, power: Floats, shortest: int) -> Integers:
    """Where the power is greatest in each run of flags that is long enough."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], block.astype(np.int8), [0]))))
    starts, stops = edges[::2], edges[1::2]
    long = stops - starts >= shortest
    tops = [a + int(np.argmax(power[a:b])) for a, b in zip(starts[long], stops[long], strict=True)]
    return np.array(tops, np.int64)


def _apart(tops: Integers, power: Floats, least: float) -> Integers:
    """The tops without those too close to a higher one."""
    kept: list[int] = []
    for top in tops:
        if kept and top - kept[-1] < least:
            if power[top] > power[kept[-1]]:
                kept[-1] = int(top)
        else:
            kept.append(int(top))
    return np.array(kept, np.int64)


def _between_samples(height: Floats, tops: Integers) -> Floats:
    """How far beyond each sample (K,) the parabola through it and its neighbours is highest."""
    inner = np.clip(tops, 1, len(height) - 2)
    before, at, after = height[inner - 1], height[inner], height[inner + 1]
    curvature = before - 2.0 * at + after
    shift = 0.5 * (before - after) / np.where(curvature < 0.0, curvature, -np.inf)
    return np.asarray(np.clip(shift, -0.5, 0.5) * (inner == tops))

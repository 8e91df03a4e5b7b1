"""The heart rate as a Kalman state, over beats and over averages that straps and watches send.

The heart rate and its change follow the nearly-constant-velocity model of
:mod:`trackside.filters.vector_kalman`. Each RR interval is a sample of it half-way between its
beats, 60/RR; an average, which lags behind by the seconds it was taken over, counts only where no
beats are. :class:`LiveHeartRate` is for samples as they come, :func:`heart_rate` for recordings.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.beat_correction import CleanBeats
from trackside.filters.vector_kalman import ConstantVelocity, VectorKalman, smooth_vectors

MODEL = ConstantVelocity(noise_sd=2.0, acceleration_density=0.4, initial_rate_sd=2.0)
"""bpm, bpm/s/√s, bpm/s: follows the start of an effort, and smooths over about 5 s."""
BEAT_SD = 2.0  # bpm; breathing and the trigger point on the R wave
CORRECTED_SD = 6.0  # bpm
AVERAGE_SD = 3.0  # bpm
COVERED = 5.0  # s around a beat in which averages add nothing
UNKNOWN_SD = 8.0  # bpm; a state that is less certain is not shown: some 15 s without samples
GATE = 4.0  # SDs
MOST_REFUSED = 5  # in a row; when they agree, it is the state that is wrong
AGREED = 0.1


@dataclass(frozen=True, slots=True)
class HeartRate:
    """A heart rate over time, all (N,): s, bpm, bpm/s, and the standard deviation of ``bpm``.

    ``bpm`` and ``slope`` are NaN where nothing that can be used was measured for some 15 s.
    """

    time: Floats
    bpm: Floats
    slope: Floats
    sd: Floats


def heart_rate(
    clock: ArrayLike,
    beats: Sequence[CleanBeats] = (),
    average_time: ArrayLike = (),
    average: ArrayLike = (),
) -> HeartRate:
    """The heart rate at the times ``clock`` (N,) s, increasing, by filter and smoother.

    ``beats``: corrected stretches; ``average`` (M,) bpm at ``average_time`` (M,) s: those that can
    be used.

    Raises
    ------
    SignalError
        If there is no sample at all, or shapes do not match.
    """
    clock = np.asarray(clock, float)
    time, rates, noise = samples(beats, average_time, average)
    if not len(time):
        raise SignalError("no heart rate: neither beats nor averages that can be used")
    moments, inverse = np.unique(np.concatenate([time, clock]), return_inverse=True)
    # Samples of one moment count together, weighed by their quality.
    weight = np.bincount(inverse[: len(time)], noise**-2, len(moments))
    total = np.bincount(inverse[: len(time)], rates * noise**-2, len(moments))
    seen = weight > 0.0
    values = np.full((len(moments), 1), np.nan)
    values[seen, 0] = total[seen] / weight[seen]
    sds = np.full(len(moments), MODEL.noise_sd)
    sds[seen] = weight[seen] ** -0.5
    estimate = smooth_vectors(moments, values, MODEL, sds)
    wanted = inverse[len(time) :]
    sd = estimate.value_sd[wanted]
    known = (sd <= UNKNOWN_SD) & (clock >= time[0]) & (clock <= time[-1] + COVERED)
    bpm, slope = estimate.values[wanted, 0], estimate.rates[wanted, 0]
    return HeartRate(clock, np.where(known, bpm, np.nan), np.where(known, slope, np.nan), sd)


def samples(
    beats: Sequence[CleanBeats], average_time: ArrayLike = (), average: ArrayLike = ()
) -> tuple[Floats, Floats, Floats]:
    """Time (K,) s, heart rate (K,) bpm and standard deviation (K,) bpm of all samples, in order."""
    average_time, average = np.asarray(average_time, float), np.asarray(average, float)
    if average_time.shape != average.shape or average.ndim != 1:
        raise SignalError("averages of heart rate: expected (M,) at (M,) times")
    times = [0.5 * (stretch.beats[1:] + stretch.beats[:-1]) for stretch in beats]
    rates = [60.0 / stretch.intervals for stretch in beats]
    sds = [np.where(stretch.measured, BEAT_SD, CORRECTED_SD) for stretch in beats]
    time = np.concatenate([np.empty(0), *times])
    apart = np.searchsorted(np.sort(time), [average_time - COVERED, average_time + COVERED])
    alone = apart[0] == apart[1]
    time = np.concatenate([time, average_time[alone]])
    order = np.argsort(time, kind="stable")
    bpm = np.concatenate([*rates, average[alone]])[order]
    sd = np.concatenate([*sds, np.full(np.count_nonzero(alone), AVERAGE_SD)])[order]
    return time[order], bpm, sd


class LiveHeartRate:
    """The heart rate from samples as they come; keeps the last state only.

    A sample that the state all but excludes is left out, as artefacts are; when several in a row
    agree with each other, it starts anew with their median.
    """

    def __init__(self) -> None:
        self._filter = VectorKalman(1, MODEL)
        self._last: tuple[float, float, float, float, float] | None = None
        self._refused: deque[float] = deque(maxlen=MOST_REFUSED)

    def beat(self, time: float, interval: float) -> tuple[float, float]:
        """The heart rate and its SD (bpm) after a beat at ``time`` s, ``interval`` s after one."""
        return self._take(time, 60.0 / interval if interval > 0.0 else np.nan, BEAT_SD)

    def average(self, time: float, bpm: float) -> tuple[float, float]:
        """The heart rate and its SD (bpm) after an average sent at ``time`` s; 0 is no contact."""
        return self._take(time, bpm if 0.0 < bpm < 255.0 else np.nan, AVERAGE_SD)

    def _take(self, time: float, bpm: float, sd: float) -> tuple[float, float]:
        if self._last is not None and time <= self._last[0]:
            return self._last[1], self._last[3]
        if np.isfinite(bpm) and not self._is_likely(time, bpm, sd):
            self._refused.append(bpm)
            bpm = self._agreed()
            if np.isfinite(bpm):
                self._filter = VectorKalman(1, MODEL)
        if np.isfinite(bpm):
            self._refused.clear()
        now = self._filter.update([time], [[bpm]], [sd])
        rate, slope = float(now.values[0, 0]), float(now.rates[0, 0])
        self._last = time, rate, slope, float(now.value_sd[0]), float(now.rate_sd[0])
        return rate, self._last[3]

    def _agreed(self) -> float:
        """The median of the samples refused in a row, NaN while they are few or differ."""
        median = float(np.median(self._refused))
        near = sum(abs(bpm - median) <= AGREED * median for bpm in self._refused)
        return median if near >= MOST_REFUSED - 1 else float("nan")

    def _is_likely(self, time: float, bpm: float, sd: float) -> bool:
        if self._last is None or not np.isfinite(self._last[1]):
            return True
        before, rate, slope, rate_sd, slope_sd = self._last
        step = time - before
        drift = MODEL.acceleration_density**2 * step**3 / 3.0
        spread = rate_sd**2 + (slope_sd * step) ** 2 + drift + sd**2
        return abs(bpm - rate - slope * step) <= GATE * spread**0.5

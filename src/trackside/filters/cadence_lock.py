"""Cadence lock: an optical sensor that shows the rhythm of the steps for that of the heart.

Being near the cadence proves nothing: many runners' hearts beat about as often as they step. Two
explanations of the samples are weighed against each other instead. Either the heart beats like
that: a rate that changes at a rate of its own (the nearly-constant-velocity model), so that jumps
and kinks are unlikely. Or the sensor is locked: it lies within what the measured cadence was in the
last seconds, or moves there. The sum of the logarithms of their likelihood ratio, not less than 0
(the CUSUM test; Page, Biometrika 41, 1954), calls the lock once it is large and the samples have
been on the cadence for some seconds. A lock ends when the samples leave the cadence.
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.kernels import kernel

RHYTHMS = (1.0, 0.5)
"""Parts of the cadence that sensors lock on: steps and strides."""
MEMORY = 8  # s of cadence that an optical sensor may average over
HEART_SD = 1.5  # bpm, of a sample about the heart's own course
HEART_DENSITY = 0.12  # bpm/s/√s, how fast the rate of a heart's change changes
LOCK_SD = 1.5  # bpm, of a locked sample about the cadence
WORST_SURPRISE = 5.0  # SDs; a single false sample is no worse than that
EVIDENCE = 7.0  # natural logarithm of the likelihood ratio
CHANGE = 10.0  # per min; a cadence that changes more tells of an effort that does
KINK = 3.0  # bpm/s; how much the heart's rate of change may then do so too
FORGOTTEN = 0.1  # of it per s
ON_CADENCE = 5.0  # bpm
ON_FOR = 2.0  # s
OFF_FOR = 4.0  # s
LONGEST_STEP = 20.0  # s; after a longer pause nothing is known
LEAST_RHYTHM = 50.0  # per min; slower than anybody's steps or strides while running


def locked_on_cadence(
    time: ArrayLike, heart_rate: ArrayLike, cadence_time: ArrayLike, cadence: ArrayLike
) -> Booleans:
    """Whether each sample (N,) of a heart rate shows the cadence instead.

    ``time`` (N,) s, increasing; ``heart_rate`` (N,) bpm, NaN where unknown; ``cadence`` (M,)
    steps/min at ``cadence_time`` (M,) s, 0 while standing; where it is not known for more than 10 s
    no lock is called. Samples are marked back to where the lock began. It is called within 10 s
    after a jump to the cadence; a heart that beats in time with the steps anyway is not told apart,
    and neither is a recording that begins locked, until the cadence changes.

    Raises
    ------
    SignalError
        Shapes that do not match, or times that do not increase.
    """
    time, heart_rate = np.ascontiguousarray(time, float), np.ascontiguousarray(heart_rate, float)
    cadence_time, cadence = np.asarray(cadence_time, float), np.asarray(cadence, float)
    for moments, values in ((time, heart_rate), (cadence_time, cadence)):
        if moments.ndim != 1 or moments.shape != values.shape or not (np.diff(moments) > 0).all():
            raise SignalError("heart rate and cadence: expected (N,) each, at increasing times")
    marked = np.zeros(len(time), np.bool_)
    known = np.isfinite(heart_rate)
    if not known.any() or not np.isfinite(cadence).any():
        return marked
    moments, samples = time[known], heart_rate[known]
    lowest, highest = _recent_range(moments, cadence_time, cadence)
    found = np.zeros(len(moments), np.bool_)
    for part in RHYTHMS:
        found |= _locked(moments, samples, part * lowest, part * highest)
    marked[known] = found
    return marked


def _recent_range(time: Floats, cadence_time: Floats, cadence: Floats) -> tuple[Floats, Floats]:
    """Least and greatest cadence (N,) of the last seconds at each time; NaN where unknown."""
    known = np.isfinite(cadence)
    moments, values = cadence_time[known], cadence[known]
    clock = np.arange(math.floor(time[0]) - MEMORY, math.ceil(time[-1]) + 2.0)
    even = np.interp(clock, moments, values)
    shift = (MEMORY - 1) // 2  # so that the window ends now
    lowest = minimum_filter1d(even, MEMORY, origin=shift, mode="nearest")
    highest = maximum_filter1d(even, MEMORY, origin=shift, mode="nearest")
    nearest = np.searchsorted(moments, time)
    before = time - moments[np.maximum(nearest - 1, 0)]
    after = moments[np.minimum(nearest, len(moments) - 1)] - time
    away = np.minimum(np.where(before < 0, np.inf, before), np.where(after < 0, np.inf, after))
    at = np.minimum(np.searchsorted(clock, time), len(clock) - 1)
    unknown = away > 10.0
    return np.where(unknown, np.nan, lowest[at]), np.where(unknown, np.nan, highest[at])


@kernel
def _locked(time: Floats, samples: Floats, lowest: Floats, highest: Floats) -> Booleans:
    """Marks (N,) of samples within or moving to the range of a rhythm as no heart would."""
    marks = np.zeros(len(time), np.bool_)
    x, v, p, c, w = samples[0], 0.0, HEART_SD**2, 0.0, 1.0
    evidence, onset, on_for, off_for = 0.0, 0, 0.0, 0.0
    locked = False
    for n in range(1, len(time)):
        step, z = time[n] - time[n - 1], samples[n]
        if step > LONGEST_STEP or not highest[n] >= LEAST_RHYTHM:
            x, v, p, c, w = z, 0.0, HEART_SD**2, 0.0, 1.0
            evidence, on_for, off_for, locked = 0.0, 0.0, 0.0, False
            continue
        outside = max(lowest[n] - z, z - highest[n], 0.0)
        on_for = on_for + step if outside <= ON_CADENCE else 0.0
        off_for = 0.0 if outside <= ON_CADENCE else off_for + step
        if locked:
            if off_for > OFF_FOR:
                x, v, p, c, w = z, 0.0, HEART_SD**2, 0.0, 1.0
                evidence, locked = 0.0, False
            else:
                marks[n] = True
            continue
        if highest[n] - lowest[n] > CHANGE:
            w = max(w, KINK**2)
        q = HEART_DENSITY**2
        x, p = x + step * v, p + step * (2.0 * c + step * w) + q * step**3 / 3.0
        c, w = c + step * w + q * step**2 / 2.0, w + q * step
        s = p + HEART_SD**2
        surprise = z - x
        x, v = x + p / s * surprise, v + c / s * surprise
        p, c, w = p - p * p / s, c - p * c / s, w - c * c / s
        # Towards the cadence from the sample before is as good as on it, but a wider range.
        low, high = min(lowest[n], samples[n - 1]), max(highest[n], samples[n - 1])
        beyond = max(low - z, z - high, 0.0)
        width = np.log(high - low + LOCK_SD * np.sqrt(2.0 * np.pi))
        lock = -0.5 * (beyond / LOCK_SD) ** 2 - width
        # In doubt for the heart: a prediction that is merely wide says nothing against it.
        spread = min(0.5 * np.log(2.0 * np.pi * s), width)
        heart = -0.5 * min(surprise**2 / s, WORST_SURPRISE**2) - spread
        evidence += lock - heart - FORGOTTEN * step
        if evidence <= 0.0:
            evidence, onset = 0.0, n + 1
        if evidence > EVIDENCE and on_for >= ON_FOR:
            locked = True
            marks[onset : n + 1] = True
    return marks

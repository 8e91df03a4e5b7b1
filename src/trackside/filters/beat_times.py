"""Moments of beats from RR intervals, which arrive in bundles and without a clock of their own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError

LONGEST_INTERVAL = 3.0  # s; 20 bpm
SHORTEST_INTERVAL = 0.02  # s; less is no detection of a beat at all
LOST_TIME = 1.0  # s between arrival and intervals that only lost ones explain
NEARBY = 12  # intervals, more than a strap sends at once
FROZEN = 30  # equal intervals in a row; no heart keeps to 1/1024 s for that long


def beat_stretches(arrival: ArrayLike, interval: ArrayLike) -> Sequence[Floats]:
    """Moments of beats, (B,) s each, of the stretches within which no interval is lost.

    ``interval`` (N,) s in the order of the beats, ``arrival`` (N,) s, not decreasing. A beat comes
    as long after the one before it as its interval says; a stretch is placed so that no beat is
    later than its arrival. It ends where intervals were lost (arrivals run ahead of the intervals
    by more than 1 s), where one cannot be (a strap that is dropped sends 0 and multiples of 64 s),
    and where they are frozen.

    Raises
    ------
    SignalError
        Shapes that do not match, or arrivals that decrease.
    """
    arrival, interval = np.asarray(arrival, float), np.asarray(interval, float)
    if arrival.ndim != 1 or arrival.shape != interval.shape or (np.diff(arrival) < 0.0).any():
        raise SignalError("RR intervals: expected (N,) with (N,) arrivals that do not decrease")
    usable = (interval >= SHORTEST_INTERVAL) & (interval <= LONGEST_INTERVAL)
    usable &= np.isfinite(arrival) & ~_frozen(interval)
    stretches: list[Floats] = []
    for run in _runs(usable):
        lead = arrival[run] - np.cumsum(interval[run])
        for part in np.split(np.arange(run.start, run.stop), _breaks(lead)):
            beats = np.cumsum(interval[part])
            offset = float(np.min(arrival[part] - beats))
            stretches.append(offset + np.concatenate(([0.0], beats)))
    return stretches


def _breaks(lead: Floats) -> list[int]:
    """Before which intervals others were lost, by how far arrivals (N,) s run ahead of them.

    Arrivals are up to a bundle late, so that only the least lead nearby tells; a step in it counts
    where the lead itself jumps most.
    """
    if len(lead) < 2:
        return []
    shift = (NEARBY - 1) // 2
    after = minimum_filter1d(lead, NEARBY, origin=-shift - 1 + NEARBY % 2, mode="nearest")
    before = minimum_filter1d(lead, NEARBY, origin=shift, mode="nearest")
    step = np.abs(after[1:] - before[:-1])
    jump = np.abs(np.diff(lead))
    tallest = maximum_filter1d(jump, 2 * NEARBY + 1, mode="nearest")
    return [int(i) + 1 for i in np.flatnonzero((step > LOST_TIME) & (jump == tallest))]


def _frozen(interval: Floats) -> Booleans:
    """Whether each interval (N,) is one of many equal ones in a row."""
    frozen = np.zeros(len(interval), np.bool_)
    same = np.concatenate(([False], interval[1:] == interval[:-1]))[: len(interval)]
    for run in _runs(same):
        if run.stop - run.start + 1 >= FROZEN:
            frozen[run.start - 1 : run.stop] = True
    return frozen


def _runs(flags: Booleans) -> list[slice]:
    """Where flags (N,) are set in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]

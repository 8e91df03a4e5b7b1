"""Artefacts among beats: ectopic, missed, extra, and detected too early or too late.

The method of J. A. Lipponen & M. P. Tarvainen, "A robust algorithm for heart rate variability time
series artefact correction using novel beat classification", J. Med. Eng. Technol. 43 (2019) 173,
equations 1 to 7 and figure 1, corrected again and again as long as fewer artefacts remain. Its
thresholds follow the variability nearby, so it needs no setting for rest or effort. Beyond the
paper: several beats missed in a row are filled in at once, and thresholds are never below what one
tick of a strap's clock makes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import SignalError
from trackside.kernels import kernel

ALPHA = 5.2
"""Times the quartile deviation of the sizes of changes nearby."""
WINDOW = 91  # beats around each one from which its threshold comes
MEDIAN = 11  # beats
SLOPE, OFFSET = 0.13, 0.17  # c1 and c2 of equation 1
FEWEST = 12  # beats; with fewer there is no median to compare with
LEAST_THRESHOLD = ALPHA / 1024.0  # s; straps count in 1/1024 s
MOST_MISSED = 6  # beats in a row that are filled in
MOST_ROUNDS = 20


class Artefact(StrEnum):
    """What is wrong with a beat."""

    ECTOPIC = "ectopic"
    MISSED = "missed"
    EXTRA = "extra"
    LONG_OR_SHORT = "long_or_short"


_CODES = (None, *Artefact)  # by the numbers that the kernel returns
_NORMAL, _ECTOPIC, _MISSED, _EXTRA, _LONG_OR_SHORT = range(5)


@dataclass(frozen=True, slots=True)
class CleanBeats:
    """Beats after correction.

    ``beats`` (B,) s; ``measured`` (B − 1,): whether the interval after each beat but the last is as
    it was measured; ``artefacts``: how many beats of each kind were found at first.
    """

    beats: Floats
    measured: Booleans
    artefacts: Mapping[Artefact, int]

    @property
    def intervals(self) -> Floats:
        """RR intervals (B − 1,) s."""
        return np.diff(self.beats)


def correct_beats(beats: ArrayLike) -> CleanBeats:
    """Find and correct artefacts among the moments ``beats`` (B,) s of beats, increasing.

    The beats belong to one stretch: across a dropout nothing can be said. Fewer than 12 beats come
    back as they are.

    Raises
    ------
    SignalError
        Moments that do not increase, or are not finite.
    """
    raw = np.ascontiguousarray(beats, float)
    if raw.ndim != 1 or not np.isfinite(raw).all() or not (np.diff(raw) > 0.0).all():
        raise SignalError("moments of beats: expected (B,) increasing and finite")
    counts = dict.fromkeys(Artefact, 0)
    if len(raw) < FEWEST:
        return CleanBeats(raw, np.ones(max(len(raw) - 1, 0), np.bool_), counts)
    best, kinds = raw, _classified(raw)
    for kind, number in zip(Artefact, np.bincount(kinds, minlength=5)[1:], strict=True):
        counts[kind] = int(number)
    for _ in range(MOST_ROUNDS):
        if not kinds.any():
            break
        best, before = _corrected(best, kinds), np.count_nonzero(kinds)
        kinds = _classified(best)
        if np.count_nonzero(kinds) >= before:
            break
    return CleanBeats(best, _untouched(raw, best), counts)


def _classified(beats: Floats) -> Integers:
    """Codes (B,) of the kinds; a missed beat is missing before the one with the code."""
    interval = np.diff(beats)
    rr = np.concatenate(([interval.mean()], interval))
    change = np.concatenate(([np.diff(interval).mean()], [0.0], np.diff(interval)))
    change[1] = interval[0] - rr[0]
    median = _running_median(rr)
    deviation = rr - median
    deviation[deviation < 0.0] *= 2.0
    change_threshold, deviation_threshold = _threshold(change), _threshold(deviation)
    return _classify(
        rr,
        change / change_threshold,
        median,
        deviation / deviation_threshold,
        deviation_threshold,
    )


@kernel
def _put_in(ordered: Floats, count: int, value: float) -> None:
    """Put a value in its place among the first ``count``."""
    at = count
    while at > 0 and ordered[at - 1] > value:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = value


@kernel
def _take_out(ordered: Floats, count: int, value: float) -> None:
    """Take a value from its place among the first ``count``."""
    for at in range(np.searchsorted(ordered[:count], value), count - 1):
        ordered[at] = ordered[at + 1]


@kernel
def _threshold(values: Floats) -> Floats:
    """ALPHA times the quartile deviation of |values| in the window around each, at the least."""
    size, half = np.abs(values), WINDOW // 2
    threshold, window = np.empty(len(size)), np.empty(WINDOW + 1)
    count = min(half, len(size))
    window[:count] = np.sort(size[:count])
    for i in range(len(size)):
        if i + half < len(size):
            _put_in(window, count, size[i + half])
            count += 1
        if i > half:
            _take_out(window, count, size[i - half - 1])
            count -= 1
        nearby = window[:count]
        quartiles = np.empty(2)
        for k in range(2):
            at = (0.25 + 0.5 * k) * (len(nearby) - 1)
            low = int(at)
            high = min(low + 1, len(nearby) - 1)
            quartiles[k] = nearby[low] + (at - low) * (nearby[high] - nearby[low])
        threshold[i] = max(ALPHA * (quartiles[1] - quartiles[0]) / 2.0, LEAST_THRESHOLD)
    return threshold


@kernel
def _running_median(values: Floats) -> Floats:
    half = MEDIAN // 2
    median = np.empty(len(values))
    for i in range(len(values)):
        median[i] = np.median(values[max(0, i - half) : i + half + 1])
    return median


@kernel
def _classify(
    rr: Floats, change: Floats, median: Floats, deviation: Floats, threshold: Floats
) -> Integers:
    """Figure 1 of the paper: ``change`` and ``deviation`` are in units of their thresholds."""
    count = len(rr)
    kinds = np.zeros(count, np.int64)
    i = 1
    while i < count - 2:
        if abs(change[i]) <= 1.0:
            i += 1
            continue
        sign = 1.0 if change[i] > 0.0 else -1.0
        # S12: the larger (for a rise) of the changes before and after; equations 1 and 2.
        beside = max(sign * change[i - 1], sign * change[i + 1])
        if beside < -SLOPE * sign * change[i] - OFFSET:
            kinds[i] = _ECTOPIC
            i += 1
            continue
        last = i + 1 if abs(change[i + 1]) < abs(change[i + 2]) else i
        for j in range(i, last + 1):
            kinds[j] = _judge(rr, change, median, deviation, threshold, j)
        i = last + 1
    return kinds


@kernel
def _judge(
    rr: Floats, change: Floats, median: Floats, deviation: Floats, threshold: Floats, j: int
) -> int:
    """The kind of a beat that is no ectopic one."""
    following = change[min(j + 2, len(rr) - 1)]
    lowest, highest = min(change[j + 1], following), max(change[j + 1], following)
    is_long = change[j] > 1.0 and lowest < -1.0
    is_short = change[j] < -1.0 and highest > 1.0
    if not (is_long or is_short or abs(deviation[j]) > 3.0):
        return _NORMAL
    if is_short and abs(rr[j] + rr[j + 1] - median[j]) < threshold[j]:
        return _EXTRA
    if is_long:
        parts = round(rr[j] / median[j])
        if 2 <= parts <= MOST_MISSED + 1 and abs(rr[j] / parts - median[j]) < threshold[j]:
            return _MISSED
    return _LONG_OR_SHORT


def _corrected(beats: Floats, kinds: Integers) -> Floats:
    """The beats with each run of artefacts laid out evenly between the good beats around it.

    As many intervals as fit best: alone, an extra beat is left out, missed ones are put in between,
    and a misplaced one is moved to the middle, as in the paper; in a row, each of which hides the
    others, they are not told apart.
    """
    good = (kinds == _NORMAL) | (kinds == _MISSED)
    good[[0, -1]] = True
    kept = np.flatnonzero(good)
    moments, steps = beats[kept], np.diff(beats[kept])
    sound = (np.diff(kept) == 1) & (kinds[kept[1:]] != _MISSED)
    if not sound.any():
        return beats
    usual = np.interp(moments[:-1], moments[:-1][sound], _running_median(steps[sound]))
    counts = np.where(sound, 1, np.maximum(np.rint(steps / usual), 1)).astype(np.int64)
    filled = [
        np.linspace(moments[i], moments[i + 1], counts[i] + 1)[1:-1]
        for i in np.flatnonzero(counts > 1)
    ]
    return np.sort(np.concatenate([moments, *filled]))


def _untouched(raw: Floats, corrected: Floats) -> Booleans:
    """Whether both ends of each interval (B − 1,) are beats that were neighbours before."""
    place = np.minimum(np.searchsorted(raw, corrected), len(raw) - 1)
    same = raw[place] == corrected
    return np.asarray(same[1:] & same[:-1] & (np.diff(place) == 1))

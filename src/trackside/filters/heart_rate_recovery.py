"""How fast the heart rate falls after efforts.

Heart-rate recovery is the fall in the first 30, 60 and 120 s after the effort (C. R. Cole et al.,
N. Engl. J. Med. 341 (1999) 1351, for 60 s). Efforts are found in the heart rate alone: one ends
where the fall within the next minute is greatest, if it is 12 bpm or more.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from trackside.arrays import Floats
from trackside.filters.heart_rate import HeartRate

LEAST_FALL = 12.0  # bpm in a minute
STEP = 1.0  # s
APART = 90  # s between the ends of two efforts
AFTER = (30, 60, 120)  # s


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery: ``time`` (s) and ``peak`` (bpm) at the end of the effort; falls in bpm.

    A fall is NaN where the recording ends or misses the heart rate before.
    """

    time: float
    peak: float
    fall_30: float
    fall_60: float
    fall_120: float


def recoveries(rate: HeartRate) -> list[Recovery]:
    """The recoveries after the efforts of a session, in order."""
    known = np.isfinite(rate.bpm)
    if np.count_nonzero(known) < 2:
        return []
    clock = np.arange(rate.time[known][0], rate.time[known][-1] + STEP / 2, STEP)
    bpm = _on_clock(clock, rate)
    falls = {after: _falls(bpm, round(after / STEP)) for after in AFTER}
    in_a_minute = np.concatenate(([0.0], np.nan_to_num(falls[60]), [0.0]))
    ends, _ = find_peaks(
        in_a_minute, height=LEAST_FALL, distance=APART / STEP, prominence=LEAST_FALL / 2
    )
    return [
        Recovery(float(clock[end]), float(bpm[end]), *(float(falls[after][end]) for after in AFTER))
        for end in ends - 1
    ]


def _falls(bpm: Floats, after: int) -> Floats:
    """How much lower it is (N,) so many samples later; NaN beyond the end."""
    later = np.full(len(bpm), np.nan)
    later[: max(len(bpm) - after, 0)] = bpm[after:]
    return bpm - later


def _on_clock(clock: Floats, rate: HeartRate) -> Floats:
    """Heart rate at even times, NaN where that nearest in time is unknown."""
    nearest = np.clip(np.searchsorted(rate.time, clock), 1, len(rate.time) - 1)
    nearest -= clock - rate.time[nearest - 1] < rate.time[nearest] - clock
    return np.asarray(rate.bpm[nearest])

"""How fast the heart rate falls after efforts.

Heart-rate recovery is the fall in the first 30, 60 and 120 s after the effort (C. R. Cole et al.,
N. Engl. J. Med. 341 (1999) 1351, for 60 s). Efforts are found in the heart rate alone: where it is
highest before it falls by 12 bpm or more within a minute, after it has risen before.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from trackside.arrays import Floats
from trackside.filters.heart_rate import HeartRate

LEAST_FALL = 12.0  # bpm in a minute
LEAST_RISE = 20.0  # bpm above the low before it
STEP = 1.0  # s
APART = 60  # s
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
    filled = np.interp(clock, rate.time[known], rate.bpm[known])
    peaks, _ = find_peaks(
        np.concatenate(([0.0], filled, [0.0])), distance=APART, prominence=LEAST_FALL
    )
    found = []
    for peak in peaks - 1:
        falls = [_fall(bpm, int(peak), round(after / STEP)) for after in AFTER]
        rise = bpm[peak] - filled[max(0, peak - 1800) : peak + 1].min()
        if falls[1] >= LEAST_FALL and rise >= LEAST_RISE:
            found.append(Recovery(float(clock[peak]), float(bpm[peak]), *falls))
    return found


def _fall(bpm: Floats, peak: int, after: int) -> float:
    """How much lower it is so many samples later; NaN beyond the end."""
    return float(bpm[peak] - bpm[peak + after]) if peak + after < len(bpm) else float("nan")


def _on_clock(clock: Floats, rate: HeartRate) -> Floats:
    """Heart rate at even times, NaN where that nearest in time is unknown."""
    nearest = np.clip(np.searchsorted(rate.time, clock), 1, len(rate.time) - 1)
    nearest -= clock - rate.time[nearest - 1] < rate.time[nearest] - clock
    return np.asarray(rate.bpm[nearest])

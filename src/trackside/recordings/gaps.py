"""Finding where samples are missing: a gap has a known length and never shifts time."""

from typing import NamedTuple

import numpy as np

from trackside.arrays import Floats, Integers

LONG_STEP = 1.5
"""A step in time that is longer than this many sample periods is a gap."""


class Gap(NamedTuple):
    """The last sample before a gap, the first after it (s), and how many are missing between."""

    start: float
    end: float
    missing: int


def find_gaps(time: Floats, sequence: Integers | None, rate: float | None) -> list[Gap]:
    """Gaps of a stream, from its running sample numbers or, without those, from its time stamps.

    ``time`` (N,) s, ``sequence`` (N,) or None, ``rate`` in Hz or None. Without sample numbers and
    without a rate nothing can be called missing.
    """
    if sequence is not None:
        missing = np.diff(sequence) - 1
    elif rate is not None:
        steps = np.diff(time) * rate
        missing = np.where(steps > LONG_STEP, np.rint(steps).astype(np.int64) - 1, 0)
    else:
        return []
    return [
        Gap(float(time[i]), float(time[i + 1]), int(missing[i]))
        for i in np.flatnonzero(missing > 0)
    ]

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
    """Gaps of a stream; arguments as in :func:`missing_between`."""
    missing = missing_between(time, sequence, rate)
    return [
        Gap(float(time[i]), float(time[i + 1]), int(missing[i]))
        for i in np.flatnonzero(missing > 0)
    ]


def missing_between(time: Floats, sequence: Integers | None, rate: float | None) -> Integers:
    """How many samples are missing between each sample and the next (N − 1,); 0 or less for none.

    From running sample numbers or, without those, from time stamps. ``time`` (N,) s, ``sequence``
    (N,) or None, ``rate`` in Hz or None. Without sample numbers and without a rate nothing can be
    called missing.
    """
    if sequence is not None:
        return sequence[1:] - sequence[:-1] - 1
    if rate is None:
        return np.zeros(max(len(time) - 1, 0), np.int64)
    steps = np.diff(time) * rate
    return np.where(steps > LONG_STEP, np.rint(steps).astype(np.int64) - 1, 0)

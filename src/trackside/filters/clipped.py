"""Samples at the end of a sensor's range, where it cannot show all there was."""

import numpy as np

from trackside.arrays import Booleans, Floats

LEAST_RANGE = 18.0
"""m/s²; no accelerometer's range ends below 2 g."""
REPEATED = 3
"""So many samples equal to the bit at a channel's extreme, and more than there are just below it,
are no coincidence but its range."""
JUST_BELOW = 0.99


def clipped(acc: Floats) -> Booleans:
    """Which samples (N,) of an accelerometer (N, 3) in m/s² have a channel at its range.

    The range need not be known: a channel that repeats its own extreme has reached it.
    """
    found = np.zeros(len(acc), bool)
    for channel in acc.T:
        for signed in (channel, -channel):
            extreme = np.max(signed, initial=0.0, where=np.isfinite(signed))
            at_extreme = signed == extreme
            count, below = at_extreme.sum(), (signed >= JUST_BELOW * extreme).sum()
            if extreme >= LEAST_RANGE and count >= REPEATED and 2 * count > below:
                found |= at_extreme
    return found

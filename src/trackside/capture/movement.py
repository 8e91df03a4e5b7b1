"""Which sensor is being moved: how a wizard finds out where each one sits."""

from collections import deque
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np

from trackside.recordings.model import GYROSCOPE, Block, Values

WINDOW: Final = 1.0
"""s of movement that are looked at."""

LEAST_RATE: Final = 1.0
"""Root mean square of the angular rate, rad/s, below which a sensor is not being moved."""

DISTINCTION: Final = 2.0
"""By this factor a sensor has to turn faster than any other."""


def angular_rate_rms(gyr: Values) -> float:
    """Root mean square of angular rates (n, 3) in rad/s, without their mean (the bias), rad/s.

    Samples that are not finite are left out; 0 where none is left.
    """
    known = gyr[np.isfinite(gyr).all(axis=1)]
    return float(np.sqrt(known.var(axis=0).sum())) if len(known) else 0.0


def most_moved(rates: Mapping[str, float]) -> str | None:
    """The sensor that clearly turns most, given each one's angular rate in rad/s; None if none.

    Who moves a limb moves the sensors further out on it too: ask for the outer ones first, and
    leave out those that are known already.
    """
    ranked = sorted(rates, key=lambda name: rates[name], reverse=True)
    if not ranked or rates[ranked[0]] < LEAST_RATE:
        return None
    if len(ranked) > 1 and rates[ranked[0]] < DISTINCTION * rates[ranked[1]]:
        return None
    return ranked[0]


class Movement:
    """The last second of every sensor's angular rates. ``streams``: each one's sensor, by name."""

    def __init__(self, streams: Mapping[str, str]) -> None:
        self._sensors = streams
        self._recent: dict[str, deque[Block]] = {name: deque() for name in streams}

    def add(self, block: Block) -> None:
        """Take a block, if it is one of the streams'."""
        recent = self._recent.get(block.stream)
        if recent is None or GYROSCOPE.name not in block.values:
            return
        recent.append(block)
        while recent[0].time[-1] < block.time[-1] - WINDOW:
            recent.popleft()

    def rates(self, known: Collection[str] = ()) -> dict[str, float]:
        """The angular rate of every sensor but the ``known`` ones over a whole second, rad/s."""
        return {
            self._sensors[name]: angular_rate_rms(
                np.concatenate([block.values[GYROSCOPE.name] for block in recent])
            )
            for name, recent in self._recent.items()
            if _is_whole(recent) and self._sensors[name] not in known
        }

    def forget(self) -> None:
        """Look at what comes from now on only."""
        for recent in self._recent.values():
            recent.clear()


def _is_whole(recent: deque[Block]) -> bool:
    """Whether the blocks span the window, but for the last one."""
    return bool(recent) and recent[-1].time[-1] - recent[0].time[0] > 0.9 * WINDOW

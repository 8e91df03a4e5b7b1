"""Critical speed: the fastest speed that can be held in a steady state, from a few hard efforts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trackside.errors import ParameterError

EFFORT_MINUTES = (2.0, 15.0)


@dataclass(frozen=True, slots=True)
class CriticalSpeed:
    """D = CS · t + D′: critical ``speed`` (m/s), and ``reserve`` D′ to be spent above it (m)."""

    speed: float
    reserve: float

    def time(self, distance: float) -> float:
        """Return the best time (s) over ``distance`` (m); trust it for about 2 to 20 minutes."""
        return (distance - self.reserve) / self.speed


def critical_speed(efforts: Sequence[tuple[float, float]]) -> CriticalSpeed:
    """Fit critical speed to ``efforts``: distance (m) and time (s) of each, all run all out.

    Least squares of distance on time; Hughson et al., Int. J. Sports Med. 5 (1984) 23;
    Hill et al., Int. J. Sports Med. 32 (2011) 519 on preferring the two-parameter model.

    Raises
    ------
    ParameterError
        If there are fewer than three times, one is outside 2 to 15 min, or they contradict the
        model: longer efforts were the faster ones.
    """
    distances, times = np.array([*efforts], dtype=np.float64).reshape(-1, 2).T
    if len(set(times)) < 3:
        raise ParameterError(f"{len(set(times))} different efforts; expected at least 3")
    low, high = (60.0 * minutes for minutes in EFFORT_MINUTES)
    for time in times:
        if not low <= time <= high:
            raise ParameterError(f"an effort of {time:g} s; expected {low:g} to {high:g} s")
    speed, reserve = np.polyfit(times, distances, 1)
    if speed <= 0 or reserve < 0:
        raise ParameterError(
            "the longer efforts are faster than the shorter ones; expected each to be run all out"
        )
    return CriticalSpeed(float(speed), float(reserve))

"""How a sensor is turned, for whatever needs no more than the vertical."""

from collections.abc import Callable

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.orientation import estimate_orientation
from trackside.recordings.model import Imu

Oriented = Callable[[Imu], Floats]
"""What :func:`oriented` does, perhaps remembering what it found."""


def oriented(imu: Imu) -> Floats:
    """Orientations (N, 4) of a sensor at its samples, sensor → earth, z up, heading arbitrary.

    Raises SignalError without a gyroscope, or without a usable sample.
    """
    if imu.gyr is None:
        raise SignalError(f"{imu.stream.name}: orientations need a gyroscope")
    return estimate_orientation(imu.gyr, imu.acc, time=imu.time).quaternions

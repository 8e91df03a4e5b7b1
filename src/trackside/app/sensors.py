"""The body-worn sensors of a recording, by the segment they sit on."""

from dataclasses import replace

import numpy as np

from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.recordings.model import Imu
from trackside.recordings.reader import Recording


def placed_imus(recording: Recording) -> dict[str, Imu]:
    """The IMUs of a recording by segment; the first where two share one.

    Raises MissingDataError if there is none.
    """
    placed: dict[str, Imu] = {}
    for imu in recording.imus():
        if imu.stream.placement is not None and len(imu.time) > 1:
            placed.setdefault(imu.stream.placement, imu)
    if not placed:
        raise MissingDataError(
            f"{recording.path}: no IMU is placed on a body segment: "
            "import it again with --place SENSOR=SEGMENT"
        )
    return placed


def turning_imus(recording: Recording) -> dict[str, Imu]:
    """Like :func:`placed_imus`, each with angular rates.

    Where no gyroscope was exported they come from the maker's orientations; MissingDataError if
    there are none either.
    """
    imus = placed_imus(recording)
    for segment, imu in imus.items():
        if imu.gyr is None:
            time, orientations = maker_orientations(recording, segment)
            rates = qt.angular_rates(time, orientations)
            gyr = np.stack([np.interp(imu.time, time, column) for column in rates.T], axis=-1)
            imus[segment] = replace(imu, gyr=gyr)
    return imus


def maker_orientations(recording: Recording, segment: str) -> tuple[Floats, Floats]:
    """Time (N,) s and the maker's own orientations (N, 4) of the sensor on a segment.

    Raises MissingDataError if the maker exported none.
    """
    try:
        return recording.orientation(segment)
    except MissingDataError as error:
        raise MissingDataError(
            f"{recording.path}: the sensor on {segment} has neither a gyroscope nor the maker's "
            "own orientations: nobody can know how it turns"
        ) from error

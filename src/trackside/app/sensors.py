"""The body-worn sensors of a recording, by the segment they sit on."""

from dataclasses import replace

import numpy as np

from trackside.app.session_length import session_length
from trackside.arrays import Floats
from trackside.errors import MissingDataError, SignalError
from trackside.kinematics import quaternions as qt
from trackside.recordings.model import Imu
from trackside.recordings.reader import Recording

LONGEST_STEP = 2.0  # s; what is longer is a pause
FEWEST_STEPS = 20
SHARE_NEAR, NEAR = 0.4, 0.1
"""So many samples as much closer to the one before than the mean are stamped in bursts."""


def placed_imus(recording: Recording) -> dict[str, Imu]:
    """The IMUs of a recording by segment; the first where two share one.

    Raises MissingDataError if there is none, SignalError as :func:`session_length` and
    :func:`check_stamps` do.
    """
    session_length(recording)
    placed: dict[str, Imu] = {}
    for imu in recording.imus():
        if imu.stream.placement is not None and len(imu.time) > 1:
            check_stamps(imu)
            placed.setdefault(imu.stream.placement, imu)
    if not placed:
        raise MissingDataError(
            f"{recording.path}: no IMU is placed on a body segment: "
            "import it again with --place SENSOR=SEGMENT"
        )
    return placed


def check_stamps(imu: Imu) -> None:
    """Raise SignalError if samples are stamped packet by packet, as of when they arrived.

    What moved meanwhile cannot be told from that, and it looks like a rate that nobody has.
    """
    steps = np.diff(imu.time)
    steps = steps[steps < LONGEST_STEP]
    if len(steps) < FEWEST_STEPS:
        return
    near, mean = float(np.quantile(steps, SHARE_NEAR)), float(np.mean(steps))
    if near < NEAR * mean:
        raise SignalError(
            f"{imu.stream.name}: samples are stamped in bursts, {100 * SHARE_NEAR:.0f} % of them "
            f"at most {1e3 * near:.2g} ms after the one before, although {1.0 / mean:.0f} come in "
            "a second: write them with the moments at which they were measured"
        )


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

"""Every sensor's samples filtered on their own clock, ready for the skeleton."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trackside.app.sensors import maker_orientations
from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.clipped import clipped
from trackside.filters.missing_samples import fill_gaps
from trackside.filters.orientation import (
    OrientationEstimate,
    OrientationParameters,
    estimate_orientation,
)
from trackside.kinematics.common_clock import SensorTrack
from trackside.recordings.model import Imu
from trackside.recordings.reader import Recording

SAMPLES_AS_STAMPED = OrientationParameters(sensor_delay=0.0)
"""A delay that all sensors of a body share does not change its pose, so none is made up for."""

Progress = Callable[[float, str], None]
"""Called with the share done, from 0 to 1, and what is being done."""


@dataclass(frozen=True)
class Felt:
    """What a sensor feels of the whole body's acceleration, in its frame: time (N,), acc (N, 3)."""

    time: Floats
    acc: Floats


def recorded_tracks(
    recording: Recording,
    imus: Mapping[str, Imu],
    north: bool,
    report: Progress,
    felt: Mapping[str, Felt] | None = None,
) -> tuple[list[SensorTrack], tuple[str, ...], float]:
    """Filtered tracks, segments that rest on the maker's filter, and the least trust in north.

    ``felt``: by segment, where it is known.
    """
    tracks, makers, trusted = [], [], 1.0
    for done, (segment, imu) in enumerate(imus.items()):
        report(done / len(imus), f"orientation of {segment.replace('_', ' ')}")
        if imu.gyr is None:
            tracks.append(_maker_track(recording, segment, imu))
            makers.append(segment)
            continue
        track, estimate = filtered_track(segment, imu, north, (felt or {}).get(segment))
        tracks.append(track)
        if north and imu.mag is not None:
            trusted = min(trusted, float(np.mean(estimate.magnetometer_trusted)))
    return tracks, tuple(makers), trusted


def filtered_track(
    segment: str, imu: Imu, north: bool = False, felt: Felt | None = None
) -> tuple[SensorTrack, OrientationEstimate]:
    """One sensor's gaps filled and its orientation smoothed, with magnetometer if ``north``.

    What it ``felt`` of the body's acceleration is not taken for gravity.

    Raises SignalError if its samples are unusable.
    """
    if imu.gyr is None:
        raise SignalError(f"the sensor on {segment} has no gyroscope: nothing to filter")
    filled = fill_gaps(imu.time, np.hstack([imu.gyr, imu.acc]))
    gyr, acc = (np.ascontiguousarray(half) for half in np.hsplit(filled.signals, 2))
    mag = _resampled(imu.mag, imu.time, filled.time) if north and imu.mag is not None else None
    cut = clipped(acc)
    parameters, force = SAMPLES_AS_STAMPED, acc
    if felt is not None:
        force = np.where(cut[:, None], acc, acc - _resampled(felt.acc, felt.time, filled.time))
        if cut.any():  # extremes no longer repeat to the bit
            parameters = replace(parameters, acc_range=float(np.abs(acc[cut]).max()))
    estimate = estimate_orientation(
        gyr, force, mag, time=filled.time, parameters=parameters, smooth=True
    )
    track = SensorTrack(segment, filled.time, estimate.quaternions, gyr, acc, filled.measured, cut)
    return track, estimate


def _maker_track(recording: Recording, segment: str, imu: Imu) -> SensorTrack:
    """A track on the maker's own orientations, for sensors exported without a gyroscope."""
    time, orientations = maker_orientations(recording, segment)
    acc = _resampled(imu.acc, imu.time, time)
    return SensorTrack(segment, time, orientations, None, acc)


def _resampled(signal: Floats, time: Floats, clock: Floats) -> Floats:
    """A signal (N, C) at ``time`` (N,), linearly interpolated at the moments of ``clock`` (M,)."""
    return np.stack([np.interp(clock, time, column) for column in signal.T], axis=-1)

"""The sensors that were worn, each read when it is asked for, once, and only if it works."""

from dataclasses import replace

import numpy as np

from trackside.app.sensors import check_stamps, maker_orientations
from trackside.arrays import Floats
from trackside.errors import MissingDataError, SignalError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.oriented import oriented
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, Imu, Kind
from trackside.recordings.reader import Recording

AXES = "xyz"
FEWEST_SAMPLES = 2
MOTION = (GYROSCOPE.name, ACCELEROMETER.name)


class WornSensors:
    """The IMUs of a recording by segment; the first where two share one.

    ``placements``: the segments, without reading a sample. ``faults``: what is wrong with sensors
    that were asked for and do not work, in words.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._duration = max(recording.duration, 1.0)
        self._names: dict[str, str] = {}
        self._read: dict[str, Imu | None] = {}
        self._oriented: dict[int, Floats] = {}
        self.faults: list[str] = []
        for name, stream in recording.streams.items():
            usable = stream.kind is Kind.IMU and ACCELEROMETER in stream.channels
            if usable and stream.placement and recording.rows(name) >= FEWEST_SAMPLES:
                self._names.setdefault(stream.placement, name)
        self.placements = tuple(self._names)

    def working(self, *placements: str) -> dict[str, Imu]:
        """Those of the sensors on these segments that are there and work, in this order."""
        found = {}
        for placement in placements:
            if placement in self._names and placement not in self._read:
                self._read[placement] = self._checked(placement)
            imu = self._read.get(placement)
            if imu is not None:
                found[placement] = imu
        return found

    def excerpt(self, placement: str, start: float, end: float) -> Imu | None:
        """About what the sensor on a segment measured between two moments (s), unchecked.

        None without a sensor there that has a gyroscope, or with hardly a sample of it.
        """
        name = self._names.get(placement)
        if name is None:
            return None
        stream = self._recording.streams[name]
        rate = self._recording.rows(name) / self._duration
        block = self._recording.read(name, round(max(start, 0.0) * rate), round(end * rate))
        if "gyroscope" not in block.values or len(block) < FEWEST_SAMPLES:
            return None
        gyr, acc = (
            np.asarray(block.values[channel], float) for channel in ("gyroscope", "accelerometer")
        )
        return Imu(stream, block.time, gyr, acc, None)

    def first(self, *placements: str) -> dict[str, Imu]:
        """The first of the sensors on these segments that works, or none."""
        for placement in placements:
            if found := self.working(placement):
                return found
        return {}

    def oriented(self, imu: Imu) -> Floats:
        """What :func:`trackside.kinematics.oriented.oriented` says of a sensor, asked once."""
        if id(imu) not in self._oriented:
            self._oriented[id(imu)] = oriented(imu)
        return self._oriented[id(imu)]

    def _checked(self, placement: str) -> Imu | None:
        try:
            imu = self._turning(placement)
            _check(placement, imu)
        except (SignalError, MissingDataError) as error:
            self.faults.append(str(error))
            return None
        return imu

    def _turning(self, placement: str) -> Imu:
        """With angular rates, from the maker's orientations where there is no gyroscope."""
        imu = self._recording.imu(self._names[placement], MOTION)
        check_stamps(imu)
        if imu.gyr is not None:
            return imu
        time, orientations = maker_orientations(self._recording, placement)
        rates = qt.angular_rates(time, orientations)
        gyr = np.stack([np.interp(imu.time, time, column) for column in rates.T], axis=-1)
        return replace(imu, gyr=gyr)


def _check(placement: str, imu: Imu) -> None:
    for name, values in (("gyroscope", imu.gyr), ("accelerometer", imu.acc)):
        if values is not None:
            _check_channels(f"the {name} on {placement}", values)


def _check_channels(what: str, values: Floats) -> None:
    """Raise SignalError for a channel without samples, or one that never changes."""
    for axis, column in zip(AXES, values.T, strict=True):
        known = column[np.isfinite(column)]
        if len(known) < FEWEST_SAMPLES:
            raise SignalError(f"{what} has no samples: left out")
        if known.min() == known.max():
            raise SignalError(f"{what} is constant in {axis}: left out")

"""What Movella (Xsens) DOT sensors send while they measure: one sample a notification.

Source: Movella DOT BLE Services Specifications, measurement service; units and frames: Movella DOT
User Manual, section 4. Modes 1, 17 and 25 can only be read with the maker's own library.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackside.capture.devices.contract import Samples, StreamDescription
from trackside.capture.devices.gatt import NotificationError
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    ORIENTATION,
    Channel,
    Kind,
    Values,
)

TICK = 1e-6  # s
TICK_BITS = 32  # the clock wraps every 71.6 min

AXES = ("x", "y", "z")
EULER_ANGLES = Channel("euler_angles", "rad", ("roll", "pitch", "yaw"))
FREE_ACCELERATION = Channel("free_acceleration", "m/s²", AXES)
ORIENTATION_INCREMENT = Channel("orientation_increment", "1", ("w", *AXES))
VELOCITY_INCREMENT = Channel("velocity_increment", "m/s", AXES)
MAGNETOMETER = Channel("magnetometer", "a.u.", AXES)
STATUS = Channel(
    "status",
    "1",
    (
        *(f"accelerometer_{axis}_clipped" for axis in AXES),
        *(f"gyroscope_{axis}_clipped" for axis in AXES),
        *(f"magnetometer_{axis}_clipped" for axis in AXES),
        "magnetometer_updated",
    ),
)
CLIP_COUNT = Channel("clip_count", "1", ("accelerometer", "gyroscope"))


@dataclass(frozen=True)
class _Quantity:
    """A part of a payload: the channel it fills, of which stream, and how it is sent."""

    channel: Channel
    kind: Kind
    format: str
    columns: int
    convert: Callable[[NDArray[Any]], Values]


def _scaled(unit: float) -> Callable[[NDArray[Any]], Values]:
    return lambda numbers: numbers * np.float64(unit)


def _flags(status: NDArray[Any]) -> Values:
    return (status >> np.arange(len(STATUS.columns)) & 1).astype(np.float64)


def _sensor(channel: Channel, unit: float = 1.0, form: str = "<f4") -> _Quantity:
    return _Quantity(channel, Kind.IMU, form, len(channel.columns), _scaled(unit))


def _earth(channel: Channel, unit: float = 1.0, form: str = "<f4") -> _Quantity:
    return _Quantity(channel, Kind.ORIENTATION, form, len(channel.columns), _scaled(unit))


_QUATERNION = _earth(ORIENTATION)
_EULER = _earth(EULER_ANGLES, pi / 180)
_FREE = _earth(FREE_ACCELERATION)
_STATUS = _Quantity(STATUS, Kind.ORIENTATION, "<u2", 1, _flags)
_CLIPS = _earth(CLIP_COUNT, form="u1")
_DQ, _DV = _sensor(ORIENTATION_INCREMENT), _sensor(VELOCITY_INCREMENT)
_ACC, _GYR = _sensor(ACCELEROMETER), _sensor(GYROSCOPE, pi / 180)
_MAG = _sensor(MAGNETOMETER, 1 / 4096, "<i2")


@dataclass(frozen=True)
class Payload:
    """What one mode sends, on the characteristic of that number.

    The "imu" stream gets what is in the sensor's frame. The "orientation" stream gets what the
    sensor's own filter made of it, in an earth frame with x east, y north and z up. A magnetometer
    value of 1 is the field at the maker's calibration, about 40 µT.
    """

    mode: int
    characteristic: int
    quantities: tuple[_Quantity, ...]

    @cached_property
    def _layout(self) -> np.dtype[np.void]:
        fields = [(part.channel.name, part.format, (part.columns,)) for part in self.quantities]
        return np.dtype([("time", "<u4"), *fields])

    def streams(self, rate: float) -> tuple[StreamDescription, ...]:
        """The streams that come of it, sampled at ``rate`` Hz."""
        kinds = dict.fromkeys(part.kind for part in self.quantities)
        return tuple(
            StreamDescription(
                name=kind.value,
                kind=kind,
                channels=tuple(part.channel for part in self.quantities if part.kind is kind),
                rate=rate,
                tick=TICK,
                tick_bits=TICK_BITS,
            )
            for kind in kinds
        )

    def samples(self, data: bytes) -> list[Samples]:
        """One sample of each stream; bytes after the payload are unused and not looked at.

        Raises :class:`NotificationError` if the payload is cut off or not of finite numbers.
        """
        if len(data) < self._layout.itemsize:
            raise NotificationError(f"DOT mode {self.mode}: only {len(data)} bytes")
        record = np.frombuffer(data, self._layout, count=1)
        values: dict[Kind, dict[str, Values]] = {}
        for part in self.quantities:
            numbers = record[part.channel.name]
            if not np.isfinite(numbers).all():
                raise NotificationError(f"DOT mode {self.mode}: {part.channel.name} is not finite")
            values.setdefault(part.kind, {})[part.channel.name] = part.convert(numbers)
        time = record["time"].astype(np.int64)
        return [Samples(kind.value, channels, time) for kind, channels in values.items()]


LONG, MEDIUM, SHORT = 0x2002, 0x2003, 0x2004

PAYLOADS = {
    payload.mode: payload
    for payload in (
        Payload(2, MEDIUM, (_QUATERNION, _FREE, _STATUS, _CLIPS)),
        Payload(3, MEDIUM, (_QUATERNION, _FREE)),
        Payload(4, SHORT, (_EULER,)),
        Payload(5, SHORT, (_QUATERNION,)),
        Payload(6, SHORT, (_FREE,)),
        Payload(7, MEDIUM, (_EULER, _FREE, _STATUS, _CLIPS)),
        Payload(16, MEDIUM, (_EULER, _FREE)),
        Payload(18, MEDIUM, (_DQ, _DV, _MAG)),
        Payload(19, MEDIUM, (_DQ, _DV)),
        Payload(20, MEDIUM, (_ACC, _GYR, _MAG)),
        Payload(21, MEDIUM, (_ACC, _GYR)),
        Payload(22, MEDIUM, (_EULER, _FREE, _GYR)),
        Payload(23, MEDIUM, (_EULER, _FREE, _MAG)),
        Payload(24, MEDIUM, (_QUATERNION, _GYR)),
        Payload(26, LONG, (_QUATERNION, _ACC, _GYR)),
    )
}
"""The payloads by their mode."""

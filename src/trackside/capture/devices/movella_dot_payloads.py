"""What Movella (Xsens) DOT sensors send while they measure: one sample a notification.

Source: Movella DOT BLE Services Specifications, measurement service; units and frames: Movella DOT
User Manual, section 4. Modes 1, 17 and 25 can only be read with the maker's own library.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import isfinite, pi
from struct import Struct

import numpy as np

from trackside.arrays import Floats
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
    """A part of a payload: the channel it fills, of which stream, and how its numbers are sent.

    ``format``: for the struct module, without the byte order; ``unit``: what they are in SI units.
    """

    channel: Channel
    kind: Kind
    format: str
    unit: float = 1.0


def _sensor(channel: Channel, unit: float = 1.0, code: str = "f") -> _Quantity:
    return _Quantity(channel, Kind.IMU, len(channel.columns) * code, unit)


def _earth(channel: Channel, unit: float = 1.0, code: str = "f") -> _Quantity:
    return _Quantity(channel, Kind.ORIENTATION, len(channel.columns) * code, unit)


_QUATERNION = _earth(ORIENTATION)
_EULER = _earth(EULER_ANGLES, pi / 180)
_FREE = _earth(FREE_ACCELERATION)
_STATUS = _Quantity(STATUS, Kind.ORIENTATION, "H")
_CLIPS = _earth(CLIP_COUNT, code="B")
_DQ, _DV = _sensor(ORIENTATION_INCREMENT), _sensor(VELOCITY_INCREMENT)
_ACC, _GYR = _sensor(ACCELEROMETER), _sensor(GYROSCOPE, pi / 180)
_MAG = _sensor(MAGNETOMETER, 1 / 4096, "h")


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
    def _layout(self) -> Struct:
        return Struct("<I" + "".join(part.format for part in self.quantities))

    @cached_property
    def _units(self) -> Floats:
        return np.repeat(
            [q.unit for q in self.quantities], [len(q.format) for q in self.quantities]
        )

    @cached_property
    def _places(self) -> list[tuple[_Quantity, slice]]:
        """Where each quantity's numbers are, without the time."""
        ends = list(accumulate(len(part.format) for part in self.quantities))
        return [
            (part, slice(end - len(part.format), end))
            for part, end in zip(self.quantities, ends, strict=True)
        ]

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
        if len(data) < self._layout.size:
            raise NotificationError(f"DOT mode {self.mode}: only {len(data)} bytes")
        time, *numbers = self._layout.unpack_from(data)
        if not isfinite(sum(numbers)):
            raise NotificationError(f"DOT mode {self.mode}: not all numbers are finite")
        row = np.array([numbers]) * self._units
        values: dict[Kind, dict[str, Values]] = {}
        for part, place in self._places:
            channel = _flags(row[:, place]) if part is _STATUS else row[:, place]
            values.setdefault(part.kind, {})[part.channel.name] = channel
        ticks = np.array([time])
        return [Samples(kind.value, channels, ticks) for kind, channels in values.items()]


def _flags(status: Floats) -> Floats:
    """The bits of a status (1, 1), each in a column."""
    return (status.astype(np.int64) >> np.arange(len(STATUS.columns)) & 1).astype(np.float64)


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

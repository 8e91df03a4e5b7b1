"""WitMotion sensors over BLE (WT901BLE, BWT901BLE): 20-byte frames, several in a notification.

55 61, then acceleration, rates and angles (nine i16, scales as over serial); 55 71, a register's
number and eight registers' values, in answer to :func:`witmotion.read_register`. Little-endian.
Source: WT901BLECL datasheet, section 6.

There is no checksum, no counter and no clock: a notification is read from its first byte on, up to
what is no frame. The magnetometer is not sent unless asked for, register by register; its values go
with the inertial sample that follows them, and all others have NaN.
"""

from math import nan
from struct import Struct
from typing import Final

from trackside.capture.devices.attitude import from_roll_pitch_yaw
from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
    Write,
)
from trackside.capture.devices.gathering import Row, SampleGatherer
from trackside.capture.devices.witmotion import (
    ACCELERATION_UNIT,
    ANGLE_UNIT,
    MAGNETOMETER,
    RATE_UNIT,
    UNLOCK,
    Registers,
    read_register,
    set_rate,
)
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, ORIENTATION, Kind

RATE: Final = 50  # Hz, asked of the sensor
SERVICE: Final = "0000ffe5-0000-1000-8000-00805f9a34fb"  # 9a34fb, not the standard base's 9b34fb
NOTIFY: Final = "0000ffe4-0000-1000-8000-00805f9a34fb"
WRITE: Final = "0000ffe9-0000-1000-8000-00805f9a34fb"

IMU = StreamDescription("imu", Kind.IMU, (ACCELEROMETER, GYROSCOPE, MAGNETOMETER), float(RATE))
ATTITUDE = StreamDescription("orientation", Kind.ORIENTATION, (ORIENTATION,), float(RATE))

MAGNETIC_FIELD: Final = 0x3A
"""The register at which the magnetometer's three values begin."""
READ_MAGNETIC_FIELD = Write(read_register(MAGNETIC_FIELD), WRITE)

_LENGTH: Final = 20
_MOTION = Struct("<2x9h")
_REGISTERS = Struct("<2xH8h")
_NO_FIELD: Final = (nan, nan, nan)


class WitMotionBleDecoder:
    """Notifications of a WitMotion sensor to samples."""

    def __init__(self) -> None:
        self._gatherer = SampleGatherer((IMU, ATTITUDE))
        self._field: Row = _NO_FIELD
        self.rejected = 0
        self.registers: list[Registers] = []
        """Register values that were asked for; whoever reads them removes them."""

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:  # noqa: ARG002
        """Samples of one notification."""
        position = 0
        while self._understood(data[position : position + _LENGTH]):
            position += _LENGTH
        self.rejected += len(data) - min(position, len(data))
        return self._gatherer.take()

    def _understood(self, frame: bytes) -> bool:
        if len(frame) < _LENGTH:
            return False
        if frame.startswith(b"\x55\x61"):
            self._take_motion(_MOTION.unpack(frame))
        elif frame.startswith(b"\x55\x71"):
            first, *values = _REGISTERS.unpack(frame)
            self.registers.append(Registers(first, tuple(values)))
            if first == MAGNETIC_FIELD:
                self._field = tuple(map(float, values[:3]))
        else:
            return False
        return True

    def _take_motion(self, numbers: tuple[int, ...]) -> None:
        acceleration = tuple(number * ACCELERATION_UNIT for number in numbers[:3])
        rates = tuple(number * RATE_UNIT for number in numbers[3:6])
        roll, pitch, yaw = (number * ANGLE_UNIT for number in numbers[6:])
        self._gatherer.add(IMU.name, acceleration + rates + self._field)
        self._gatherer.add(ATTITUDE.name, from_roll_pitch_yaw(roll, pitch, yaw))
        self._field = _NO_FIELD


WITMOTION_BLE = DeviceDescription(
    model="WitMotion BLE",
    transport=Transport.BLE,
    streams=(IMU, ATTITUDE),
    decoder=WitMotionBleDecoder,
    names=("WT901BLE",),
    services=(SERVICE,),
    notify=(NOTIFY,),
    start=(Write(UNLOCK, WRITE), Write(set_rate(RATE), WRITE)),
    repeat=((READ_MAGNETIC_FIELD, 0.1),),
)

"""CEVA BNO08x in UART-RVC mode ("robot vacuum cleaner"): 100 messages a second, nothing to start.

Message: AA AA, index, yaw, pitch, roll (i16, 0.01°), acceleration x, y, z (i16, mg), three reserved
bytes, and the sum of everything after AA AA modulo 256; little-endian. The index counts messages.
Source: BNO080 datasheet 1000-3927, section 1.3.5.2.

The turns are applied in the order yaw, pitch, roll, each about the axes as already turned: yaw
about z, pitch about x, roll about y. (The datasheet's prose has pitch about y and roll about x; but
the acceleration in its own example message is gravity as seen after these turns, to the mg.)
The earth frame has z up; its heading is that of the last reset and means nothing.
"""

from math import radians
from struct import Struct
from typing import Final

from trackside.capture.devices.attitude import about_x, about_y, about_z, product
from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
)
from trackside.capture.devices.framing import NEED_MORE, NOT_A_MESSAGE, FrameReader
from trackside.capture.devices.gathering import SampleGatherer
from trackside.recordings.model import ACCELEROMETER, ORIENTATION, Kind

RATE: Final = 100.0  # Hz
MILLI_G: Final = 9.80665e-3  # m/s²

IMU = StreamDescription("imu", Kind.IMU, (ACCELEROMETER,), RATE, sequence_bits=8)
ATTITUDE = StreamDescription("orientation", Kind.ORIENTATION, (ORIENTATION,), RATE, sequence_bits=8)

_HEADER: Final = b"\xaa"
_LENGTH: Final = 19
_BODY = Struct("<2xB6h")


def measure(buffer: bytes, start: int) -> int:
    """The length of the message at ``start``; see :data:`framing.Measure`."""
    if len(buffer) - start < _LENGTH:
        return NEED_MORE
    checksum = start + _LENGTH - 1
    if buffer[start + 1 : start + 2] != _HEADER:
        return NOT_A_MESSAGE
    valid = sum(buffer[start + 2 : checksum]) & 0xFF == buffer[checksum]
    return _LENGTH if valid else NOT_A_MESSAGE


class RvcDecoder:
    """Bytes of a BNO08x's serial port to samples."""

    def __init__(self) -> None:
        self._reader = FrameReader(measure, _HEADER)
        self._gatherer = SampleGatherer((IMU, ATTITUDE))
        self.rejected = 0

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:  # noqa: ARG002
        """Samples completed by ``data``."""
        for frame in self._reader.feed(data):
            index, *numbers = _BODY.unpack_from(frame)
            yaw, pitch, roll = (radians(angle / 100) for angle in numbers[:3])
            orientation = product(product(about_z(yaw), about_x(pitch)), about_y(roll))
            self._gatherer.add(IMU.name, tuple(a * MILLI_G for a in numbers[3:]), None, index)
            self._gatherer.add(ATTITUDE.name, orientation, None, index)
        self.rejected = self._reader.rejected
        return self._gatherer.take()


BNO08X_RVC = DeviceDescription(
    model="BNO08x UART-RVC",
    transport=Transport.SERIAL,
    streams=(IMU, ATTITUDE),
    decoder=RvcDecoder,
    baud_rate=115200,
)

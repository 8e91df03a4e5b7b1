"""Xsens MTi over serial: Xbus messages, of which MTData2 carries the samples.

Message: FA FF, identifier, length (FF: a 16-bit length follows), data, checksum; the bytes after FA
add up to 0 modulo 256. Source: Xsens "MT Low-Level Communication Protocol Documentation" (MT0101P).

Quantities that a message lacks are NaN in its sample. All outputs are configured at one rate,
because the packet counter counts messages: at mixed rates its steps would not be lost samples.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from math import nan
from struct import error
from typing import Final

from trackside.capture.devices import xbus_items as items
from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
    Write,
)
from trackside.capture.devices.framing import NEED_MORE, NOT_A_MESSAGE, FrameReader
from trackside.capture.devices.gathering import Row, SampleGatherer
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, ORIENTATION, Channel, Kind

RATE: Final = 100  # Hz, asked of the device
TICK: Final = 1e-4  # s, of SampleTimeFine

MAGNETOMETER = Channel("magnetometer", "a.u.", ("x", "y", "z"))
CLIPPED = Channel("clipped", "1", ("accelerometer", "gyroscope", "magnetometer"))
FREE_ACCELERATION = Channel("free_acceleration", "m/s²", ("east", "north", "up"))
DELTA_VELOCITY = Channel("delta_velocity", "m/s", ("x", "y", "z"))
DELTA_ORIENTATION = Channel("delta_orientation", "1", ("w", "x", "y", "z"))


def _stream(name: str, kind: Kind, *channels: Channel) -> StreamDescription:
    return StreamDescription(name, kind, channels, RATE, TICK, tick_bits=32, sequence_bits=16)


IMU = _stream("imu", Kind.IMU, ACCELEROMETER, GYROSCOPE, MAGNETOMETER, CLIPPED)
ATTITUDE = _stream("orientation", Kind.ORIENTATION, ORIENTATION, FREE_ACCELERATION)
INCREMENTS = _stream("increments", Kind.AUXILIARY, DELTA_VELOCITY, DELTA_ORIENTATION)
STREAMS = (IMU, ATTITUDE, INCREMENTS)

GOTO_MEASUREMENT: Final = 0x10
GOTO_CONFIG: Final = 0x30
MTDATA2: Final = 0x36
SET_OUTPUT_CONFIGURATION: Final = 0xC0
EVERY_MESSAGE: Final = 0xFFFF
"""In place of an output's rate: with every message."""

_PREAMBLE: Final = b"\xfa"
_BUS: Final = 0xFF
_EXTENDED: Final = 0xFF
_LARGEST: Final = 2048  # bytes of data in any message
_NO_VECTOR: Final = (nan,) * 3
_NO_QUATERNION: Final = (nan,) * 4


def message(identifier: int, data: bytes = b"") -> bytes:
    """A whole message to or from a device."""
    size = bytes([len(data)]) if len(data) < _EXTENDED else b"\xff" + len(data).to_bytes(2, "big")
    body = bytes([_BUS, identifier]) + size + data
    return _PREAMBLE + body + bytes([-sum(body) & 0xFF])


def set_output_configuration(outputs: Iterable[tuple[int, int]]) -> bytes:
    """The command that makes a device send these (identifier, rate in Hz) from now on."""
    numbers = (number for output in outputs for number in output)
    data = b"".join(number.to_bytes(2, "big") for number in numbers)
    return message(SET_OUTPUT_CONFIGURATION, data)


def measure(buffer: bytes, start: int) -> int:
    """The length of the message at ``start``; see :data:`framing.Measure`."""
    available = len(buffer) - start
    if available < 4:
        return NEED_MORE
    if buffer[start + 1] != _BUS:
        return NOT_A_MESSAGE
    size, header = buffer[start + 3], 4
    if size == _EXTENDED:
        if available < 6:
            return NEED_MORE
        size, header = int.from_bytes(buffer[start + 4 : start + 6], "big"), 6
        if not _EXTENDED <= size <= _LARGEST:
            return NOT_A_MESSAGE
    length = header + size + 1
    if available < length:
        return NEED_MORE
    return NOT_A_MESSAGE if sum(buffer[start + 1 : start + length]) & 0xFF else length


class XbusDecoder:
    """Bytes of an MTi's serial port to samples."""

    def __init__(self) -> None:
        self._reader = FrameReader(measure, _PREAMBLE)
        self._gatherer = SampleGatherer(STREAMS)
        self.rejected = 0
        self.utc: datetime | None = None
        """The latest UTC time that the device told, None unless its clock is set."""

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:  # noqa: ARG002
        """Samples completed by ``data``."""
        for frame in self._reader.feed(data):
            if frame[2] == MTDATA2:
                header = 6 if frame[3] == _EXTENDED else 4
                try:
                    self._take(items.parse_items(frame[header:-1]))
                except error:
                    self._reader.rejected += len(frame)
        self.rejected = self._reader.rejected
        return self._gatherer.take()

    def _take(self, said: dict[int, Row]) -> None:
        ticks = _whole(said.get(items.SAMPLE_TIME_FINE))
        counter = _whole(said.get(items.PACKET_COUNTER))
        for stream, row in (
            (IMU, _inertial(said)),
            (ATTITUDE, _attitude(said)),
            (INCREMENTS, _increments(said)),
        ):
            if row:
                self._gatherer.add(stream.name, row, ticks, counter)
        if items.UTC_TIME in said:
            self.utc = _utc(said[items.UTC_TIME])


_INERTIAL: Final = {items.ACCELERATION, items.RATE_OF_TURN, items.MAGNETIC_FIELD}
_ATTITUDE: Final = {items.QUATERNION, items.EULER_ANGLES, items.FREE_ACCELERATION}
_INCREMENTS: Final = {items.DELTA_V, items.DELTA_Q}


def _inertial(said: dict[int, Row]) -> Row | None:
    if _INERTIAL.isdisjoint(said):
        return None
    return (
        *said.get(items.ACCELERATION, _NO_VECTOR),
        *said.get(items.RATE_OF_TURN, _NO_VECTOR),
        *said.get(items.MAGNETIC_FIELD, _NO_VECTOR),
        *said.get(items.STATUS_WORD, _NO_VECTOR),
    )


def _attitude(said: dict[int, Row]) -> Row | None:
    if _ATTITUDE.isdisjoint(said):
        return None
    angles = said.get(items.EULER_ANGLES, _NO_QUATERNION)
    return (
        *said.get(items.QUATERNION, angles),
        *said.get(items.FREE_ACCELERATION, _NO_VECTOR),
    )


def _increments(said: dict[int, Row]) -> Row | None:
    if _INCREMENTS.isdisjoint(said):
        return None
    return (
        *said.get(items.DELTA_V, _NO_VECTOR),
        *said.get(items.DELTA_Q, _NO_QUATERNION),
    )


def _whole(value: Row | None) -> int | None:
    return None if value is None else int(value[0])


def _utc(fields: Row) -> datetime | None:
    """The moment, None while the device's flags do not call both date and time of day valid."""
    nanosecond, year, month, day, hour, minute, second, flags = map(int, fields)
    if flags & 0b11 != 0b11:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, nanosecond // 1000, UTC)
    except ValueError:
        return None


_OUTPUTS: Final = (
    (items.PACKET_COUNTER, EVERY_MESSAGE),
    (items.SAMPLE_TIME_FINE, EVERY_MESSAGE),
    (items.STATUS_WORD, EVERY_MESSAGE),
    (items.QUATERNION, RATE),
    (items.ACCELERATION, RATE),
    (items.RATE_OF_TURN, RATE),
    (items.MAGNETIC_FIELD, RATE),
)

XSENS_MTI = DeviceDescription(
    model="Xsens MTi",
    transport=Transport.SERIAL,
    streams=STREAMS,
    decoder=XbusDecoder,
    start=(
        Write(message(GOTO_CONFIG)),
        Write(set_output_configuration(_OUTPUTS)),
        Write(message(GOTO_MEASUREMENT)),
    ),
    stop=(Write(message(GOTO_CONFIG)),),
    baud_rate=115200,
)

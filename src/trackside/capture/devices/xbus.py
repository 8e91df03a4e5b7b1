"""Xsens MTi over serial: Xbus messages, of which MTData2 carries the samples.

Message: FA FF, identifier, length (FF: a 16-bit length follows), data, checksum; all big-endian; the
bytes after FA add up to 0 modulo 256. MTData2's data are items {16-bit identifier, length, value}.
The lowest two bits of an identifier tell the number format, the next two the earth frame.
Source: Xsens "MT Low-Level Communication Protocol Documentation", sections on Xbus and MTData2.

Quantities that a message lacks are NaN in its sample. All outputs are configured at one rate,
because the packet counter counts messages: at mixed rates its steps would not be lost samples.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from math import isfinite, nan, radians
from struct import Struct, error
from typing import Final

from trackside.capture.devices.attitude import (
    ENU_FROM_NED,
    ENU_FROM_NWU,
    from_roll_pitch_yaw,
    product,
)
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
INCREMENTS = _stream("increments", Kind.EVENT, DELTA_VELOCITY, DELTA_ORIENTATION)
STREAMS = (IMU, ATTITUDE, INCREMENTS)

# Messages

_PREAMBLE: Final = b"\xfa"
_BUS: Final = 0xFF
_EXTENDED: Final = 0xFF
_LARGEST: Final = 2048  # bytes of data in any message

GOTO_MEASUREMENT: Final = 0x10
GOTO_CONFIG: Final = 0x30
MTDATA2: Final = 0x36
SET_OUTPUT_CONFIGURATION: Final = 0xC0

PACKET_COUNTER: Final = 0x1020
SAMPLE_TIME_FINE: Final = 0x1060
UTC_TIME: Final = 0x1010
QUATERNION: Final = 0x2010
EULER_ANGLES: Final = 0x2030
DELTA_V: Final = 0x4010
ACCELERATION: Final = 0x4020
FREE_ACCELERATION_ENU: Final = 0x4030
RATE_OF_TURN: Final = 0x8020
DELTA_Q: Final = 0x8030
MAGNETIC_FIELD: Final = 0xC020
STATUS_WORD: Final = 0xE020

_EVERY_MESSAGE: Final = 0xFFFF
"""In place of a rate: with every message."""


def message(identifier: int, data: bytes = b"") -> bytes:
    """A whole message to or from a device."""
    size = bytes([len(data)]) if len(data) < _EXTENDED else b"\xff" + len(data).to_bytes(2, "big")
    body = bytes([_BUS, identifier]) + size + data
    return _PREAMBLE + body + bytes([-sum(body) & 0xFF])


def set_output_configuration(outputs: Iterable[tuple[int, int]]) -> bytes:
    """The command that makes a device send these (identifier, rate in Hz) from now on."""
    pairs = (number.to_bytes(2, "big") for output in outputs for number in output)
    return message(SET_OUTPUT_CONFIGURATION, b"".join(pairs))


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


# Items of an MTData2 message

_Parser = Callable[[bytes], Row]
_HEADER = Struct(">HB")


def _fixed_point_12_20(count: int) -> _Parser:
    layout = Struct(f">{count}i")
    return lambda data: tuple(number / 2**20 for number in layout.unpack(data))


def _fixed_point_16_32(count: int) -> _Parser:
    layout = Struct(">" + "Ih" * count)  # the fraction comes first

    def parse(data: bytes) -> Row:
        numbers = layout.unpack(data)
        return tuple(
            whole + fraction / 2**32
            for fraction, whole in zip(numbers[::2], numbers[1::2], strict=True)
        )

    return parse


_FORMATS: dict[int, Callable[[int], _Parser]] = {
    0: lambda count: Struct(f">{count}f").unpack,
    1: _fixed_point_12_20,
    2: _fixed_point_16_32,
    3: lambda count: Struct(f">{count}d").unpack,
}


def _angles_to_quaternion(angles: Row) -> Row:
    """Roll, pitch and yaw in degrees."""
    if not all(map(isfinite, angles)):
        return (nan,) * 4
    return from_roll_pitch_yaw(*map(radians, angles))


_ORIENTATION_TO_ENU: dict[int, Callable[[Row], Row]] = {
    0x0: lambda q: q,
    0x4: lambda q: product(ENU_FROM_NED, q),
    0x8: lambda q: product(ENU_FROM_NWU, q),
}
_VECTOR_TO_ENU: dict[int, Callable[[Row], Row]] = {
    0x0: lambda v: v,
    0x4: lambda v: (v[1], v[0], -v[2]),
    0x8: lambda v: (-v[1], v[0], v[2]),
}


def _clipping(status: Row) -> Row:
    """Whether accelerometer, gyroscope, magnetometer were out of range: bits 8 to 16, by axis."""
    word = int(status[0])
    return tuple(float(bool(word >> shift & 0b111)) for shift in (8, 11, 14))


def _then(first: _Parser, second: Callable[[Row], Row]) -> _Parser:
    return lambda data: second(first(data))


def _parsers() -> dict[int, tuple[str, _Parser]]:
    """For every identifier, format and frame bits included: what it gives, and how to parse it."""
    parsers: dict[int, tuple[str, _Parser]] = {
        PACKET_COUNTER: ("counter", Struct(">H").unpack),
        SAMPLE_TIME_FINE: ("ticks", Struct(">I").unpack),
        UTC_TIME: ("utc", Struct(">IHBBBBBB").unpack),
        STATUS_WORD: ("clipped", _then(Struct(">I").unpack, _clipping)),
    }
    sensor_vectors = {
        DELTA_V: ("delta_velocity", 3),
        ACCELERATION: ("accelerometer", 3),
        RATE_OF_TURN: ("gyroscope", 3),
        DELTA_Q: ("delta_orientation", 4),
        MAGNETIC_FIELD: ("magnetometer", 3),
    }
    for form, numbers in _FORMATS.items():
        for frame, to_enu in _ORIENTATION_TO_ENU.items():
            bits = form | frame
            for identifier, (name, count) in sensor_vectors.items():
                parsers[identifier | bits] = name, numbers(count)
            angles = _then(numbers(3), _angles_to_quaternion)
            parsers[QUATERNION | bits] = "orientation", _then(numbers(4), to_enu)
            parsers[EULER_ANGLES | bits] = "orientation", _then(angles, to_enu)
            free = _then(numbers(3), _VECTOR_TO_ENU[frame])
            parsers[FREE_ACCELERATION_ENU | bits] = "free_acceleration", free
    return parsers


_PARSERS = _parsers()
_MISSING = {
    stream.name: [(channel.name, (nan,) * len(channel.columns)) for channel in stream.channels]
    for stream in STREAMS
}
_MEASURED = {
    IMU.name: {ACCELEROMETER.name, GYROSCOPE.name, MAGNETOMETER.name},
    ATTITUDE.name: {ORIENTATION.name, FREE_ACCELERATION.name},
    INCREMENTS.name: {DELTA_VELOCITY.name, DELTA_ORIENTATION.name},
}
"""A message with any of these gives a sample of the stream."""


def _items(frame: bytes) -> dict[str, Row]:
    """What an MTData2 message says; raises :class:`struct.error` where its items do not fit."""
    said: dict[str, Row] = {}
    position = 6 if frame[3] == _EXTENDED else 4
    end = len(frame) - 1
    while position < end:
        identifier, size = _HEADER.unpack_from(frame, position)
        position += 3 + size
        if position > end:
            raise error(f"item {identifier:04X} is longer than its message")
        if identifier in _PARSERS:
            name, parse = _PARSERS[identifier]
            said.setdefault(name, parse(frame[position - size : position]))
    return said


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
                self._take(frame)
        self.rejected = self._reader.rejected
        return self._gatherer.take()

    def _take(self, frame: bytes) -> None:
        try:
            said = _items(frame)
        except error:
            self._reader.rejected += len(frame)
            return
        ticks = int(said["ticks"][0]) if "ticks" in said else None
        counter = int(said["counter"][0]) if "counter" in said else None
        for stream, names in _MEASURED.items():
            if not names.isdisjoint(said):
                row: Row = ()
                for name, missing in _MISSING[stream]:
                    row += said.get(name, missing)
                self._gatherer.add(stream, row, ticks, counter)
        if "utc" in said:
            self.utc = _utc(said["utc"])


def _utc(fields: Row) -> datetime | None:
    """The moment, None while the flags do not call both date and time valid."""
    nanoseconds, *calendar, flags = map(int, fields)
    if flags & 0b11 != 0b11:
        return None
    try:
        return datetime(*calendar, microsecond=nanoseconds // 1000, tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


_OUTPUTS = (
    (PACKET_COUNTER, _EVERY_MESSAGE),
    (SAMPLE_TIME_FINE, _EVERY_MESSAGE),
    (STATUS_WORD, _EVERY_MESSAGE),
    (QUATERNION, RATE),
    (ACCELERATION, RATE),
    (RATE_OF_TURN, RATE),
    (MAGNETIC_FIELD, RATE),
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

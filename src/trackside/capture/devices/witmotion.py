"""WitMotion sensors over serial: 11-byte frames, each with one quantity.

Frame: 55, identifier, eight bytes of data, the sum of all ten modulo 256; little-endian. Source:
WIT standard communication protocol, docs.wit-motion.com.

A sensor sends the frames of one moment one after the other, by rising identifier, time (50) first
if it is enabled: an output cycle. A cycle's samples are made as soon as the frame is there that has
the highest identifier of all that ever ended a cycle; or else, should that frame be lost or
switched off, when an identifier comes that is not above the one before it. (The first cycle can
only end in the second way.) What a cycle lacks is NaN in its sample. Angles (53) give the
orientation in cycles without a quaternion (59): roll about x, pitch about y, yaw about z, into an
earth frame with z up.
"""

from collections.abc import Mapping
from datetime import datetime
from math import nan, pi, radians
from struct import Struct
from typing import Final, NamedTuple

from trackside.capture.devices.attitude import from_roll_pitch_yaw
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

TICK: Final = 1e-3  # s; ticks are the ms of the sensor's calendar clock since 2000-01-01
RATE: Final = 100  # Hz, asked of the sensor

ACCELERATION_UNIT: Final = 16 * 9.80665 / 32768  # m/s²
RATE_UNIT: Final = radians(2000) / 32768  # rad/s
ANGLE_UNIT: Final = pi / 32768  # rad
QUATERNION_UNIT: Final = 1 / 32768
_NO_VECTOR: Final = (nan, nan, nan)

MAGNETOMETER = Channel("magnetometer", "LSB", ("x", "y", "z"))
"""Its scale depends on the model, so its numbers are kept as they are."""

IMU = StreamDescription(
    "imu", Kind.IMU, (ACCELEROMETER, GYROSCOPE, MAGNETOMETER), float(RATE), TICK
)
ATTITUDE = StreamDescription("orientation", Kind.ORIENTATION, (ORIENTATION,), float(RATE), TICK)
ENVIRONMENT = StreamDescription(
    "environment",
    Kind.AUXILIARY,
    (Channel("temperature", "°C"), Channel("pressure", "Pa"), Channel("height", "m")),
    float(RATE),
    TICK,
)
STREAMS = (IMU, ATTITUDE, ENVIRONMENT)

TIME: Final = 0x50
ACCELERATION: Final = 0x51
ANGULAR_RATE: Final = 0x52
ANGLE: Final = 0x53
MAGNETIC_FIELD: Final = 0x54
PRESSURE: Final = 0x56
QUATERNION: Final = 0x59
REGISTERS: Final = 0x5F

_HEADER: Final = b"\x55"
_LENGTH: Final = 11
_NUMBERS = Struct("<4h")
_TIME = Struct("<6BH")
_PRESSURE = Struct("<2i")
_EPOCH: Final = datetime(2000, 1, 1)  # without a zone, as the sensor's clock

# Commands

UNLOCK: Final = b"\xff\xaa\x69\x88\xb5"
"""Has to come before any write; holds for 10 s."""
SAVE: Final = b"\xff\xaa\x00\x00\x00"
"""Keep the settings over a power cycle."""
_CONTENT, _RATE, _BAUD_RATE, _READ = 0x02, 0x03, 0x04, 0x27
_RATES: Final = {10: 0x06, 20: 0x07, 50: 0x08, 100: 0x09, 125: 0x0A, 200: 0x0B}
_BAUD_RATES: Final = {9600: 2, 19200: 3, 38400: 4, 57600: 5, 115200: 6, 230400: 7}


def write_register(register: int, value: int) -> bytes:
    """The command that sets a register to a value (16 bits)."""
    return b"\xff\xaa" + bytes([register]) + value.to_bytes(2, "little")


def read_register(register: int) -> bytes:
    """The command that asks for a register and those after it."""
    return write_register(_READ, register)


def set_rate(rate: int) -> bytes:
    """Set the output rate in Hz; ValueError names the rates there are (125 Hz: WT931 only)."""
    return write_register(_RATE, _choice("output rate", rate, _RATES))


def set_baud_rate(rate: int) -> bytes:
    """Set the baud rate; ValueError names the rates there are."""
    return write_register(_BAUD_RATE, _choice("baud rate", rate, _BAUD_RATES))


def set_content(*identifiers: int) -> bytes:
    """Choose the frames to be sent, by their identifiers (50 to 5A)."""
    return write_register(_CONTENT, sum(1 << (identifier - TIME) for identifier in identifiers))


def _choice(what: str, value: int, codes: Mapping[int, int]) -> int:
    if value not in codes:
        raise ValueError(f"{what} {value}: a WitMotion sensor has {', '.join(map(str, codes))}")
    return codes[value]


def measure(buffer: bytes, start: int) -> int:
    """The length of the frame at ``start``; see :data:`framing.Measure`."""
    if len(buffer) - start < _LENGTH:
        return NEED_MORE
    if buffer[start + 1] >> 4 != TIME >> 4:
        return NOT_A_MESSAGE
    checksum = start + _LENGTH - 1
    valid = sum(buffer[start:checksum]) & 0xFF == buffer[checksum]
    return _LENGTH if valid else NOT_A_MESSAGE


class Registers(NamedTuple):
    """An answer to :func:`read_register`: the first register, or None where it is not told."""

    first: int | None
    values: tuple[int, ...]


class WitMotionDecoder:
    """Bytes of a WitMotion sensor's serial port to samples."""

    def __init__(self) -> None:
        self._reader = FrameReader(measure, _HEADER)
        self._gatherer = SampleGatherer(STREAMS)
        self._cycle: dict[int, bytes] = {}
        self._previous = 0
        self._last = 0
        self.rejected = 0
        self.registers: list[Registers] = []
        """Register values that were asked for; whoever reads them removes them."""

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:  # noqa: ARG002
        """Samples whose cycle ends in ``data``."""
        for frame in self._reader.feed(data):
            self._take(frame[1], frame[2:10])
        self.rejected = self._reader.rejected
        return self._gatherer.take()

    def _take(self, identifier: int, data: bytes) -> None:
        if identifier == REGISTERS:
            self.registers.append(Registers(None, _NUMBERS.unpack(data)))
            return
        if self._cycle and identifier <= self._previous:
            self._last = max(self._last, self._previous)
            self._end_cycle()
        self._cycle[identifier] = data
        self._previous = identifier
        if identifier == self._last:
            self._end_cycle()

    def _end_cycle(self) -> None:
        frames, self._cycle = self._cycle, {}
        ticks = _ticks(frames.get(TIME))
        if not frames.keys().isdisjoint((ACCELERATION, ANGULAR_RATE, MAGNETIC_FIELD)):
            self._gatherer.add(IMU.name, _inertial(frames), ticks)
        orientation = _orientation(frames)
        if orientation:
            self._gatherer.add(ATTITUDE.name, orientation, ticks)
        if not frames.keys().isdisjoint((ACCELERATION, PRESSURE)):
            self._gatherer.add(ENVIRONMENT.name, _environment(frames), ticks)


def _ticks(data: bytes | None) -> int | None:
    """ms since 2000, or None without the frame or while the sensor's calendar is not set."""
    if data is None:
        return None
    year, month, day, hour, minute, second, millisecond = _TIME.unpack(data)
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        return None
    return int((moment - _EPOCH).total_seconds()) * 1000 + millisecond


def _inertial(frames: Mapping[int, bytes]) -> Row:
    return (
        _vector(frames.get(ACCELERATION), ACCELERATION_UNIT)
        + _vector(frames.get(ANGULAR_RATE), RATE_UNIT)
        + _vector(frames.get(MAGNETIC_FIELD), 1.0)
    )


def _vector(data: bytes | None, unit: float) -> Row:
    if data is None:
        return _NO_VECTOR
    x, y, z, _ = _NUMBERS.unpack(data)
    return x * unit, y * unit, z * unit


def _orientation(frames: Mapping[int, bytes]) -> Row | None:
    if QUATERNION in frames:
        return tuple(number * QUATERNION_UNIT for number in _NUMBERS.unpack(frames[QUATERNION]))
    if ANGLE in frames:
        return from_roll_pitch_yaw(*_vector(frames[ANGLE], ANGLE_UNIT))
    return None


def _environment(frames: Mapping[int, bytes]) -> Row:
    temperature = pressure = height = nan
    if ACCELERATION in frames:
        temperature = _NUMBERS.unpack(frames[ACCELERATION])[3] / 100
    if PRESSURE in frames:
        pascal, centimetres = _PRESSURE.unpack(frames[PRESSURE])
        pressure, height = float(pascal), centimetres / 100
    return temperature, pressure, height


WITMOTION = DeviceDescription(
    model="WitMotion",
    transport=Transport.SERIAL,
    streams=STREAMS,
    decoder=WitMotionDecoder,
    start=(
        Write(UNLOCK),
        Write(set_content(TIME, ACCELERATION, ANGULAR_RATE, MAGNETIC_FIELD, QUATERNION)),
        Write(set_rate(RATE)),
    ),
    baud_rate=115200,
)

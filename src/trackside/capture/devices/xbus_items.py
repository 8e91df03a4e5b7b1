"""What an Xsens MTData2 message says: items {16-bit identifier, length, value}, big-endian.

The lowest two bits of an identifier tell the number format, the next two the earth frame that an
orientation is into. Source: Xsens "MT Low-Level Communication Protocol Documentation" (MT0101P).
"""

from collections.abc import Callable
from math import isfinite, nan, radians
from struct import Struct, error
from typing import Final

from trackside.capture.devices.attitude import (
    ENU_FROM_NED,
    ENU_FROM_NWU,
    from_roll_pitch_yaw,
    product,
)
from trackside.capture.devices.gathering import Row

PACKET_COUNTER: Final = 0x1020
SAMPLE_TIME_FINE: Final = 0x1060
UTC_TIME: Final = 0x1010
QUATERNION: Final = 0x2010
EULER_ANGLES: Final = 0x2030
DELTA_V: Final = 0x4010
ACCELERATION: Final = 0x4020
FREE_ACCELERATION: Final = 0x4030
RATE_OF_TURN: Final = 0x8020
DELTA_Q: Final = 0x8030
MAGNETIC_FIELD: Final = 0xC020
STATUS_WORD: Final = 0xE020

_Parser = Callable[[bytes], Row]
_Change = Callable[[Row], Row]
_HEADER = Struct(">HB")


def parse_items(data: bytes) -> dict[int, Row]:
    """The values of the items that we know, in SI units, each under its identifier.

    Format and frame bits are taken off the identifiers, and orientations and free accelerations
    are turned into ENU. Euler angles come as the quaternion that they are. Raises
    :class:`struct.error` if an item does not fit its message or its identifier.
    """
    said: dict[int, Row] = {}
    position = 0
    while position < len(data):
        identifier, size = _HEADER.unpack_from(data, position)
        start = position + _HEADER.size
        position = start + size
        if position > len(data):
            raise error(f"item {identifier:04X} is longer than its message")
        if identifier in _PARSERS:
            quantity, parse = _PARSERS[identifier]
            said[quantity] = parse(data[start:position])
    return said


# Number formats


def _floats(count: int) -> _Parser:
    return Struct(f">{count}f").unpack


def _fixed_point_12_20(count: int) -> _Parser:
    layout = Struct(f">{count}i")
    return lambda data: tuple(number / 2**20 for number in layout.unpack(data))


def _fixed_point_16_32(count: int) -> _Parser:
    layout = Struct(">" + "Ih" * count)  # the fraction comes first

    def parse(data: bytes) -> Row:
        numbers = layout.unpack(data)
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return tuple(whole + fraction / 2**32 for fraction, whole in pairs)

    return parse


def _doubles(count: int) -> _Parser:
    return Struct(f">{count}d").unpack


_FORMATS: dict[int, Callable[[int], _Parser]] = {
    0: _floats,
    1: _fixed_point_12_20,
    2: _fixed_point_16_32,
    3: _doubles,
}

# Meaning of the numbers

_ENU, _NED, _NWU = 0x0, 0x4, 0x8
_ORIENTATION_TO_ENU: dict[int, _Change] = {
    _ENU: lambda q: q,
    _NED: lambda q: product(ENU_FROM_NED, q),
    _NWU: lambda q: product(ENU_FROM_NWU, q),
}
_VECTOR_TO_ENU: dict[int, _Change] = {
    _ENU: lambda v: v,
    _NED: lambda v: (v[1], v[0], -v[2]),
    _NWU: lambda v: (-v[1], v[0], v[2]),
}


def _quaternion_of_angles(angles: Row) -> Row:
    """From roll, pitch and yaw in degrees."""
    if not all(map(isfinite, angles)):
        return (nan,) * 4
    return from_roll_pitch_yaw(*map(radians, angles))


def _clipping(status: Row) -> Row:
    """Whether accelerometer, gyroscope, magnetometer were out of range: three bits each from 8."""
    word = int(status[0])
    return tuple(float(bool(word >> shift & 0b111)) for shift in (8, 11, 14))


def _then(parse: _Parser, change: _Change) -> _Parser:
    return lambda data: change(parse(data))


def _parsers() -> dict[int, tuple[int, _Parser]]:
    """For every identifier, with all format and frame bits: the one without, and its parser."""
    parsers: dict[int, tuple[int, _Parser]] = {
        PACKET_COUNTER: (PACKET_COUNTER, Struct(">H").unpack),
        SAMPLE_TIME_FINE: (SAMPLE_TIME_FINE, Struct(">I").unpack),
        UTC_TIME: (UTC_TIME, Struct(">IH6B").unpack),
        STATUS_WORD: (STATUS_WORD, _then(Struct(">I").unpack, _clipping)),
    }
    counts = {DELTA_V: 3, ACCELERATION: 3, RATE_OF_TURN: 3, DELTA_Q: 4, MAGNETIC_FIELD: 3}
    for form, numbers in _FORMATS.items():
        for frame, to_enu in _ORIENTATION_TO_ENU.items():
            bits = form | frame
            for quantity, count in counts.items():
                parsers[quantity | bits] = quantity, numbers(count)
            angles = _then(numbers(3), _quaternion_of_angles)
            free = _then(numbers(3), _VECTOR_TO_ENU[frame])
            parsers[QUATERNION | bits] = QUATERNION, _then(numbers(4), to_enu)
            parsers[EULER_ANGLES | bits] = EULER_ANGLES, _then(angles, to_enu)
            parsers[FREE_ACCELERATION | bits] = FREE_ACCELERATION, free
    return parsers


_PARSERS = _parsers()

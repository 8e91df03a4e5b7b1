"""The control point of Polar's measurement service: commands, and the answers to them.

Source: Polar's description of online measurement (``online_measurement.pdf`` of its BLE SDK).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import isfinite

from trackside.capture.devices.gatt import NotificationError


class Measurement(IntEnum):
    """What a device can measure, and the modes that are switched like measurements."""

    ECG = 0
    PPG = 1
    ACCELEROMETER = 2
    PPI = 3
    GYROSCOPE = 5
    MAGNETOMETER = 6
    SKIN_TEMPERATURE = 7
    SDK_MODE = 9
    LOCATION = 10
    PRESSURE = 11
    TEMPERATURE = 12
    OFFLINE_RECORDING = 13
    OFFLINE_HEART_RATE = 14


class Operation(IntEnum):
    """What a command asks for."""

    GET_SETTINGS = 1
    START = 2
    STOP = 3
    GET_SDK_MODE_SETTINGS = 4
    GET_STATUS = 5


class Setting(IntEnum):
    """A property of a measurement. Rate in Hz, resolution in bits, range in g, deg/s or Gauss."""

    SAMPLE_RATE = 0
    RESOLUTION = 1
    RANGE = 2
    RANGE_MILLI_UNIT = 3
    CHANNELS = 4
    FACTOR = 5
    SECURITY = 6


class Status(IntEnum):
    """How a command ended."""

    SUCCESS = 0
    INVALID_OPERATION = 1
    INVALID_MEASUREMENT = 2
    NOT_SUPPORTED = 3
    INVALID_LENGTH = 4
    INVALID_PARAMETER = 5
    ALREADY_IN_STATE = 6
    INVALID_RESOLUTION = 7
    INVALID_SAMPLE_RATE = 8
    INVALID_RANGE = 9
    INVALID_MTU = 10
    INVALID_CHANNELS = 11
    INVALID_STATE = 12
    IN_CHARGER = 13
    DISK_FULL = 14


@dataclass(frozen=True)
class Response:
    """The answer to a command. ``more``: the parameters go on in another notification."""

    operation: Operation
    measurement: Measurement
    status: Status
    more: bool = False
    parameters: bytes = b""


_WIDTHS = dict(zip(Setting, (2, 2, 2, 4, 1, 4, 16), strict=True))  # bytes
_RESPONSE, _STOPPED, _FEATURES = 0xF0, 0x01, 0x0F
_MEASUREMENT_BITS = 0x3F  # of the type byte; the others tell online from offline


def get_settings(measurement: Measurement) -> bytes:
    """Ask for the settings that a measurement can be started with."""
    return bytes([Operation.GET_SETTINGS, measurement])


def get_sdk_mode_settings(measurement: Measurement) -> bytes:
    """Ask for the settings that a measurement can be started with in SDK mode."""
    return bytes([Operation.GET_SDK_MODE_SETTINGS, measurement])


def start(measurement: Measurement, settings: Mapping[Setting, int] | None = None) -> bytes:
    """Start a measurement with one value of each setting that it has."""
    chosen = (settings or {}).items()
    fields = (bytes([name, 1]) + value.to_bytes(_WIDTHS[name], "little") for name, value in chosen)
    return bytes([Operation.START, measurement]) + b"".join(fields)


def stop(measurement: Measurement) -> bytes:
    """Stop a measurement; a device that is not told to goes on and drains its battery."""
    return bytes([Operation.STOP, measurement])


def enter_sdk_mode() -> bytes:
    """Allow more settings and switch the device's own algorithms off. While nothing is measured."""
    return start(Measurement.SDK_MODE)


def leave_sdk_mode() -> bytes:
    """Return to normal operation. While nothing is measured."""
    return stop(Measurement.SDK_MODE)


def measurement_type(byte: int) -> Measurement:
    """The measurement of a type byte. Raises :class:`NotificationError` for an unknown one."""
    try:
        return Measurement(byte & _MEASUREMENT_BITS)
    except ValueError as error:
        raise NotificationError(f"measurement type {byte:#04x} is unknown") from error


def parse_response(data: bytes) -> Response:
    """The answer to a command. Raises :class:`NotificationError` for anything else."""
    if len(data) < 4 or data[0] != _RESPONSE:
        raise NotificationError(f"control point: {data.hex()} is no response")
    try:
        operation, status = Operation(data[1]), Status(data[3])
    except ValueError as error:
        raise NotificationError(f"control point: {data.hex()}: {error}") from error
    return Response(operation, measurement_type(data[2]), status, any(data[4:5]), data[5:])


def parse_settings(parameters: bytes) -> dict[Setting, tuple[float, ...]]:
    """The values of each setting, from a response's parameters.

    To a settings query these are all possible values, to a start those that the device adds, such
    as the factor. Raises :class:`NotificationError` if they are cut off or unknown.
    """
    settings: dict[Setting, tuple[float, ...]] = {}
    while parameters:
        if len(parameters) < 2 or parameters[0] not in _WIDTHS:
            raise NotificationError(f"settings: nothing known in {parameters.hex()}")
        setting, count = Setting(parameters[0]), parameters[1]
        width = _WIDTHS[setting]
        end = 2 + count * width
        if len(parameters) < end:
            raise NotificationError(f"settings: {setting.name} is cut off")
        values = (parameters[start : start + width] for start in range(2, end, width))
        settings[setting] = tuple(_setting_value(setting, value) for value in values)
        parameters = parameters[end:]
    return settings


def factor(response: Response) -> float:
    """The scale of compressed frames, from the response to a start; 1 where it names none.

    Raises :class:`NotificationError` if it is no number to scale with.
    """
    value = next(iter(parse_settings(response.parameters).get(Setting.FACTOR, ())), 1.0)
    if not isfinite(value) or value <= 0:
        raise NotificationError(f"{response.measurement.name}: factor {value}")
    return value


def _setting_value(setting: Setting, value: bytes) -> float:
    if setting is Setting.FACTOR:
        return float(struct.unpack("<f", value)[0])
    return int.from_bytes(value, "little")


def parse_stopped(data: bytes) -> tuple[Measurement, ...]:
    """The measurements that the device stopped by itself, such as on the charger."""
    if not data or data[0] != _STOPPED:
        raise NotificationError(f"control point: {data.hex()} does not tell what was stopped")
    return tuple(measurement_type(byte) for byte in data[1:])


def parse_features(data: bytes) -> frozenset[Measurement]:
    """What the device can do, from the value of its control point when that is read."""
    if len(data) < 3 or data[0] != _FEATURES:
        raise NotificationError(f"control point: {data.hex()} does not list features")
    bits = int.from_bytes(data[1:3], "little")
    return frozenset(measurement for measurement in Measurement if bits >> measurement & 1)

"""Movella (Xsens) DOT sensors: streaming over BLE.

The clock counts µs and wraps every 71.6 min. At 60 Hz live is what the radio carries; 120 Hz is for
recording on board only. Source: Movella DOT BLE Services Specifications.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import partial

from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
    Write,
)
from trackside.capture.devices.gatt import NotificationDecoder, NotificationError, one_sample
from trackside.capture.devices.movella_dot_messages import Message
from trackside.capture.devices.movella_dot_payloads import PAYLOADS
from trackside.recordings.model import Channel, Device, Kind


def dot_uuid(number: int) -> str:
    """The UUID of a service or characteristic of the DOT."""
    return f"1517{number:04x}-4947-11e9-8646-d663bd873d93"


INFORMATION = dot_uuid(0x1001)
DEVICE_CONTROL = dot_uuid(0x1002)
MEASUREMENT_CONTROL = dot_uuid(0x2001)
HEADING_RESET = dot_uuid(0x2006)
BATTERY = dot_uuid(0x3001)
MESSAGE_CONTROL = dot_uuid(0x7001)
MESSAGE_ACKNOWLEDGEMENT = dot_uuid(0x7002)
MESSAGE_NOTIFICATION = dot_uuid(0x7003)

RATES = (1, 4, 10, 12, 15, 20, 30, 60, 120)
"""Hz; the last is for recording on board only."""

BATTERY_STREAM = StreamDescription(
    "battery", Kind.BATTERY, (Channel("level", "%"), Channel("charging", "1"))
)
_INFORMATION = struct.Struct("<6s3BH5BIQ6s")
_DEVICE_CONTROL = struct.Struct("<B23sHB5s")
_RATE_FIELD, _FILTER_FIELD = 1 << 4, 1 << 5


class FilterProfile(IntEnum):
    """The tuning of the sensor's own filter; it touches orientations and free acceleration only."""

    GENERAL = 0
    DYNAMIC = 1  # for fast and jerky movements such as sprinting


@dataclass(frozen=True)
class Information:
    """What a sensor says about itself. ``built``: its firmware, in no particular time zone."""

    address: str
    firmware: str
    built: datetime
    serial: str
    product: str


def start_measurement(mode: int) -> bytes:
    """For :data:`MEASUREMENT_CONTROL`, after notifications of the payload were enabled."""
    return bytes([1, 1, mode])


def stop_measurement(mode: int) -> bytes:
    """For :data:`MEASUREMENT_CONTROL`."""
    return bytes([1, 0, mode])


def set_rate(rate: int) -> bytes:
    """For :data:`DEVICE_CONTROL`, before measuring or synchronising: the output rate in Hz.

    Raises :class:`ValueError` for what is not one of :data:`RATES`.
    """
    if rate not in RATES:
        raise ValueError(f"a DOT has no rate of {rate} Hz; choose one of {RATES}")
    return _DEVICE_CONTROL.pack(_RATE_FIELD, b"", rate, 0, b"")


def set_filter_profile(profile: FilterProfile) -> bytes:
    """For :data:`DEVICE_CONTROL`, before measuring or synchronising."""
    return _DEVICE_CONTROL.pack(_FILTER_FIELD, b"", 0, profile, b"")


def identify() -> bytes:
    """For :data:`DEVICE_CONTROL`: blink, so that a person sees which sensor it is."""
    return _DEVICE_CONTROL.pack(1, b"\x01", 0, 0, b"")


def reset_heading() -> bytes:
    """For :data:`HEADING_RESET`, while orientations are measured: set yaw to 0."""
    return (1).to_bytes(2, "little")


def revert_heading() -> bytes:
    """For :data:`HEADING_RESET`: return to the heading of the magnetic field."""
    return (7).to_bytes(2, "little")


def parse_information(data: bytes) -> Information:
    """The value of :data:`INFORMATION`. Raises :class:`NotificationError` if it is none."""
    if len(data) != _INFORMATION.size:
        raise NotificationError(f"DOT information: {len(data)} bytes")
    address, *numbers, serial, product = _INFORMATION.unpack(data)
    try:
        return Information(
            address=address[::-1].hex(":").upper(),
            firmware=".".join(map(str, numbers[:3])),
            built=datetime(*numbers[3:9]),
            serial=f"{serial:X}",
            product=product.rstrip(b"\0").decode("ascii"),
        )
    except ValueError as error:
        raise NotificationError(f"DOT information {data.hex()}: {error}") from error


def battery_samples(data: bytes) -> list[Samples]:
    """The value of :data:`BATTERY`. Raises :class:`NotificationError` if it is none."""
    if len(data) != 2 or data[0] > 100 or data[1] > 1:
        raise NotificationError(f"DOT battery {data.hex()}: expected level in % and charging")
    return [one_sample("battery", level=data[0], charging=data[1])]


class DotDecoder(NotificationDecoder):
    """Decodes a payload mode.

    ``information`` is what the sensor said about itself, ``message`` the last acknowledgement or
    notification of the message service; None until then. Raises :class:`KeyError` for a mode that
    is not one of :data:`~trackside.capture.devices.movella_dot_payloads.PAYLOADS`.
    """

    def __init__(self, mode: int) -> None:
        payload = PAYLOADS[mode]
        super().__init__(
            {
                dot_uuid(payload.characteristic): payload.samples,
                BATTERY: battery_samples,
                INFORMATION: self._informed,
                MESSAGE_ACKNOWLEDGEMENT: self._told,
                MESSAGE_NOTIFICATION: self._told,
            }
        )
        self.information: Information | None = None
        self.message: Message | None = None

    @property
    def device(self) -> Device | None:
        """The same as ``information``, in short."""
        told = self.information
        return None if told is None else Device(told.product, told.serial, told.firmware)

    def _informed(self, data: bytes) -> list[Samples]:
        self.information = parse_information(data)
        return []

    def _told(self, data: bytes) -> list[Samples]:
        self.message = Message.from_bytes(data)
        return []


def dot_device(
    mode: int = 20, rate: int = 60, profile: FilterProfile = FilterProfile.DYNAMIC
) -> DeviceDescription:
    """A DOT that sends payload ``mode`` at ``rate`` Hz (20: acceleration, angular rate, field).

    Raises :class:`KeyError` for an unknown mode, :class:`ValueError` for an unknown rate.
    """
    payload = PAYLOADS[mode]
    return DeviceDescription(
        model="Movella DOT",
        transport=Transport.BLE,
        streams=(*payload.streams(rate), BATTERY_STREAM),
        decoder=partial(DotDecoder, mode),
        names=("Movella DOT", "Xsens DOT"),
        notify=(dot_uuid(payload.characteristic), BATTERY),
        read=(INFORMATION, BATTERY),
        start=(
            Write(set_rate(rate), DEVICE_CONTROL),
            Write(set_filter_profile(profile), DEVICE_CONTROL),
            Write(start_measurement(mode), MEASUREMENT_CONTROL),
        ),
        stop=(Write(stop_measurement(mode), MEASUREMENT_CONTROL),),
    )


MOVELLA_DOT = dot_device()

"""Messages to and from Movella (Xsens) DOT sensors: synchronisation and recording on board.

A message is its service, its length, its data and a checksum. It is written to characteristic
7001, the acknowledgement is then read from 7002, and what takes longer is notified on 7003.
Source: Movella DOT BLE Services Specifications, message service.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from trackside.capture.devices.gatt import NotificationError

RECORDING, SYNCHRONISATION = 1, 2
UNLIMITED = 0xFFFF  # s


class ExportedData(IntEnum):
    """What can be downloaded of a recording."""

    TIME = 0x00
    QUATERNION = 0x01
    EULER_ANGLES = 0x04
    ORIENTATION_INCREMENT = 0x05
    VELOCITY_INCREMENT = 0x06
    ACCELEROMETER = 0x07
    GYROSCOPE = 0x08
    MAGNETOMETER = 0x09
    STATUS = 0x0A
    ACCELEROMETER_CLIP_COUNT = 0x0B
    GYROSCOPE_CLIP_COUNT = 0x0C


class SyncResult(IntEnum):
    """How a synchronisation ended, as read from the acknowledgement after reconnecting."""

    SUCCESS = 0
    NOT_ENOUGH_SAMPLES = 5
    SKEW_TOO_LARGE = 7
    TIMING_ERROR = 8
    NOT_STARTED = 9


@dataclass(frozen=True)
class Message:
    """A message of a service; ``data`` begins with the identifier of the command or answer."""

    service: int
    data: bytes

    def __bytes__(self) -> bytes:
        body = bytes([self.service, len(self.data)]) + self.data
        return body + bytes([-sum(body) & 0xFF])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Message":
        """Read a message; zeros may follow. Raises :class:`NotificationError` for anything else."""
        end = data[1] + 3 if len(data) > 1 else 0
        if not 3 < end <= len(data) or sum(data[:end]) & 0xFF or any(data[end:]):
            raise NotificationError(f"DOT message {data.hex()}: length or checksum is wrong")
        return cls(data[0], data[2 : end - 1])


def start_sync(root_address: str) -> bytes:
    """Synchronise with the sensor of that address ("D4:22:CD:AA:BB:CC"), the root.

    Send it to every sensor, the root included, with rate and filter set before, then disconnect
    all; reconnect after 14 s and read the acknowledgement.
    """
    address = bytes.fromhex(root_address.replace(":", ""))
    return bytes(Message(SYNCHRONISATION, b"\x01" + address[::-1]))


def stop_sync() -> bytes:
    """Give the synchronised clock up."""
    return bytes(Message(SYNCHRONISATION, b"\x02"))


def request_sync_status() -> bytes:
    """Ask whether the sensor is synchronised."""
    return bytes(Message(SYNCHRONISATION, b"\x08"))


def sync_result(message: Message) -> SyncResult:
    """The result in the acknowledgement of a synchronisation.

    Raises :class:`NotificationError` if the message is none.
    """
    if message.service != SYNCHRONISATION or message.data[:1] != b"\x03" or len(message.data) != 2:
        raise NotificationError(f"{message} is no result of a synchronisation")
    try:
        return SyncResult(message.data[1])
    except ValueError as error:
        raise NotificationError(f"{message}: {error}") from error


def is_synchronised(message: Message) -> bool:
    """The answer to :func:`request_sync_status`; raises :class:`NotificationError` for others."""
    if message.service != SYNCHRONISATION or message.data not in (b"\x51\x04", b"\x51\x09"):
        raise NotificationError(f"{message} is no synchronisation status")
    return message.data == b"\x51\x04"


def start_recording(utc: int, duration: int = UNLIMITED) -> bytes:
    """Record on board for ``duration`` s, from ``utc`` (s since 1970) on the sensor's calendar."""
    times = utc.to_bytes(4, "little") + duration.to_bytes(2, "little")
    return bytes(Message(RECORDING, b"\x40" + times))


def stop_recording() -> bytes:
    """End the recording on board."""
    return bytes(Message(RECORDING, b"\x41"))


def request_recording_state() -> bytes:
    """Ask what the sensor's recorder does."""
    return bytes(Message(RECORDING, b"\x02"))


def request_flash_info() -> bytes:
    """Ask which recordings the sensor holds."""
    return bytes(Message(RECORDING, b"\x50"))


def request_file_info(index: int) -> bytes:
    """Ask about the recording of that number, counted from 1."""
    return bytes(Message(RECORDING, bytes([0x60, index])))


def request_file_data(index: int) -> bytes:
    """Ask for the samples of the recording of that number, counted from 1."""
    return bytes(Message(RECORDING, bytes([0x70, index])))


def select_export(quantities: Iterable[ExportedData]) -> bytes:
    """Choose what :func:`request_file_data` will send."""
    return bytes(Message(RECORDING, bytes([0x74, *quantities])))

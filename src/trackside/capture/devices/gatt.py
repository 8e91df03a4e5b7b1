"""What BLE devices have in common: UUIDs, and one decoder that knows a parser per characteristic.

A notification is atomic: it arrives whole or not at all, and never carries two messages. Each call
of ``feed`` is therefore one message, and "any split of the bytes" holds trivially: what is not
whole is thrown away and counted.
"""

from collections.abc import Callable, Mapping

import numpy as np

from trackside.capture.devices.contract import Samples
from trackside.capture.devices.device_information import DeviceInformation
from trackside.errors import TracksideError
from trackside.recordings.model import Device

Parser = Callable[[bytes], list[Samples]]


class NotificationError(TracksideError):
    """A value of a characteristic is not what its specification says it is."""


def sig_uuid(number: int) -> str:
    """The 128-bit UUID of a number that the Bluetooth SIG assigned (Core 5.4, vol 3 B 2.5.1)."""
    return f"{number:08x}-0000-1000-8000-00805f9b34fb"


def one_sample(stream: str, **values: float) -> Samples:
    """One sample of a stream whose channels have one column each."""
    rows = {channel: np.array([[value]], dtype=np.float64) for channel, value in values.items()}
    return Samples(stream, rows)


class NotificationDecoder:
    """A decoder that hands each notification to the parser of its characteristic.

    A parser raises :class:`NotificationError` for a value that does not check out, and must leave
    its state alone then; such values, and those of unknown characteristics, are counted. The Device
    Information Service is understood of every device.
    """

    def __init__(self, parsers: Mapping[str, Parser]) -> None:
        self._information = DeviceInformation()
        self._parsers = {**self._information.parsers, **parsers}
        self.rejected = 0

    @property
    def device(self) -> Device | None:
        """What the device told of itself."""
        return self._information.device

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:
        """The samples in one notification, or in one value that was read."""
        try:
            return self._parsers.get(channel, _unknown)(bytes(data))
        except NotificationError:
            self.rejected += len(data)
            return []


def _unknown(data: bytes) -> list[Samples]:
    raise NotificationError(f"{data.hex()} came from an unknown characteristic")

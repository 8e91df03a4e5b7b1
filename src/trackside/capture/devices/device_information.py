"""The Device Information Service of the Bluetooth SIG (version 1.1): what a device is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from trackside.capture.devices.contract import Samples
from trackside.recordings.model import Device

MODEL: Final = "00002a24-0000-1000-8000-00805f9b34fb"
FIRMWARE: Final = "00002a26-0000-1000-8000-00805f9b34fb"
READ: Final = (MODEL, FIRMWARE)
"""Characteristics to be read once on connecting.

The serial number is left out: some devices ask for a pairing before they tell it.
"""


class DeviceInformation:
    """Gathers what a device tells of itself; ``device`` is None until it tells something."""

    def __init__(self) -> None:
        self.device: Device | None = None

    @property
    def parsers(self) -> Mapping[str, Callable[[bytes], list[Samples]]]:
        """A parser for each characteristic (sections 3.2 and 3.5: UTF-8)."""
        return {MODEL: partial(self._told, "model"), FIRMWARE: partial(self._told, "firmware")}

    def _told(self, field: str, data: bytes) -> list[Samples]:
        text = data.rstrip(b"\0").decode("utf-8", "replace").strip()
        self.device = replace(self.device or Device(), **{field: text})
        return []

"""What a transport gives: one device, kept connected, as a stream of raw messages.

A connection looks for its device, starts it, and when the link is lost or the device falls silent,
goes on looking until it is back; all of that happens inside :meth:`Connection.messages`, which ends
only when the connection is closed. Decoding, clocks and blocks come after it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from trackside.capture.devices.contract import DeviceDescription, Write


class LinkState(StrEnum):
    """What a connection is doing."""

    SEARCHING = "searching"  # the device is not there, or not yet
    CONNECTING = "connecting"
    STREAMING = "streaming"
    SILENT = "silent"  # connected, but nothing has come for too long
    CLOSED = "closed"


@dataclass(frozen=True)
class Message:
    """Bytes as they came.

    ``arrival``: s on the host's monotonic clock (``time.monotonic``). ``channel``: the BLE
    characteristic's UUID in lower case, empty on serial ports and sockets. ``restarted``: the first
    message after a reconnection, before which anything may have been lost.
    """

    arrival: float
    data: bytes
    channel: str = ""
    restarted: bool = False


class Connection(Protocol):
    """One device behind a transport.

    ``name`` is what a kit file calls the device: a BLE address or name, a serial number or port, a
    tracker's id. ``signal`` is the last known strength in dBm, None where there is no radio.
    ``reconnections`` counts how often the link came back.
    """

    name: str
    description: DeviceDescription
    state: LinkState
    signal: int | None
    reconnections: int

    def messages(self) -> AsyncIterator[Message]:
        """The device's messages, across reconnections, until :meth:`close`."""
        ...

    async def send(self, write: Write) -> None:
        """Write to the device, if it is connected; what a decoder wants answered goes this way."""
        ...

    async def close(self) -> None:
        """Stop the device and release the link; safe to call twice."""
        ...

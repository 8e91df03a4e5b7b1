"""Devices that send UDP datagrams, and what of them is on the network."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from trackside.capture.connection import LinkState, Message
from trackside.capture.devices.contract import DeviceDescription, Write
from trackside.capture.devices.ximu3 import (
    ANNOUNCEMENT_PORT,
    MODEL,
    Announcement,
    parse_announcement,
)
from trackside.capture.transports.udp_hub import EVERY_INTERFACE, Address, UdpHub, listen
from trackside.recordings.model import Device

logger = logging.getLogger(__name__)


class UdpConnection:
    """One device that sends datagrams; see :class:`~trackside.capture.connection.Connection`.

    ``device`` says which: its serial number, its MAC address or its IP address; None for the one
    that comes. Devices that send to one port share a ``hub``; without one the connection has its
    own on ``port`` (the description's, unless given) of the interface ``host``. The device may
    change its address: what comes from the new one goes into the same stream. It is silent after
    ``silence`` s without a datagram. ``command_port``: where it listens, if that is not where it
    sends from.
    """

    def __init__(
        self,
        name: str,
        description: DeviceDescription,
        *,
        hub: UdpHub | None = None,
        host: str = EVERY_INTERFACE,
        port: int | None = None,
        device: str | None = None,
        command_port: int | None = None,
        silence: float = 2.0,
    ) -> None:
        self.name = name
        self.description = description
        self.state = LinkState.SEARCHING
        self.signal: int | None = None
        self.reconnections = 0
        self.device = device.lower() if device else None
        self.address: Address | None = None
        self._hub = hub or UdpHub(description, port=port, host=host)
        self._command_port = command_port
        self._silence = silence
        self._last_heard = 0.0
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()

    @property
    def heard(self) -> bool:
        """Whether the device sends at present."""
        return self.state is LinkState.STREAMING

    async def messages(self) -> AsyncGenerator[Message, None]:
        """The device's datagrams, across silences and changes of address, until :meth:`close`.

        Raises :class:`~trackside.capture.transports.udp_hub.UdpPortError`, and
        :class:`~trackside.errors.ParameterError` if connections that share a hub cannot be told
        apart.
        """
        if self.state is LinkState.CLOSED:
            return
        watch = asyncio.create_task(self._watch())
        try:
            await self._hub.attach(self)
            while message := await self._inbox.get():
                yield message
        finally:
            watch.cancel()
            await self.close()

    async def close(self) -> None:
        """Stop the device and leave the hub; safe to call twice."""
        if self.state is LinkState.CLOSED:
            return
        self.state = LinkState.CLOSED
        self._inbox.put_nowait(None)
        if self.address:
            self._send(self.description.stop, self.address)
        await self._hub.detach(self)

    async def send(self, write: Write) -> None:
        """Send to where the device sent from last; nothing if it was not heard yet."""
        if self.address:
            self._send((write,), self.address)

    def ask(self, address: Address) -> None:
        """Ask a sender who it is, by starting it: those that can tell answer."""
        self._send(self.description.start, address)

    def take(self, message: Message, address: Address) -> None:
        """Take the device's next message from the hub."""
        known, self.address = self.address, address
        self._last_heard = time.monotonic()  # a datagram that waited in the system is no silence
        if self.heard and address == known:
            self._inbox.put_nowait(message)
            return
        self.state = LinkState.STREAMING
        self._inbox.put_nowait(replace(message, restarted=known is not None))
        self._send(self.description.start, address)
        if known:
            self.reconnections += 1
            logger.info("%s: back from %s:%d", self.name, *address)

    async def _watch(self) -> None:
        """Notice silence."""
        while True:
            await asyncio.sleep(self._silence / 2)
            silence = time.monotonic() - self._last_heard
            if self.heard and self.address and silence > self._silence:
                logger.warning("%s: silent", self.name)
                self.state = LinkState.SILENT
                self._hub.doubt(self.address)

    def _send(self, writes: Sequence[Write], address: Address) -> None:
        host, port = address
        for write in writes:
            self._hub.send(write.data, (host, self._command_port or port))


async def find_senders(
    description: DeviceDescription,
    seconds: float = 3.0,
    *,
    port: int | None = None,
    host: str = EVERY_INTERFACE,
) -> dict[Address, Device]:
    """The devices of a model that say who they are within so many s, by where they send from.

    SlimeVR trackers do as long as no server answers them.
    """
    hub = UdpHub(description, port=port, host=host)
    await hub.open()
    try:
        await asyncio.sleep(seconds)
    finally:
        await hub.close()
    return hub.devices


class _Announcements(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.found: dict[str, Announcement] = {}

    def datagram_received(self, data: bytes, address: Address) -> None:  # noqa: ARG002
        announcement = parse_announcement(data)
        if announcement:
            self.found[announcement.serial] = announcement


async def find_announced(
    seconds: float = 2.5, *, port: int = ANNOUNCEMENT_PORT, host: str = EVERY_INTERFACE
) -> tuple[Announcement, ...]:
    """The x-IMU3s that announce themselves within so many s, each with its latest announcement.

    Raises :class:`~trackside.capture.transports.udp_hub.UdpPortError`.
    """
    announcements = _Announcements()
    transport, _ = await listen(announcements, host, port, MODEL)
    try:
        await asyncio.sleep(seconds)
    finally:
        transport.close()
    return tuple(announcements.found.values())

"""A UDP socket that devices of one model share, each datagram going to its device's connection.

A device is known by what it says of itself (the serial number or MAC address that its decoder finds
in a datagram), by its IP address, or, if it is the only one, by sending what makes sense. The
address that it sends from may change at any time.
"""

import asyncio
import errno
import logging
import socket
import time
from math import inf
from typing import Final, Protocol

from trackside.capture.connection import Message
from trackside.capture.devices.contract import Decoder, DeviceDescription
from trackside.capture.transports.arrival_socket import ArrivalSocket
from trackside.errors import ParameterError, TracksideError
from trackside.recordings.model import Device

logger = logging.getLogger(__name__)

Address = tuple[str, int]

EVERY_INTERFACE: Final = "0.0.0.0"  # noqa: S104 - sensors send from the network, and broadcast
RECEIVE_BUFFER: Final = 1 << 20
"""Bytes that may wait in the system while the event loop is busy; its own choice is smaller."""
MOST_NEWCOMERS: Final = 256
QUESTION_INTERVAL: Final = 1.0  # s

_IN_USE: Final = (
    "in use by another program, perhaps the maker's own for {}: close that program, "
    "or set another port here and in the device"
)


class UdpPortError(TracksideError):
    """A UDP port cannot be listened on."""


async def listen(
    protocol: asyncio.DatagramProtocol, host: str, port: int, model: str
) -> tuple[asyncio.DatagramTransport, ArrivalSocket]:
    """A socket whose datagrams go to ``protocol``, and which tells when they came.

    Raises :class:`UdpPortError`.
    """
    loop = asyncio.get_running_loop()
    try:
        endpoint = ArrivalSocket(host, port)
    except OSError as error:
        reason = _IN_USE.format(model) if error.errno == errno.EADDRINUSE else str(error)
        raise UdpPortError(f"UDP port {port}: {reason}") from error
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, sock=endpoint)
    return transport, endpoint


class Guest(Protocol):
    """A device's connection, as the hub sees it.

    ``device``: serial number, MAC address or IP address, in lower case; None for whoever comes.
    ``address``: where the device sent from last.
    """

    name: str
    device: str | None
    address: Address | None

    @property
    def heard(self) -> bool:
        """Whether the device sends at present."""

    def ask(self, address: Address) -> None:
        """Ask a sender who it is."""

    def take(self, message: Message, address: Address) -> None:
        """Take the device's next message."""


class UdpHub(asyncio.DatagramProtocol):
    """A socket on ``port`` (the description's, unless given), open while it has guests.

    ``strangers`` counts datagrams that belong to no guest. ``devices``: what senders told of
    themselves, by address.

    Raises :class:`ParameterError` without a port.
    """

    def __init__(
        self,
        description: DeviceDescription,
        *,
        port: int | None = None,
        host: str = EVERY_INTERFACE,
    ) -> None:
        chosen = description.port if port is None else port
        if chosen is None:
            raise ParameterError(f"{description.model} has no usual UDP port; name one")
        self.port = chosen
        """The port; after opening the true one, if 0 (any) was asked for."""
        self.strangers = 0
        self.devices: dict[Address, Device] = {}
        self._description = description
        self._host = host
        self._guests: list[Guest] = []
        self._by_address: dict[Address, Guest] = {}
        self._newcomers: dict[Address, _Newcomer] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._socket: ArrivalSocket | None = None
        self._opening = asyncio.Lock()
        self._closed = asyncio.Event()

    async def open(self) -> None:
        """Listen; UdpPortError if that cannot be."""
        async with self._opening:
            if self._transport is None:
                self._closed.clear()
                self._transport, self._socket = await listen(
                    self, self._host, self.port, self._description.model
                )
                self.port = self._transport.get_extra_info("sockname")[1]

    async def close(self) -> None:
        """Stop listening; safe to call twice."""
        async with self._opening:
            if self._transport:
                self._transport.close()
                self._transport = None
                await self._closed.wait()

    async def attach(self, guest: Guest) -> None:
        """Let a connection have its device's datagrams.

        Raises :class:`ParameterError` if it cannot be told from another, and
        :class:`UdpPortError`.
        """
        for other in self._guests:
            if guest.device == other.device or None in (guest.device, other.device):
                raise ParameterError(
                    f"{guest.name} and {other.name} share UDP port {self.port}: tell them apart "
                    "by MAC address, serial number or IP address"
                )
        self._guests.append(guest)
        await self.open()

    async def detach(self, guest: Guest) -> None:
        """Give a connection no more datagrams; the socket closes with the last one."""
        if guest in self._guests:
            self._guests.remove(guest)
            self._forget(guest)
            if not self._guests:
                await self.close()

    def send(self, data: bytes, address: Address) -> None:
        """Send a datagram, if the socket is open."""
        if self._transport:
            self._transport.sendto(data, address)

    def doubt(self, address: Address) -> None:
        """Let a sender prove anew who it is: after a silence its address may be another's."""
        if len(self._newcomers) >= MOST_NEWCOMERS:
            del self._newcomers[next(iter(self._newcomers))]
        self._newcomers[address] = _Newcomer(self._description.decoder())

    # What follows is called by asyncio.

    def datagram_received(self, data: bytes, address: Address) -> None:
        """Pass on or count a datagram."""
        arrival = (self._socket and self._socket.arrival) or time.monotonic()
        guest = self._by_address.get(address)
        if guest is None or address in self._newcomers:
            guest = self._recognise(data, address, arrival)
        if guest:
            guest.take(Message(arrival, data), address)
        else:
            self.strangers += 1

    def error_received(self, error: Exception) -> None:
        """Go on: a device that is gone refuses what is sent to it."""
        logger.debug("UDP port %d: %s", self.port, error)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """Note that the socket is closed."""
        self._closed.set()

    def _recognise(self, data: bytes, address: Address, now: float) -> Guest | None:
        """Whose datagram this is. A sender that may be somebody's is asked who it is."""
        if address not in self._newcomers:
            self.doubt(address)
        newcomer = self._newcomers[address]
        newcomer.hear(data)
        if newcomer.device:
            self.devices[address] = newcomer.device
        guest = next((g for g in self._guests if _is_device(g, address, newcomer)), None)
        if guest is None:
            self._by_address.pop(address, None)
            self._ask(newcomer, address, now)
            return None
        if newcomer.serial or guest.device in (None, address[0]):
            del self._newcomers[address]  # no doubt is left
        self._forget(guest)
        self._by_address[address] = guest
        return guest

    def _ask(self, newcomer: "_Newcomer", address: Address, now: float) -> None:
        waiting = next((guest for guest in self._guests if not guest.heard), None)
        if waiting and newcomer.may_be_asked(now):
            waiting.ask(address)

    def _forget(self, guest: Guest) -> None:
        for address in [a for a, owner in self._by_address.items() if owner is guest]:
            del self._by_address[address]


class _Newcomer:
    """A sender of whom it is not certain which device it is, and what can be learned from it."""

    def __init__(self, decoder: Decoder) -> None:
        self.device: Device | None = None
        self.understood = False
        self._decoder = decoder
        self._asked = -inf

    @property
    def serial(self) -> str:
        return self.device.serial.lower() if self.device else ""

    def hear(self, data: bytes) -> None:
        samples = self._decoder.feed(data)
        self.device = getattr(self._decoder, "device", None)
        self.understood = self.understood or bool(samples) or self.device is not None

    def may_be_asked(self, now: float) -> bool:
        """Whether what it sends makes sense, and it was not asked just now."""
        if self.serial or not self.understood or now - self._asked < QUESTION_INTERVAL:
            return False
        self._asked = now
        return True


def _is_device(guest: Guest, address: Address, newcomer: _Newcomer) -> bool:
    """Whether a sender is a guest's device. Its own word counts most, then where it sends from."""
    if guest.device and guest.device == newcomer.serial:
        return True
    if guest.device == address[0] or (guest.device is None and newcomer.understood):
        return address == guest.address or not guest.heard
    return address == guest.address and not newcomer.serial

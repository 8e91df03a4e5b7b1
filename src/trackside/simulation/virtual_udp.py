"""Devices that send UDP datagrams to this computer: SlimeVR trackers and x-IMU3s.

They send what they are told to, answer as the real ones do, lose datagrams and change their
address.
"""

import asyncio
import json
from collections.abc import Sequence
from struct import pack
from typing import Final

from trackside.capture.devices import slimevr
from trackside.capture.devices.ximu3 import ANNOUNCEMENT_PORT, command

Address = tuple[str, int]

LOOPBACK: Final = "127.0.0.1"


class VirtualSender(asyncio.DatagramProtocol):
    """A socket that sends to a program on this computer and keeps what comes back.

    :meth:`open` before use, and :meth:`close` after it.
    """

    def __init__(self, port: int) -> None:
        self.received: list[bytes] = []
        self.address: Address = (LOOPBACK, 0)
        """Where it sends from; another after :meth:`move`."""
        self._program = (LOOPBACK, port)
        self._arrived = asyncio.Event()
        self._closed = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, port: int = 0) -> None:
        """Send from this port from now on, or from a free one, and listen there for answers."""
        self._closed.clear()
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(LOOPBACK, port)
        )
        self.address = self._transport.get_extra_info("sockname")

    async def close(self) -> None:
        """Vanish; safe to call twice."""
        if self._transport:
            self._transport.close()
            self._transport = None
            await self._closed.wait()

    async def move(self) -> None:
        """Go on at another address, as after a return to the network."""
        left = self._transport
        await self.open()
        if left:
            left.close()
            await self._closed.wait()
            self._closed.clear()

    def send(self, data: bytes) -> None:
        """Send a datagram."""
        self.send_to(data, self._program)

    def send_to(self, data: bytes, address: Address) -> None:
        """Send a datagram somewhere else."""
        if self._transport is None:
            raise ConnectionError("open() comes first")
        self._transport.sendto(data, address)

    async def wait_for(self, data: bytes) -> None:
        """Wait until this datagram has come."""
        while data not in self.received:
            self._arrived.clear()
            await self._arrived.wait()

    def datagram_received(self, data: bytes, address: Address) -> None:  # noqa: ARG002
        """Keep an answer."""
        self.received.append(data)
        self._arrived.set()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """Note that a socket is closed."""
        self._closed.set()


class VirtualSlimeVrTracker(VirtualSender):
    """A SlimeVR tracker with the MAC address ``mac``, such as ``"02:00:00:00:00:01"``."""

    def __init__(self, mac: str, port: int = slimevr.PORT) -> None:
        super().__init__(port)
        self.mac = mac
        self._number = 0

    def look_for_server(self) -> None:
        """Send the handshake with which a tracker begins, and begins to count anew."""
        self._number = 0
        firmware = b"virtual"
        mac = bytes.fromhex(self.mac.replace(":", ""))
        header = pack(">7iB", 0, 0, 0, 0, 0, 0, 22, len(firmware))
        self.send_packet(slimevr.HANDSHAKE, header + firmware + mac + b"\x01")

    def send_rotation(self, orientation: Sequence[float], sensor: int = 0) -> None:
        """Send an orientation (w, x, y, z)."""
        w, x, y, z = orientation
        self.send_packet(slimevr.ROTATION, pack(">2B4fB", sensor, 1, x, y, z, w, 0))

    def send_packet(self, kind: int, content: bytes = b"") -> None:
        """Send a packet with the next number."""
        self.send(pack(">IQ", kind, self._number) + content)
        self._number += 1

    def lose(self, count: int) -> None:
        """Number packets that never come."""
        self._number += count


class VirtualXImu3(VirtualSender):
    """An x-IMU3 with the serial number ``serial``; it answers a ping."""

    def __init__(self, serial: str, port: int) -> None:
        super().__init__(port)
        self._serial = serial

    def announce(self, port: int = ANNOUNCEMENT_PORT) -> None:
        """Tell the network who and where the device is, as a real one does once a second."""
        announcement = {
            "name": "virtual x-IMU3",
            "sn": self._serial,
            "ip": self.address[0],
            "send": self._program[1],
            "receive": self.address[1],
            "battery": 100,
        }
        self.send_to(json.dumps(announcement).encode(), (LOOPBACK, port))

    def send_inertial(
        self, ticks: int, rate_deg: Sequence[float], acceleration_g: Sequence[float]
    ) -> None:
        """Send angular rate (deg/s) and acceleration (g), both (3,), at a time in µs."""
        values = ",".join(f"{value:.6f}" for value in (*rate_deg, *acceleration_g))
        self.send(f"I,{ticks},{values}\r\n".encode())

    def datagram_received(self, data: bytes, address: Address) -> None:
        """Keep a command, and answer a ping."""
        super().datagram_received(data, address)
        if data == command("ping"):
            self.send(command("ping", {"name": "virtual x-IMU3", "sn": self._serial}))

"""Devices on pseudo-terminals: what a program reads from them is what a serial sensor would send.

They send any bytes, half frames and garbage as well, take what is written to them, and can be
unplugged and plugged in again, at another path like a real USB device. Pseudo-terminals exist on
Linux and macOS, and know no baud rate.
"""

import asyncio
import os
import tty

from trackside.capture.transports.usb_ports import SerialPort

VENDOR, PRODUCT = 0x0403, 0x6015
"""A USB serial adapter's."""


class VirtualSerialDevice:
    """A sensor on a USB serial port that does not exist; to be made in a running event loop.

    It is plugged in from the beginning. Without a serial number it is known by its ``location``.
    """

    def __init__(self, serial_number: str | None = None, location: str | None = None) -> None:
        self.received = b""
        """What was written to the device since it was plugged in."""
        self._serial_number = serial_number
        self._location = location
        self._loop = asyncio.get_running_loop()
        self._written = asyncio.Event()
        self._room = asyncio.Event()
        self._line: tuple[int, int] | None = None
        self.port = self.plug_in()

    @property
    def plugged_in(self) -> bool:
        """Whether the port is there."""
        return self._line is not None

    def plug_in(self) -> SerialPort:
        """Appear as a port, at a new path, and tell which."""
        device, host = os.openpty()  # the host's end stays open: a cable without a program
        tty.setraw(host)
        os.set_blocking(device, False)
        self._line = (device, host)
        self.received = b""
        self._loop.add_reader(device, self._take)
        path = os.ttyname(host)
        self.port = SerialPort(
            path, "virtual sensor", VENDOR, PRODUCT, self._serial_number, self._location
        )
        return self.port

    def unplug(self) -> None:
        """Vanish with all that was not read yet."""
        if self._line is None:
            return
        device, host = self._line
        self._line = None
        self._loop.remove_reader(device)
        self._loop.remove_writer(device)
        self._room.set()
        os.close(host)
        os.close(device)

    async def send(self, data: bytes) -> None:
        """Send bytes, as fast as they are read; ConnectionError if the device is unplugged."""
        while data:
            if self._line is None:
                raise ConnectionError("the device is not plugged in")
            device, _ = self._line
            try:
                data = data[os.write(device, data) :]
            except BlockingIOError:
                self._room.clear()
                self._loop.add_writer(device, self._make_room, device)
                await self._room.wait()

    async def wait_for(self, data: bytes, count: int = 1) -> None:
        """Wait until these bytes were written to the device so many times."""
        while self.received.count(data) < count:
            self._written.clear()
            await self._written.wait()

    def _take(self) -> None:
        if self._line:
            self.received += os.read(self._line[0], 4096)
            self._written.set()

    def _make_room(self, device: int) -> None:
        self._loop.remove_writer(device)
        self._room.set()

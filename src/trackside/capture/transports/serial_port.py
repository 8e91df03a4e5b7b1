"""Devices on serial ports, read by a thread each, and found again after they were unplugged.

A thread is the one way of reading that works on every system and stamps the arrival of bytes even
while the event loop is busy. It opens the port, starts the device, reads, and after any trouble
begins again; what it reads goes to the event loop in batches.
"""

import asyncio
import errno
import logging
import sys
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Event, Thread
from typing import Final

from serial import Serial

from trackside.capture.connection import LinkState, Message
from trackside.capture.devices.contract import DeviceDescription, Write
from trackside.capture.transports.thread_inbox import ThreadInbox
from trackside.capture.transports.usb_ports import (
    SerialPort,
    is_same_device,
    is_serial_number,
    list_serial_ports,
    with_path,
)
from trackside.errors import ParameterError, TracksideError

logger = logging.getLogger(__name__)

SHORTEST_PAUSE: Final = 0.1
"""s before the first new attempt; each further one waits twice as long."""
LONGEST_PAUSE: Final = 1.0
READ_TIMEOUT: Final = 0.05
"""The longest time in s after which the thread notices that it shall stop."""
STARTING_TIME: Final = 4.0
"""The least time in s that a device has after the port was opened; opening resets some boards."""
WRITE_TIMEOUT: Final = 1.0
CLOSING_TIME: Final = 3.0
"""s that closing waits for a port that does not let go; some drivers block while they drain."""

TROUBLE: tuple[type[Exception], ...] = (OSError,)
"""What a port that goes away raises; pyserial's SerialException is an OSError, but not all are."""
if sys.platform != "win32":
    import termios

    TROUBLE += (termios.error,)


class SerialPortError(TracksideError):
    """A serial port cannot be opened, and trying again will not help."""


class SerialConnection:
    """One device on a serial port; see :class:`~trackside.capture.connection.Connection`.

    Either ``port`` (a path) or ``serial_number`` (of the USB device) says which. With a serial
    number the device may be plugged in later; without one the port must be there. After an unplug
    the device is looked for by what is known of it on USB, not by path. ``baud_rate`` replaces the
    description's. After ``silence`` s without a byte the port is opened and the device started
    anew. ``patience``: for how many s a port that could not yet be opened is tried again.
    ``list_ports`` tells which ports there are.

    Raises :class:`ParameterError` without a port or a baud rate.
    """

    def __init__(
        self,
        name: str,
        description: DeviceDescription,
        *,
        port: str | None = None,
        serial_number: str | None = None,
        baud_rate: int | None = None,
        silence: float = 2.0,
        patience: float = 1.0,
        list_ports: Callable[[], Sequence[SerialPort]] = list_serial_ports,
    ) -> None:
        rate = baud_rate or description.baud_rate
        if not (port or serial_number):
            raise ParameterError(f"{name}: name its serial port or its USB serial number")
        if rate is None:
            raise ParameterError(f"{name}: {description.model} has no usual baud rate; name one")
        self.name = name
        self.description = description
        self.state = LinkState.SEARCHING
        self.signal: int | None = None
        self.reconnections = 0
        self._port = port or ""
        self._serial_number = serial_number
        self._baud_rate = rate
        self._silence = silence
        self._patience = patience
        self._list_ports = list_ports
        self._device: SerialPort | None = None
        self._refused_since: float | None = None
        self._streamed = False
        self._pause = SHORTEST_PAUSE
        self._stopping = Event()
        self._outbox: SimpleQueue[Write] = SimpleQueue()
        self._inbox: ThreadInbox | None = None
        self._thread: Thread | None = None

    async def messages(self) -> AsyncGenerator[Message, None]:
        """The device's messages, across unplugging, until :meth:`close`.

        Raises :class:`SerialPortError` if the port cannot be opened at the start.
        """
        if self._stopping.is_set():
            return
        self._inbox = ThreadInbox()
        self._thread = Thread(
            target=self._run, args=(self._inbox,), name=f"serial {self.name}", daemon=True
        )
        self._thread.start()
        try:
            while messages := await self._inbox.take():
                for message in messages:
                    yield message
            if self._inbox.error:
                raise self._inbox.error
        finally:
            await self.close()

    async def send(self, write: Write) -> None:
        """Write to the device, if it is connected; within :data:`READ_TIMEOUT`, by the thread."""
        self._outbox.put(write)

    async def close(self) -> None:
        """Stop the device, close the port and end the thread; safe to call twice."""
        self._stopping.set()
        if self._inbox and self._thread:
            try:
                async with asyncio.timeout(CLOSING_TIME):
                    await self._inbox.ended.wait()
                self._thread.join(CLOSING_TIME)
            except TimeoutError:
                logger.warning("%s: the serial port %s does not let go", self.name, self._port)
        self.state = LinkState.CLOSED

    # What follows runs in the thread.

    def _run(self, inbox: ThreadInbox) -> None:
        try:
            self._serve(inbox)
        except Exception as error:  # to be raised where the messages are read
            inbox.error = error
        finally:
            inbox.end()

    def _serve(self, inbox: ThreadInbox) -> None:
        """Open and read the port again and again until told to stop."""
        while not self._stopping.is_set():
            try:
                self._connect(inbox)
            except TROUBLE as error:
                self._lose(error)
            if self.state is LinkState.SEARCHING:
                self._stopping.wait(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _lose(self, error: Exception) -> None:
        """Look for the device again, unless its port never opened and has had its time.

        A port that has just appeared refuses for a moment, until the system has set its rights.
        """
        now = time.monotonic()
        self._refused_since = self._refused_since or now
        if self._device is None and now - self._refused_since >= self._patience:
            raise SerialPortError(f"{self.name}: {_reason(self._port, error)}") from error
        if self.state in (LinkState.STREAMING, LinkState.SILENT):
            logger.warning("%s: lost: %s", self.name, _reason(self._port, error))
        self.state = LinkState.SEARCHING

    def _connect(self, inbox: ThreadInbox) -> None:
        """Open the port and read it until told to stop, until silence, or an error."""
        ports = self._list_ports()
        path = self._find(ports)
        if path is None:
            self.state = LinkState.SEARCHING
            return
        self._port = path
        if self.state is not LinkState.SILENT:
            self.state = LinkState.CONNECTING
        with Serial(
            path,
            self._baud_rate,
            timeout=READ_TIMEOUT,
            write_timeout=WRITE_TIMEOUT,
            exclusive=True,
        ) as port:
            self._device = self._device or with_path(ports, path)
            self._take_outbox()  # meant for the device before it was lost
            self._write(port, self.description.start)
            try:
                self._read(port, inbox)
            finally:
                if self._stopping.is_set():
                    with suppress(OSError):
                        self._write(port, self.description.stop)

    def _find(self, ports: Sequence[SerialPort]) -> str | None:
        """The path of the device's port, None if it is not there."""
        if self._device:
            if self._device.vendor is None:
                return self._device.path
            paths = [port.path for port in ports if is_same_device(port, self._device)]
        elif self._serial_number:
            paths = [port.path for port in ports if is_serial_number(port, self._serial_number)]
        else:
            return self._port
        return self._port if self._port in paths else next(iter(paths), None)

    def _take_outbox(self) -> list[Write]:
        return [self._outbox.get() for _ in range(self._outbox.qsize())]

    def _write(self, port: Serial, writes: Sequence[Write]) -> None:
        for write in writes:
            port.write(write.data)

    def _read(self, port: Serial, inbox: ThreadInbox) -> None:
        restarted = self._streamed
        heard = time.monotonic()
        while not self._stopping.is_set():
            self._write(port, self._take_outbox())
            data = port.read(1)  # waits
            if data and (waiting := port.in_waiting):
                data += port.read(waiting)
            now = time.monotonic()
            if data:
                if self.state is not LinkState.STREAMING:
                    self._resume(restarted)
                inbox.put(Message(now, data, restarted=restarted))
                restarted, heard = False, now
            elif now - heard > self._longest_silence():
                logger.warning("%s: silent; starting it again", self.name)
                self.state = LinkState.SILENT
                return

    def _longest_silence(self) -> float:
        if self.state is LinkState.STREAMING:
            return self._silence
        return max(self._silence, STARTING_TIME)

    def _resume(self, restarted: bool) -> None:
        """Note that the device sends (again)."""
        self.state = LinkState.STREAMING
        self._streamed = True
        self._pause = SHORTEST_PAUSE
        if restarted:
            self.reconnections += 1
            logger.info("%s: back on %s", self.name, self._port)


def _reason(port: str, error: Exception) -> str:
    """What went wrong with a port, and what to do. Windows gives no number, only a text."""
    text = str(error)
    number = getattr(error, "errno", None)
    if number == errno.ENOENT or "FileNotFoundError" in text:
        return f"there is no serial port {port}; see the ports with: trackside scan"
    if number in (errno.EBUSY, errno.EAGAIN) or "PermissionError" in text:
        return f"another program uses the serial port {port}; close that program"
    if number in (errno.EACCES, errno.EPERM):
        return (
            f"you may not use the serial port {port}; join the group that owns it "
            "(on most Linux systems: sudo usermod -aG dialout $USER, then log in again)"
        )
    return f"serial port {port}: {text}"

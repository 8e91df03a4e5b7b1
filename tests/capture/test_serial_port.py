"""Serial devices: every byte arrives, unplugging is survived, and no thread stays behind."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serial import Serial

from trackside.capture.connection import Connection, LinkState, Message
from trackside.capture.devices.contract import DeviceDescription, Transport, Write
from trackside.capture.devices.xbus import XbusDecoder, message
from trackside.capture.transports.serial_port import SerialConnection, SerialPortError
from trackside.capture.transports.usb_ports import SerialPort, is_same_device, list_serial_ports
from trackside.errors import ParameterError

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals on Windows", allow_module_level=True)

import termios

from trackside.simulation.virtual_serial import VirtualSerialDevice

START, STOP = b"<start>", b"<stop>"
SENSOR = DeviceDescription(
    "sensor",
    Transport.SERIAL,
    (),
    XbusDecoder,
    start=(Write(START),),
    stop=(Write(STOP),),
    baud_rate=115200,
)
RANDOM_BYTES = np.random.default_rng(4).bytes(40_000)

Messages = AsyncIterator[Message]


@pytest.fixture(autouse=True)
def _no_thread_stays_behind() -> Iterable[None]:
    """Whatever a test does, its reader threads have ended with it."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def run(scene: Coroutine[None, None, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(10):
            await scene

    asyncio.run(limited())


class Listing:
    """Lists the ports of the devices that are plugged in, and counts how often it was asked."""

    def __init__(self, *devices: VirtualSerialDevice) -> None:
        self.asked = 0
        self._devices = devices

    def __call__(self) -> tuple[SerialPort, ...]:
        """The ports, in the order of the devices."""
        self.asked += 1
        return tuple(device.port for device in self._devices if device.plugged_in)


def connect(
    device: VirtualSerialDevice, *, silence: float = 2.0, patience: float = 1.0
) -> SerialConnection:
    """A connection to a device by path."""
    return SerialConnection(
        "s",
        SENSOR,
        port=device.port.path,
        silence=silence,
        patience=patience,
        list_ports=Listing(device),
    )


async def read(messages: Messages, count: int) -> list[Message]:
    """Messages until so many bytes have come."""
    read: list[Message] = []
    while sum(len(message.data) for message in read) < count:
        read.append(await anext(messages))
    return read


def joined(messages: Iterable[Message]) -> bytes:
    return b"".join(message.data for message in messages)


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else run until something is true."""
    while not condition():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.001)


@asynccontextmanager
async def unplugged_at_the_end(*devices: VirtualSerialDevice) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for device in devices:
            device.unplug()


@pytest.mark.parametrize("size", [1, 19, 4096, 40_000])
def test_every_byte_arrives(size: int) -> None:
    """What the device sends in pieces of any size arrives bit by bit, stamped in order."""
    sent = RANDOM_BYTES[: 1000 * size]

    async def scene() -> None:
        device = VirtualSerialDevice()
        connection = connect(device)
        async with unplugged_at_the_end(device), aclosing(connection.messages()) as messages:
            reading = asyncio.create_task(read(messages, len(sent)))
            await device.wait_for(START)
            for begin in range(0, len(sent), size):
                await device.send(sent[begin : begin + size])
            received = await reading
            assert joined(received) == sent
            arrivals = [message.arrival for message in received]
            assert arrivals == sorted(arrivals)
            assert not any(message.restarted for message in received)
            assert connection.state is LinkState.STREAMING

    run(scene())


def test_the_device_is_stopped_at_the_end() -> None:
    """Closing, and closing again, leaves the device stopped and the messages ended."""

    async def scene() -> None:
        device = VirtualSerialDevice()
        connection = connect(device)
        async with unplugged_at_the_end(device):
            messages = connection.messages()
            reading = asyncio.create_task(read(messages, 3))
            await device.wait_for(START)
            await device.send(b"abc")
            await reading
            await connection.close()
            await connection.close()
            assert [message async for message in messages] == []
            assert connection.state is LinkState.CLOSED
            await device.wait_for(STOP)

    run(scene())


def test_writing_to_a_device() -> None:
    """What is sent while the device is connected reaches it; what was sent before does not."""

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        connection = connect(device)
        async with unplugged_at_the_end(device), aclosing(connection.messages()) as messages:
            await connection.send(Write(b"<early>"))
            reading = asyncio.create_task(read(messages, 3))
            await device.wait_for(START)
            await connection.send(Write(b"<ask>"))
            await connection.send(Write(b"<again>"))
            await device.wait_for(b"<again>")
            assert device.received == START + b"<ask><again>"
            await device.send(b"abc")
            await reading

    run(scene())


def test_17_devices_at_once() -> None:
    """As many sensors as a whole body has: each connection gets its own device's bytes, all."""
    parts = [RANDOM_BYTES[begin::17] * 10 for begin in range(17)]

    async def play(device: VirtualSerialDevice, sent: bytes) -> None:
        await device.wait_for(START)
        for begin in range(0, len(sent), 44):
            await device.send(sent[begin : begin + 44])

    async def receive(connection: SerialConnection, count: int) -> bytes:
        async with aclosing(connection.messages()) as messages:
            return joined(await read(messages, count))

    async def scene() -> None:
        devices = [VirtualSerialDevice(f"number {number}") for number in range(17)]
        connections = [
            SerialConnection(
                str(number),
                SENSOR,
                serial_number=f"NUMBER {number}",
                list_ports=Listing(*devices),
            )
            for number in range(17)
        ]
        async with unplugged_at_the_end(*devices):
            received, _ = await asyncio.gather(
                asyncio.gather(*map(receive, connections, map(len, parts))),
                asyncio.gather(*map(play, devices, parts)),
            )
        assert received == parts

    run(scene())


def test_unplugged_and_plugged_in_again() -> None:
    """The device is found at its new path, started again, and its stream goes on."""

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        other = VirtualSerialDevice("A2")
        connection = SerialConnection(
            "s", SENSOR, port=device.port.path, list_ports=Listing(other, device)
        )
        async with unplugged_at_the_end(device, other), aclosing(connection.messages()) as messages:
            reading = asyncio.create_task(read(messages, 3))
            await device.wait_for(START)
            await device.send(b"abc")
            await reading

            reading = asyncio.create_task(read(messages, 3))
            device.unplug()
            await until(lambda: connection.state is LinkState.SEARCHING)
            occupant = VirtualSerialDevice("A3")  # gets the path that has become free
            async with unplugged_at_the_end(occupant):
                device.plug_in()
                await device.wait_for(START)
                await device.send(b"def")
                received = await reading
                assert START not in occupant.received + other.received
            assert joined(received) == b"def"
            assert received[0].restarted
            assert not any(message.restarted for message in received[1:])
            assert connection.reconnections == 1
            assert connection.state is LinkState.STREAMING

    run(scene())


def test_half_a_frame_and_garbage_cost_one_frame() -> None:
    """A real decoder, fed what an unplugged cable cuts off and noise, finds all whole frames."""
    frame = message(0x36, bytes.fromhex("1020020005" + "40200c" + "41200000" * 3))

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        connection = connect(device)
        decoder = XbusDecoder()
        async with unplugged_at_the_end(device), aclosing(connection.messages()) as messages:
            total = 0
            for sent in (frame * 2 + frame[:9], frame[15:] + b"\xfa\xff" * 5 + frame * 3):
                reading = asyncio.create_task(read(messages, len(sent)))
                await device.wait_for(START)
                await device.send(sent)
                for received in await reading:
                    for samples in decoder.feed(received.data):
                        total += len(samples.values["accelerometer"])
                device.unplug()
                device.plug_in()
            assert total == 5
            assert decoder.rejected == 9 + len(frame) - 15 + 10

    run(scene())


def test_a_silent_device_is_started_again() -> None:
    """A device that stops sending is started again; when it sends, its stream goes on."""

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        connection = connect(device, silence=0.1)
        async with unplugged_at_the_end(device), aclosing(connection.messages()) as messages:
            reading = asyncio.create_task(read(messages, 3))
            await device.wait_for(START)
            await device.send(b"abc")
            await reading
            reading = asyncio.create_task(read(messages, 3))
            await device.wait_for(START, count=2)
            assert connection.state is LinkState.SILENT
            await device.send(b"def")
            assert (await reading)[0].restarted
            assert connection.reconnections == 1

    run(scene())


def test_a_device_may_come_later() -> None:
    """With a serial number to look for, a connection waits for its device."""

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        device.unplug()
        connection = SerialConnection(
            "s", SENSOR, serial_number="A1", patience=0, list_ports=Listing(device)
        )
        async with unplugged_at_the_end(device), aclosing(connection.messages()) as messages:
            reading = asyncio.create_task(read(messages, 3))
            await until(lambda: connection.state is LinkState.SEARCHING)
            device.plug_in()
            await device.wait_for(START)
            await device.send(b"abc")
            assert not (await reading)[0].restarted
            assert connection.reconnections == 0

    run(scene())


def test_a_port_in_use_is_an_error() -> None:
    """The message names the port and says what to do."""

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        async with unplugged_at_the_end(device):
            with Serial(device.port.path, exclusive=True):
                connection = connect(device, patience=0)
                with pytest.raises(SerialPortError, match=f"uses .*{device.port.path}; close"):
                    await anext(connection.messages())
            assert connection.state is LinkState.CLOSED

    run(scene())


def test_a_port_that_becomes_free_is_taken() -> None:
    """A port that another program holds for a moment is no reason to give up."""

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        ports = Listing(device)
        connection = SerialConnection("s", SENSOR, port=device.port.path, list_ports=ports)
        async with unplugged_at_the_end(device), aclosing(connection.messages()) as messages:
            with Serial(device.port.path, exclusive=True):
                reading = asyncio.create_task(read(messages, 3))
                await until(lambda: ports.asked >= 2)
            await device.wait_for(START)
            await device.send(b"abc")
            assert joined(await reading) == b"abc"

    run(scene())


def test_an_absent_port_is_an_error(tmp_path: Path) -> None:
    """A path that is not there, and no serial number to look for: the message names the path."""

    async def scene() -> None:
        connection = SerialConnection("shank", SENSOR, port=str(tmp_path / "tty"), patience=0)
        with pytest.raises(SerialPortError, match=r"shank: there is no serial port .*tty"):
            await anext(connection.messages())

    run(scene())


def test_a_port_without_permission_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how to get the permission."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("trackside.capture.transports.serial_port.Serial", refuse)

    async def scene() -> None:
        connection = SerialConnection("s", SENSOR, port="/dev/ttyX", patience=0)
        with pytest.raises(SerialPortError, match=r"may not use .*/dev/ttyX; .*dialout"):
            await anext(connection.messages())

    run(scene())


def test_a_port_that_just_appeared_may_be_refused_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Errors of the port itself and of its settings are no end while the system sets it up."""
    refusals: list[Exception] = [PermissionError(13, "Permission denied"), termios.error(5, "I/O")]

    def open_port(*arguments: Any, **options: Any) -> Serial:
        if refusals:
            raise refusals.pop()
        return Serial(*arguments, **options)

    monkeypatch.setattr("trackside.capture.transports.serial_port.Serial", open_port)

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        connection = SerialConnection("s", SENSOR, serial_number="A1", list_ports=Listing(device))
        async with unplugged_at_the_end(device), aclosing(connection.messages()) as messages:
            reading = asyncio.create_task(read(messages, 3))
            await device.wait_for(START)
            await device.send(b"abc")
            assert joined(await reading) == b"abc"

    run(scene())


@pytest.mark.parametrize("sends", [True, False])
def test_cancelling_closes(sends: bool) -> None:
    """Cancelling a reader, with or without a device, stops the device and leaves no thread."""

    async def scene() -> None:
        device = VirtualSerialDevice("A1")
        if not sends:
            device.unplug()
        ports = Listing(device)
        connection: Connection = SerialConnection("s", SENSOR, serial_number="A1", list_ports=ports)
        messages = connection.messages()
        async with unplugged_at_the_end(device):
            reading = asyncio.create_task(read(messages, 10))
            if sends:
                await device.wait_for(START)
                await device.send(b"abc")
                await until(lambda: connection.state is LinkState.STREAMING)
            await until(lambda: ports.asked > 0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            assert connection.state is LinkState.CLOSED
            if sends:
                await device.wait_for(STOP)

    run(scene())


def test_a_connection_needs_a_port_and_a_baud_rate() -> None:
    """What cannot be found or read is refused at once."""
    with pytest.raises(ParameterError, match="serial number"):
        SerialConnection("s", SENSOR)
    nameless = DeviceDescription("mute", Transport.SERIAL, (), XbusDecoder)
    with pytest.raises(ParameterError, match="baud rate"):
        SerialConnection("s", nameless, port="COM3")


ADAPTER = SerialPort("/dev/ttyUSB0", "", 0x1A86, 0x7523, None, "1-1.2")
NUMBERED = SerialPort("/dev/ttyUSB1", "", 0x0403, 0x6011, "FT1", "1-1.3:1.0")


@pytest.mark.parametrize(
    ("port", "known", "same"),
    [
        (SerialPort("/dev/ttyUSB4", "", 0x1A86, 0x7523, None, "1-1.2"), ADAPTER, True),
        (SerialPort("/dev/ttyUSB0", "", 0x1A86, 0x7523, None, "1-1.4"), ADAPTER, False),
        (SerialPort("/dev/ttyUSB0", "", 0x10C4, 0xEA60, None, "1-1.2"), ADAPTER, False),
        (SerialPort("/dev/ttyUSB5", "", 0x0403, 0x6011, "ft1", "2-1:1.0"), NUMBERED, True),
        (SerialPort("/dev/ttyUSB1", "", 0x0403, 0x6011, "FT1", "1-1.3:1.1"), NUMBERED, False),
        (SerialPort("/dev/ttyUSB1", "", 0x0403, 0x6011, "FT2", "1-1.3:1.0"), NUMBERED, False),
        (SerialPort("/dev/ttyS0"), SerialPort("/dev/ttyS0"), True),
        (SerialPort("/dev/ttyS0"), SerialPort("/dev/ttyS1"), False),
    ],
)
def test_devices_are_never_taken_for_each_other(
    port: SerialPort, known: SerialPort, same: bool
) -> None:
    """By serial number and interface, else by USB socket, else by path."""
    assert is_same_device(port, known) is same


def test_listing_ports() -> None:
    """The ports of this computer can be listed, whichever they are."""
    assert all(port.path for port in list_serial_ports())

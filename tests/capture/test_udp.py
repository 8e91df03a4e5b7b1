"""UDP devices: each datagram reaches its device's stream, whoever else sends to the port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from trackside.capture.connecting import Surroundings
from trackside.capture.connection import Connection, LinkState, Message
from trackside.capture.devices.contract import DeviceDescription, Transport, Write
from trackside.capture.devices.slimevr import HEARTBEAT, SLIMEVR, WELCOME, SlimeVrDecoder
from trackside.capture.devices.ximu3 import XIMU3_UDP, XImu3Decoder, command
from trackside.capture.kit import KitSensor
from trackside.capture.transports.udp import UdpConnection, find_announced, find_senders
from trackside.capture.transports.udp_hub import UdpHub, UdpPortError
from trackside.errors import ParameterError
from trackside.simulation.virtual_udp import (
    LOOPBACK,
    VirtualSender,
    VirtualSlimeVrTracker,
    VirtualXImu3,
)

MACS = [f"02:00:00:00:00:{number:02x}" for number in range(17)]
SERIAL = "0123-4567-89AB-CDEF"

Messages = AsyncIterator[Message]


def run(scene: Coroutine[None, None, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(10):
            await scene

    asyncio.run(limited())


@asynccontextmanager
async def listening(description: DeviceDescription) -> AsyncIterator[UdpHub]:
    """An open hub on a free port of the loopback."""
    hub = UdpHub(description, port=0, host=LOOPBACK)
    await hub.open()
    try:
        yield hub
    finally:
        await hub.close()


@asynccontextmanager
async def sending(*senders: VirtualSender) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for sender in senders:
            await sender.open()
            stack.push_async_callback(sender.close)
        yield


@asynccontextmanager
async def sending_from(sender: VirtualSender, address: tuple[str, int]) -> AsyncIterator[None]:
    await sender.open(address[1])
    try:
        yield
    finally:
        await sender.close()


async def read(messages: Messages, count: int) -> list[Message]:
    return [await anext(messages) for _ in range(count)]


async def begin_to_read(messages: Messages, count: int) -> asyncio.Task[list[Message]]:
    """Read in the background; with an open hub, the connection is attached on return."""
    reading = asyncio.create_task(read(messages, count))
    await asyncio.sleep(0)
    return reading


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else run until something is true."""
    while not condition():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.001)


def rotations(received: Iterable[Message]) -> list[float]:
    """The w of all orientations of sensor 0, decoded."""
    decoder = SlimeVrDecoder()
    samples = [samples for message in received for samples in decoder.feed(message.data)]
    return [
        float(w)
        for each in samples
        if each.stream == "orientation_0"
        for w in each.values["orientation"][:, 0]
    ]


def test_every_datagram_arrives_in_order() -> None:
    """What a device sends arrives bit by bit, one message per datagram, stamped in order."""
    sent = [bytes([number]) * (number + 1) for number in range(200)]

    async def scene() -> None:
        async with listening(XIMU3_UDP) as hub:
            sender = VirtualSender(hub.port)
            connection = UdpConnection("s", XIMU3_UDP, hub=hub, device=LOOPBACK)
            async with sending(sender), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, len(sent))
                for data in sent:
                    sender.send(data)
                received = await reading
                assert [message.data for message in received] == sent
                arrivals = [message.arrival for message in received]
                assert arrivals == sorted(arrivals)
                assert not any(message.restarted for message in received)

    run(scene())


def test_17_trackers_share_a_port() -> None:
    """Each tracker of a body finds its own stream by its MAC address, whoever spoke first."""

    async def wear(tracker: VirtualSlimeVrTracker, messages: Messages, value: float) -> None:
        reading = await begin_to_read(messages, 16)
        tracker.look_for_server()
        for _ in range(15):
            tracker.send_rotation((value, 0.0, 0.0, 0.0))
            await asyncio.sleep(0)
        assert rotations(await reading) == [value] * 15

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            trackers = [VirtualSlimeVrTracker(mac, hub.port) for mac in MACS]
            async with sending(*trackers):
                connections = [
                    UdpConnection(mac, SLIMEVR, hub=hub, device=mac.upper()) for mac in MACS
                ]
                async with AsyncExitStack() as stack:
                    streams = [
                        await stack.enter_async_context(aclosing(connection.messages()))
                        for connection in connections
                    ]
                    await asyncio.gather(*map(wear, trackers, streams, range(17)))
            assert hub.strangers == 0

    run(scene())


def test_strangers_are_counted_and_not_mixed_in() -> None:
    """A tracker that nobody wears, and a program that sends nonsense, leave the stream alone."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            ours, theirs = (VirtualSlimeVrTracker(mac, hub.port) for mac in MACS[:2])
            scanner = VirtualSender(hub.port)
            connection = UdpConnection("s", SLIMEVR, hub=hub, device=MACS[0])
            async with sending(ours, theirs, scanner), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 3)
                theirs.look_for_server()
                theirs.send_rotation((0.5, 0.0, 0.0, 0.0))
                scanner.send(b"GET / HTTP/1.1")
                await until(lambda: hub.strangers == 3)
                ours.look_for_server()
                ours.send_rotation((1.0, 0.0, 0.0, 0.0))
                theirs.send_rotation((0.5, 0.0, 0.0, 0.0))
                await until(lambda: hub.strangers == 4)
                ours.send_rotation((0.75, 0.0, 0.0, 0.0))
                assert rotations(await reading) == [1.0, 0.75]
                assert {device.serial for device in hub.devices.values()} == set(MACS[:2])

    run(scene())


@pytest.mark.parametrize("device", [None, LOOPBACK])
def test_one_device_is_not_mixed_with_another(device: str | None) -> None:
    """Without a serial number the first device that comes is kept as long as it sends."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            ours, theirs = (VirtualSlimeVrTracker(mac, hub.port) for mac in MACS[:2])
            connection = UdpConnection("s", SLIMEVR, hub=hub, device=device)
            async with sending(ours, theirs), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 3)
                ours.look_for_server()
                ours.send_rotation((1.0, 0.0, 0.0, 0.0))
                theirs.look_for_server()
                theirs.send_rotation((0.5, 0.0, 0.0, 0.0))
                ours.send_rotation((0.75, 0.0, 0.0, 0.0))
                assert rotations(await reading) == [1.0, 0.75]
                assert hub.strangers == 2

    run(scene())


def test_nonsense_is_nobodys_device() -> None:
    """A connection for whichever tracker comes waits for one that sends what makes sense."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            tracker, scanner = VirtualSlimeVrTracker(MACS[0], hub.port), VirtualSender(hub.port)
            connection = UdpConnection("s", SLIMEVR, hub=hub)
            async with sending(tracker, scanner), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 1)
                scanner.send(b"GET / HTTP/1.1")
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                assert rotations(await reading) == [1.0]
                assert connection.address == tracker.address

    run(scene())


def test_lost_and_late_datagrams_are_counted() -> None:
    """What the network loses is known from the tracker's numbers, across the transport."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            tracker = VirtualSlimeVrTracker(MACS[0], hub.port)
            connection = UdpConnection("s", SLIMEVR, hub=hub)
            async with sending(tracker), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 4)
                tracker.look_for_server()
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                tracker.lose(3)
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                tracker.lose(-1)
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                decoder = SlimeVrDecoder()
                for message in await reading:
                    decoder.feed(message.data)
                assert (decoder.lost, decoder.late) == (3, 1)

    run(scene())


def test_replies_reach_the_tracker() -> None:
    """What the decoder wants to say goes to where the tracker sent from, once it did."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            tracker = VirtualSlimeVrTracker(MACS[0], hub.port)
            connection = UdpConnection("s", SLIMEVR, hub=hub)
            async with sending(tracker), aclosing(connection.messages()) as messages:
                await connection.send(HEARTBEAT)  # to nobody, as nobody has been heard
                reading = await begin_to_read(messages, 1)
                tracker.look_for_server()
                decoder = SlimeVrDecoder()
                for message in await reading:
                    decoder.feed(message.data)
                for reply in decoder.replies:
                    await connection.send(reply)
                await tracker.wait_for(WELCOME.data)
                assert tracker.received == [WELCOME.data]

    run(scene())


def test_a_tracker_comes_back_from_another_address() -> None:
    """It says who it is, and its stream goes on; the old address is a stranger's from then on."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            tracker = VirtualSlimeVrTracker(MACS[0], hub.port)
            heir = VirtualSender(hub.port)  # of the tracker's old address
            connection = UdpConnection("s", SLIMEVR, hub=hub, device=MACS[0])
            async with sending(tracker), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 1)
                tracker.look_for_server()
                await reading
                before = tracker.address
                await tracker.move()
                tracker.look_for_server()
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                received = await read(messages, 2)
                assert [message.restarted for message in received] == [True, False]
                assert connection.reconnections == 1
                assert before != connection.address == tracker.address
                async with sending_from(heir, before):
                    heir.send(b"who was that?")
                    await until(lambda: hub.strangers == 1)

    run(scene())


def test_an_imu_is_asked_who_it_is() -> None:
    """An x-IMU3 that sends from an unknown address is pinged, and known by its answer."""

    async def scene() -> None:
        async with listening(XIMU3_UDP) as hub:
            ours, theirs = VirtualXImu3(SERIAL, hub.port), VirtualXImu3("another", hub.port)
            connection = UdpConnection("s", XIMU3_UDP, hub=hub, device=SERIAL)
            decoder = XImu3Decoder()
            async with sending(ours, theirs), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 1)
                for imu in (theirs, ours):
                    imu.send_inertial(0, (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
                    await imu.wait_for(command("ping"))
                decoder.feed((await reading)[0].data)
                assert decoder.device is not None
                assert decoder.device.serial == SERIAL
                ours.send_inertial(2500, (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
                ticks: list[int] = []
                while not ticks:  # the answer to the ping that starts it comes first
                    for samples in decoder.feed((await anext(messages)).data):
                        assert samples.device_time is not None
                        ticks += samples.device_time.tolist()
                assert ticks == [2500]

    run(scene())


def test_silence_is_noticed_and_ends() -> None:
    """A device that says nothing is silent; what it says next goes on with its stream."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            tracker = VirtualSlimeVrTracker(MACS[0], hub.port)
            connection = UdpConnection("s", SLIMEVR, hub=hub, device=MACS[0], silence=0.05)
            async with sending(tracker), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 2)
                tracker.look_for_server()
                await until(lambda: connection.state is LinkState.SILENT)
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                assert [message.restarted for message in await reading] == [False, True]
                assert connection.reconnections == 1

    run(scene())


def test_an_address_may_become_another_trackers() -> None:
    """After a silence the tracker at an address is known by its word, not by the address."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            tracker = VirtualSlimeVrTracker(MACS[0], hub.port)
            connection = UdpConnection("s", SLIMEVR, hub=hub, device=MACS[0], silence=0.05)
            async with sending(tracker), aclosing(connection.messages()) as messages:
                reading = await begin_to_read(messages, 2)
                tracker.look_for_server()
                await until(lambda: connection.state is LinkState.SILENT)
                tracker.mac = MACS[1]
                tracker.look_for_server()
                tracker.send_rotation((0.5, 0.0, 0.0, 0.0))
                await until(lambda: hub.strangers == 2)
                tracker.mac = MACS[0]
                tracker.look_for_server()
                assert [message.restarted for message in await reading] == [False, True]

    run(scene())


def test_connections_on_one_port_have_to_be_told_apart() -> None:
    """Two connections for whoever comes, or for the same device, would steal each other's data."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            named = UdpConnection("left", SLIMEVR, hub=hub, device=MACS[0])
            async with aclosing(named.messages()) as messages:
                reading = await begin_to_read(messages, 1)
                for device in (None, MACS[0]):
                    other = UdpConnection("right", SLIMEVR, hub=hub, device=device)
                    with pytest.raises(ParameterError, match="right and left share UDP port"):
                        await anext(other.messages())
                reading.cancel()
                await asyncio.wait([reading])

    run(scene())


def test_a_port_in_use_is_an_error() -> None:
    """The message names the port and says what to do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as occupant:
        occupant.bind((LOOPBACK, 0))
        port = occupant.getsockname()[1]

        async def scene() -> None:
            connection = UdpConnection("s", SLIMEVR, host=LOOPBACK, port=port)
            with pytest.raises(UdpPortError, match=rf"port {port}: in use .* SlimeVR: close"):
                await anext(connection.messages())
            assert connection.state is LinkState.CLOSED

        run(scene())


def test_a_hub_can_be_opened_again_at_once() -> None:
    """Closing waits until the system has the port back."""

    async def scene() -> None:
        hub = UdpHub(SLIMEVR, port=0, host=LOOPBACK)
        for _ in range(3):
            await hub.open()
            await hub.close()

    run(scene())


def test_cancelling_frees_the_port() -> None:
    """A reader that is cancelled leaves its connection closed and the port free for the next."""

    async def scene() -> None:
        hub = UdpHub(XIMU3_UDP, port=0, host=LOOPBACK)
        described = replace(XIMU3_UDP, stop=(Write(b"stop"),))
        connection: Connection = UdpConnection("s", described, hub=hub)
        messages = connection.messages()
        reading = asyncio.create_task(read(messages, 1000))
        await until(lambda: hub.port != 0)
        imu = VirtualXImu3(SERIAL, hub.port)
        async with sending(imu):
            imu.send_inertial(0, (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
            await imu.wait_for(command("ping"))
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            assert connection.state is LinkState.CLOSED
            await imu.wait_for(b"stop")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as next_one:
            next_one.bind((LOOPBACK, hub.port))
        await connection.close()
        assert [message async for message in connection.messages()] == []

    run(scene())


def test_closing_ends_the_messages() -> None:
    """What has come is still handed out, and then the messages end."""

    async def scene() -> None:
        async with listening(SLIMEVR) as hub:
            tracker = VirtualSlimeVrTracker(MACS[0], hub.port)
            connection = UdpConnection("s", SLIMEVR, hub=hub)
            stranger = VirtualSender(hub.port)
            async with sending(tracker, stranger):
                messages = connection.messages()
                reading = await begin_to_read(messages, 1)
                tracker.look_for_server()
                await reading
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                tracker.send_rotation((0.5, 0.0, 0.0, 0.0))
                stranger.send(b"later")
                await until(lambda: hub.strangers == 1)
                await connection.close()
                assert rotations([message async for message in messages]) == [1.0, 0.5]

    run(scene())


def test_commands_go_to_the_port_that_the_kit_says() -> None:
    """An x-IMU3 that listens elsewhere than it sends from is started there, and only there."""

    async def scene() -> None:
        async with listening(XIMU3_UDP) as free:
            port = free.port
        imu, ears = VirtualXImu3(SERIAL, port), VirtualSender(port)
        async with sending(imu, ears):
            sensor = KitSensor(
                "x-IMU3",
                segment="pelvis",
                transport="udp",
                host=LOOPBACK,
                udp_port=port,
                command_port=ears.address[1],
            )
            connection = Surroundings(host=LOOPBACK).live_sensor(sensor).connection
            messages = connection.messages()
            try:
                reading = asyncio.ensure_future(anext(messages))
                while not reading.done():
                    imu.send_inertial(0, (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
                    await asyncio.wait([reading], timeout=0.01)
                for write in XIMU3_UDP.start:
                    await ears.wait_for(write.data)
            finally:
                await connection.close()
            assert imu.received == []

    run(scene())


def test_announced_imus_are_found() -> None:
    """Devices on the network are listed with where they send to, once each; noise is not."""

    async def scene() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
        imu = VirtualXImu3(SERIAL, 8123)
        async with sending(imu):
            finding = asyncio.create_task(find_announced(0.2, port=port, host=LOOPBACK))
            while not finding.done():
                imu.announce(port)
                imu.send_to(b'{"name": "something else"}', (LOOPBACK, port))
                await asyncio.wait([finding], timeout=0.01)
            (found,) = await finding
            assert (found.serial, found.data_port) == (SERIAL, 8123)
            assert (found.address, found.command_port) == imu.address

    run(scene())


def test_trackers_in_search_of_a_server_are_found() -> None:
    """Trackers that shake hands are listed by MAC address."""

    async def scene() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
        trackers = [VirtualSlimeVrTracker(mac, port) for mac in MACS[:3]]
        async with sending(*trackers):
            finding = asyncio.create_task(find_senders(SLIMEVR, 0.2, port=port, host=LOOPBACK))
            while not finding.done():
                for tracker in trackers:
                    tracker.look_for_server()
                await asyncio.wait([finding], timeout=0.01)
            found = await finding
        assert {device.serial for device in found.values()} == set(MACS[:3])

    run(scene())


def test_a_device_without_a_usual_port_needs_one() -> None:
    """A description that names no port is refused at once."""
    with pytest.raises(ParameterError, match="no usual UDP port"):
        UdpHub(DeviceDescription("any", Transport.UDP, (), SlimeVrDecoder))

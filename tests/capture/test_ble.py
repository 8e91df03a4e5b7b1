"""BLE connections to virtual devices, in virtual time: every wait ends by itself or fails."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import pytest
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakError

from trackside.capture.connection import LinkState, Message
from trackside.capture.devices.contract import DeviceDescription, Write
from trackside.capture.devices.heart_rate import HEART_RATE_MONITOR
from trackside.capture.devices.movella_dot import MEASUREMENT_CONTROL, MOVELLA_DOT
from trackside.capture.devices.running_speed import FOOT_POD
from trackside.capture.transports.ble import (
    AmbiguousNameError,
    BleConnection,
    WrongDeviceError,
    usual_silence,
)
from trackside.capture.transports.ble_adapter import Adapter, BluetoothError
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, MAGNETOMETER, Imu, Kind, Stream
from trackside.simulation import virtual_time
from trackside.simulation.virtual_ble import LinkQuality, VirtualRadio
from trackside.simulation.virtual_peripherals import Dot, FootPod, HeartRateStrap

RATE = 60.0
UNSTEADY = LinkQuality(interval=0.0225, retransmissions=0.2)


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on a loop whose clock jumps; ten virtual minutes are its limit."""

    async def limited(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(600):
            await test(*args, **kwargs)

    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        virtual_time.run(limited(*args, **kwargs))

    return run


def noise(seed: int) -> Imu:
    rng = np.random.default_rng(seed)
    gyr, acc, mag = rng.normal(size=(3, 600, 3))
    stream = Stream("imu", Kind.IMU, (GYROSCOPE, ACCELEROMETER, MAGNETOMETER), RATE)
    return Imu(stream, np.arange(600) / RATE, gyr, acc, mag)


def dot(number: int, name: str = "Movella DOT") -> Dot:
    return Dot(name, f"C0:00:00:00:01:{number:02X}", noise(number))


def strap() -> HeartRateStrap:
    return HeartRateStrap("Chest strap", "C0:00:00:00:02:01", np.arange(0.5, 30.0, 0.5))


def pod() -> FootPod:
    return FootPod("Foot pod", "C0:00:00:00:03:01", np.full((5, 3), (4.0, 180.0, 1.33)))


def dot_connection(device: Dot, adapter: Adapter) -> BleConnection:
    return BleConnection(device.name, MOVELLA_DOT, adapter, address=device.address)


async def take(messages: AsyncIterator[Message], count: int) -> list[Message]:
    return [await anext(messages) for _ in range(count)]


async def all_of(connection: BleConnection) -> list[Message]:
    return [message async for message in connection.messages()]


async def next_from(messages: AsyncIterator[Message], channel: str) -> Message:
    while (message := await anext(messages)).channel != channel:
        pass
    return message


async def stopped_tasks() -> set[str]:
    """Names of the tasks that are left, after what is ending had time to end."""
    await asyncio.sleep(30)
    return {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}}


def state(connection: BleConnection) -> LinkState:
    """What it is doing now (type checkers believe what was asserted before)."""
    return connection.state


def now() -> float:
    return asyncio.get_running_loop().time()


@in_virtual_time
async def test_scan_finds_devices_and_recognises_their_models() -> None:
    """A scan lists every device once, and its name or its services tell the model."""
    radio = VirtualRadio()
    for device in (dot(1), strap(), pod()):
        await radio.add(device)
    found = await (await radio.adapter()).scan(1.0)
    models = (HEART_RATE_MONITOR, FOOT_POD, MOVELLA_DOT)
    assert {device.name: device.model(models) for device in found} == {
        "Movella DOT": MOVELLA_DOT,
        "Chest strap": HEART_RATE_MONITOR,
        "Foot pod": FOOT_POD,
    }
    assert len({device.address for device in found}) == len(found) == 3
    assert all(device.signal < 0 for device in found)
    assert found[0].model(()) is None


@in_virtual_time
async def test_messages_are_what_the_device_sent() -> None:
    """Every byte arrives, in order, although packets are sent again; then comes the end."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device, UNSTEADY)
    connection = dot_connection(device, await radio.adapter())
    messages = connection.messages()
    information, level, *taken = await take(messages, 2 + 500)
    assert [len(information.data), level.data] == [34, bytes([80, 0])]
    sent = device.messages(0.0)
    expected = [next(data for _, data in sent if data == taken[0].data)]
    expected += [next(sent)[1] for _ in taken[1:]]
    assert [message.data for message in taken] == expected
    assert {message.channel for message in taken} == {device.measurement_uuid}
    assert not any(message.restarted for message in taken)
    assert connection.state is LinkState.STREAMING
    assert connection.signal is not None
    await connection.close()
    rest = [message.data async for message in messages]
    assert rest == [next(sent)[1] for _ in rest]
    assert state(connection) is LinkState.CLOSED


@in_virtual_time
async def test_arrival_is_stamped_before_messages_wait() -> None:
    """A consumer that takes its time finds the arrivals as they were."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device)
    messages = dot_connection(device, await radio.adapter()).messages()
    await next_from(messages, device.measurement_uuid)
    await asyncio.sleep(5.0)
    arrivals = [message.arrival for message in await take(messages, 100)]
    np.testing.assert_allclose(np.diff(arrivals), 1 / RATE, atol=1e-6)
    assert arrivals[-1] < now() - 3.0
    await messages.aclose()


@in_virtual_time
async def test_device_is_subscribed_to_and_started_in_order_and_stopped() -> None:
    """Notifications come before the start, writes keep their order, and closing stops."""
    subscribed = []

    class Observed(Dot):
        def written(self, uuid: str, value: bytes) -> None:
            server = self.measurement_server()
            subscribed.append(any(self.measurement.handle in s for s in server.values()))
            super().written(uuid, value)

        def measurement_server(self) -> dict[Any, Any]:
            assert self._device is not None
            return self._device.gatt_server.subscribers

    radio, device = VirtualRadio(), Observed("Movella DOT", "C0:00:00:00:01:01", noise(1))
    await radio.add(device)
    connection = dot_connection(device, await radio.adapter())
    messages = connection.messages()
    await next_from(messages, device.measurement_uuid)
    start = [(write.characteristic, write.data) for write in MOVELLA_DOT.start]
    assert device.writes == start
    assert subscribed == [True] * len(start)
    await connection.close()
    stop = [(write.characteristic, write.data) for write in MOVELLA_DOT.stop]
    assert device.writes == start + stop
    assert not radio.connected
    await connection.close()
    assert device.writes == start + stop


@in_virtual_time
async def test_sent_bytes_reach_a_connected_device() -> None:
    """What is sent is written while connected; otherwise, or where it cannot be, it is dropped."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device)
    connection = dot_connection(device, await radio.adapter())
    write = Write(b"hello", MEASUREMENT_CONTROL)
    await connection.send(write)
    messages = connection.messages()
    await next_from(messages, device.measurement_uuid)
    await connection.send(replace(write, characteristic=device.measurement_uuid))
    await connection.send(replace(write, characteristic="00000000-0000-0000-0000-000000000001"))
    assert len(device.writes) == len(MOVELLA_DOT.start)
    await connection.send(write)
    assert device.writes[-1] == (MEASUREMENT_CONTROL, b"hello")
    await connection.close()
    await connection.send(write)
    assert device.writes[-1] == (MEASUREMENT_CONTROL, MOVELLA_DOT.stop[0].data)


@in_virtual_time
async def test_each_sensor_comes_back_after_link_loss_and_others_lose_nothing() -> None:
    """Links break in turn: each is back within 5 s, marked, and the other streams have no gap."""
    radio = VirtualRadio()
    adapter = await radio.adapter()
    devices = [dot(number) for number in (1, 2, 3)]
    connections, streams = [], []
    for device in devices:
        await radio.add(device, UNSTEADY)
        connections.append(dot_connection(device, adapter))
        streams.append(connections[-1].messages())
    for stream, device in zip(streams, devices, strict=True):
        await next_from(stream, device.measurement_uuid)
    for lost in range(3):
        radio.break_link(devices[lost])
        broken = now()
        while not (message := await anext(streams[lost])).restarted:
            pass
        assert message.arrival - broken < 5.0
        for number in {0, 1, 2} - {lost}:
            taken = await take(streams[number], 200)
            assert not any(message.restarted for message in taken)
            ticks = [int.from_bytes(message.data[:4], "little") for message in taken]
            np.testing.assert_allclose(np.diff(ticks), 1e6 / RATE, atol=2)
        after = await take(streams[lost], 200)
        assert not any(message.restarted for message in after)
    assert [connection.reconnections for connection in connections] == [1, 1, 1]
    for connection in connections:
        await connection.close()


@in_virtual_time
async def test_loss_that_nobody_reports_is_noticed_and_mended() -> None:
    """Out of reach, unnoticed by the system: the watchdog sees it, and it is back within 5 s."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device)
    connection = dot_connection(device, await radio.adapter())
    messages = connection.messages()
    await next_from(messages, device.measurement_uuid)
    radio.take_away(device)
    await asyncio.sleep(usual_silence(MOVELLA_DOT) + 0.1)
    assert connection.state in (LinkState.SILENT, LinkState.SEARCHING)
    await asyncio.sleep(120)
    assert connection.state is LinkState.SEARCHING
    radio.bring_back(device)
    back = now()
    while not (message := await anext(messages)).restarted:
        pass
    assert message.arrival - back < 5.0
    await connection.close()


@in_virtual_time
async def test_silent_device_is_connected_anew() -> None:
    """A device that stays connected but sends nothing is started again."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device)
    connection = dot_connection(device, await radio.adapter())
    messages = connection.messages()
    before = await next_from(messages, device.measurement_uuid)
    device.fall_silent()
    while not (message := await anext(messages)).restarted:
        before = message
    after = await next_from(messages, device.measurement_uuid)
    assert usual_silence(MOVELLA_DOT) < after.arrival - before.arrival < 5.0
    assert connection.reconnections == 1
    await connection.close()


@pytest.mark.parametrize(
    ("description", "expected"), [(MOVELLA_DOT, 2.0), (HEART_RATE_MONITOR, 5.0)]
)
def test_slow_devices_may_be_silent_longer(description: DeviceDescription, expected: float) -> None:
    """What counts as silence follows from the rate that a device sends at."""
    assert usual_silence(description) == expected


@in_virtual_time
async def test_missing_sensor_does_not_delay_the_others() -> None:
    """While one sensor is never found, another is connected and its link mended within 5 s."""
    radio, device = VirtualRadio(), strap()
    await radio.add(device)
    adapter = await radio.adapter()
    missing = dot_connection(dot(1), adapter)
    waiting = asyncio.ensure_future(anext(missing.messages()))
    connection = BleConnection(device.name, HEART_RATE_MONITOR, adapter)
    messages = connection.messages()
    await next_from(messages, device.measurement_uuid)
    assert now() < 5.0
    await asyncio.sleep(60)
    radio.break_link(device)
    broken = now()
    while not (message := await anext(messages)).restarted:
        pass
    assert message.arrival - broken < 5.0
    assert missing.state is LinkState.SEARCHING
    await missing.close()
    with pytest.raises(StopAsyncIteration):
        await waiting
    await connection.close()


@in_virtual_time
async def test_name_of_several_devices_is_refused_and_address_accepted() -> None:
    """Two sensors of one name: the name alone is an error that lists them, an address is enough."""
    radio, first, second = VirtualRadio(), dot(1), dot(2)
    await radio.add(first)
    await radio.add(second)
    adapter = await radio.adapter()
    by_name = BleConnection("Movella DOT", MOVELLA_DOT, adapter)
    with pytest.raises(AmbiguousNameError, match=f"{first.address}, {second.address}"):
        await anext(by_name.messages())
    for name, address in (("Movella DOT", second.address.lower()), (second.address.lower(), None)):
        connection = BleConnection(name, MOVELLA_DOT, adapter, address=address)
        message = await next_from(connection.messages(), second.measurement_uuid)
        assert radio.connected == {second.address}
        assert message.data in {data for _, data in itertools.islice(second.messages(0.0), 1200)}
        await connection.close()


@in_virtual_time
async def test_wrong_device_is_refused() -> None:
    """A device without the described characteristics is an error, and is let go."""
    radio, device = VirtualRadio(), strap()
    await radio.add(device)
    connection = BleConnection(device.name, MOVELLA_DOT, await radio.adapter())
    with pytest.raises(WrongDeviceError, match="no Movella DOT"):
        await anext(connection.messages())
    assert not radio.connected
    unknown = "00000000-0000-0000-0000-000000000001"
    demanding = replace(HEART_RATE_MONITOR, start=(Write(b"\x01", unknown),))
    connection = BleConnection(device.name, demanding, await radio.adapter())
    with pytest.raises(WrongDeviceError, match=unknown):
        await next_from(connection.messages(), "nothing comes")


@in_virtual_time
async def test_optional_characteristics_may_be_missing() -> None:
    """What a device lacks or does not let be read is passed over, and the rest arrives."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device)
    unknown = "00000000-0000-0000-0000-000000000001"
    description = replace(
        MOVELLA_DOT,
        notify=(unknown, *MOVELLA_DOT.notify),
        read=(unknown, MEASUREMENT_CONTROL, *MOVELLA_DOT.read),
    )
    connection = BleConnection(device.name, description, await radio.adapter())
    messages = connection.messages()
    read = await take(messages, 2)
    assert tuple(message.channel for message in read) == MOVELLA_DOT.read
    await next_from(messages, device.measurement_uuid)
    await connection.close()


@pytest.mark.parametrize("moment", np.arange(0.0, 1.0, 0.04).tolist())
@in_virtual_time
async def test_cancellation_at_any_moment_closes(moment: float) -> None:
    """Whatever the connection is doing, cancelling its consumer stops and releases the device."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device, LinkQuality(interval=0.015))
    connection = dot_connection(device, await radio.adapter())

    async def consume() -> None:
        async for _ in connection.messages():
            pass

    consumer = asyncio.create_task(consume())
    await asyncio.sleep(moment)
    consumer.cancel()
    await asyncio.wait({consumer})
    assert consumer.cancelled()
    assert connection.state is LinkState.CLOSED
    assert not radio.connected
    started, stopped = device.writes[:3], device.writes[3:]
    assert not stopped or len(started) == 3
    if len(started) == 3:
        assert stopped == [(write.characteristic, write.data) for write in MOVELLA_DOT.stop]
    assert not await stopped_tasks()


@in_virtual_time
async def test_device_that_leaves_while_it_is_connected_to_is_found_again() -> None:
    """A device that was seen and then left blocks others for 10 s, and is found when it returns."""
    radio, leaving, staying = VirtualRadio(), dot(1), dot(2)
    await radio.add(leaving)
    await radio.add(staying)
    scanner, client = await radio.backend()
    left = asyncio.Event()

    class Late(client):  # type: ignore[misc, valid-type]
        async def connect(self, pair: bool, **kwargs: Any) -> None:
            if self.address == leaving.address and not left.is_set():
                radio.take_away(leaving)
                left.set()
            await super().connect(pair, **kwargs)

    adapter = Adapter(scanner, Late)
    first, second = dot_connection(leaving, adapter), dot_connection(staying, adapter)
    waiting = asyncio.ensure_future(anext(first.messages()))
    await left.wait()
    await next_from(second.messages(), staying.measurement_uuid)
    assert now() < 12.0
    assert not waiting.done()
    radio.bring_back(leaving)
    await waiting
    assert now() < 17.0
    await first.close()
    await second.close()


@in_virtual_time
async def test_adapter_does_one_thing_at_a_time() -> None:
    """Sensors that start together are connected to one at a time, and never during a scan."""
    radio, devices = VirtualRadio(), [dot(number) for number in range(5)]
    for device in devices:
        await radio.add(device)
    scanner, client = await radio.backend()
    busy: list[str] = []
    most: list[int] = []

    class Scanner(scanner):  # type: ignore[misc, valid-type]
        async def start(self) -> None:
            busy.append("scan")
            most.append(len(busy))
            await super().start()

        async def stop(self) -> None:
            await super().stop()
            busy.remove("scan")

    class Client(client):  # type: ignore[misc, valid-type]
        async def connect(self, pair: bool, **kwargs: Any) -> None:
            busy.append("connect")
            most.append(len(busy))
            await super().connect(pair, **kwargs)
            busy.remove("connect")

    adapter = Adapter(Scanner, Client)
    connections = [dot_connection(device, adapter) for device in devices]
    streams = [connection.messages() for connection in connections]
    await asyncio.gather(*(anext(stream) for stream in streams))
    assert len(most) >= 1 + 5
    assert max(most) == 1
    for connection in connections:
        await connection.close()


@in_virtual_time
async def test_cancellation_that_a_library_forgets_closes() -> None:
    """Cancelled while a library goes on regardless, the connection still stops the device."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device)
    scanner, client = await radio.backend()
    subscribing = asyncio.Event()

    class Forgetful(client):  # type: ignore[misc, valid-type]
        async def start_notify(self, *args: Any, **kwargs: Any) -> None:
            subscribing.set()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(1)
            await super().start_notify(*args, **kwargs)

    connection = dot_connection(device, Adapter(scanner, Forgetful))
    consumer = asyncio.create_task(all_of(connection))
    await subscribing.wait()
    await connection.close()
    await consumer
    assert not radio.connected
    assert device.writes[-1] == (MEASUREMENT_CONTROL, MOVELLA_DOT.stop[0].data)


@in_virtual_time
async def test_connections_that_hang_are_given_up_and_tried_again() -> None:
    """When the system never answers a connect, it is abandoned, and later attempts succeed."""
    radio, device = VirtualRadio(), dot(1)
    await radio.add(device)
    scanner, client = await radio.backend()
    attempts = []

    class Hanging(client):  # type: ignore[misc, valid-type]
        async def connect(self, pair: bool, **kwargs: Any) -> None:
            attempts.append(now())
            if len(attempts) == 1:
                raise BleakError("le-connection-abort-by-local")
            if len(attempts) == 2:
                await asyncio.Event().wait()
            await super().connect(pair, **kwargs)

        async def disconnect(self) -> None:
            await super().disconnect()
            await asyncio.Event().wait()

    connection = dot_connection(device, Adapter(scanner, Hanging))
    messages = connection.messages()
    await next_from(messages, device.measurement_uuid)
    assert len(attempts) == 3
    assert now() < 30.0
    await connection.close()


@in_virtual_time
async def test_missing_bluetooth_is_a_clear_error() -> None:
    """Without Bluetooth both a scan and a connection say so instead of waiting."""

    class Off(BaseBleakScanner):
        def __init__(self, *_args: Any, **_kwargs: Any) -> None:
            super().__init__(None, None)

        async def start(self) -> None:
            raise BleakError("no powered Bluetooth adapters")

        async def stop(self) -> None:
            raise AssertionError("never started")

    adapter = Adapter(Off, BaseBleakClient)
    with pytest.raises(BluetoothError, match="no powered Bluetooth adapters; is Bluetooth"):
        await adapter.scan()
    connection = BleConnection("Chest strap", HEART_RATE_MONITOR, adapter)
    with pytest.raises(BluetoothError, match="switched on"):
        await anext(connection.messages())
    assert connection.state is LinkState.CLOSED

"""The virtual radio and its devices: what they send, and that they can fail as real ones do."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError

from trackside.arrays import Floats
from trackside.capture.connection import Message
from trackside.capture.devices import heart_rate, running_speed
from trackside.capture.devices.contract import Samples
from trackside.capture.devices.movella_dot import (
    BATTERY,
    INFORMATION,
    MEASUREMENT_CONTROL,
    MOVELLA_DOT,
    parse_information,
    start_measurement,
)
from trackside.capture.transports.ble import BleConnection
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, MAGNETOMETER, Imu, Kind, Stream
from trackside.simulation import virtual_time
from trackside.simulation.virtual_ble import LinkQuality, VirtualRadio
from trackside.simulation.virtual_peripherals import (
    Dot,
    FootPod,
    HeartRateStrap,
    VirtualPeripheral,
)

RATE = 60.0
ADDRESS = "C0:00:00:00:00:01"


def noise(count: int = 300) -> Imu:
    gyr, acc, mag = np.random.default_rng(4).normal(size=(3, count, 3))
    stream = Stream("imu", Kind.IMU, (GYROSCOPE, ACCELEROMETER, MAGNETOMETER), RATE)
    return Imu(stream, np.arange(count) / RATE, gyr, acc, mag)


def sent(device: VirtualPeripheral, count: int, since: float = 0.0) -> list[tuple[float, bytes]]:
    return list(itertools.islice(device.messages(since), count))


async def take(messages: AsyncIterator[Message], device: Dot, count: int) -> list[Message]:
    taken: list[Message] = []
    async for message in messages:
        if message.channel == device.measurement_uuid:
            taken.append(message)
        if len(taken) == count:
            break
    return taken


def dot_samples(device: Dot, messages: list[bytes]) -> list[Samples]:
    decoder = MOVELLA_DOT.decoder()
    (samples,) = zip(
        *(decoder.feed(data, device.measurement_uuid) for data in messages), strict=True
    )
    assert not decoder.rejected
    return list(samples)


def test_dot_sends_the_samples_it_was_given() -> None:
    """Decoded, the payloads hold the given samples to their resolution, turn after turn."""
    imu = noise()
    device = Dot("Movella DOT", ADDRESS, imu)
    messages = sent(device, 700)
    np.testing.assert_allclose([due for due, _ in messages], np.arange(1, 701) / RATE)
    samples = dot_samples(device, [data for _, data in messages])
    which = np.arange(1, 701) % 300
    assert imu.gyr is not None
    assert imu.mag is not None
    for channel, expected, tolerance in (
        ("gyroscope", imu.gyr, 1e-6),
        ("accelerometer", imu.acc, 1e-6),
        ("magnetometer", imu.mag / 40, 0.5 / 4096),
    ):
        values = np.concatenate([sample.values[channel] for sample in samples])
        np.testing.assert_allclose(values, expected[which], atol=tolerance)


def test_dot_starts_between_samples_with_the_next_one() -> None:
    """Whoever connects later gets the samples of that time, not those of the beginning."""
    device = Dot("Movella DOT", ADDRESS, noise())
    assert sent(device, 50, since=7.301) == sent(device, 500)[-62:-12]


def test_dot_clock_has_its_own_rate_and_wraps() -> None:
    """A clock that is 100 ppm fast and about to wrap does both."""
    device = Dot("Movella DOT", ADDRESS, noise(), skew=1e-4, first_tick=2**32 - 1_000_000)
    samples = dot_samples(device, [data for _, data in sent(device, 600)])
    ticks = np.array(
        [sample.device_time[0] for sample in samples if sample.device_time is not None]
    )
    wraps = np.flatnonzero(np.diff(ticks) < 0)
    assert len(wraps) == 1
    passed = np.unwrap(ticks, period=2**32)
    assert (passed[-1] - passed[0]) * 1e-6 == pytest.approx(599 / RATE * 1.0001, abs=2e-6)


def test_strap_sends_every_interval_once() -> None:
    """Decoded, the intervals are those between the beats, and the rate goes with them."""
    beats: Floats = np.cumsum(np.random.default_rng(1).uniform(0.4, 0.9, 200))
    device = HeartRateStrap("Strap", ADDRESS, beats)
    decoder = heart_rate.decoder()
    intervals, rates = [], []
    for _, data in sent(device, int(beats[-1])):
        measured, *more = decoder.feed(data, device.measurement_uuid)
        rates.append(measured.values["heart_rate"][0, 0])
        intervals += [more[0].values["rr_interval"][:, 0]] if more else []
    found = np.concatenate(intervals)
    np.testing.assert_allclose(found, np.diff(beats)[: len(found)], atol=1 / 2048)
    assert len(found) > 195
    assert np.mean(rates[1:]) == pytest.approx(60 / np.mean(found), rel=0.05)
    assert not decoder.rejected


def test_foot_pod_sends_what_is_run() -> None:
    """Decoded, speed, cadence and stride are those given, and distance is the sum of speed."""
    runs = np.array([[3.0, 170.0, 1.06], [4.0, 180.0, 1.33]])
    device = FootPod("Pod", ADDRESS, runs)
    decoder = running_speed.decoder()
    samples = [decoder.feed(data, device.measurement_uuid)[0] for _, data in sent(device, 4)]
    for column, name in enumerate(("speed", "cadence", "stride_length")):
        values = [sample.values[name][0, 0] for sample in samples]
        np.testing.assert_allclose(values, np.tile(runs[:, column], 2), atol=1 / 200)
    distances = [sample.values["distance"][0, 0] for sample in samples]
    np.testing.assert_allclose(distances, [3.0, 7.0, 10.0, 14.0])


def test_bleak_scans_reads_and_reports_errors() -> None:
    """bleak's own classes work on the backend, and errors are those that bleak documents."""

    async def main() -> None:
        radio = VirtualRadio()
        await radio.add(HeartRateStrap("Strap", ADDRESS, np.arange(1.0, 9.0)))
        await radio.add(Dot("Movella DOT", "C0:00:00:00:00:02", noise()))
        scanner, client_type = await radio.backend()
        found = await BleakScanner.discover(1.0, service_uuids=["180d"], backend=scanner)
        assert [device.name for device in found] == ["Strap"]
        lost = asyncio.Event()
        dot = await BleakScanner.find_device_by_name("Movella DOT", backend=scanner)
        assert dot is not None
        async with BleakClient(dot, lambda _: lost.set(), backend=client_type) as client:
            assert client.mtu_size == 247
            information = parse_information(bytes(await client.read_gatt_char(INFORMATION)))
            assert information.address == "C0:00:00:00:00:02"
            with pytest.raises(BleakGATTProtocolError):
                await client.read_gatt_char(MEASUREMENT_CONTROL)
            assert await client.read_gatt_char(BATTERY) == bytes([80, 0])
        assert lost.is_set()
        with pytest.raises(BleakError):
            await client.read_gatt_char(INFORMATION)

    virtual_time.run(main())


def test_requests_that_are_open_when_the_link_breaks_end() -> None:
    """A request on a breaking link raises bleak's error at once, rather than hang or cancel."""

    async def main() -> None:
        radio, device = VirtualRadio(), Dot("Movella DOT", ADDRESS, noise())
        await radio.add(device, LinkQuality(interval=0.045))
        _, client_type = await radio.backend()
        async with BleakClient(ADDRESS, backend=client_type) as client:
            reading = asyncio.create_task(client.read_gatt_char(INFORMATION))
            await asyncio.sleep(0.001)
            radio.break_link(device)
            with pytest.raises(BleakError, match="the link broke"):
                await reading
            assert not client.is_connected

    virtual_time.run(main())


async def arrivals(seed: int, quality: LinkQuality, count: int = 300) -> Floats:
    """Arrivals of a DOT's samples, s; asserts that none is lost or overtaken."""
    radio, device = VirtualRadio(seed), Dot("Movella DOT", ADDRESS, noise())
    await radio.add(device, quality)
    connection = BleConnection("dot", MOVELLA_DOT, await radio.adapter(), address=ADDRESS)
    taken = await take(connection.messages(), device, count)
    ticks = [int.from_bytes(message.data[:4], "little") for message in taken]
    np.testing.assert_allclose(np.diff(ticks), 1e6 / RATE, atol=2)
    return np.array([message.arrival for message in taken])


@pytest.mark.parametrize("interval", [0.0075, 0.03, 0.045])
def test_link_carries_packets_at_connection_events_in_order(interval: float) -> None:
    """Arrivals lie on the grid of connection events, late ones in order, and repeat by seed."""
    quality = LinkQuality(interval, retransmissions=0.3)
    first = virtual_time.run(arrivals(1, quality))
    events = np.diff(first) / interval
    np.testing.assert_allclose(events, np.rint(events), atol=1e-6)
    assert events.max() >= 2
    np.testing.assert_array_equal(virtual_time.run(arrivals(1, quality)), first)
    assert not np.array_equal(virtual_time.run(arrivals(2, quality)), first)


def test_reset_starts_the_clock_anew() -> None:
    """After a crash the device's clock begins at 0 and its messages go on."""

    async def main() -> None:
        radio, device = VirtualRadio(), Dot("Movella DOT", ADDRESS, noise(), first_tick=10**9)
        await radio.add(device)
        connection = BleConnection("dot", MOVELLA_DOT, await radio.adapter(), address=ADDRESS)
        messages = connection.messages()
        taken = [await anext(messages) for _ in range(100)]
        radio.reset(device)
        while not (message := await anext(messages)).restarted:
            taken.append(message)
        after = [await anext(messages) for _ in range(100)][-1]
        assert int.from_bytes(taken[-1].data[:4], "little") >= 10**9
        assert int.from_bytes(after.data[:4], "little") < 5_000_000
        await connection.close()

    virtual_time.run(main())


def test_garbage_is_counted_and_passes() -> None:
    """Notifications that are no payload reach the decoder as they are, and the stream goes on."""

    async def main() -> None:
        radio, device = VirtualRadio(), Dot("Movella DOT", ADDRESS, noise())
        await radio.add(device)
        connection = BleConnection("dot", MOVELLA_DOT, await radio.adapter(), address=ADDRESS)
        messages = connection.messages()
        decoder = MOVELLA_DOT.decoder()
        await take(messages, device, 10)
        garbage = b"\xff\x00garbage"
        await device.send(garbage)
        taken = [await anext(messages) for _ in range(20)]
        samples = [decoder.feed(message.data, message.channel) for message in taken]
        assert [message.data for message in taken].count(garbage) == 1
        assert decoder.rejected == len(garbage)
        assert sum(map(len, samples)) == 19
        await connection.close()

    virtual_time.run(main())


def test_device_sends_only_while_it_measures() -> None:
    """Nothing is sent before the start and after the link is gone, and everything is counted."""

    async def main() -> None:
        radio, device = VirtualRadio(), Dot("Movella DOT", ADDRESS, noise())
        await radio.add(device)
        _, client_type = await radio.backend()
        heard: list[bytearray] = []
        async with BleakClient(ADDRESS, backend=client_type) as client:
            await client.start_notify(device.measurement_uuid, lambda _, data: heard.append(data))
            await asyncio.sleep(5.0)
            assert not heard
            await client.write_gatt_char(MEASUREMENT_CONTROL, start_measurement(20), response=True)
            await asyncio.sleep(5.0)
            assert len(heard) == device.sent == 300
        sent_until_the_end = device.sent
        await asyncio.sleep(5.0)
        assert device.sent == sent_until_the_end < 302

    virtual_time.run(main())


def test_virtual_time_passes_without_waiting_and_ends_deadlocks() -> None:
    """Timers fire in order at their time; waiting for what can never come is an error."""

    async def timers() -> list[float]:
        loop = asyncio.get_running_loop()
        fired: list[float] = []
        for delay in (7200.0, 3600.0):
            loop.call_later(delay, lambda: fired.append(loop.time()))
        await asyncio.sleep(10_000)
        return fired

    assert virtual_time.run(timers()) == pytest.approx([3600, 7200])

    async def deadlock() -> None:
        await asyncio.Event().wait()

    with pytest.raises(virtual_time.DeadlockError):
        virtual_time.run(deadlock())

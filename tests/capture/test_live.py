"""Live sensors as a source: what was sent comes, at its time, and what is missing is known."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import pytest
from bumble.att import ATT_Error, ErrorCode

from trackside.arrays import Floats
from trackside.capture.connecting import Surroundings
from trackside.capture.connection import LinkState
from trackside.capture.devices.movella_dot import MEASUREMENT_CONTROL, start_measurement
from trackside.capture.devices.xbus import XSENS_MTI
from trackside.capture.kit import KitSensor
from trackside.capture.live import BLOCK_DURATION, LiveSensor, LiveSource, NoSensorError
from trackside.capture.status import SensorStatus
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    MAGNETOMETER,
    Annotation,
    Block,
    Imu,
    Kind,
    Stream,
)
from trackside.simulation import virtual_time
from trackside.simulation.virtual_ble import LinkQuality, VirtualRadio
from trackside.simulation.virtual_peripherals import Dot
from trackside.simulation.virtual_udp import LOOPBACK, VirtualSlimeVrTracker

LINK = LinkQuality(interval=0.015, retransmissions=0.1)


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on a loop whose clock jumps; ten virtual minutes are its limit."""

    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        virtual_time.run(asyncio.wait_for(test(*args, **kwargs), 600))

    return run


def motion(seed: int, rate: float = 60.0) -> Imu:
    gyr, acc, mag = np.random.default_rng(seed).normal(size=(3, 600, 3))
    stream = Stream("imu", Kind.IMU, (GYROSCOPE, ACCELEROMETER, MAGNETOMETER), rate)
    return Imu(stream, np.arange(600) / rate, gyr, acc, mag)


SEGMENTS = ("left_foot", "right_foot", "pelvis")


class Stage:
    """Virtual DOTs on the first segments, and what a source gathers of them."""

    def __init__(self, radio: VirtualRadio, dots: Sequence[Dot], source: LiveSource) -> None:
        self.radio = radio
        self.dots = dots
        self.source = source
        self.items: list[Block | Annotation] = []
        self.gathering = asyncio.create_task(self._gather())

    @classmethod
    async def of(cls, *dots: Dot, by: str = "address") -> "Stage":
        """Switch the DOTs on and listen to them, found ``by`` address or name."""
        radio = VirtualRadio()
        start = asyncio.get_running_loop().time()
        for dot in dots:
            await radio.add(dot, LINK)
        surroundings = Surroundings(await radio.adapter())
        sensors = [
            KitSensor("Movella DOT", segment=segment, **{by: getattr(dot, by)})
            for segment, dot in zip(SEGMENTS, dots, strict=False)
        ]
        live = [surroundings.live_sensor(sensor) for sensor in sensors]
        return cls(radio, dots, LiveSource(live, start))

    async def _gather(self) -> None:
        async for item in self.source.blocks():
            self.items.append(item)

    async def end(self) -> None:
        """Stop the source and wait for its end."""
        self.source.stop()
        await self.gathering

    def blocks(self, name: str) -> list[Block]:
        """The blocks of a stream so far."""
        return [i for i in self.items if isinstance(i, Block) and i.stream == name]

    def status(self, label: str) -> SensorStatus:
        """A sensor as of now."""
        return next(s for s in self.source.status() if s.label == label)


def dot(number: int, rate: float = 60.0, **options: Any) -> Dot:
    return Dot("Movella DOT", f"C0:00:00:00:01:{number:02X}", motion(number, rate), **options)


def joined(blocks: Sequence[Block], field: str) -> Floats:
    return np.concatenate([np.asarray(getattr(block, field), float) for block in blocks])


@in_virtual_time
async def test_every_sample_comes_at_its_time() -> None:
    """No sample that was sent is missing; times are true to 5 ms although the link bunches them."""
    stage = await Stage.of(dot(1, skew=50e-6), dot(2, skew=-50e-6))
    await asyncio.sleep(40)
    await stage.end()
    for segment, device in zip(SEGMENTS, stage.dots, strict=False):
        blocks = stage.blocks(segment)
        time, arrival = joined(blocks, "time"), joined(blocks, "host_time")
        assert len(time) == device.sent > 2000
        truth = joined(blocks, "device_time") * 1e-6 / (1 + device._skew)
        error = (time - truth)[600:]
        assert np.ptp(error) < 0.005 < np.ptp((arrival - truth)[600:])
        gyr = np.concatenate([block.values["gyroscope"] for block in blocks])
        first = round(truth[0] * 60)
        sent = np.tile(device_gyr(device), (5, 1))[first : first + len(gyr)]
        np.testing.assert_allclose(gyr, sent, atol=1e-5)


@in_virtual_time
async def test_blocks_come_on_a_grid() -> None:
    """However long it takes to deal with them; what was missed is not made up for in a hurry."""
    stage = await Stage.of(dot(1))
    loop = asyncio.get_running_loop()
    taken: list[float] = []
    take = stage.source._take

    def slowly() -> list[Block | Annotation]:
        taken.append(loop.time())
        busy = 0.13 if len(taken) == 30 else 0.02
        loop._selector_of_time.now += busy  # type: ignore[attr-defined]  # of a VirtualTimeLoop
        return take()

    stage.source._take = slowly  # type: ignore[method-assign]  # the source is slow, all else real
    await asyncio.sleep(5)
    await stage.end()
    periods = np.diff(taken)[1:-2]  # the last ones are the end's
    assert np.sum(np.abs(periods - BLOCK_DURATION) < 1e-6) == len(periods) - 1
    assert periods.max() == pytest.approx(0.13)


def device_gyr(device: Dot) -> Floats:
    gyr = motion(int(device.address[-2:], 16)).gyr
    assert gyr is not None
    return gyr


@in_virtual_time
async def test_blocks_are_short_and_none_waits() -> None:
    """A block holds 50 ms of samples, and no sample waits longer for its block."""
    stage = await Stage.of(dot(1))
    await asyncio.sleep(2)
    seen = [len(stage.items)]
    for _ in range(100):
        await asyncio.sleep(0.05)
        fresh = stage.items[seen[-1] :]
        seen.append(len(stage.items))
        for block in fresh:
            assert isinstance(block, Block)
            assert block.host_time is not None
            assert stage.source.time - block.host_time[0] < 0.11
    assert 90 < seen[-1] - seen[0] <= 101
    await stage.end()


@in_virtual_time
async def test_a_lost_link_is_a_gap_of_the_right_length() -> None:
    """Who leaves and returns misses what was sent meanwhile, and nobody else misses anything."""
    stage = await Stage.of(dot(1), dot(2))
    await asyncio.sleep(20)
    stage.radio.break_link(stage.dots[0])
    stage.radio.take_away(stage.dots[0])
    await asyncio.sleep(4)
    lost = stage.status("left_foot")
    assert lost.silence == pytest.approx(4, abs=0.2)
    assert lost.main.missing == pytest.approx(4 * 60, abs=8)
    assert lost.main.gaps == 1
    stage.radio.bring_back(stage.dots[0])
    await asyncio.sleep(20)
    await stage.end()
    back, other = stage.status("left_foot"), stage.status("right_foot")
    ticks = joined(stage.blocks("left_foot"), "device_time")
    missing = round((ticks[-1] - ticks[0]) * 60e-6) + 1 - len(ticks)
    assert back.reconnections == 1
    assert back.main.gaps == 1
    assert back.main.missing == pytest.approx(missing, abs=1)
    assert 200 < missing < 9 * 60
    assert (other.main.missing, other.main.gaps, other.reconnections) == (0, 0, 0)


@in_virtual_time
async def test_a_reset_clock_shifts_nothing() -> None:
    """After a crash the device counts from 0, and the samples still go where they belong."""
    stage = await Stage.of(dot(1, first_tick=3_000_000_000))
    await asyncio.sleep(20)
    stage.radio.reset(stage.dots[0])
    await asyncio.sleep(20)
    await stage.end()
    blocks = stage.blocks("left_foot")
    time, arrival = joined(blocks, "time"), joined(blocks, "host_time")
    assert (np.diff(time) >= 0).all()
    assert np.abs(arrival - time).max() < 0.1
    status = stage.status("left_foot").main
    assert status.clock is not None
    assert status.clock.epoch == 1
    pause = np.diff(time).max()
    assert status.missing == pytest.approx(pause * 60 - 1, abs=1)


@in_virtual_time
async def test_a_clock_that_wraps_is_no_gap() -> None:
    """32 bits of µs are full after 71 minutes; the time goes on."""
    stage = await Stage.of(dot(1, first_tick=2**32 - 10_000_000))
    await asyncio.sleep(20)
    await stage.end()
    assert joined(stage.blocks("left_foot"), "device_time").min() < 1e7
    assert np.diff(joined(stage.blocks("left_foot"), "time")).max() < 0.03
    assert stage.status("left_foot").main.gaps == 0


@in_virtual_time
async def test_a_wrong_rate_is_seen() -> None:
    """A sensor that samples at 50 instead of 60 Hz is told from one that loses samples."""
    stage = await Stage.of(dot(1, rate=50.0), dot(2))
    await asyncio.sleep(15)
    wrong = stage.status("left_foot").wrong_rate
    assert wrong is not None
    assert wrong.rate == pytest.approx(50, rel=0.01)
    assert stage.status("right_foot").wrong_rate is None
    await stage.end()


@in_virtual_time
async def test_garbage_is_counted_and_harms_nothing() -> None:
    """Half a notification is rejected, byte by byte, between samples that all come."""
    stage = await Stage.of(dot(1))
    await asyncio.sleep(10)
    await stage.dots[0].send(b"\x01\x02\x03")
    await asyncio.sleep(5)
    await stage.end()
    status = stage.status("left_foot")
    assert status.rejected == 3
    assert (status.main.gaps, status.main.samples) == (0, stage.dots[0].sent - 1)


class RefusingDot(Dot):
    """A DOT that answers the first commands to measure with an error code."""

    refusals = 2

    def written(self, uuid: str, value: bytes) -> None:
        """Refuse, then obey."""
        if uuid == MEASUREMENT_CONTROL and value == start_measurement(20) and self.refusals:
            self.refusals -= 1
            raise ATT_Error(ErrorCode.WRITE_REQUEST_REJECTED)
        super().written(uuid, value)


@in_virtual_time
async def test_a_refused_start_is_told_and_tried_again() -> None:
    """Until the device obeys, its status says what it refuses; its identity is known already."""
    stage = await Stage.of(RefusingDot("Movella DOT", "C0:00:00:00:01:01", motion(1)))
    await asyncio.sleep(1.5)
    refusing = stage.status("left_foot")
    await asyncio.sleep(20)
    obeying = stage.status("left_foot")
    await stage.end()
    (refusal,) = refusing.refused
    assert refusal.startswith("start: ")
    assert refusing.silence is None
    assert refusing.device is not None
    assert refusing.device.serial
    assert refusing.identity.endswith(refusing.device.firmware)
    assert obeying.refused == ()
    assert obeying.main.samples > 600


@in_virtual_time
async def test_two_sensors_with_one_name_do_not_end_the_recording() -> None:
    """The ambiguous one is given up, saying what to do; the third sensor goes on."""
    twins = (dot(1), dot(2))
    stage = await Stage.of(*twins, by="name")
    alone = Dot("Alone", "C0:00:00:00:01:09", motion(9))
    await stage.end()
    stage = await Stage.of(alone, *twins, by="name")
    await asyncio.sleep(20)
    assert stage.status("left_foot").main.samples > 600
    problem = stage.status("right_foot").problem
    assert twins[0].address in problem
    assert twins[1].address in problem
    assert "name one by its address" in problem
    await stage.end()


@in_virtual_time
async def test_without_any_sensor_left_the_source_fails() -> None:
    """When the last sensor has been given up there is nothing to wait for."""
    stage = await Stage.of(dot(1), dot(2), by="name")
    with pytest.raises(NoSensorError, match=r"left_foot.*are called.*right_foot"):
        await stage.gathering


@in_virtual_time
async def test_battery_signal_and_clock_are_told() -> None:
    """What the coach looks at: link, battery, signal, rate, offset and skew of the clock."""
    stage = await Stage.of(dot(1, skew=100e-6, first_tick=5_000_000))
    await asyncio.sleep(60)
    status = stage.status("left_foot")
    assert (status.link, status.battery, status.problem) == (LinkState.STREAMING, 80.0, "")
    assert status.signal is not None
    assert status.signal < 0
    assert status.main.received == pytest.approx(60, abs=1)
    assert status.main.rate == pytest.approx(60, rel=0.01)
    assert status.main.offset == pytest.approx(-5.0, abs=0.05)
    assert status.main.clock is not None
    assert status.main.clock.skew_ppm == pytest.approx(-100, abs=25)
    await stage.end()
    assert stage.status("left_foot").link is LinkState.CLOSED


@in_virtual_time
async def test_remarks_come_with_the_blocks() -> None:
    """An annotation has the moment at which it was made."""
    stage = await Stage.of(dot(1))
    await asyncio.sleep(3)
    stage.source.annotate("lap", "lap 1")
    await stage.end()
    (remark,) = (item for item in stage.items if isinstance(item, Annotation))
    assert (remark.kind, remark.text) == ("lap", "lap 1")
    assert remark.time == pytest.approx(stage.source.time, abs=0.5)


def test_replies_and_heartbeats_reach_a_tracker() -> None:
    """What a decoder wants answered is sent, and what has to be repeated is repeated."""
    from trackside.capture.devices.slimevr import HEARTBEAT, SLIMEVR, WELCOME
    from trackside.capture.transports.udp import UdpConnection
    from trackside.capture.transports.udp_hub import UdpHub

    async def scene() -> None:
        trackers = replace(SLIMEVR, repeat=((HEARTBEAT, 0.01),))
        hub = UdpHub(trackers, port=0, host=LOOPBACK)
        await hub.open()
        tracker = VirtualSlimeVrTracker("02:00:00:00:00:01", hub.port)
        await tracker.open()
        streams = KitSensor("SlimeVR", segment="pelvis", serial_number=tracker.mac).streams
        connection = UdpConnection("pelvis", trackers, hub=hub, device=tracker.mac)
        sensor = LiveSensor("pelvis", connection, streams)
        source = LiveSource([sensor], asyncio.get_running_loop().time())
        tracker.look_for_server()
        tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
        tracker.lose(3)
        tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
        names = []
        async for item in source.blocks():
            assert isinstance(item, Block)
            names += [item.stream] * len(item)
            if len(names) < 2:
                continue
            if len(names) == 2:
                await tracker.move()  # back at another address, counting anew
                tracker.look_for_server()
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
                tracker.lose(2)
                tracker.send_rotation((1.0, 0.0, 0.0, 0.0))
            if len(names) < 4:
                continue
            await tracker.wait_for(WELCOME.data)
            await tracker.wait_for(HEARTBEAT.data)
            source.stop()
        assert {*names} == {"pelvis_orientation_0"}
        status = source.status()[0]
        assert status.lost == 3 + 2
        assert status.identity == "SlimeVR virtual"
        await tracker.close()

    asyncio.run(asyncio.wait_for(scene(), 10))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_an_unplugged_port_is_a_gap_of_the_right_length() -> None:
    """Garbage and half a message around the unplugging cost nothing; the numbers tell the gap."""
    from trackside.simulation.virtual_serial import VirtualSerialDevice
    from trackside.simulation.virtual_session import mti_message

    def messages(first: int, end: int) -> bytes:
        return b"".join(mti_message(n, 100 * n, [float(n)] * 9) for n in range(first, end))

    async def scene() -> None:
        device = VirtualSerialDevice("MTI-7")
        surroundings = Surroundings(list_ports=lambda: [device.port] if device.plugged_in else [])
        sensor = KitSensor("Xsens MTi", segment="pelvis", serial_number="MTI-7")
        start = asyncio.get_running_loop().time()
        source = LiveSource([surroundings.live_sensor(sensor)], start)
        blocks: list[Block] = []
        came = asyncio.Event()

        async def gather() -> None:
            async for item in source.blocks():
                assert isinstance(item, Block)
                blocks.append(item)
                came.set()

        async def have(count: int) -> None:
            while sum(map(len, blocks)) < count:
                came.clear()
                await came.wait()

        gathering = asyncio.create_task(gather())
        await device.wait_for(XSENS_MTI.start[-1].data)
        await device.send(b"\x00garbage\xfa\xff" + messages(65500, 65550))
        await device.send(messages(65550, 65551)[:20])
        await have(50)
        device.unplug()
        device.plug_in()
        await device.wait_for(XSENS_MTI.start[-1].data)
        await device.send(messages(65600, 65650))
        await have(100)
        status = source.status()[0]
        source.stop()
        await gathering
        sent = np.concatenate([block.values["gyroscope"][:, 0] for block in blocks])
        assert sent.tolist() == [*range(65500, 65550), *range(65600, 65650)]
        assert joined(blocks, "sequence").tolist() == [*range(50), *range(100, 150)]
        assert (status.main.gaps, status.main.missing) == (1, 50)
        assert status.rejected >= len(b"\x00garbage")
        assert status.reconnections == 1

    asyncio.run(asyncio.wait_for(scene(), 20))

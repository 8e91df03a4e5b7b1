"""What a recording keeps of a device's clock is enough to align it again, across wraps."""

import asyncio
import struct
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
import pytest

from trackside.arrays import Floats
from trackside.capture.clock_fit import fit_clock
from trackside.capture.connecting import Surroundings
from trackside.capture.connection import LinkState, Message
from trackside.capture.counters import Timebase
from trackside.capture.devices.contract import (
    DeviceDescription,
    Samples,
    StreamDescription,
    Transport,
    Write,
)
from trackside.capture.kit import KitSensor
from trackside.capture.live import LiveSensor, LiveSource
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    MAGNETOMETER,
    NO_TICKS,
    Block,
    Channel,
    Imu,
    Kind,
    Stream,
)
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter
from trackside.simulation import virtual_time
from trackside.simulation.virtual_ble import LinkQuality, VirtualRadio
from trackside.simulation.virtual_peripherals import Dot

RATE = 50.0  # Hz
LATENCY = 0.004  # s, of each message at least
MILLISECONDS = StreamDescription(
    "imu", Kind.IMU, (Channel("turn", "rad/s"),), RATE, tick=1e-3, tick_bits=16, sequence_bits=8
)


class _Decoder:
    rejected = 0

    def feed(self, data: bytes, channel: str = "") -> list[Samples]:  # noqa: ARG002
        number, ticks = struct.unpack("<BH", data)
        values = {"turn": np.array([[float(number)]])}
        return [Samples("imu", values, np.array([ticks]), np.array([number]))]


class SixteenBitDevice:
    """A connection whose device counts ms with 16 bits, which are full after 65.5 s."""

    def __init__(self, count: int, first_tick: int) -> None:
        self.name = "narrow"
        self.description = DeviceDescription("Narrow", Transport.SERIAL, (MILLISECONDS,), _Decoder)
        self.state = LinkState.STREAMING
        self.signal: int | None = None
        self.reconnections = 0
        self._count = count
        self._first_tick = first_tick
        self._closed = asyncio.Event()

    async def messages(self) -> AsyncGenerator[Message, None]:
        """One sample a message, each later than it was taken; short delays are rare."""
        loop = asyncio.get_running_loop()
        delays = LATENCY + np.random.default_rng(1).gamma(3.0, 0.01, self._count)
        for number, delay in enumerate(delays):
            taken = number / RATE
            await asyncio.sleep(max(taken + delay - loop.time(), 0.0))
            ticks = (self._first_tick + round(taken * 1e3)) % 2**16
            yield Message(loop.time(), struct.pack("<BH", number % 256, ticks))
        await self._closed.wait()

    async def send(self, write: Write) -> None:
        """Not listened to."""

    async def close(self) -> None:
        """End the messages."""
        self._closed.set()


async def gathered(source: LiveSource, duration: float) -> list[Block]:
    """The blocks of ``duration`` s."""
    asyncio.get_running_loop().call_later(duration, source.stop)
    return [block async for block in source.blocks() if isinstance(block, Block)]


def stored(path: Path, stream: Stream, blocks: list[Block]) -> tuple[Stream, Block]:
    """A stream and all of its samples as they are read from a file that they were written to."""
    with RecordingWriter(path, [stream]) as writer:
        for block in blocks:
            if block.stream == stream.name:
                writer.write(block)
    with open_recording(path) as recording:
        return recording.streams[stream.name], recording.read(stream.name)


def refitted(stream: Stream, samples: Block, bits: int | None) -> Floats:
    """Host times of the samples, from nothing but what was stored."""
    assert samples.device_time is not None
    assert samples.host_time is not None
    assert stream.tick is not None
    assert not (samples.device_time == NO_TICKS).any()
    return fit_clock(samples.device_time, samples.host_time, Timebase(stream.tick, bits))


def test_sixteen_bits_of_milliseconds_are_aligned_again(tmp_path: Path) -> None:
    """Across three wraps the times are those that a wide counter would give, right to 3 ms.

    Taken for resets, the wraps would shift the samples after them.
    """

    async def scene() -> tuple[Stream, list[Block]]:
        connection = SixteenBitDevice(10_000, first_tick=60_000)
        stream = Stream("pelvis", Kind.IMU, MILLISECONDS.channels, RATE, tick=1e-3, tick_bits=16)
        source = LiveSource([LiveSensor("pelvis", connection, {"imu": stream})], 0.0)
        return stream, await gathered(source, 205.0)

    stream, blocks = virtual_time.run(scene())
    stream, samples = stored(tmp_path / "a.h5", stream, blocks)
    assert samples.device_time is not None
    assert (np.diff(samples.device_time) < 0).sum() == 3
    taken = np.arange(10_000) / RATE
    assert samples.host_time is not None
    time = refitted(stream, samples, stream.tick_bits)
    wide = fit_clock(np.arange(10_000) * 20, samples.host_time, Timebase(1e-3))
    np.testing.assert_allclose(time, wide, rtol=0, atol=1e-9)
    np.testing.assert_allclose(time, taken + LATENCY, rtol=0, atol=3e-3)
    assert np.abs(refitted(stream, samples, None) - wide).max() > 1e-3


def motion() -> Imu:
    gyr, acc, mag = np.random.default_rng(1).normal(size=(3, 600, 3))
    stream = Stream("imu", Kind.IMU, (GYROSCOPE, ACCELEROMETER, MAGNETOMETER), 60.0)
    return Imu(stream, np.arange(600) / 60.0, gyr, acc, mag)


def test_a_kit_sensor_stores_how_wide_its_counters_are(tmp_path: Path) -> None:
    """A DOT whose 32 bits of µs are full after 20 s: the file alone gives its times to 2 ms."""

    async def scene() -> tuple[Stream, list[Block]]:
        radio = VirtualRadio()
        dot = Dot("Movella DOT", "C0:00:00:00:01:01", motion(), first_tick=2**32 - 20_000_000)
        await radio.add(dot, LinkQuality(interval=0.015, retransmissions=0.1))
        kit_sensor = KitSensor("Movella DOT", segment="pelvis", address=dot.address)
        sensor = Surroundings(await radio.adapter()).live_sensor(kit_sensor)
        start = asyncio.get_running_loop().time()
        return sensor.streams["imu"], await gathered(LiveSource([sensor], start), 60.0)

    stream, blocks = virtual_time.run(scene())
    stream, samples = stored(tmp_path / "a.h5", stream, blocks)
    assert (stream.tick, stream.tick_bits, stream.sequence_bits) == (1e-6, 32, None)
    assert samples.device_time is not None
    wraps = np.cumsum(np.diff(samples.device_time, prepend=samples.device_time[0]) < 0)
    assert wraps[-1] == 1
    taken = (samples.device_time + wraps * 2**32) * 1e-6
    errors = refitted(stream, samples, stream.tick_bits) - taken
    assert np.ptp(errors) < 2e-3


@pytest.mark.parametrize(
    ("model", "reach", "stream", "widths"),
    [
        ("Xsens MTi", {"port": "COM3"}, "imu", (32, 16)),
        ("BNO08x UART-RVC", {"port": "COM3"}, "imu", (None, 8)),
        ("Polar H10", {"name": "a"}, "ecg", (None, None)),
    ],
)
def test_widths_are_those_of_the_protocol(
    model: str, reach: dict[str, str], stream: str, widths: tuple[int | None, int | None]
) -> None:
    """What a device's specification says of its counters is what will be recorded."""
    # options of several types, by name
    recorded = KitSensor(model, role="any", **reach).streams[stream]  # type: ignore[arg-type]
    assert (recorded.tick_bits, recorded.sequence_bits) == widths

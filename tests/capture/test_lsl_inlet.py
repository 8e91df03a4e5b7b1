"""Streams of other programs on the Lab Streaming Layer as sensors: whole, timed, and found again.

With the real library, on this computer only.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial, wraps
from typing import Any

import numpy as np
import pylsl
import pytest
from lsl_sender import LOOK, Sender

from trackside.arrays import Floats
from trackside.capture import lsl_inlet
from trackside.capture.connecting import Surroundings
from trackside.capture.connection import LinkState
from trackside.capture.kit import KitSensor
from trackside.capture.live import LiveSource
from trackside.capture.lsl_library import LslMissingError, lsl_minus_host
from trackside.capture.lsl_metadata import LslChannel
from trackside.capture.lsl_outlet import LslOutlets
from trackside.capture.lsl_streams import LslStream, LslStreamError, streams_there
from trackside.capture.status import SensorStatus
from trackside.errors import ParameterError
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    Annotation,
    Block,
    Channel,
    Kind,
    Stream,
)

EMG = [LslChannel(f"vastus_{side}", "microvolts", "EMG") for side in ("left", "right")]
TICK = 1e-9


def in_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on an event loop; a minute is its limit."""

    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 60))

    return run


class Lookout:
    """Tells who is there, asked on this computer only, and how often it was asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, _seconds: float) -> list[LslStream]:
        """The streams."""
        streams = streams_there(LOOK)
        self.times += 1
        return streams


def sensor(name: str, **reach: Any) -> KitSensor:
    return KitSensor("LSL stream", role="emg", **({"name": name} | reach))


class Stage:
    """A source that listens to LSL streams, and what it has gathered."""

    def __init__(self, source: LiveSource, start: float, lookout: Lookout) -> None:
        self.source = source
        self._lookout = lookout
        self.start = start
        self.blocks: list[Block] = []
        self.remarks: list[Annotation] = []
        self._came = asyncio.Event()
        self._gathering = asyncio.create_task(self._gather())

    @classmethod
    async def of(cls, *sensors: KitSensor) -> "Stage":
        """Listen to these."""
        start = asyncio.get_running_loop().time()
        lookout = Lookout()
        surroundings = Surroundings(list_ports=list, lsl_streams=lookout)
        live = await surroundings.live_sensors(sensors, patience=5.0)
        return cls(LiveSource(live, start), start, lookout)

    async def _gather(self) -> None:
        async for item in self.source.blocks():
            if isinstance(item, Annotation):
                self.remarks.append(item)
                continue
            self.blocks.append(item)
            self._came.set()

    async def have(self, count: int, stream: str = "emg") -> None:
        """Wait until so many samples have come."""
        while sum(len(b) for b in self.blocks if b.stream == stream) < count:
            self._came.clear()
            await self._came.wait()

    async def until(self, condition: Callable[[SensorStatus], bool]) -> None:
        """Wait for a state."""
        while not condition(self.source.status()[0]):  # noqa: ASYNC110 - states have no event
            await asyncio.sleep(lsl_inlet.PULL_TIME / 10)

    async def looked(self, times: int) -> None:
        """Wait until it was looked for streams so many times more, from beginning to end."""
        enough = self._lookout.times + times
        while self._lookout.times < enough:  # noqa: ASYNC110 - threads set no event
            await asyncio.sleep(lsl_inlet.PULL_TIME / 10)

    async def end(self) -> None:
        """Stop listening."""
        self.source.stop()
        await self._gathering

    def joined(self, field: str, stream: str = "emg") -> Floats:
        """A stamp of all samples so far."""
        parts = [getattr(b, field) for b in self.blocks if b.stream == stream]
        return np.concatenate(parts).astype(float)

    def values(self, channel: str) -> Floats:
        """The values of a channel so far."""
        return np.concatenate([b.values[channel] for b in self.blocks if b.stream == "emg"])


def stamps(first: int, count: int, start: float, rate: float = 100.0) -> list[float]:
    """Time stamps from ``start`` (s on LSL's clock) on."""
    return (start + np.arange(first, first + count) / rate).tolist()


def values(first: int, count: int) -> list[list[float]]:
    return [[float(n), -float(n)] for n in range(first, first + count)]


@in_time
async def test_a_stream_is_recorded_with_raw_stamps_and_true_times() -> None:
    """Values, channels and rate are the sender's; times its stamps, although it sends in lumps."""
    sender = Sender("emg amplifier", EMG)
    stage = await Stage.of(sensor("emg amplifier"))
    (stream, clock) = stage.source.streams
    assert (stream.name, stream.kind, stream.rate) == ("emg", Kind.AUXILIARY, 100.0)
    assert stream.channels == (Channel("emg", "µV", ("vastus_left", "vastus_right")),)
    assert (stream.tick, clock.name) == (TICK, "emg_clock")
    await sender.heard()
    began = time.monotonic() + lsl_minus_host() - 1.0
    sender.send(values(0, 60), stamps(0, 60, began))
    await stage.have(60)
    sender.send(values(60, 40), stamps(60, 40, began))
    await stage.have(100)
    await stage.end()
    raw = np.array(stamps(0, 100, began))
    np.testing.assert_array_equal(stage.joined("device_time"), np.rint(raw / TICK))
    truth = raw - lsl_minus_host() - stage.start
    np.testing.assert_allclose(stage.joined("time"), truth, rtol=0, atol=2e-3)
    assert np.ptp(stage.joined("host_time") - truth) > 0.1
    assert stage.values("emg").tolist() == values(0, 100)
    assert stage.joined("sequence").tolist() == [*range(100)]
    # LSL's own comparison of the clocks: that of one computer with itself.
    sender_clock = stage.joined("device_time", "emg_clock") * TICK
    host_clock = stage.joined("time", "emg_clock") + stage.start
    np.testing.assert_allclose(sender_clock - host_clock, lsl_minus_host(), rtol=0, atol=2e-3)


@in_time
async def test_a_sender_with_another_clock_is_placed_by_the_comparison(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """LSL's clock here is 1000 s ahead of the host's, the sender's 500 s behind it."""
    local_clock = pylsl.local_clock
    monkeypatch.setattr(pylsl, "local_clock", lambda: local_clock() + 1000.0)
    monkeypatch.setattr(pylsl.StreamInlet, "time_correction", lambda _inlet, _patience: 1500.0)
    sender = Sender("emg", EMG)
    stage = await Stage.of(sensor("emg"))
    await sender.heard()
    taken = time.monotonic() - 0.5
    sender.send(values(0, 5), stamps(0, 5, taken - 500.0))
    await stage.have(5)
    await stage.end()
    truth = np.array(stamps(0, 5, taken)) - stage.start
    np.testing.assert_allclose(stage.joined("time"), truth, rtol=0, atol=2e-3)
    behind = stage.joined("time", "emg_clock") + stage.start
    behind -= stage.joined("device_time", "emg_clock") * TICK
    np.testing.assert_allclose(behind, 500.0, rtol=0, atol=2e-3)


@in_time
async def test_a_stream_that_is_lost_is_found_again() -> None:
    """Who comes back under its source id goes on; what was missed is a gap of known length."""
    sender = Sender("emg", EMG, source_id="amplifier 7")
    stage = await Stage.of(sensor("emg", source_id="amplifier 7"))
    began = time.monotonic() + lsl_minus_host() - 5.0
    await sender.heard()
    sender.send(values(0, 50), stamps(0, 50, began))
    await stage.have(50)
    sender.quit()
    await stage.until(lambda status: status.link is LinkState.SEARCHING)
    Sender("emg", EMG, source_id="amplifier 8")
    back = Sender("emg, renamed", EMG, source_id="amplifier 7")
    await back.heard()
    back.send(values(250, 50), stamps(250, 50, began))
    await stage.have(100)
    status = stage.source.status()[0]
    await stage.end()
    assert (status.link, status.reconnections) == (LinkState.STREAMING, 1)
    assert stage.joined("sequence").tolist() == [*range(50), *range(250, 300)]
    assert stage.values("emg")[50:].tolist() == values(250, 50)
    assert (np.diff(stage.joined("time")) > 0).all()


@in_time
async def test_a_stream_with_other_channels_is_not_the_one_that_was_lost() -> None:
    """Its samples would not fit into the file; the right one is still waited for."""
    sender = Sender("emg", EMG, source_id="amplifier")
    stage = await Stage.of(sensor("emg"))
    await sender.heard()
    sender.quit()
    await stage.until(lambda status: status.link is LinkState.SEARCHING)
    wrong = Sender("emg", EMG * 2, source_id="amplifier")
    await stage.looked(2)
    assert stage.source.status()[0].link is LinkState.SEARCHING
    right = Sender("emg", EMG, source_id="amplifier")
    await right.heard()
    now = time.monotonic() + lsl_minus_host()
    wrong.send([[1.0] * 4], [now])
    right.send(values(7, 1), [now])
    await stage.have(1)
    await stage.end()
    assert stage.values("emg").tolist() == values(7, 1)


@in_time
async def test_a_stream_of_another_trackside_comes_back_as_it_was() -> None:
    """Kind, channels and rate are the same; what its radio lost is a gap here as well."""
    shank = Stream("shank", Kind.IMU, (ACCELEROMETER, GYROSCOPE), 60.0)
    began = time.monotonic() - 2.0
    outlets = LslOutlets([shank], began)
    stage = await Stage.of(KitSensor("LSL stream", segment="left_shank", name="shank"))
    stream = stage.source.streams[0]
    assert (stream.name, stream.placement) == ("left_shank", "left_shank")
    assert (stream.kind, stream.channels, stream.rate) == (Kind.IMU, shank.channels, 60.0)
    await stage.until(lambda status: status.link is LinkState.STREAMING)
    numbers = np.array([0, 1, 2, 6, 7])
    rows = np.repeat(numbers[:, np.newaxis], 3, axis=1).astype(float)
    outlets.put(Block("shank", numbers / 60.0, {"accelerometer": rows, "gyroscope": -rows}))
    await stage.have(5, "left_shank")
    await stage.end()
    assert stage.joined("sequence", "left_shank").tolist() == numbers.tolist()
    times = stage.joined("time", "left_shank") + stage.start - began
    np.testing.assert_allclose(times, numbers / 60.0, rtol=0, atol=2e-3)
    outlets.close()


@in_time
async def test_a_silent_stream_is_told_from_a_streaming_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One with a rate that sends nothing is silent, and later opened anew; then it goes on."""
    monkeypatch.setattr(
        "trackside.capture.connecting.LslConnection", partial(lsl_inlet.LslConnection, silence=0.3)
    )
    sender = Sender("emg", EMG, source_id="sleeper")
    stage = await Stage.of(sensor("emg"))
    await stage.until(lambda status: status.link is LinkState.SILENT)
    await stage.until(lambda status: status.reconnections == 1)
    await sender.heard()
    sender.send(values(0, 1), [time.monotonic() + lsl_minus_host()])
    await stage.have(1)
    await stage.end()


@in_time
async def test_stamps_of_another_clock_leave_the_time_to_the_arrivals(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Seconds since 1970 are kept raw; the samples are placed by when they came."""
    sender = Sender("emg", EMG)
    stage = await Stage.of(sensor("emg"))
    await sender.heard()
    sender.send(values(0, 20), stamps(0, 20, 1.7e9))
    await stage.have(20)
    sender.send(values(20, 20), stamps(20, 20, 1.7e9))
    await stage.have(40)
    await stage.end()
    assert stage.joined("device_time")[0] == 1.7e9 / TICK
    assert (stage.joined("time") <= stage.joined("host_time") + 0.01).all()
    assert stage.joined("time").min() > stage.joined("host_time").min() - 1.0
    assert [r.message for r in caplog.records] == ["emg: its time stamps are not of LSL's clock"]


@in_time
async def test_events_have_no_rate_and_no_numbers() -> None:
    """A stream whose samples come when they come is recorded sample by sample."""
    sender = Sender("button", [LslChannel("pressed", "", "Button")], rate=0.0, form="int16")
    stage = await Stage.of(sensor("button"))
    await sender.heard()
    now = time.monotonic() + lsl_minus_host()
    sender.send([[1], [0]], [now - 3.0, now])
    await stage.have(2)
    await stage.end()
    assert (stage.source.streams[0].rate, stage.source.streams[0].kind) == (None, Kind.EVENT)
    assert all(block.sequence is None for block in stage.blocks)
    assert np.diff(stage.joined("time")) == pytest.approx([3.0])
    assert stage.values("button").tolist() == [[1], [0]]


@in_time
async def test_who_is_not_there_or_there_twice_is_told_before_the_recording() -> None:
    """The message names the sensor, what it is known by, and what to do."""
    with pytest.raises(LslStreamError, match=r"emg: there is no LSL stream with name 'ghost'"):
        await Surroundings(lsl_streams=Lookout()).live_sensors([sensor("ghost")], patience=0.1)
    senders = [Sender("twin", EMG, source_id=f"id {n}") for n in (1, 2)]
    with pytest.raises(LslStreamError, match=r'2 LSL .* "id 1" on .*, source_id = "id 2"'):
        await Stage.of(sensor("twin"))
    stage = await Stage.of(sensor("twin", source_id="id 2"))
    await senders[1].heard()
    await stage.end()


@in_time
async def test_markers_are_annotations_at_their_times() -> None:
    """Text comes under the sensor's name when it was meant, and no longer than a file can hold."""
    text = Sender("markers", [LslChannel("marker")], rate=0.0, form="string")
    stage = await Stage.of(sensor("markers"))
    await text.heard()
    now = time.monotonic() + lsl_minus_host()
    text.send([["start – Größe"], ["ä" * 3000]], [now - 2.0, now - 1.0])
    await stage.have(1, "emg_clock")
    status = stage.source.status()[0]
    await stage.end()
    start, long = stage.remarks
    assert (start.kind, start.text) == ("emg", "start – Größe")
    assert start.time == pytest.approx(now - 2.0 - lsl_minus_host() - stage.start, abs=2e-3)
    assert long.time - start.time == pytest.approx(1.0, abs=1e-6)
    assert long.text == "ä" * 512
    assert (status.link, status.silence) == (LinkState.STREAMING, None)


@in_time
async def test_without_the_library_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has an LSL stream in the kit is told what to install; who has none notices nothing."""
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(LslMissingError, match=r"pip install 'trackside\[lsl\]'"):
        await Surroundings().live_sensors([sensor("emg")])
    with pytest.raises(ParameterError, match="use live_sensors"):
        Surroundings().live_sensor(sensor("emg"))
    strap = KitSensor("Heart rate monitor", role="heart_rate", name="Strap")
    assert len(await Surroundings().live_sensors([strap])) == 1
    assert replace(sensor("emg"), name=None, source_id="x").reach == "x"

"""What other programs on the Lab Streaming Layer see of a recording."""

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pylsl
import pytest
from lsl_sender import inlet_of

from trackside.capture.lsl_library import lsl_minus_host
from trackside.capture.lsl_outlet import MARKERS, LslOutlets, source_id
from trackside.capture.offered_source import OfferedSource
from trackside.recordings.model import (
    ACCELEROMETER,
    GYROSCOPE,
    HEART_RATE,
    Annotation,
    Block,
    Device,
    Kind,
    Stream,
)

DEVICE = Device("Movella DOT", "D4:22:CD:00:10:01", "2.1.0")
SHANK = Stream("left_shank", Kind.IMU, (ACCELEROMETER, GYROSCOPE), 60.0, DEVICE, "left_shank")
HEART = Stream("heart_rate", Kind.HEART_RATE, (HEART_RATE,))


def shank(first: int, count: int) -> Block:
    """Samples whose values are their numbers, and for the angular rate the negative."""
    numbers = np.repeat(np.arange(first, first + count, dtype=float)[:, np.newaxis], 3, axis=1)
    values = {"accelerometer": numbers, "gyroscope": -numbers}
    return Block(SHANK.name, np.arange(first, first + count) / 60.0, values)


def test_a_stream_tells_what_it_measures() -> None:
    """Content, rate, channels with labels, units and types, device, placement, source id."""
    outlets = LslOutlets([SHANK, HEART], 0.0)
    info = inlet_of(SHANK.name).info(20.0)
    assert (info.type(), info.nominal_srate(), info.channel_count()) == ("MoCap", 60.0, 6)
    assert info.source_id() == source_id(SHANK)
    assert info.get_channel_labels()[:3] == [f"accelerometer_{axis}" for axis in "xyz"]
    assert info.get_channel_types()[3:] == [f"AngularVelocity{axis}" for axis in "XYZ"]
    assert info.get_channel_units()[::3] == ["meters/second^2", "radians/second"]
    told = info.desc()
    assert told.child("acquisition").child_value("model") == "Movella DOT"
    assert told.child("acquisition").child_value("firmware") == "2.1.0"
    assert told.child("synchronization").child_value("can_drop_samples") == "true"
    assert told.child("trackside").child_value("placement") == "left_shank"
    assert inlet_of(HEART.name).info(20.0).nominal_srate() == 0.0
    outlets.close()


@pytest.mark.parametrize("ahead", [0.0, 1000.0])
def test_samples_come_with_their_aligned_times_on_the_clock_of_lsl(
    ahead: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values are the block's, column by column; stamps are its times, right to 0.1 ms."""
    local_clock = pylsl.local_clock
    monkeypatch.setattr(pylsl, "local_clock", lambda: local_clock() + ahead)
    start = time.monotonic() - 100.0
    outlets = LslOutlets([SHANK], start)
    inlet = inlet_of(SHANK.name)
    outlets.put(shank(0, 4))
    outlets.put(shank(4, 0))
    outlets.put(shank(7, 2))
    values, stamps = zip(*(inlet.pull_sample(20.0) for _ in range(6)), strict=True)
    assert [row[0] for row in values] == [0, 1, 2, 3, 7, 8]
    assert [row[5] for row in values] == [0, -1, -2, -3, -7, -8]
    times = np.array(stamps) - (local_clock() - time.monotonic() + ahead) - start
    np.testing.assert_allclose(times, np.array([0, 1, 2, 3, 7, 8]) / 60.0, atol=1e-4)
    outlets.close()


class Items:
    """A source of given items, which goes on after each when it is told to."""

    def __init__(self, *items: Block | Annotation) -> None:
        self.streams = [SHANK]
        self._items = items

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The items."""
        for item in self._items:
            yield item


def test_what_is_offered_passes_on_unchanged() -> None:
    """The recorder gets the very blocks; laps and marks are markers at their moments."""
    block, lap = shank(0, 3), Annotation(12.5, "lap", "lap 1")
    start = time.monotonic()
    items = Items(lap, block)
    source = OfferedSource(items, LslOutlets(items.streams, start), "on LSL")
    assert source.streams == [SHANK]
    inlet = inlet_of(MARKERS)

    async def scene() -> None:
        blocks = source.blocks()
        assert await anext(blocks) is lap
        marker, stamp = await asyncio.to_thread(inlet.pull_sample, 20.0)
        assert marker == ["lap: lap 1"]
        assert stamp - lsl_minus_host() - start == pytest.approx(12.5, abs=1e-4)
        assert [item async for item in blocks] == [block]

    asyncio.run(scene())
    with pytest.raises(RuntimeError, match="lost"):  # at the end the streams are withdrawn
        inlet.pull_sample(20.0)


def test_what_lsl_cannot_take_does_not_harm_the_recording(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Blocks of a stream that was not announced go to the recorder all the same; one message."""
    stranger = Block("stranger", np.zeros(1), {})
    items = Items(stranger, stranger, shank(0, 2))
    source = OfferedSource(items, LslOutlets(items.streams, 0.0), "on LSL")

    async def scene() -> int:
        return len([item async for item in source.blocks()])

    assert asyncio.run(scene()) == 3
    assert len(caplog.records) == 1

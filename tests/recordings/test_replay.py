"""Replay yields what live sensors would: same samples, in time order, at the asked speed."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_recordings import ATHLETE, SHANK, STREAMS, assert_equal, samples, write_tiny

from trackside.recordings import replay as replay_module
from trackside.recordings.model import Block
from trackside.recordings.reader import Recording, open_recording
from trackside.recordings.replay import Replay
from trackside.recordings.writer import RecordingWriter


async def collect(recording: Recording, block_duration: float) -> list[Block]:
    return [block async for block in recording.blocks(block_duration=block_duration)]


@settings(max_examples=12, deadline=None)
@given(block_duration=st.floats(0.001, 500), ahead=st.integers(1, 400))
def test_a_replayed_recording_recorded_again_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, block_duration: float, ahead: int
) -> None:
    """Whatever the length of the blocks and of the read-ahead, a second file holds the same."""
    folder = tmp_path_factory.mktemp("again")
    write_tiny(folder / "a.h5", rows=60)
    with pytest.MonkeyPatch.context() as patch, open_recording(folder / "a.h5") as first:
        patch.setattr(replay_module, "READ_ROWS", ahead)
        with RecordingWriter(
            folder / "b.h5", STREAMS, start_time=first.start_time, athlete=ATHLETE
        ) as writer:
            for block in asyncio.run(collect(first, block_duration)):
                writer.write(block)
            for annotation in first.annotations:
                writer.annotate(annotation)
        with open_recording(folder / "b.h5") as second:
            assert second.streams == first.streams
            assert second.annotations == first.annotations
            assert (second.start_time, second.athlete) == (first.start_time, first.athlete)
            for name in first.streams:
                one, other = first.read(name), second.read(name)
                assert_equal(one, other)
                np.testing.assert_array_equal(one.time, other.time)
                np.testing.assert_array_equal(one.host_time, other.host_time)


def test_blocks_of_all_streams_come_in_time_order(tmp_path: Path) -> None:
    """A block comes when its last sample has: ends never step back, windows hold all streams."""
    write_tiny(tmp_path / "a.h5")
    with open_recording(tmp_path / "a.h5") as recording:
        blocks = asyncio.run(collect(recording, 0.05))
    ends = [block.time[-1] for block in blocks]
    assert ends == sorted(ends)
    assert all(block.time[-1] - block.time[0] < 0.05 for block in blocks)
    assert [block.stream for block in blocks[:3]] == ["strap", "left_shank", "left_shank_reference"]


def test_replay_keeps_the_pace(tmp_path: Path) -> None:
    """At speed 2 each block comes when half its time has passed since the first sample."""
    write_tiny(tmp_path / "a.h5", rows=100)
    now = [1000.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    async def play(recording: Recording) -> list[tuple[float, float]]:
        replay = Replay(recording, 2.0, clock=lambda: now[0], sleep=sleep)
        return [(now[0] - 1000.0, block.time[-1] / 2) async for block in replay.blocks()]

    with open_recording(tmp_path / "a.h5") as recording:
        came, due = np.array(asyncio.run(play(recording))).T
    np.testing.assert_allclose(came, due, atol=1e-9)


def test_time_may_step_back_where_a_clock_was_corrected(tmp_path: Path) -> None:
    """Samples whose time steps back are replayed all the same, in the order of the file."""
    block = samples(SHANK, 200)
    block.time[100:] -= 0.3
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(block)
    with open_recording(tmp_path / "a.h5") as recording:
        blocks = asyncio.run(collect(recording, 0.05))
    acc = np.concatenate([part.values["accelerometer"] for part in blocks])
    np.testing.assert_array_equal(acc, block.values["accelerometer"])


def test_long_silence_costs_nothing(tmp_path: Path) -> None:
    """Windows without samples are skipped, not walked through."""
    block = samples(SHANK, 2)
    block.time[1] = 1e7
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(block)
    with open_recording(tmp_path / "a.h5") as recording:
        assert len(asyncio.run(collect(recording, 1e-3))) == 2


@pytest.mark.parametrize(("speed", "block_duration"), [(0.0, 0.05), (1.0, 0.0), (-1.0, 0.05)])
def test_speed_and_duration_must_be_positive(
    tmp_path: Path, speed: float, block_duration: float
) -> None:
    """A replay that could never end is refused."""
    write_tiny(tmp_path / "a.h5", rows=2)
    with open_recording(tmp_path / "a.h5") as recording, pytest.raises(ValueError, match="speed"):
        recording.blocks(speed, block_duration)

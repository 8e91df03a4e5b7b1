"""Processes that look on: real ones, that read, hang, crash or cannot start."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from trackside.capture import onlooker as module
from trackside.capture.offered_source import OfferedSource
from trackside.capture.onlooker import Onlooker, looking_on
from trackside.capture.recorder import record
from trackside.recordings.block_messages import Head
from trackside.recordings.model import ACCELEROMETER, Annotation, Block, Kind, Stream
from trackside.recordings.reader import open_recording

STREAM = Stream("pelvis", Kind.IMU, (ACCELEROMETER,), rate=100.0, placement="pelvis")
ROWS = 10

READS = """
import json, os, sys
from trackside.recordings.block_messages import MessageReader, item_of
reader, rows = MessageReader(), 0
print("chatter of some library", flush=True)
while data := os.read(0, 65536):
    for head, body in reader.feed(data):
        item = item_of(head, body)
        if "hello" in head:
            print(json.dumps({"heard": head["hello"]}), flush=True)
        elif "end" in head:
            print(json.dumps({"rows": rows}), flush=True)
        elif "left_out" in head:
            print(json.dumps(head), flush=True)
        elif hasattr(item, "values"):
            rows += len(item)
        elif item is not None:
            print(json.dumps({"remark": item.text}), flush=True)
"""
CRASHES = "import sys; sys.exit('no screen')"


class Source:
    """So many blocks of ten samples; ``between`` is called with the number of each."""

    streams = (STREAM,)

    def __init__(self, count: int, between: "Between") -> None:
        self._count, self._between = count, between

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The blocks, each with its arrivals."""
        for number in range(self._count):
            await self._between.before(number)
            time = (number * ROWS + np.arange(ROWS)) / 100.0
            values = {"accelerometer": np.full((ROWS, 3), float(number), np.float32)}
            yield Block(STREAM.name, time, values, host_time=time + 0.01)
        yield Annotation(0.5, "lap", "lap 1")


class Between:
    """What happens between blocks: nothing but a turn of the event loop."""

    async def before(self, number: int) -> None:  # noqa: ARG002 - others need it
        """Called before each block."""
        await asyncio.sleep(0)


class Signalled(Between):
    """A signal to the onlooker before a certain block."""

    def __init__(self, at: int, signal_number: int) -> None:
        self._at, self._signal = at, signal_number
        self.onlooker: Onlooker | None = None

    async def before(self, number: int) -> None:
        """Send it when its block comes."""
        if number == self._at and self.onlooker is not None:
            os.kill(self.onlooker.process_id, self._signal)
        await asyncio.sleep(0)


def recorded(
    path: Path, child: str, count: int, between: Between, wanted: str = "rows"
) -> tuple[list[Head], Onlooker]:
    """Record with a child that looks on; what it said, and the onlooker."""
    said: list[Head] = []

    async def scene() -> Onlooker:
        first = asyncio.Event()

        def hear(head: Head) -> None:
            said.append(head)
            first.set()

        command = (sys.executable, "-c", child)
        async with looking_on(command, {"hello": "Ada"}, hear) as onlooker:
            if wanted:
                await first.wait()
            if isinstance(between, Signalled):
                between.onlooker = onlooker
            await record(OfferedSource(Source(count, between), onlooker, "to it"), path)
        return onlooker

    return said, asyncio.run(asyncio.wait_for(scene(), 60))


def assert_whole(path: Path, count: int) -> None:
    """The recording has all samples, each with its own time and arrival."""
    with open_recording(path) as recording:
        assert recording.complete
        block = recording.read("pelvis")
        assert [note.text for note in recording.annotations] == ["lap 1"]
    time = np.arange(count * ROWS) / 100.0
    np.testing.assert_allclose(block.time, time, atol=1e-6)
    assert block.host_time is not None
    np.testing.assert_allclose(block.host_time, time + 0.01, atol=1e-6)
    np.testing.assert_array_equal(block.values["accelerometer"][::ROWS, 0], np.arange(count))


def test_an_onlooker_sees_everything_and_is_heard(tmp_path: Path) -> None:
    """What is recorded reaches it after the greeting; what it says comes back, chatter does not."""
    said, onlooker = recorded(tmp_path / "a.h5", READS, 50, Between())
    assert said == [{"heard": "Ada"}, {"remark": "lap 1"}, {"rows": 50 * ROWS}]
    assert onlooker.left_out == 0
    assert_whole(tmp_path / "a.h5", 50)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_killed_onlooker_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After kill -9 the recording goes on and is complete; a message says that it has ended."""
    between = Signalled(20, signal.SIGKILL)
    with caplog.at_level(logging.WARNING):
        recorded(tmp_path / "a.h5", READS, 2000, between)
    assert_whole(tmp_path / "a.h5", 2000)
    assert "the recording goes on" in caplog.text
    assert "could not be offered" not in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_stopped_onlooker_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is stopped only so much is kept for it; at the end nobody waits for it long."""
    monkeypatch.setattr(module, "BACKLOG", 1 << 14)
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    _, onlooker = recorded(tmp_path / "a.h5", READS, 3000, Signalled(20, signal.SIGSTOP))
    assert onlooker.left_out > 1000
    assert_whole(tmp_path / "a.h5", 3000)


def test_an_onlooker_that_fell_behind_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it goes on after a stop it is told how much it missed, and sees what comes then."""
    if sys.platform == "win32":
        pytest.skip("Windows has no such signals")
    monkeypatch.setattr(module, "BACKLOG", 1 << 14)

    class Stopped(Signalled):
        async def before(self, number: int) -> None:
            """Let it go on, and wait until it has read some."""
            await super().before(number)
            assert self.onlooker is not None
            if number == 2500:
                os.kill(self.onlooker.process_id, signal.SIGCONT)
                while not self.onlooker._has_room():  # noqa: ASYNC110 - it reads meanwhile
                    await asyncio.sleep(0.001)

    said, onlooker = recorded(tmp_path / "a.h5", READS, 3000, Stopped(20, signal.SIGSTOP))
    told = sum(head["left_out"] for head in said if "left_out" in head)
    assert told == onlooker.left_out > 1000
    (rows,) = (head["rows"] for head in said if "rows" in head)
    assert rows == (3000 - told) * ROWS or rows > 500 * ROWS
    assert_whole(tmp_path / "a.h5", 3000)


def test_an_onlooker_that_cannot_start_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One that ends at once costs a message with its last words, and no sample."""

    class UntilSaid(Between):
        async def before(self, number: int) -> None:
            """Wait until its end was noticed."""
            while number == 0 and not caplog.records:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.001)
            await asyncio.sleep(0)

    with caplog.at_level(logging.WARNING):
        said, _ = recorded(tmp_path / "a.h5", CRASHES, 30, UntilSaid(), wanted="")
    assert said == []
    assert "the window has ended (no screen); the recording goes on" in caplog.text
    assert_whole(tmp_path / "a.h5", 30)

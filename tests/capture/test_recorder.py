"""The recorder writes every block it receives, whatever happens to source, writer or user."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from trackside.capture import recorder
from trackside.capture.recorder import RecorderStalledError, record
from trackside.recordings.model import GYROSCOPE, Annotation, Athlete, Block, Kind, Stream
from trackside.recordings.reader import open_recording
from trackside.recordings.replay import Replay
from trackside.recordings.writer import RecordingWriter

FOOT = Stream("left_foot", Kind.IMU, (GYROSCOPE,), rate=100.0, placement="left_foot")


def block(first: int, count: int = 10) -> Block:
    """Samples with running numbers, which are their values too."""
    numbers = np.arange(first, first + count)
    values = np.repeat(numbers[:, np.newaxis], 3, axis=1).astype(np.float32)
    return Block(FOOT.name, numbers / 100, {"gyroscope": values}, sequence=numbers)


class Blocks:
    """A source of given blocks; then it ends, fails, or waits for ever."""

    def __init__(
        self, blocks: Sequence[Block | Annotation], then: BaseException | None = None
    ) -> None:
        self.streams = (FOOT,)
        self.exhausted = asyncio.Event()
        self.closed = False
        self._blocks = blocks
        self._then = then

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The blocks, and what comes after them."""
        try:
            for block in self._blocks:
                yield block
            self.exhausted.set()
            if self._then:
                raise self._then
        finally:
            self.closed = True


class Endless(Blocks):
    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The blocks, and then silence."""
        async for block in super().blocks():
            yield block
        await asyncio.Event().wait()


def recorded(path: Path) -> tuple[bool, list[int]]:
    """Whether a file is complete, and the running numbers in it."""
    with open_recording(path) as recording:
        sequence = recording.read(FOOT.name).sequence
        return recording.complete, [] if sequence is None else sequence.tolist()


def test_all_blocks_are_written_and_counted(tmp_path: Path) -> None:
    """The file holds all samples; the summary counts them, and gaps, by stream."""
    source = Blocks([block(0), block(10), block(25)])
    summary = asyncio.run(record(source, tmp_path / "a.h5", athlete=Athlete("Ada"), queue_size=1))
    complete, numbers = recorded(tmp_path / "a.h5")
    assert complete
    assert numbers == [*range(20), *range(25, 35)]
    tally = summary.streams[FOOT.name]
    assert (tally.samples, tally.gaps, tally.missing) == (30, 1, 5)
    assert source.closed


def test_remarks_are_written_between_the_blocks(tmp_path: Path) -> None:
    """A lap that the source yields is an annotation of the file, at its time."""
    lap = Annotation(0.1, "lap", "lap 1")
    asyncio.run(record(Blocks([block(0), lap, block(10)]), tmp_path / "a.h5"))
    with open_recording(tmp_path / "a.h5") as recording:
        assert list(recording.annotations) == [lap]
    assert recorded(tmp_path / "a.h5") == (True, list(range(20)))


def test_a_replay_is_a_source(tmp_path: Path) -> None:
    """A recording replayed at full speed through a tiny queue gives a recording of the same."""
    asyncio.run(record(Blocks([block(0, 500)]), tmp_path / "a.h5"))
    with open_recording(tmp_path / "a.h5") as recording:
        asyncio.run(record(Replay(recording), tmp_path / "b.h5", queue_size=2))
    assert recorded(tmp_path / "b.h5") == recorded(tmp_path / "a.h5")


def test_cancelling_ends_the_recording_in_order(tmp_path: Path) -> None:
    """Ctrl-C cancels: all that was received is in a complete file, and the source is closed."""

    async def cancel_when_exhausted() -> Endless:
        source = Endless([block(10 * i) for i in range(50)])
        recording = asyncio.create_task(record(source, tmp_path / "a.h5"))
        await source.exhausted.wait()
        recording.cancel()
        with pytest.raises(asyncio.CancelledError):
            await recording
        return source

    source = asyncio.run(cancel_when_exhausted())
    assert recorded(tmp_path / "a.h5") == (True, list(range(500)))
    assert source.closed


def test_a_failing_source_loses_nothing(tmp_path: Path) -> None:
    """The source's error comes through after all that it gave was written; not complete."""
    source = Blocks([block(0), block(10)], then=ConnectionError("radio gone"))
    with pytest.raises(ConnectionError, match="radio gone"):
        asyncio.run(record(source, tmp_path / "a.h5"))
    assert recorded(tmp_path / "a.h5") == (False, list(range(20)))


def test_a_failing_writer_stops_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails the recorder says so at once; the source is not left running."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RecordingWriter, "write", fail)

    async def run() -> None:
        source = Endless([block(0)])
        with pytest.raises(OSError, match="No space left"):
            await record(source, tmp_path / "a.h5")
        assert source.closed

    asyncio.run(run())


def test_a_stalled_disk_is_an_alarm_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the queue full for too long an error is logged and raised; what came is written."""
    released = threading.Event()
    write = RecordingWriter.write

    def stalled(writer: RecordingWriter, block: Block) -> None:
        released.wait()
        write(writer, block)

    def release(*_: object) -> None:
        released.set()

    monkeypatch.setattr(RecordingWriter, "write", stalled)
    monkeypatch.setattr(recorder.logger, "error", release)
    source = Blocks([block(10 * i) for i in range(100)])
    with pytest.raises(RecorderStalledError, match="3 blocks are waiting; check the disk"):
        asyncio.run(record(source, tmp_path / "a.h5", queue_size=3, patience=0.001))
    complete, numbers = recorded(tmp_path / "a.h5")
    assert not complete
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 30


def test_received_samples_reach_the_file_while_the_source_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When blocks stop coming, the last ones are flushed all the same."""
    monkeypatch.setattr(recorder, "FLUSH_INTERVAL", 0.005)
    flushed = asyncio.Event()
    flush = RecordingWriter.flush

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def flush_and_tell(writer: RecordingWriter) -> None:
            flush(writer)
            loop.call_soon_threadsafe(flushed.set)

        monkeypatch.setattr(RecordingWriter, "flush", flush_and_tell)
        source = Endless([block(0)])
        recording = asyncio.create_task(record(source, tmp_path / "a.h5"))
        await source.exhausted.wait()
        while recorded(tmp_path / "a.h5") != (False, list(range(10))):
            flushed.clear()
            await flushed.wait()
        recording.cancel()
        with pytest.raises(asyncio.CancelledError):
            await recording

    asyncio.run(run())


def test_a_recording_is_never_replaced(tmp_path: Path) -> None:
    """Recording to a file that exists is refused and leaves it as it is."""
    (tmp_path / "a.h5").write_text("precious")
    with pytest.raises(FileExistsError, match="never replaced"):
        asyncio.run(record(Blocks([]), tmp_path / "a.h5"))
    assert (tmp_path / "a.h5").read_text() == "precious"

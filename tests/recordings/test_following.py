"""A recording that is followed shows the right rows, however often it is asked while it grows."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from synthetic_recordings import ATHLETE, HEART, MARK, SHANK, assert_equal, rows, samples, split

from own_process import with_imports
from trackside.recordings.following import Follower
from trackside.recordings.model import Annotation, Block
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter


def test_rows_of_many_chunks_are_right_after_every_flush(tmp_path: Path) -> None:
    """Looking at lengths, chunks and rows again and again mixes no chunk up with another."""
    whole = samples(SHANK, 1500)
    count = 0
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.flush()
        with open_recording(tmp_path / "a.h5") as recording:
            for block in split(whole, [300, 600, 601, 1200]):
                writer.write(block)
                writer.annotate(MARK)
                writer.flush()
                count += len(block)
                assert recording.whole_parts(SHANK.name) == [slice(0, count)]
                assert_equal(recording.read(SHANK.name), rows(whole, 0, count))
                assert_equal(recording.read(SHANK.name, 256, 300), rows(whole, 256, 300))
            assert recording.annotations == [MARK] * 5


def test_a_follower_gives_each_row_and_remark_once(tmp_path: Path) -> None:
    """What is taken look by look is the whole, in order."""
    whole = samples(SHANK, 900)
    path = tmp_path / "a.h5"
    taken: list[Block] = []
    remarks: list[Annotation] = []
    with RecordingWriter(path, [SHANK, HEART], athlete=ATHLETE) as writer:
        writer.flush()
        with Follower(path) as follower:
            assert follower.athlete == ATHLETE
            assert [stream.name for stream in follower.streams] == [SHANK.name, HEART.name]
            assert follower.take() == []
            for block in split(whole, [1, 300, 700]):
                writer.write(block)
                writer.annotate(MARK)
                writer.flush()
                for item in follower.take():
                    (remarks if isinstance(item, Annotation) else taken).append(item)  # type: ignore[arg-type]
            assert follower.take() == []
    assert remarks == [MARK] * 4
    assert [len(block) for block in taken] == [1, 299, 400, 200]
    np.testing.assert_array_equal(np.concatenate([block.time for block in taken]), whole.time)


def test_a_late_follower_begins_near_the_end(tmp_path: Path) -> None:
    """Who comes after an hour does not read the hour."""
    path = tmp_path / "a.h5"
    with RecordingWriter(path, [SHANK]) as writer:
        writer.write(samples(SHANK, 2000))
    with Follower(path, back=5.0) as follower:
        (block,) = follower.take()
    assert isinstance(block, Block)
    assert 14.98 < block.time[0] < 15.0  # of 20 s
    assert len(block) == 501


WRITER = """
import sys
from synthetic_recordings import SHANK, samples, split
from trackside.recordings.writer import RecordingWriter
first, second = split(samples(SHANK, 700), [500])
with RecordingWriter(sys.argv[1], [SHANK]) as writer:
    writer.write(first)
    writer.flush()
    print("flushed", flush=True)
    sys.stdin.readline()
    writer.write(second)
"""


def test_the_end_of_a_file_is_seen(tmp_path: Path) -> None:
    """A follower in another process knows when its writer has closed it, and has all rows then."""
    path = tmp_path / "a.h5"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(
        command, env=with_imports(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "flushed\n"
        with Follower(path) as follower:
            count = sum(map(len, follower.take()))  # type: ignore[arg-type]
            assert not follower.has_ended()
            writer.stdin.close()
            assert writer.wait() == 0
            assert follower.has_ended()
            count += sum(map(len, follower.take()))  # type: ignore[arg-type]
    assert count == 700

"""A recording that is followed shows the right rows, however often it is asked while it grows."""

from pathlib import Path

from synthetic_recordings import MARK, SHANK, assert_equal, rows, samples, split

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

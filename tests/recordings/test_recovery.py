"""Recovering makes a clean file of what a crash left, keeps what is there, and says what it is."""

from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_recordings import (
    ATHLETE,
    MARK,
    SHANK,
    STREAMS,
    assert_equal,
    rows,
    samples,
    split,
    write_tiny,
)

from trackside.errors import FileFormatError, ParameterError
from trackside.recordings.layout import CHUNK_ROWS
from trackside.recordings.model import Annotation
from trackside.recordings.reader import open_recording
from trackside.recordings.recovery import Rows, recover
from trackside.recordings.unclosed import ShownAsClosed
from trackside.recordings.writer import RecordingWriter

WHOLE = samples(SHANK, 1500)


@pytest.fixture(scope="module")
def dead(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a file whose writer was killed after many flushes."""
    path = tmp_path_factory.mktemp("dead") / "a.h5"
    with RecordingWriter(path, STREAMS, athlete=ATHLETE, flush_interval=0.0) as writer:
        for block in split(WHOLE, list(range(50, 1500, 50))):
            writer.write(block)
        writer.annotate(MARK)
        writer.flush()
        return path.read_bytes()


def assert_true_beginning(path: Path) -> int:
    """Fail unless a file holds the first rows of what was written; their number."""
    with open_recording(path) as recording:
        block = recording.read(SHANK.name)
    if len(block):
        assert_equal(block, rows(WHOLE, 0, len(block)))
    return len(block)


def test_a_recovered_file_is_clean_and_says_where_it_comes_from(
    tmp_path: Path, dead: bytes
) -> None:
    """All that was flushed is in a complete file that any program opens; the broken one stays."""
    (tmp_path / "dead.h5").write_bytes(dead)
    recovery = recover(tmp_path / "dead.h5", tmp_path / "clean.h5")
    assert not recovery.was_whole
    assert recovery.streams[SHANK.name] == Rows(kept=1500, lost=0)
    assert recovery.annotations == Rows(kept=1, lost=0)
    assert (tmp_path / "dead.h5").read_bytes() == dead
    with h5py.File(tmp_path / "clean.h5", "r") as file:
        assert file.attrs["complete"] == 1
        assert file.attrs["recovered_from"] == "dead.h5"
        assert file["Sensors/left_shank"].attrs["lost_rows"] == 0
    with open_recording(tmp_path / "dead.h5") as old, open_recording(tmp_path / "clean.h5") as new:
        assert new.recovered_from == "dead.h5"
        assert new.streams == old.streams
        assert (new.start_time, new.athlete) == (old.start_time, old.athlete)
        assert new.annotations == [MARK]
        assert_equal(new.read(SHANK.name), WHOLE)


def test_a_whole_recording_is_copied_as_such(tmp_path: Path) -> None:
    """Recovering a finished recording keeps all of it, and does not call it recovered."""
    written = write_tiny(tmp_path / "a.h5")
    recovery = recover(tmp_path / "a.h5", tmp_path / "b.h5")
    assert recovery.was_whole
    with open_recording(tmp_path / "b.h5") as recording:
        assert recording.complete
        assert recording.recovered_from is None
        for name, block in written.items():
            assert_equal(recording.read(name), block)


def test_what_was_recovered_once_stays_marked(tmp_path: Path, dead: bytes) -> None:
    """A copy of a recovered recording says that it was recovered."""
    (tmp_path / "dead.h5").write_bytes(dead)
    recover(tmp_path / "dead.h5", tmp_path / "once.h5")
    assert not recover(tmp_path / "once.h5", tmp_path / "twice.h5").was_whole
    with open_recording(tmp_path / "twice.h5") as recording:
        assert recording.recovered_from == "once.h5"


@settings(max_examples=40)
@given(share=st.floats(0, 1), filling=st.sampled_from([b"", b"\0", b"\xa5"]))
def test_a_lost_tail_gives_a_true_beginning_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, dead: bytes, share: float, filling: bytes
) -> None:
    """Cut off, zeroed or overwritten from anywhere on: nothing wrong is kept, nothing hangs."""
    folder = tmp_path_factory.mktemp("tail")
    kept = int(share * len(dead))
    (folder / "dead.h5").write_bytes(dead[:kept] + filling * (len(dead) - kept))
    with suppress(FileFormatError):
        recovery = recover(folder / "dead.h5", folder / "clean.h5")
        count = assert_true_beginning(folder / "clean.h5")
        assert recovery.streams[SHANK.name].kept == count
    assert max(path.name for path in folder.iterdir()) == "dead.h5"


@pytest.mark.parametrize("missing", [1, 2, 10, 100, 1000])
def test_the_last_bytes_cost_the_last_chunks_only(
    tmp_path: Path, dead: bytes, missing: int
) -> None:
    """A short tail that never reached the disk costs no more than the chunks that lie in it."""
    (tmp_path / "dead.h5").write_bytes(dead[:-missing])
    recovery = recover(tmp_path / "dead.h5", tmp_path / "clean.h5")
    count = assert_true_beginning(tmp_path / "clean.h5")
    assert count >= 1500 // CHUNK_ROWS * CHUNK_ROWS
    assert recovery.streams[SHANK.name] == Rows(kept=count, lost=1500 - count)


def test_garbage_behind_the_data_costs_nothing(tmp_path: Path, dead: bytes) -> None:
    """Bytes that somebody appended are left out."""
    garbage = np.random.default_rng(0).bytes(5000)
    (tmp_path / "dead.h5").write_bytes(dead + garbage)
    recover(tmp_path / "dead.h5", tmp_path / "clean.h5")
    assert assert_true_beginning(tmp_path / "clean.h5") == 1500


def test_a_hole_in_the_middle_is_a_gap(tmp_path: Path, dead: bytes) -> None:
    """A chunk that cannot be read is lost and counted; what lies around it keeps its time."""
    path = tmp_path / "dead.h5"
    path.write_bytes(dead)
    with ShownAsClosed(path) as content, h5py.File(content, "r") as file:
        chunk = file["Sensors/left_shank/Gyroscope"].id.get_chunk_info_by_coord((CHUNK_ROWS, 0))
    start, end = chunk.byte_offset, chunk.byte_offset + chunk.size
    path.write_bytes(dead[:start] + bytes(end - start) + dead[end:])
    recovery = recover(path, tmp_path / "clean.h5")
    assert recovery.streams[SHANK.name] == Rows(kept=1500 - CHUNK_ROWS, lost=CHUNK_ROWS)
    with open_recording(tmp_path / "clean.h5") as recording:
        block = recording.read(SHANK.name)
        (gap,) = recording.gaps(SHANK.name)
    assert_equal(rows(block, 0, CHUNK_ROWS), rows(WHOLE, 0, CHUNK_ROWS))
    assert_equal(rows(block, CHUNK_ROWS, len(block)), rows(WHOLE, 2 * CHUNK_ROWS, 1500))
    assert gap.missing == CHUNK_ROWS


def test_samples_without_all_their_stamps_are_not_whole(tmp_path: Path) -> None:
    """Rows whose sample numbers did not reach the file any more are lost, and counted."""
    path = tmp_path / "a.h5"
    write_tiny(path)
    with h5py.File(path, "r+") as file:
        file["Sensors/left_shank/Sequence"].resize((290,))
    recovery = recover(path, tmp_path / "clean.h5")
    assert recovery.streams[SHANK.name] == Rows(kept=290, lost=10)
    assert not recovery.was_whole
    with open_recording(tmp_path / "clean.h5") as recording:
        sequence = recording.read(SHANK.name).sequence
    np.testing.assert_array_equal(sequence, samples(SHANK, 300).sequence[:290])  # type: ignore[index]


def test_damaged_remarks_do_not_cost_the_samples(tmp_path: Path) -> None:
    """Remarks that cannot be read are counted as lost; the others and all samples are kept."""
    path = tmp_path / "a.h5"
    with RecordingWriter(path, [SHANK]) as writer:
        writer.write(WHOLE)
        for number in range(20):
            writer.annotate(Annotation(float(number), "lap", "200 m"))
    with h5py.File(path, "r") as file:
        chunk = file["Annotations"].id.get_chunk_info(0)
    content = path.read_bytes()
    end = chunk.byte_offset + chunk.size
    path.write_bytes(content[: chunk.byte_offset] + bytes(chunk.size) + content[end:])
    recovery = recover(path, tmp_path / "clean.h5")
    assert recovery.annotations == Rows(kept=4, lost=16)
    assert assert_true_beginning(tmp_path / "clean.h5") == 1500


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"my notes"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that holds nothing to recover is named, and the target is not touched."""
    (tmp_path / "a.h5").write_bytes(content)
    (tmp_path / "clean.h5").write_text("precious")
    with pytest.raises(FileFormatError, match=r"a\.h5: whole file"):
        recover(tmp_path / "a.h5", tmp_path / "clean.h5")
    assert (tmp_path / "clean.h5").read_text() == "precious"


def test_the_damaged_file_is_never_replaced(tmp_path: Path, dead: bytes) -> None:
    """Recovering a file onto itself is refused, whatever it is called."""
    (tmp_path / "dead.h5").write_bytes(dead)
    (tmp_path / "link.h5").symlink_to("dead.h5")
    for name in ("dead.h5", "link.h5"):
        with pytest.raises(ParameterError, match="another name"):
            recover(tmp_path / "dead.h5", tmp_path / name)
    assert (tmp_path / "dead.h5").read_bytes() == dead


def test_a_foreign_reader_opens_finished_and_recovered_recordings(
    tmp_path: Path, dead: bytes
) -> None:
    """Where it is installed, scikit-digital-health reads both as recordings of APDM's sensors."""
    apdm = pytest.importorskip("skdh.io.apdm", reason="scikit-digital-health is not installed")
    (tmp_path / "dead.h5").write_bytes(dead)
    recover(tmp_path / "dead.h5", tmp_path / "recovered.h5")
    with RecordingWriter(tmp_path / "finished.h5", [SHANK]) as writer:
        writer.write(WHOLE)
    for name in ("finished.h5", "recovered.h5"):
        read = apdm.ReadApdmH5(SHANK.name).predict(file=str(tmp_path / name))
        np.testing.assert_allclose(read["gyro"], WHOLE.values["gyroscope"])
        np.testing.assert_allclose(np.diff(read["time"]), 0.01, atol=1e-6)

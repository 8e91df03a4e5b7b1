"""What a recording survives: kills at any moment, and disks that run full."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_recordings import SHANK, assert_equal, rows, samples, split, write_tiny

from trackside.recordings import creating, rewriting
from trackside.recordings.processed import write_processed
from trackside.recordings.reader import open_recording
from trackside.recordings.recovery import recover
from trackside.recordings.tolerant_file import DiskError
from trackside.recordings.writer import RecordingWriter
from trackside.simulation.dying_recorder import BLOCK_ROWS, RATE, STREAMS, survival

RECORDER = (sys.executable, "-m", "trackside.simulation.dying_recorder")
SECONDS = 1.5
BLOCKS = round(SECONDS * RATE / BLOCK_ROWS) * len(STREAMS)
MOMENTS = [1, *np.random.default_rng(4).integers(2, BLOCKS, 6).tolist(), BLOCKS]

WHOLE = 4000
"""Rows that fit on none of the small disks."""

ON_SMALL_DISK = """
mount -t tmpfs -o size=1m tmpfs "$(dirname "$0")" || exit 9
"$@" "$0" --seconds 60; code=$?; cp "$0" "$(dirname "$0")/../a.h5"; exit $code
"""
WITH_SMALL_FILES = 'ulimit -f 1500; exec "$@" "$0" --seconds 60'


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let this process write no file beyond ``size`` bytes, as if the disk were full there."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("blocks", MOMENTS)
def test_a_killed_recorder_leaves_what_it_had_flushed(tmp_path: Path, blocks: int) -> None:
    """Killed after any block, the file opens with what could be read before, bit by bit."""
    path = tmp_path / "a.h5"
    command = (*RECORDER, str(path), "--seconds", str(SECONDS))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        sent = list(islice(recorder.stdout, blocks))
        with open_recording(path) as recording:
            before = sum(recording.rows(stream.name) for stream in STREAMS)
        recorder.kill()
        sent += recorder.stdout
    assert len(sent) >= blocks
    survived = survival(path, sent, died=0.0)
    assert survived.identical
    assert before <= survived.rows <= len(sent) * BLOCK_ROWS


def test_a_file_appears_with_all_its_streams_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While groups and datasets are created there is no file yet that a kill could leave broken."""
    create_stream = creating._create_stream

    def watched(*arguments: object) -> None:
        create_stream(*arguments)  # type: ignore[arg-type]
        assert not (tmp_path / "a.h5").exists()

    monkeypatch.setattr(creating, "_create_stream", watched)
    with RecordingWriter(tmp_path / "a.h5", [SHANK]):
        shutil.copyfile(tmp_path / "a.h5", tmp_path / "dead.h5")
    with open_recording(tmp_path / "dead.h5") as recording:
        assert list(recording.streams) == [SHANK.name]
        assert recording.rows(SHANK.name) == 0


def test_a_kill_while_dead_space_is_removed_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the smaller file is whole, the complete larger one lies in its place."""
    path, seen = tmp_path / "a.h5", tmp_path / "seen.h5"
    whole = samples(SHANK, 2000)
    copy_measured = rewriting.copy_measured

    def watched(old: object, new: object) -> None:
        copy_measured(old, new)
        shutil.copyfile(path, seen)

    monkeypatch.setattr(rewriting, "copy_measured", watched)
    with RecordingWriter(path, [SHANK], flush_interval=0.0) as writer:
        for block in split(whole, list(range(10, 2000, 10))):
            writer.write(block)
    assert path.stat().st_size < seen.stat().st_size
    with open_recording(seen) as recording:
        assert recording.complete
        assert_equal(recording.read(SHANK.name), whole)


def write_until_full(path: Path, limit: int, step: int) -> list[int]:
    """Write blocks of ``step`` rows until the disk is full; rows written before the error."""
    written = [0]

    def write() -> None:
        whole = samples(SHANK, WHOLE)
        with RecordingWriter(path, [SHANK], flush_interval=0.0) as writer:
            for start in range(0, WHOLE, step):
                writer.write(rows(whole, start, start + step))
                written.append(start + step)

    with file_size_limit(limit), pytest.raises(DiskError, match=r"a\.h5: cannot be written: "):
        write()
    return written


@settings(max_examples=40)
@given(limit=st.integers(1, 250_000), step=st.sampled_from([7, 30, 250]))
def test_a_full_disk_is_one_clear_error_and_leaves_what_was_flushed(
    tmp_path_factory: pytest.TempPathFactory, limit: int, step: int
) -> None:
    """Wherever the disk ends, the error names the file, and what it holds is a true beginning."""
    path = tmp_path_factory.mktemp("full") / "a.h5"
    flushed = write_until_full(path, limit, step)[-1]
    assert [entry.name for entry in path.parent.iterdir()] == ["a.h5"][: path.exists()]
    if not path.exists():
        assert flushed == 0
        return
    with open_recording(path) as recording:
        count = recording.rows(SHANK.name)
        assert flushed <= count <= flushed + step
        assert not recording.complete
        if count:
            assert_equal(recording.read(SHANK.name), rows(samples(SHANK, WHOLE), 0, count))


def test_a_writer_that_lost_its_disk_is_closed(tmp_path: Path) -> None:
    """Closing after the error does nothing, and does not raise a second one."""
    writer = RecordingWriter(tmp_path / "a.h5", [SHANK])
    writer.write(samples(SHANK, WHOLE))
    with file_size_limit(50_000), pytest.raises(DiskError):
        writer.flush()
    writer.close()
    with open_recording(tmp_path / "a.h5") as recording:
        assert not recording.complete


def test_results_that_do_not_fit_leave_the_recording_as_it_was(tmp_path: Path) -> None:
    """On a full disk, derived results are refused and nothing of the recording changes."""
    path = tmp_path / "a.h5"
    write_tiny(path)
    content = path.read_bytes()
    noise = np.random.default_rng(0).normal(size=(100_000, 3))
    with file_size_limit(300_000), pytest.raises(DiskError, match=r"a\.h5: cannot be written"):
        write_processed(path, {"Pose": {"noise": noise}})
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_recovery_without_room_names_its_target(tmp_path: Path) -> None:
    """The error names the file that was asked for, not the one beside it, which is removed."""
    source = tmp_path / "broken.h5"
    with RecordingWriter(source, [SHANK]) as writer:
        writer.write(samples(SHANK, WHOLE))
    with file_size_limit(50_000), pytest.raises(DiskError, match=r"/clean\.h5: cannot be written"):
        recover(source, tmp_path / "clean.h5")
    assert list(tmp_path.iterdir()) == [source]


def test_no_room_to_remove_dead_space_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A recording that cannot be made smaller stays complete, and the log says why."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rewriting, "copy_measured", fail)
    whole = samples(SHANK, 2000)
    with RecordingWriter(tmp_path / "a.h5", [SHANK], flush_interval=0.0) as writer:
        for block in split(whole, list(range(10, 2000, 10))):
            writer.write(block)
    assert "No space left on device" in caplog.text
    with open_recording(tmp_path / "a.h5") as recording:
        assert recording.complete
        assert_equal(recording.read(SHANK.name), whole)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("shell", "script", "left"),
    [
        (("sh",), WITH_SMALL_FILES, "small/a.h5"),
        (("unshare", "-rm", "sh"), ON_SMALL_DISK, "a.h5"),
    ],
    ids=["file-size limit", "small disk"],
)
def test_a_recorder_on_a_full_disk_ends_with_a_message(
    tmp_path: Path, shell: tuple[str, ...], script: str, left: str
) -> None:
    """The process ends in order, with one line and exit code 2, never with a crash."""
    (tmp_path / "small").mkdir()
    command = (*shell, "-c", script, str(tmp_path / "small" / "a.h5"), *RECORDER)
    result = None
    with suppress(FileNotFoundError):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result is None or not result.stdout:
        pytest.skip("this system lets nobody but its administrator mount a small disk")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "a.h5: cannot be written: " in result.stderr
    survived = survival(tmp_path / left, (), died=0.0)
    assert survived.identical
    assert survived.rows > 100
    assert not survived.complete


def test_the_file_on_disk_can_be_opened_by_other_programs_while_it_is_written(
    tmp_path: Path,
) -> None:
    """From its first moment on a file being written is open to followers in SWMR mode."""
    with RecordingWriter(tmp_path / "a.h5", [SHANK]):
        program = (
            f"import h5py; print(*h5py.File({str(tmp_path / 'a.h5')!r}, swmr=True)['Sensors'])"
        )
        result = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
    assert result.stdout.split() == [SHANK.name]
    assert h5py.is_hdf5(tmp_path / "a.h5")

"""A recording gives back what was written to it, finished, followed, or cut off."""

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_recordings import (
    ATHLETE,
    HEART,
    MARK,
    REFERENCE,
    SHANK,
    STREAMS,
    assert_equal,
    samples,
    split,
    write_tiny,
)

from trackside.errors import FileFormatError, MissingDataError, SignalError
from trackside.recordings import writer as writer_module
from trackside.recordings.model import ACCELEROMETER, Annotation, Channel, Kind, Stream
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter


def test_reading_gives_what_was_written(tmp_path: Path) -> None:
    """Streams, samples, stamps, athlete and remarks survive the file; values bit for bit."""
    written = write_tiny(tmp_path / "a.h5")
    with open_recording(tmp_path / "a.h5") as recording:
        assert tuple(recording.streams.values()) == STREAMS
        assert recording.athlete == ATHLETE
        assert recording.annotations == [MARK]
        assert recording.complete
        assert recording.duration == pytest.approx(299 / 1.5, abs=1e-6)
        for name, block in written.items():
            assert_equal(recording.read(name), block)


def test_counters_of_unknown_width_are_read(tmp_path: Path) -> None:
    """Files from before the widths were stored open; the widths are unknown, all else is there."""
    written = write_tiny(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        for name in ("tick_bits", "sequence_bits"):
            del file["Sensors"][SHANK.name].attrs[name]
    with open_recording(tmp_path / "a.h5") as recording:
        stream = recording.streams[SHANK.name]
        assert stream == replace(SHANK, tick_bits=None, sequence_bits=None)
        assert_equal(recording.read(SHANK.name), written[SHANK.name])


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 1500), max_size=8))
def test_any_chunking_gives_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    """However the samples come in blocks, the file holds the same rows in the same order."""
    whole = samples(SHANK, 1500)
    path = tmp_path_factory.mktemp("chunks") / "a.h5"
    with RecordingWriter(path, [SHANK], flush_interval=0.0) as writer:
        for block in split(whole, cuts):
            writer.write(block)
    with open_recording(path) as recording:
        assert_equal(recording.read(SHANK.name), whole)


def test_rows_are_read_in_parts(tmp_path: Path) -> None:
    """A range of rows is the same part of the whole, also past the end."""
    block = write_tiny(tmp_path / "a.h5")[SHANK.name]
    with open_recording(tmp_path / "a.h5") as recording:
        part = recording.read(SHANK.name, 290, 999)
    np.testing.assert_array_equal(part.values["gyroscope"], block.values["gyroscope"][290:])


def test_start_time_keeps_its_zone(tmp_path: Path) -> None:
    """Start times come back exactly, with the offset from UTC with which they were given."""
    start = datetime(2026, 6, 1, 18, 30, 0, 123457, tzinfo=timezone(timedelta(hours=2)))
    with RecordingWriter(tmp_path / "a.h5", [HEART], start_time=start) as writer:
        writer.write(samples(HEART, 2))
    with open_recording(tmp_path / "a.h5") as recording:
        assert recording.start_time == start
        assert recording.start_time.utcoffset() == timedelta(hours=2)


def test_layout_that_apdm_readers_need(tmp_path: Path) -> None:
    """Readers of APDM's files find sensors, label, time, units and an optional temperature."""
    start = datetime(2026, 6, 1, tzinfo=UTC)
    with RecordingWriter(tmp_path / "a.h5", [SHANK], start_time=start) as writer:
        writer.write(samples(SHANK, 3))
    with h5py.File(tmp_path / "a.h5", "r") as file:
        assert file.attrs["FileFormatVersion"] == 5
        (sensor,) = file["Sensors"]
        group = file["Sensors"][sensor]
        assert group["Configuration"].attrs["Label 0"].decode() == "left_shank"
        assert group["Configuration"].attrs["Sample Rate"] == 100.0
        assert float(group["Configuration"].attrs["Timezone Offset"]) == 0.0
        assert group["Temperature"][()].size == 0
        assert group["Time"].dtype == np.uint64
        since_start = group["Time"][()] - np.uint64(start.timestamp() * 1e6)
        assert since_start.tolist() == [0, 10_000, 20_000]
        assert group["Accelerometer"].attrs["unit"] == "m/s²"
        assert group["Accelerometer"].attrs["frame"] == "sensor"
        for name in ("Accelerometer", "Gyroscope", "Magnetometer"):
            assert (group[name].dtype, group[name].shape) == (np.float32, (3, 3))
            assert (group[name].compression, group[name].compression_opts) == ("gzip", 1)
            assert group[name].shuffle


def test_a_recording_is_followed_while_it_is_written(tmp_path: Path) -> None:
    """A reader that opened the file earlier sees the rows that are flushed later."""
    first, second = split(samples(SHANK, 500), [200])
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(first)
        writer.flush()
        with open_recording(tmp_path / "a.h5") as recording:
            assert not recording.complete
            assert recording.rows(SHANK.name) == 200
            writer.write(second)
            writer.flush()
            assert_equal(recording.read(SHANK.name), samples(SHANK, 500))


def test_blocks_reach_the_file_within_the_flush_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the interval has passed on the clock, the next block makes all waiting rows visible."""
    now = [0.0]
    monkeypatch.setattr(writer_module, "monotonic", lambda: now[0])
    blocks = split(samples(SHANK, 30), [10, 20])
    with RecordingWriter(tmp_path / "a.h5", [SHANK], flush_interval=0.25) as writer:
        seen = []
        for block, at in zip(blocks, (0.0, 0.24, 0.25), strict=True):
            now[0] = at
            writer.write(block)
            with open_recording(tmp_path / "a.h5") as recording:
                seen.append(recording.rows(SHANK.name))
    assert seen == [0, 0, 30]


def test_an_error_leaves_a_readable_file_that_is_not_complete(tmp_path: Path) -> None:
    """What was written before an exception is there, and the file says that it is not complete."""

    def write_and_fail() -> None:
        with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
            writer.write(samples(SHANK, 20))
            raise RuntimeError("the sensor fell off")

    with pytest.raises(RuntimeError, match="fell off"):
        write_and_fail()
    with open_recording(tmp_path / "a.h5") as recording:
        assert not recording.complete
        assert_equal(recording.read(SHANK.name), samples(SHANK, 20))


def test_a_file_whose_writer_died_gives_what_was_flushed(tmp_path: Path) -> None:
    """A copy of the bytes on disk while the writer is open, as a crash leaves them, is readable."""
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(samples(SHANK, 700))
        writer.flush()
        shutil.copyfile(tmp_path / "a.h5", tmp_path / "dead.h5")
    with open_recording(tmp_path / "dead.h5") as recording:
        assert not recording.complete
        assert_equal(recording.read(SHANK.name), samples(SHANK, 700))


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0, 1))
def test_a_truncated_recording_gives_a_part_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    """Cut anywhere, a recording is refused as such, or what is read of it is a true beginning."""
    path = tmp_path_factory.mktemp("cut") / "a.h5"
    with RecordingWriter(path, [SHANK]) as writer:
        writer.write(samples(SHANK, 700))
        writer.flush()
        content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with suppress(FileFormatError), open_recording(path) as recording:
        block = recording.read(SHANK.name)
        whole = samples(SHANK, 700).values["accelerometer"]
        np.testing.assert_array_equal(block.values["accelerometer"], whole[: len(block)])


def test_dead_space_is_removed_when_a_recording_ends(tmp_path: Path) -> None:
    """A recording flushed after every few rows ends as small as one written at once."""
    whole = samples(SHANK, 2000)
    write_sizes = []
    for name, cuts in (("once.h5", []), ("often.h5", list(range(0, 2000, 10)))):
        with RecordingWriter(tmp_path / name, [SHANK], flush_interval=0.0) as writer:
            for block in split(whole, cuts):
                writer.write(block)
        write_sizes.append((tmp_path / name).stat().st_size)
    assert write_sizes[1] < 1.2 * write_sizes[0]
    with open_recording(tmp_path / "often.h5") as recording:
        assert recording.complete
        assert_equal(recording.read(SHANK.name), whole)


@pytest.mark.parametrize("name", ["", ".", "left/shank", "a\0b"])
def test_names_that_the_file_cannot_hold_are_refused(tmp_path: Path, name: str) -> None:
    """A stream that HDF5 would put elsewhere is refused before a file is there."""
    with pytest.raises(SignalError, match="choose another"):
        RecordingWriter(tmp_path / "a.h5", [replace(SHANK, name=name)])
    assert not (tmp_path / "a.h5").exists()


def test_names_that_are_taken_are_refused(tmp_path: Path) -> None:
    """Two streams, or two channels of a stream, cannot share a place in the file."""
    with pytest.raises(SignalError, match="two streams are called 'left_shank'"):
        RecordingWriter(tmp_path / "a.h5", [SHANK, SHANK])
    for channels in ((ACCELEROMETER, ACCELEROMETER), (Channel("time", "s"),)):
        stream = Stream("s", Kind.IMU, channels)
        with pytest.raises(SignalError, match="is taken"):
            RecordingWriter(tmp_path / "a.h5", [stream])


def test_blocks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Unknown streams, other channels, shapes or stamps get an error, and the file stays whole."""
    block = samples(SHANK, 4)
    acc = block.values["accelerometer"]
    misfits = {
        "no stream 'x'": replace(block, stream="x"),
        "channels": replace(block, values={"accelerometer": acc}),
        r"shape \(3, 3\)": replace(block, values={**block.values, "gyroscope": acc[:3]}),
        "finite": replace(block, time=np.full(4, np.nan)),
        "Sequence": replace(block, sequence=None),
        r"DeviceTime of shape \(2,\)": replace(block, device_time=np.arange(2)),
    }
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(block)
        for message, misfit in misfits.items():
            with pytest.raises(SignalError, match=message):
                writer.write(misfit)
    with open_recording(tmp_path / "a.h5") as recording:
        assert_equal(recording.read(SHANK.name), block)


def test_a_caller_may_reuse_its_arrays(tmp_path: Path) -> None:
    """What a caller does to its arrays after writing them does not reach the file."""
    block = samples(SHANK, 5)
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(block)
        for values in block.values.values():
            values[:] = 0
        block.time[:] = 0
    with open_recording(tmp_path / "a.h5") as recording:
        assert_equal(recording.read(SHANK.name), samples(SHANK, 5))


def test_remarks_too_long_for_the_file_are_refused(tmp_path: Path) -> None:
    """A remark is never cut silently; bytes count, not letters."""
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.annotate(Annotation(0.0, "note", "ä" * 512))
        with pytest.raises(SignalError, match="too long"):
            writer.annotate(Annotation(0.0, "note", "ä" * 513))


def test_imus_and_references_are_found_by_segment_or_name(tmp_path: Path) -> None:
    """Arrays come by placement or stream name; what is missing is named with what is there."""
    blocks = write_tiny(tmp_path / "a.h5")
    with open_recording(tmp_path / "a.h5") as recording:
        imu = recording.imu("left_shank")
        assert imu.stream == SHANK
        assert imu.gyr is not None
        assert imu.gyr.dtype == np.float64
        assert imu.gyr.flags.c_contiguous
        np.testing.assert_array_equal(imu.gyr, blocks[SHANK.name].values["gyroscope"])
        assert [found.stream.name for found in recording.imus()] == ["left_shank"]
        for name in ("left_shank", REFERENCE.name):
            time, quaternions = recording.orientation(name)
            assert (time.shape, quaternions.shape) == ((300,), (300, 4))
        with pytest.raises(MissingDataError, match="'pelvis'; there: left_shank"):
            recording.imu("pelvis")
        with pytest.raises(MissingDataError, match="it has: left_shank, left_shank_ref"):
            recording.read("x")


def test_an_imu_without_gyroscope_has_none(tmp_path: Path) -> None:
    """Makers that export accelerations alone give an IMU whose gyr and mag are None."""
    stream = replace(SHANK, channels=(ACCELEROMETER,))
    with RecordingWriter(tmp_path / "a.h5", [stream]) as writer:
        writer.write(samples(stream, 3))
    with open_recording(tmp_path / "a.h5") as recording:
        imu = recording.imu("left_shank")
    assert imu.gyr is None
    assert imu.mag is None
    assert imu.acc.shape == (3, 3)


def test_other_files_are_refused_with_their_name(tmp_path: Path) -> None:
    """No file, no HDF5, foreign HDF5, a newer format: each is named, with what was expected."""
    path = tmp_path / "a.h5"
    with pytest.raises(FileFormatError, match=r"a\.h5: file: .*no such file"):
        open_recording(path)
    path.write_text("not a recording")
    with pytest.raises(FileFormatError, match=r"a\.h5: whole file: .*HDF5"):
        open_recording(path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(FileFormatError, match="'trackside recording'"):
        open_recording(path)
    write_tiny(path)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = 99
    with pytest.raises(FileFormatError, match="found 99"):
        open_recording(path)


def test_a_recording_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    """A missing attribute or dataset is named by its place in the file."""
    write_tiny(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file["Sensors/left_shank/Gyroscope"]
    with pytest.raises(FileFormatError, match="/Sensors/left_shank"):
        open_recording(tmp_path / "a.h5")


def test_a_missing_tail_costs_the_last_chunk_only(tmp_path: Path) -> None:
    """When power fails before the last bytes reach the disk, all rows but the last chunk's stay."""
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(samples(SHANK, 700))
        writer.flush()
        content = (tmp_path / "a.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(content[:-1])
    with open_recording(tmp_path / "cut.h5") as recording:
        assert recording.rows(SHANK.name) == 512
        part = recording.read(SHANK.name).values["gyroscope"]
    np.testing.assert_array_equal(part, samples(SHANK, 700).values["gyroscope"][:512])


def test_values_that_are_too_large_become_infinite(tmp_path: Path) -> None:
    """What float32 cannot hold is no number that a sensor measured, and no reason to stop."""
    block = samples(SHANK, 10)
    wide = np.array(block.values["gyroscope"], np.float64)
    wide[3, 1] = -1e60
    with RecordingWriter(tmp_path / "a.h5", [SHANK]) as writer:
        writer.write(replace(block, values={**block.values, "gyroscope": wide}))
    with open_recording(tmp_path / "a.h5") as recording:
        found = recording.read(SHANK.name).values["gyroscope"]
    assert found[3, 1] == -np.inf
    assert np.isfinite(np.delete(found, 3, axis=0)).all()

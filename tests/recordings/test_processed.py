"""Derived results are stored beside what was measured, whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from synthetic_recordings import MARK, SHANK, STREAMS, assert_equal, samples, write_tiny

from trackside.errors import FileFormatError, MissingDataError
from trackside.recordings.processed import write_processed
from trackside.recordings.reader import open_recording
from trackside.recordings.writer import RecordingWriter

RESULTS = {
    "quaternions": np.random.default_rng(1).normal(size=(2, 300, 4)),
    "time": np.arange(300) / 7,
    "contacts": np.array([3, 40, 77]),
    "segments": np.array(["pelvis", "left_shank"]),
    "none": np.empty((0, 3)),
    "cadence": np.array(172.5),
}


def test_results_come_back_and_samples_stay(tmp_path: Path) -> None:
    """Arrays, attributes and all that was measured are there after storing results."""
    path = tmp_path / "a.h5"
    written = write_tiny(path)
    write_processed(path, {"pose": RESULTS}, {"pose": {"solver": "chained", "height": 1.72}})
    with open_recording(path) as recording:
        stored = recording.processed("pose")
        assert stored.keys() == RESULTS.keys()
        np.testing.assert_array_equal(
            stored["quaternions"], RESULTS["quaternions"].astype(np.float32)
        )
        np.testing.assert_array_equal(stored["time"], RESULTS["time"])
        assert stored["contacts"].dtype == np.int64
        assert list(stored["segments"]) == ["pelvis", "left_shank"]
        assert stored["none"].shape == (0, 3)
        assert stored["cadence"] == 172.5
        assert recording.processed_attributes("pose") == {"solver": "chained", "height": 1.72}
        assert tuple(recording.streams.values()) == STREAMS
        assert recording.annotations == [MARK]
        assert recording.complete
        for name, block in written.items():
            assert_equal(recording.read(name), block)


def test_only_the_given_groups_are_replaced(tmp_path: Path) -> None:
    """Storing a group again replaces it whole; other groups stay, attributes included."""
    path = tmp_path / "a.h5"
    write_tiny(path)
    write_processed(path, {"pose": {"a": np.ones(3)}, "gait": RESULTS}, {"gait": {"side": "left"}})
    write_processed(path, {"pose": {"b": np.zeros(2)}})
    with open_recording(path) as recording:
        assert recording.processed("pose").keys() == {"b"}
        assert recording.processed("gait").keys() == RESULTS.keys()
        assert recording.processed_attributes("gait") == {"side": "left"}
        assert recording.has_processed("gait")
        assert not recording.has_processed("plan")
        with pytest.raises(MissingDataError, match="there: gait, pose"):
            recording.processed("plan")


def test_a_failure_leaves_the_recording_as_it_was(tmp_path: Path) -> None:
    """When an array cannot be stored the file keeps its bytes and nothing lies beside it."""
    path = tmp_path / "a.h5"
    write_tiny(path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_processed(path, {"pose": {"fine": np.ones(3), "bad": np.array([object()])}})
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.h5"]


def test_an_unfinished_recording_can_hold_results(tmp_path: Path) -> None:
    """A recording whose writer failed is solved like any other and still says what it is."""
    path = tmp_path / "a.h5"

    def write_and_fail() -> None:
        with RecordingWriter(path, [SHANK]) as writer:
            writer.write(samples(SHANK, 20))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    write_processed(path, {"pose": {"a": np.ones(3)}})
    with open_recording(path) as recording:
        assert not recording.complete
        assert_equal(recording.read(SHANK.name), samples(SHANK, 20))


def test_other_files_are_refused(tmp_path: Path) -> None:
    """Results are stored in recordings alone."""
    (tmp_path / "a.h5").write_text("x")
    with pytest.raises(FileFormatError):
        write_processed(tmp_path / "a.h5", {})
    assert (tmp_path / "a.h5").read_text() == "x"

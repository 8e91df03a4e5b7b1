"""A pose read in parts is the pose read as a whole."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from recorded_gait import record_pose
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import read_pose
from trackside.kinematics.skeleton import STANDING_FACING_EAST, skeleton_for
from trackside.kinematics.stored_pose import StoredPose
from trackside.recordings.reader import open_recording

FRAMES = 3000


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording with half a minute of a pose that differs in every frame."""
    time = np.arange(FRAMES) / 100.0
    orientations = np.tile(STANDING_FACING_EAST, (23, FRAMES, 1))
    orientations[..., 2] = 1e-4 * np.arange(FRAMES)
    root = np.stack([time, 2.0 * time, np.ones(FRAMES)], axis=-1)
    measured = np.arange(23)[:, None] > np.arange(FRAMES) % 23
    path = tmp_path_factory.mktemp("stored") / "session.h5"
    record_pose(path, Pose(skeleton_for(1.8), time, orientations, root, measured))
    return path


@pytest.mark.parametrize("rows", [(0, 1), (700, 730), (0, FRAMES), (2990, 5000), (5, 5)])
def test_parts_are_parts_of_the_whole(session: Path, rows: tuple[int, int]) -> None:
    """Any range of frames, within a stored chunk or over several, is that range of the whole."""
    with open_recording(session) as recording:
        whole, part = read_pose(recording), StoredPose(recording).frames(*rows)
    kept = slice(*rows)
    np.testing.assert_array_equal(part.time, whole.time[kept])
    np.testing.assert_array_equal(part.orientations, whole.orientations[:, kept])
    np.testing.assert_array_equal(part.root, whole.root[kept])
    np.testing.assert_array_equal(part.measured, whole.measured[:, kept])
    np.testing.assert_array_equal(part.skeleton.offsets, whole.skeleton.offsets)


def test_a_moment_is_in_one_chunk(session: Path) -> None:
    """All segments of a moment are stored together, so that few bytes are read for it."""
    with h5py.File(session) as file:
        segments, frames, _ = file["Processed/Pose/Orientation"].chunks
    assert segments == 23
    assert frames < FRAMES


def test_what_is_missing_is_named(tmp_path: Path, session: Path) -> None:
    """No pose tells what to run; half a pose tells what it lacks."""
    damaged = tmp_path / "session.h5"
    damaged.write_bytes(session.read_bytes())
    with h5py.File(damaged, "r+") as file:
        del file["Processed/Pose/Root"]
    with open_recording(damaged) as recording, pytest.raises(FileFormatError, match="Root"):
        StoredPose(recording)
    with h5py.File(damaged, "r+") as file:
        del file["Processed/Pose"]
    with open_recording(damaged) as recording, pytest.raises(MissingDataError, match="solve"):
        StoredPose(recording)

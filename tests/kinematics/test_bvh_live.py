"""A BVH written while the athlete moves: whole from its first frame, as if written at once."""

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.errors import MissingDataError, ParameterError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh import read_bvh, write_bvh
from trackside.kinematics.bvh_file import read_bvh_file
from trackside.kinematics.bvh_live import LiveBvhWriter
from trackside.kinematics.bvh_names import NAME_SETS
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS

RATE = 20.0


def turning_pose(frames: int) -> Pose:
    """An athlete who turns about, every segment wobbling, for more than full turns."""
    rng = np.random.default_rng(12)
    time = np.arange(frames) / RATE
    wobble = np.cumsum(rng.normal(scale=0.2, size=(len(SEGMENTS), frames, 3)), axis=1)
    heading = qt.about_axis([0.0, 0.0, 1.0], 4.0 * time)
    turned = qt.multiply(STANDING_FACING_EAST, qt.from_rotation_vector(wobble))
    orientations = qt.multiply(heading, turned)
    seen = np.ones(orientations.shape[:2], bool)
    return Pose(skeleton_for(1.7), time, orientations, rng.normal(size=(frames, 3)), seen)


def write_pieces(writer: LiveBvhWriter, pose: Pose, cuts: list[int]) -> None:
    for start, end in pairwise([0, *sorted(cuts), len(pose.time)]):
        writer.write(pose.orientations[:, start:end], pose.root[start:end])


POSE = turning_pose(90)


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.lists(st.integers(0, 90), max_size=12), st.sampled_from([*NAME_SETS]), st.booleans())
def test_pieces_give_the_file_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], names: str, t_pose: bool
) -> None:
    """However the motion arrives, the file differs from the one written at once only in blanks."""
    folder = tmp_path_factory.mktemp("live")
    write_bvh(folder / "whole.bvh", POSE, names=NAME_SETS[names], t_pose=t_pose)
    with LiveBvhWriter(
        folder / "live.bvh", POSE.skeleton, POSE.rate, names=NAME_SETS[names], t_pose=t_pose
    ) as writer:
        write_pieces(writer, POSE, cuts)
    whole, live = ((folder / name).read_text() for name in ("whole.bvh", "live.bvh"))
    assert [line.rstrip() for line in live.split("\n")] == whole.split("\n")


def test_the_file_is_whole_at_any_time(tmp_path: Path) -> None:
    """What a crash leaves behind after any frame opens, and lacks less than a second."""
    path = tmp_path / "live.bvh"
    writer = LiveBvhWriter(path, POSE.skeleton, RATE)
    for n in range(90):
        writer.write(POSE.orientations[:, n : n + 1], POSE.root[n : n + 1])
        shutil.copy(path, tmp_path / "crashed.bvh")
        frames = read_bvh_file(tmp_path / "crashed.bvh").frames
        assert n + 1 - RATE < len(frames) <= n + 1
    writer.close()
    assert len(read_bvh_file(path).frames) == 90


def test_rows_behind_the_count_do_no_harm(tmp_path: Path) -> None:
    """Cut anywhere between two counts, the file shows the frames that it declares."""
    path = tmp_path / "live.bvh"
    with LiveBvhWriter(path, POSE.skeleton, RATE) as writer:
        write_pieces(writer, POSE, [])
    declared = path.read_bytes().replace(b"Frames: 90", b"Frames: 40")
    path.write_bytes(declared[:-700])
    np.testing.assert_allclose(read_bvh(path).root, POSE.root[:40], atol=1e-8)


def test_a_file_without_motion_is_removed(tmp_path: Path) -> None:
    """A BVH without frames opens nowhere, so that none is left."""
    with LiveBvhWriter(tmp_path / "live.bvh", POSE.skeleton, RATE, t_pose=True) as writer:
        writer.write(POSE.orientations[:, :0], POSE.root[:0])
    assert list(tmp_path.iterdir()) == []


def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    """A writer closed by hand inside its block leaves its file alone at the end."""
    with LiveBvhWriter(tmp_path / "live.bvh", POSE.skeleton, RATE) as writer:
        write_pieces(writer, POSE, [])
        writer.close()
    assert len(read_bvh_file(tmp_path / "live.bvh").frames) == 90


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """A recording in progress never takes the place of another file."""
    (tmp_path / "live.bvh").write_text("yesterday")
    with pytest.raises(FileExistsError):
        LiveBvhWriter(tmp_path / "live.bvh", POSE.skeleton, RATE)
    assert (tmp_path / "live.bvh").read_text() == "yesterday"


def test_a_gap_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    """A frame that is not finite is refused with its time; those before it stay."""
    with LiveBvhWriter(tmp_path / "live.bvh", POSE.skeleton, RATE) as writer:
        write_pieces(writer, POSE, [])
        with pytest.raises(MissingDataError, match=r"no position of the pelvis at 4\.550 s"):
            writer.write(POSE.orientations[:, :2], np.array([[0.0, 0, 0], [0, np.nan, 0]]))
    assert len(read_bvh_file(tmp_path / "live.bvh").frames) == 90


@pytest.mark.parametrize("rate", [0.0, -1.0, np.inf, np.nan])
def test_a_rate_is_above_zero(rate: float, tmp_path: Path) -> None:
    """Without a rate there is no frame time, and no file."""
    with pytest.raises(ParameterError, match="expected more than 0"):
        LiveBvhWriter(tmp_path / "live.bvh", POSE.skeleton, rate)
    assert list(tmp_path.iterdir()) == []

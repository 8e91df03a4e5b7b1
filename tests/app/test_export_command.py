"""``trackside export``: one pose, each format, from recordings and other programs' files."""

from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from mvnx_files import SEGMENT_LABELS, mvnx
from trackside.app.cli import app
from trackside.app.export_command import export
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh import read_bvh, write_bvh
from trackside.kinematics.bvh_file import read_bvh_file
from trackside.kinematics.bvh_names import NAME_SETS
from trackside.kinematics.opensim_motion import OpenSimModel, coordinates_of, read_mot
from trackside.kinematics.opensim_sensors import read_sto
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import pose_to_arrays
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.model import ACCELEROMETER, Block, Kind, Stream
from trackside.recordings.placements import SEGMENTS
from trackside.recordings.processed import write_processed
from trackside.recordings.writer import RecordingWriter

RATE, FRAMES = 50.0, 26
WORN = ("pelvis", "left_shank")


def swaying_pose() -> Pose:
    """Half a second of small turns about standing, facing north."""
    rng = np.random.default_rng(9)
    time = np.arange(FRAMES) / RATE
    sway = rng.normal(scale=0.2, size=(len(SEGMENTS), 1, 3)) * np.sin(6 * time)[:, None]
    north = qt.multiply(qt.about_axis([0.0, 0.0, 1.0], np.pi / 2), STANDING_FACING_EAST)
    orientations = qt.multiply(north, qt.from_rotation_vector(sway))
    root = np.stack([0.2 * time, 2 * time, 0.9 + 0 * time], axis=-1)
    worn = np.repeat(np.isin(SEGMENTS, WORN)[:, None], FRAMES, axis=1)
    return Pose(skeleton_for(1.75), time, orientations, root, worn)


POSE = swaying_pose()
STREAM = Stream("pelvis", Kind.IMU, (ACCELEROMETER,), rate=RATE, placement="pelvis")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of hardly a sample that holds the pose."""
    path = tmp_path / "session.h5"
    with RecordingWriter(path, (STREAM,)) as writer:
        writer.write(Block("pelvis", np.array([0.0]), {"accelerometer": np.ones((1, 3))}))
    write_processed(path, {"Pose": pose_to_arrays(POSE)})
    return path


def exported(*arguments: str | Path) -> Result:
    runner = CliRunner(env={"COLUMNS": "120"})
    return runner.invoke(app, ["export", *map(str, arguments)])


def succeeded(*arguments: str | Path) -> str:
    result = exported(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def assert_same_motion(pose: Pose, expected: Pose) -> None:
    assert np.rad2deg(qt.angle_between(pose.orientations, expected.orientations)).max() < 1e-3
    np.testing.assert_allclose(pose.root, expected.root, atol=1e-5)


def test_every_format_at_once(recording: Path, tmp_path: Path) -> None:
    """One command writes them all, says how many frames each has, and each shows the pose."""
    files = {kind: tmp_path / f"out.{kind}" for kind in ("bvh", "csv", "mot", "sto")}
    said = succeeded(recording, *(word for kind in files for word in (f"--{kind}", files[kind])))
    assert said.splitlines() == [f"{path}: 26 frames at 50 Hz" for path in files.values()]
    assert_same_motion(read_bvh(files["bvh"]), POSE)
    assert len(files["csv"].read_text().splitlines()) == 1 + FRAMES
    motion = read_mot(files["mot"])
    for name, track in coordinates_of(POSE).items():
        np.testing.assert_allclose(motion.coordinates[name], track, atol=1e-5, err_msg=name)
    sensors = read_sto(files["sto"]).by_segment
    assert set(sensors) == set(WORN)
    for segment, orientations in sensors.items():
        assert qt.angle_between(orientations, POSE.segment(segment)).max() < 1e-5


def test_names_t_pose_and_rate_of_the_bvh(recording: Path, tmp_path: Path) -> None:
    """Options reach the file: other names, a first frame more, half the frames."""
    out = tmp_path / "out.bvh"
    succeeded(recording, "--bvh", out, "--names", "mixamo", "--t-pose", "--rate", "25")
    document = read_bvh_file(out)
    assert document.joints[0].name == "mixamorigHips"
    assert document.frame_time == pytest.approx(1 / 25)
    assert len(document.frames) == 1 + 13
    assert not document.frames[0, 3:].any()


def test_the_model_of_the_mot(recording: Path, tmp_path: Path) -> None:
    """gait2392 has no arms, and knees that bend the other way."""
    succeeded(recording, "--mot", tmp_path / "out.mot", "--model", "gait2392")
    coordinates = read_mot(tmp_path / "out.mot").coordinates
    expected = coordinates_of(POSE, OpenSimModel.GAIT2392)
    assert coordinates.keys() == expected.keys()
    np.testing.assert_allclose(coordinates["knee_angle_l"], expected["knee_angle_l"], atol=1e-5)


def test_choices_are_those_that_the_stages_have() -> None:
    """No name set and no model is left out of the command line, and none is made up."""
    hints = get_type_hints(export)
    assert get_args(hints["names"]) == tuple(NAME_SETS)
    assert get_args(hints["model"]) == tuple(OpenSimModel)


def test_a_bvh_is_a_source_too(tmp_path: Path) -> None:
    """A BVH becomes one with other names, or OpenSim's coordinates."""
    write_bvh(tmp_path / "in.bvh", POSE)
    succeeded(tmp_path / "in.bvh", "--bvh", tmp_path / "out.bvh", "--names", "cmu")
    again = read_bvh(tmp_path / "out.bvh")
    shank = INDEX["left_shank"]
    apart = qt.angle_between(again.orientations[shank], POSE.orientations[shank])
    assert np.rad2deg(apart).max() < 1e-3


def test_a_single_frame_has_no_rate(tmp_path: Path) -> None:
    """A BVH that shows one pose becomes a table of one row."""
    write_bvh(tmp_path / "in.bvh", POSE)
    text = (tmp_path / "in.bvh").read_text().replace(f"Frames: {FRAMES}", "Frames: 1")
    (tmp_path / "in.bvh").write_text(text)
    said = succeeded(tmp_path / "in.bvh", "--csv", tmp_path / "out.csv")
    assert said.strip() == f"{tmp_path / 'out.csv'}: 1 frame"


def test_an_mvnx_is_a_source_too(tmp_path: Path) -> None:
    """MVN's pose of aligned axes faces north in a T-pose: as a BVH, a quarter turn to the left."""
    elements = {
        "orientation": np.tile([1.0, 0, 0, 0], (len(SEGMENT_LABELS), 3, 1)),
        "position": np.random.default_rng(2).normal(size=(len(SEGMENT_LABELS), 3, 3)),
    }
    (tmp_path / "in.mvnx").write_text(mvnx(elements))
    succeeded(tmp_path / "in.mvnx", "--bvh", tmp_path / "out.bvh")
    rotations = read_bvh_file(tmp_path / "out.bvh").frames[:, 3:]
    expected = np.zeros_like(rotations)
    expected[:, 2] = 90.0
    np.testing.assert_allclose(rotations, expected, atol=1e-5)


def test_a_recording_has_to_be_solved_first(tmp_path: Path) -> None:
    """The error says which command does it, and no file appears."""
    path = tmp_path / "raw.h5"
    with RecordingWriter(path, (STREAM,)):
        pass
    result = exported(path, "--mot", tmp_path / "out.mot")
    assert isinstance(result.exception, MissingDataError)
    assert f"run trackside solve {path}" in str(result.exception)
    assert not (tmp_path / "out.mot").exists()


def test_another_programs_skeleton_is_refused_by_name(tmp_path: Path) -> None:
    """The error names the file and the joint that is missing."""
    write_bvh(tmp_path / "in.bvh", POSE)
    text = (tmp_path / "in.bvh").read_text().replace("LeftForeArm", "LeftElbow")
    (tmp_path / "in.bvh").write_text(text)
    result = exported(tmp_path / "in.bvh", "--csv", tmp_path / "out.csv")
    assert isinstance(result.exception, FileFormatError)
    assert "in.bvh: HIERARCHY" in str(result.exception)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "nothing to export"),
        (("--bvh", "a.bvh", "--csv", "a.bvh"), "a file of its own"),
        (("--bvh", "a.bvh", "--rate", "0"), "greater than or equal to 1"),
        (("--bvh", "a.bvh", "--names", "maya"), "mixamo"),
    ],
)
def test_wrong_options_are_explained(
    recording: Path, options: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be is said before anything is read or written."""
    monkeypatch.chdir(recording.parent)
    result = exported(recording, *options)
    assert result.exit_code == 2
    assert expected in result.output
    assert list(recording.parent.iterdir()) == [recording]

"""Sensor orientations as OpenSense takes them: labels, ground, and back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.opensim_sensors import (
    SENSOR_LABELS,
    SensorOrientations,
    read_sto,
    sensor_orientations,
    write_sto,
)
from trackside.kinematics.opensim_table import read_opensim_table
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import skeleton_for
from trackside.recordings.placements import SEGMENTS, segment_from_label

TIME = np.arange(6) / 60
GROUND_FROM_EARTH = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # (east, north, up) → (x, −z, y)


def random_turns(seed: int, *shape: int) -> Floats:
    return qt.normalized(np.random.default_rng(seed).normal(size=(*shape, 4)))


def matrices(orientations: Floats) -> Floats:
    return np.asarray(Rotation.from_quat(orientations, scalar_first=True).as_matrix())


def some_sensors(seed: int = 1) -> SensorOrientations:
    segments = ("pelvis", "t8", "left_thigh", "right_foot")
    turns = random_turns(seed, len(segments), len(TIME))
    return SensorOrientations(TIME, dict(zip(segments, turns, strict=True)))


def test_labels_are_bodies_of_the_model() -> None:
    """OpenSense finds the body by the label before "_imu"."""
    assert SENSOR_LABELS["pelvis"] == "pelvis_imu"
    assert SENSOR_LABELS["t8"] == "torso_imu"
    assert SENSOR_LABELS["right_thigh"] == "femur_r_imu"
    assert SENSOR_LABELS["left_foot"] == "calcn_l_imu"
    assert set(SENSOR_LABELS) < set(SEGMENTS)
    known = ("pelvis", "t8", "right_shank", "left_foot", "right_upper_arm", "left_hand")
    assert [segment_from_label(SENSOR_LABELS[segment]) for segment in known] == list(known)


def test_the_file_is_in_opensims_ground(tmp_path: Path) -> None:
    """Columns turn sensor vectors into x east, y up, z south, at the sensors' own rate."""
    sensors = some_sensors()
    write_sto(tmp_path / "a.sto", sensors)
    table = read_opensim_table(tmp_path / "a.sto")
    assert (table.header["DataType"], table.header["DataRate"]) == ("Quaternion", "60.000000")
    assert list(table.columns) == ["pelvis_imu", "torso_imu", "femur_l_imu", "calcn_r_imu"]
    expected = GROUND_FROM_EARTH @ matrices(sensors.by_segment["left_thigh"])
    np.testing.assert_allclose(matrices(table.columns["femur_l_imu"]), expected, atol=1e-8)


@given(st.integers(0, 2**32 - 1))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Every orientation, to the file's 9 decimals."""
    path = tmp_path_factory.getbasetemp() / "again.sto"
    sensors = some_sensors(seed)
    write_sto(path, sensors)
    again = read_sto(path)
    np.testing.assert_allclose(again.time, sensors.time, atol=1e-9)
    assert again.by_segment.keys() == sensors.by_segment.keys()
    for segment, turns in sensors.by_segment.items():
        np.testing.assert_allclose(qt.angle_between(again.by_segment[segment], turns), 0, atol=1e-7)


def test_files_with_z_up_are_turned(tmp_path: Path) -> None:
    """With −π/2 about x, as for files of Xsens' sensors, the file's frame is our earth."""
    turns = random_turns(8, len(TIME))
    rows = [
        f"{time:.9f}\t" + ",".join(f"{value:.9f}" for value in turn)
        for time, turn in zip(TIME, turns, strict=True)
    ]
    text = "\n".join(["DataType=Quaternion", "endheader", "time\ttibia_r_imu", *rows, ""])
    (tmp_path / "xsens.sto").write_text(text)
    sensors = read_sto(tmp_path / "xsens.sto", (-np.pi / 2, 0.0, 0.0))
    apart = qt.angle_between(sensors.by_segment["right_shank"], turns)
    np.testing.assert_allclose(apart, 0, atol=1e-7)


def test_rotations_are_about_fixed_axes(tmp_path: Path) -> None:
    """About x, then y, then z of ground, as OpenSense's set-up files mean them."""
    write_sto(tmp_path / "a.sto", some_sensors())
    plain = read_sto(tmp_path / "a.sto").by_segment["pelvis"]
    turned = read_sto(tmp_path / "a.sto", (0.3, -0.5, 0.9)).by_segment["pelvis"]
    turn = Rotation.from_euler("xyz", [0.3, -0.5, 0.9]).as_matrix()
    expected = GROUND_FROM_EARTH.T @ turn @ GROUND_FROM_EARTH @ matrices(plain)
    np.testing.assert_allclose(matrices(turned), expected, atol=1e-8)


def pose_measured_by(*segments: str) -> Pose:
    orientations = random_turns(2, len(SEGMENTS), len(TIME))
    measured = np.repeat(np.isin(SEGMENTS, segments)[:, None], len(TIME), axis=1)
    return Pose(skeleton_for(), TIME, orientations, np.zeros((len(TIME), 3)), measured)


def test_sensors_have_the_axes_of_their_segments() -> None:
    """Those that the pose was measured with are there; OpenSim has no body for the head."""
    pose = pose_measured_by("t8", "head", "left_shank")
    sensors = sensor_orientations(pose)
    assert set(sensors.by_segment) == {"t8", "left_shank"}
    np.testing.assert_array_equal(sensors.by_segment["left_shank"], pose.segment("left_shank"))
    np.testing.assert_array_equal(sensors.time, TIME)


def test_a_pose_that_names_no_sensors_has_them_all() -> None:
    """As one from a BVH: every body of the model gets a column."""
    assert set(sensor_orientations(pose_measured_by()).by_segment) == set(SENSOR_LABELS)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("DataType=Quaternion\n", ""), "header: expected a line DataType=Quaternion"),
        (("1,0,0,0", "1,0,0,0.5"), "column 'pelvis_imu': expected quaternions of length 1"),
        (("pelvis_imu", "box_imu"), "labels: expected one of pelvis_imu, torso_imu"),
    ],
)
def test_other_tables_are_refused(edit: tuple[str, str], expected: str, tmp_path: Path) -> None:
    """Tables of something else say what is missing."""
    text = "DataType=Quaternion\nendheader\ntime\tpelvis_imu\n0\t1,0,0,0\n1\t0,1,0,0\n"
    (tmp_path / "a.sto").write_text(text.replace(*edit))
    if not edit[1]:  # numbers where there were quaternions
        (tmp_path / "a.sto").write_text("endheader\ntime\tpelvis_imu\n0\t1\n1\t2\n")
    with pytest.raises(FileFormatError, match=expected):
        read_sto(tmp_path / "a.sto")


def test_what_opensense_cannot_open_is_not_written(tmp_path: Path) -> None:
    """No sensor, a single row and a gap are errors, and no file appears."""
    one_row = SensorOrientations(TIME[:1], {"pelvis": random_turns(1, 1)})
    for sensors in (SensorOrientations(TIME, {}), one_row):
        with pytest.raises(MissingDataError, match="a sensor on a body and two rows"):
            write_sto(tmp_path / "a.sto", sensors)
    sensors = some_sensors()
    sensors.by_segment["t8"][2] = np.nan
    with pytest.raises(MissingDataError, match=r"no torso_imu at 0\.033 s"):
        write_sto(tmp_path / "a.sto", sensors)
    assert list(tmp_path.iterdir()) == []

"""Poses as OpenSim's coordinates: the model's own turns, signs and zeros, there and back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.opensim_motion import (
    OpenSimModel,
    coordinates_of,
    joint_angles_from,
    read_mot,
    write_mot,
)
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import (
    INDEX,
    PARENTS,
    STANDING_FACING_EAST,
    skeleton_for,
    walk_from,
)
from trackside.recordings.placements import SEGMENTS

UP = [0.0, 0.0, 1.0]
MODELS = list(OpenSimModel)


def pose_with(turns: dict[str, Floats] | None = None, heading: float = 0.0) -> Pose:
    """Two frames of standing; ``turns`` (4,) are of segments against their parents."""
    turns = turns or {}
    orientations = np.empty((len(SEGMENTS), 2, 4))
    for segment, parent in walk_from("pelvis"):
        standing = qt.multiply(qt.about_axis(UP, heading), STANDING_FACING_EAST)
        above = standing if parent is None else orientations[INDEX[parent], 0]
        orientations[INDEX[segment]] = qt.multiply(above, turns.get(segment, qt.IDENTITY))
    seen = np.ones(orientations.shape[:2], bool)
    root = np.tile([3.0, 4.0, 0.9], (2, 1))
    return Pose(skeleton_for(1.7), np.array([0.0, 0.01]), orientations, root, seen)


def lively_pose(seed: int, frames: int = 20) -> Pose:
    """Every segment bent by up to 40° about each axis against its parent."""
    rng = np.random.default_rng(seed)
    orientations = np.empty((len(SEGMENTS), frames, 4))
    for segment, parent in PARENTS.items():
        bent = qt.from_rotation_vector(rng.uniform(-0.7, 0.7, (frames, 3)))
        above = STANDING_FACING_EAST if parent is None else orientations[INDEX[parent]]
        orientations[INDEX[segment]] = qt.multiply(above, bent)
    seen = np.ones(orientations.shape[:2], bool)
    time = np.arange(frames) / 50
    return Pose(skeleton_for(1.8), time, orientations, rng.normal(size=(frames, 3)), seen)


def degrees(pose: Pose, model: OpenSimModel = OpenSimModel.RAJAGOPAL) -> dict[str, float]:
    """The angles of the first frame that are not zero."""
    angles = {
        name: float(np.rad2deg(track[0]))
        for name, track in coordinates_of(pose, model).items()
        if name not in ("pelvis_tx", "pelvis_ty", "pelvis_tz")
    }
    return {name: angle for name, angle in angles.items() if abs(angle) > 1e-9}


PALMS_IN = {"pro_sup_r": 90.0, "pro_sup_l": 90.0}


def test_standing_is_zero_but_for_the_palms() -> None:
    """Upright with hanging arms all angles are zero; palms that face in are pronated by 90°."""
    assert degrees(pose_with()) == pytest.approx(PALMS_IN)
    assert degrees(pose_with(), OpenSimModel.GAIT2392) == {}


@pytest.mark.parametrize("model", MODELS)
def test_left_of_east_is_a_positive_rotation(model: OpenSimModel) -> None:
    """Facing north is a pelvis rotation of 90° and nothing else."""
    found = degrees(pose_with(heading=np.pi / 2), model)
    assert found["pelvis_rotation"] == pytest.approx(90)
    assert set(found) <= {"pelvis_rotation", *PALMS_IN}


X, Y, Z = np.eye(3)
TURNS = [  # a segment, the axis that it turns about by 20°, and what OpenSim calls that
    ("pelvis", -Z, {"pelvis_tilt": -20.0}),  # forwards
    ("pelvis", X, {"pelvis_list": 20.0}),  # right side down
    ("right_thigh", Z, {"hip_flexion_r": 20.0}),
    ("left_thigh", Z, {"hip_flexion_l": 20.0}),
    ("right_thigh", X, {"hip_adduction_r": 20.0}),
    ("left_thigh", -X, {"hip_adduction_l": 20.0}),
    ("right_thigh", Y, {"hip_rotation_r": 20.0}),  # toes in
    ("left_thigh", -Y, {"hip_rotation_l": 20.0}),
    ("right_shank", -Z, {"knee_angle_r": 20.0}),
    ("left_foot", Z, {"ankle_angle_l": 20.0}),
    ("right_foot", X, {"subtalar_angle_r": 20.0}),  # sole inwards
    ("left_foot", -X, {"subtalar_angle_l": 20.0}),
    ("t8", -Z, {"lumbar_extension": -20.0}),
    ("t8", X, {"lumbar_bending": 20.0}),  # to the right
    ("t8", Y, {"lumbar_rotation": 20.0}),  # to the left
    ("right_upper_arm", Z, {"arm_flex_r": 20.0}),
    ("right_upper_arm", -X, {"arm_add_r": -20.0}),  # away from the body
    ("left_upper_arm", X, {"arm_add_l": -20.0}),
    ("right_upper_arm", Y, {"arm_rot_r": 20.0}),
    ("right_forearm", Z, {"elbow_flex_r": 20.0}),
    ("right_forearm", Y, {"pro_sup_r": 110.0}),  # palm backwards
    ("left_forearm", -Y, {"pro_sup_l": 110.0}),
    ("right_hand", X, {"wrist_flex_r": 20.0}),  # fingers to the forearm's inner side
    ("right_hand", Z, {"wrist_dev_r": -20.0}),  # to the thumb
]


@pytest.mark.parametrize(("segment", "axis", "expected"), TURNS)
def test_each_turn_is_the_coordinate_of_that_name(
    segment: str, axis: Floats, expected: dict[str, float]
) -> None:
    """One turn of one segment is one coordinate, with OpenSim's sign; others stay as they were."""
    found = degrees(pose_with({segment: qt.about_axis(axis, np.deg2rad(20))}))
    assert found == pytest.approx(PALMS_IN | expected)


def test_the_older_model_bends_its_knees_backwards() -> None:
    """In gait2392 the knee's extension is positive; it has no arms."""
    bent = pose_with({"right_shank": qt.about_axis(-Z, np.deg2rad(20))})
    assert degrees(bent, OpenSimModel.GAIT2392) == pytest.approx({"knee_angle_r": -20.0})
    assert not any(name.startswith("arm") for name in coordinates_of(bent, OpenSimModel.GAIT2392))


@given(st.integers(0, 2**32 - 1))
def test_pelvis_and_hips_are_turned_as_opensim_composes_them(seed: int) -> None:
    """Tilt about z, list about x, rotation about y, each about the axes as the last left them."""
    pose = lively_pose(seed, 3)
    coordinates = coordinates_of(pose)
    names = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
    pelvis = Rotation.from_euler("ZXY", np.stack([coordinates[name] for name in names], axis=-1))
    ground_from_earth = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    expected = ground_from_earth @ matrices(pose.segment("pelvis"))
    np.testing.assert_allclose(pelvis.as_matrix(), expected, atol=1e-9)
    names = ("hip_flexion_r", "hip_adduction_r", "hip_rotation_r")
    hip = Rotation.from_euler("ZXY", np.stack([coordinates[name] for name in names], axis=-1))
    thigh = ground_from_earth @ matrices(pose.segment("right_thigh"))
    np.testing.assert_allclose((pelvis * hip).as_matrix(), thigh, atol=1e-9)


def matrices(orientations: Floats) -> Floats:
    return np.asarray(Rotation.from_quat(orientations, scalar_first=True).as_matrix())


@pytest.mark.parametrize(
    ("model", "ahead", "above", "height"),
    [
        (OpenSimModel.RAJAGOPAL, 0.056276, 0.07849, 1.7),
        (OpenSimModel.GAIT2392, 0.0707, 0.0661, 1.8),
    ],
)
def test_the_pelvis_of_the_model_lies_above_and_before_the_hips(
    model: OpenSimModel, ahead: float, above: float, height: float
) -> None:
    """Facing north at (3, 4, 0.9): x of ground is east, y up, z south."""
    coordinates = coordinates_of(pose_with(heading=np.pi / 2), model)
    place = [coordinates[f"pelvis_t{axis}"][0] for axis in "xyz"]
    size = 1.7 / height
    np.testing.assert_allclose(place, [3.0, 0.9 + size * above, -4.0 - size * ahead], atol=1e-9)


def test_the_pelvis_is_placed_by_the_hips() -> None:
    """Where a skeleton's pelvis begins above its hips, as MVN's may, the model's moves down."""
    pose = pose_with()
    offsets = pose.skeleton.offsets.copy()
    offsets[[INDEX["right_thigh"], INDEX["left_thigh"]], 1] -= 0.03
    lower = coordinates_of(replace(pose, skeleton=replace(pose.skeleton, offsets=offsets)))
    np.testing.assert_allclose(lower["pelvis_ty"], coordinates_of(pose)["pelvis_ty"] - 0.03)
    np.testing.assert_allclose(lower["pelvis_tx"], coordinates_of(pose)["pelvis_tx"])


@pytest.mark.parametrize("model", MODELS)
def test_joint_angles_come_back_from_a_file(model: OpenSimModel, tmp_path: Path) -> None:
    """Written in degrees, read in rad, and turned into our names and signs again."""
    pose = lively_pose(3)
    write_mot(tmp_path / "a.mot", pose, model)
    motion = read_mot(tmp_path / "a.mot")
    np.testing.assert_allclose(motion.time, pose.time, atol=1e-9)
    np.testing.assert_allclose(
        motion.coordinates["pelvis_ty"], coordinates_of(pose, model)["pelvis_ty"], atol=1e-8
    )
    own = joint_angles(pose)
    again = joint_angles_from(motion.coordinates, model)
    assert len(again) == (29 if model is OpenSimModel.RAJAGOPAL else 15)
    for name, angle in again.items():
        np.testing.assert_allclose(angle, own[name], atol=1e-9, err_msg=name)


def test_what_opensim_wants_stands_in_the_header(tmp_path: Path) -> None:
    """Title, version, counts, unit and end, in that order, one line each."""
    write_mot(tmp_path / "a.mot", pose_with())
    lines = (tmp_path / "a.mot").read_text().split("\n")
    assert lines[:5] == ["Coordinates", "version=1", "nRows=2", "nColumns=36", "inDegrees=yes"]
    assert lines[5] == "endheader"
    assert [len(line.split("\t")) for line in lines[6:9]] == [36] * 3


RADIANS = "inDegrees=no\nendheader\ntime\tknee_angle_r\tpelvis_tx\n0\t0.5\t2\n1\t0.6\t3\n"


def test_radians_are_taken_as_they_are(tmp_path: Path) -> None:
    """The header says whether a file is in degrees; lengths never are."""
    (tmp_path / "a.mot").write_text(RADIANS)
    assert read_mot(tmp_path / "a.mot").coordinates["knee_angle_r"].tolist() == [0.5, 0.6]
    (tmp_path / "b.mot").write_text(RADIANS.replace("=no", "=yes"))
    motion = read_mot(tmp_path / "b.mot")
    np.testing.assert_allclose(motion.coordinates["knee_angle_r"], np.deg2rad([0.5, 0.6]))
    assert motion.coordinates["pelvis_tx"].tolist() == [2.0, 3.0]


def test_a_file_without_its_unit_is_refused(tmp_path: Path) -> None:
    """Degrees or radians are not guessed."""
    (tmp_path / "a.mot").write_text(RADIANS.replace("inDegrees=no\n", ""))
    with pytest.raises(FileFormatError, match="header: expected a line inDegrees"):
        read_mot(tmp_path / "a.mot")


def test_a_gap_is_named(tmp_path: Path) -> None:
    """A segment that is not solved is an error with the coordinate and the time."""
    pose = lively_pose(3)
    pose.orientations[INDEX["right_shank"], 7] = np.nan
    with pytest.raises(MissingDataError, match=r"no knee_angle_r at 0\.140 s"):
        write_mot(tmp_path / "a.mot", pose)
    assert list(tmp_path.iterdir()) == []

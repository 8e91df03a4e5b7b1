"""The pose that MVN solved: its frames become ours, its joints stay where they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mvnx_files import SEGMENT_LABELS, mvnx
from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import StaticPose, segment_in_pose
from trackside.kinematics.mvnx import read_mvnx
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, skeleton_for
from trackside.recordings.placements import SEGMENTS

RATE = 60.0
FRAMES = 9
NORTH_FROM_EAST = qt.about_axis([0.0, 0.0, 1.0], np.pi / 2)
_ARM, _LEG = ("shoulder", "upper_arm", "forearm", "hand"), ("thigh", "shank", "foot", "toe")
IN_MVN_ORDER = (
    *("pelvis", "l5", "l3", "t12", "t8", "neck", "head"),
    *(f"{side}_{part}" for limb in (_ARM, _LEG) for side in ("right", "left") for part in limb),
)
# What MVN calls x forward, y left, z up of a segment in a T-pose, in columns of our own segment
# frame, whose y runs up a hanging arm: a raised left arm points left and its z faces down.
RAISED_LEFT = np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, -1]])
RAISED_RIGHT = np.eye(3)
UPRIGHT = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


def mvn_axes(segment: str) -> Floats:
    if segment.endswith(("upper_arm", "forearm", "hand")):
        return RAISED_LEFT if segment.startswith("left") else RAISED_RIGHT
    return UPRIGHT


def lively_pose(seed: int = 4) -> Pose:
    rng = np.random.default_rng(seed)
    orientations = qt.normalized(rng.normal(size=(len(SEGMENTS), FRAMES, 4)))
    seen = np.ones(orientations.shape[:2], bool)
    time = np.arange(FRAMES) / RATE
    return Pose(skeleton_for(1.8), time, orientations, rng.normal(size=(FRAMES, 3)), seen)


def elements_of(pose: Pose) -> dict[str, Floats]:
    """A pose as MVN writes it, by rotation matrices: x north, y west, z up."""
    nwu_from_enu = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    turns = []
    for segment in IN_MVN_ORDER:
        ours = Rotation.from_quat(pose.segment(segment), scalar_first=True).as_matrix()
        theirs = Rotation.from_matrix(nwu_from_enu @ ours @ mvn_axes(segment))
        turns.append(theirs.as_quat(scalar_first=True))
    joints = pose.joints()[[INDEX[segment] for segment in IN_MVN_ORDER]]
    return {"orientation": np.array(turns), "position": joints @ nwu_from_enu.T}


def points_of(pose: Pose) -> dict[str, dict[str, Sequence[float]]]:
    """Heels and tips in MVN's body frames, by MVN's labels."""
    skeleton = pose.skeleton
    ours = {("head", "pTopOfHead"): skeleton.ends[INDEX["head"]]}
    for side, heel in zip(("right", "left"), skeleton.heels, strict=True):
        ours |= {
            (f"{side}_hand", f"p{side.title()}TopOfHand"): skeleton.ends[INDEX[f"{side}_hand"]],
            (f"{side}_toe", f"p{side.title()}Toe"): skeleton.ends[INDEX[f"{side}_toe"]],
            (f"{side}_foot", f"p{side.title()}HeelFoot"): heel,
        }
    return {
        SEGMENT_LABELS[IN_MVN_ORDER.index(segment)]: {label: mvn_axes(segment).T @ point}
        for (segment, label), point in ours.items()
    }


def written(folder: Path, text: str) -> Path:
    path = folder / "run.mvnx"
    path.write_text(text, "utf-8")
    return path


def test_a_pose_comes_back(tmp_path: Path) -> None:
    """Orientations, joints, time and every length of a pose that was put in MVN's terms."""
    pose = lively_pose()
    text = mvnx(elements_of(pose), rate=RATE, points=points_of(pose))
    again = read_mvnx(written(tmp_path, text))
    assert np.rad2deg(qt.angle_between(again.orientations, pose.orientations)).max() < 1e-6
    np.testing.assert_allclose(again.joints(), pose.joints(), atol=1e-7)
    np.testing.assert_allclose(again.time, pose.time, atol=1e-12)
    for name in ("offsets", "ends", "heels", "height"):
        own, other = getattr(again.skeleton, name), getattr(pose.skeleton, name)
        np.testing.assert_allclose(own, other, atol=1e-7)


def test_all_axes_aligned_are_a_t_pose_facing_north(tmp_path: Path) -> None:
    """MVN's pose of type 'identity': what every orientation of 1 0 0 0 means."""
    identity = np.tile([1.0, 0, 0, 0], (len(SEGMENTS), 2, 1))
    elements = elements_of(lively_pose()) | {"orientation": identity}
    elements["position"] = elements["position"][:, :2]
    pose = read_mvnx(written(tmp_path, mvnx(elements)))
    for segment in SEGMENTS:
        expected = qt.multiply(NORTH_FROM_EAST, segment_in_pose(segment, StaticPose.T))
        np.testing.assert_allclose(
            qt.angle_between(pose.segment(segment), expected), 0, atol=1e-7, err_msg=segment
        )


def test_points_that_are_not_there_are_typical(tmp_path: Path) -> None:
    """Tips and heels of a file without points are finite and lie ahead and behind."""
    pose = lively_pose()
    skeleton = read_mvnx(written(tmp_path, mvnx(elements_of(pose)))).skeleton
    np.testing.assert_allclose(skeleton.ends[INDEX["head"]], skeleton_for().ends[INDEX["head"]])
    assert (skeleton.heels[:, 0] < 0).all()
    assert 1.7 < skeleton.height < 1.9


def test_segments_with_sensors_are_measured(tmp_path: Path) -> None:
    """MVN names its sensors like the segments; a prop is none of ours."""
    pose = lively_pose()
    text = mvnx(elements_of(pose), sensors=["Pelvis", "RightFoot", "Prop1"])
    measured = read_mvnx(written(tmp_path, text)).measured
    assert set(np.array(SEGMENTS)[measured.all(axis=1)]) == {"pelvis", "right_foot"}
    assert measured.sum() == 2 * FRAMES


def test_missing_frames_are_filled_and_not_measured(tmp_path: Path) -> None:
    """Between two frames the pose is on the shortest arc; time stays evenly spaced."""
    pose = lively_pose()
    indices = [10, 11, 14, 15, 16, 17, 18, 19, 20]
    text = mvnx(elements_of(pose), rate=RATE, indices=indices, sensors=["Pelvis"])
    filled = read_mvnx(written(tmp_path, text))
    np.testing.assert_allclose(np.diff(filled.time), 1 / RATE)
    assert len(filled.time) == 11
    assert np.flatnonzero(~filled.measured[0]).tolist() == [2, 3]
    whole = qt.angle_between(pose.orientations[:, 1], pose.orientations[:, 2])
    part = qt.angle_between(pose.orientations[:, 1], filled.orientations[:, 2])
    np.testing.assert_allclose(part, whole / 3, atol=1e-6)


def test_a_file_that_lacks_most_of_its_frames_is_no_motion(tmp_path: Path) -> None:
    """A frame number far off does not make up hours of motion."""
    indices = [*range(FRAMES - 1), 10**9]
    text = mvnx(elements_of(lively_pose()), indices=indices)
    with pytest.raises(FileFormatError, match="frames: expected one in 10 of their numbers"):
        read_mvnx(written(tmp_path, text))


def test_a_motion_needs_two_frames(tmp_path: Path) -> None:
    """One frame is no motion."""
    elements = {name: rows[:, :1] for name, rows in elements_of(lively_pose()).items()}
    with pytest.raises(FileFormatError, match="two frames of type 'normal'"):
        read_mvnx(written(tmp_path, mvnx(elements)))


def test_all_segments_are_needed(tmp_path: Path) -> None:
    """A lower-body file says which segments it has not."""
    elements = {name: rows[1:] for name, rows in elements_of(lively_pose()).items()}
    with pytest.raises(FileFormatError, match="all 23 of MVN; there is no pelvis"):
        read_mvnx(written(tmp_path, mvnx(elements, segments=SEGMENT_LABELS[1:])))

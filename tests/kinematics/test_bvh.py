"""Poses as BVH: the same joints in the world, the same pose when read back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh import bvh_from_pose, pose_from_bvh, read_bvh, write_bvh
from trackside.kinematics.bvh_document import BvhDocument, world_motion, world_positions
from trackside.kinematics.bvh_file import write_bvh_file
from trackside.kinematics.bvh_names import JOINT_NAMES, NAME_SETS, named_parent
from trackside.kinematics.euler import tait_bryan_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS

SKELETON = skeleton_for(1.8, {"left_thigh": 0.47, "forearm": 0.27})


def pose_of(orientations: Floats, root: Floats | None = None) -> Pose:
    frames = orientations.shape[1]
    root = np.zeros((frames, 3)) if root is None else root
    measured = np.ones(orientations.shape[:2], bool)
    return Pose(SKELETON, np.arange(float(frames)) / 120, orientations, root, measured)


def standing(frames: int = 2) -> Floats:
    return np.tile(STANDING_FACING_EAST, (len(SEGMENTS), frames, 1))


def random_pose(seed: int, frames: int = 40) -> Pose:
    rng = np.random.default_rng(seed)
    orientations = qt.normalized(rng.normal(size=(len(SEGMENTS), frames, 4)))
    return pose_of(orientations, rng.normal(scale=50.0, size=(frames, 3)))


def bvh_joints(document: BvhDocument) -> dict[str, Floats]:
    names = [joint.name for joint in document.joints]
    return dict(zip(names, world_positions(document), strict=True))


def test_joints_are_where_the_pose_has_them() -> None:
    """Forward kinematics of the document gives the pose's joints, in the BVH's frame and in cm."""
    pose = random_pose(1)
    joints = bvh_joints(bvh_from_pose(pose))
    for segment, positions in zip(SEGMENTS, pose.joints(), strict=True):
        x, y, z = 100 * positions.T
        np.testing.assert_allclose(
            joints[JOINT_NAMES[segment]], np.stack([y, z, x], axis=-1), atol=1e-6
        )


def test_rest_pose_is_a_t_that_faces_z() -> None:
    """With all angles zero the athlete stands upright, arms sideways, left at +X, toes to +Z."""
    document = bvh_from_pose(pose_of(standing()))
    rest = bvh_joints(BvhDocument(document.joints, np.zeros_like(document.frames), 0.01))
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        shoulder, elbow, wrist = (rest[side + name][0] for name in ("Arm", "ForeArm", "Hand"))
        assert sign * shoulder[0] > 0
        np.testing.assert_allclose((elbow - shoulder)[1:], 0, atol=1e-9)
        np.testing.assert_allclose((wrist - elbow)[0], sign * 27.0)
        assert rest[f"{side}ToeBase"][0, 2] > rest[f"{side}Foot"][0, 2]
        assert rest[f"{side}Foot"][0, 1] < rest[f"{side}Leg"][0, 1] < rest["Hips"][0, 1]
    assert rest["Hips"][0, 1] < rest["Spine3"][0, 1] < rest["Neck"][0, 1] < rest["Head"][0, 1]


def test_standing_facing_east_faces_z_with_hanging_arms() -> None:
    """The neutral pose differs from BVH's rest pose by a quarter turn of each arm about Z alone."""
    document = bvh_from_pose(pose_of(standing()))
    angles = dict(zip(document.joints, document.columns(), strict=True))
    expected = {"LeftArm": -90.0, "RightArm": 90.0}
    for joint, columns in angles.items():
        about_z = expected.get(joint.name, 0.0)
        np.testing.assert_allclose(columns[:, -3:], [[about_z, 0, 0]] * 2, atol=1e-6)


def test_a_turn_to_the_left_is_a_turn_about_y() -> None:
    """Facing north, a quarter to the left of east, is +90° about the axis that points up."""
    north = qt.multiply(qt.about_axis([0.0, 0.0, 1.0], np.pi / 2), standing())
    hips = bvh_from_pose(pose_of(north)).frames[:, 3:6]
    np.testing.assert_allclose(hips, [[0, 0, 90]] * 2, atol=1e-6)


def test_the_hierarchy_is_the_conventional_one() -> None:
    """Hips with six channels at the origin, others with three, tips on head, hands and toes."""
    document = bvh_from_pose(pose_of(standing()))
    hips, *others = document.joints
    rotations = ("Zrotation", "Xrotation", "Yrotation")
    assert (hips.name, hips.offset) == ("Hips", (0.0, 0.0, 0.0))
    assert hips.channels == ("Xposition", "Yposition", "Zposition", *rotations)
    assert {joint.channels for joint in others} == {rotations}
    tips = {joint.name for joint in document.joints if joint.end_site}
    assert tips == {"Head", "LeftHand", "RightHand", "LeftToeBase", "RightToeBase"}
    parents = {joint.name: document.joints[joint.parent].name for joint in others}
    assert parents["LeftUpLeg"] == parents["Spine"] == "Hips"
    assert parents["RightShoulder"] == parents["Neck"] == "Spine3"


def assert_same_pose(pose: Pose, expected: Pose) -> None:
    apart = np.rad2deg(qt.angle_between(pose.orientations, expected.orientations))
    assert apart.max() < 1e-4
    np.testing.assert_allclose(pose.root, expected.root, atol=1e-6)
    np.testing.assert_allclose(pose.time, expected.time, atol=1e-9)
    for name in ("offsets", "ends", "heels"):
        own, other = getattr(pose.skeleton, name), getattr(expected.skeleton, name)
        np.testing.assert_allclose(own, other, atol=1e-6)


def test_a_written_pose_is_read_back(tmp_path: Path) -> None:
    """Every segment to 1e-4°, the path, the time and the skeleton survive the file."""
    pose = random_pose(2)
    write_bvh(tmp_path / "a.bvh", pose)
    again = read_bvh(tmp_path / "a.bvh")
    assert_same_pose(again, pose)
    assert not again.measured.any()


def test_body_height_is_read_from_the_lengths(tmp_path: Path) -> None:
    """The height is measured from sole to crown of the rest pose."""
    pose = replace(pose_of(standing()), skeleton=skeleton_for(1.63))
    write_bvh(tmp_path / "a.bvh", pose)
    assert read_bvh(tmp_path / "a.bvh").skeleton.height == pytest.approx(1.63, abs=1e-6)


directions = st.integers(0, 2**32 - 1)
gaps = st.sampled_from([0.0, 1e-14, 1e-10, 1e-9, 1e-8, 1e-6, 1e-4, 1e-2])


@settings(deadline=None, derandomize=True, max_examples=40)
@given(directions, gaps, st.sampled_from([-1.0, 1.0]))
def test_poses_at_gimbal_lock_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, seed: int, gap: float, sign: float
) -> None:
    """Segments whose middle angle is 90°, or nearly so, are as exact as any."""
    rng = np.random.default_rng(seed)
    lateral = sign * (np.pi / 2 - gap)
    turned = qt.about_axis([1.0, 0.0, 0.0], np.full((len(SEGMENTS), 3), lateral))
    about_y, about_z = rng.uniform(-np.pi, np.pi, (2, len(SEGMENTS), 3))
    turned = qt.multiply(qt.about_axis([0.0, 0.0, 1.0], about_z), turned)
    turned = qt.multiply(turned, qt.about_axis([0.0, 1.0, 0.0], about_y))
    pose = pose_of(qt.multiply(STANDING_FACING_EAST, turned))
    path = tmp_path_factory.mktemp("lock") / "a.bvh"
    write_bvh(path, pose)
    assert_same_pose(read_bvh(path), pose)


def test_angles_do_not_jump_while_the_athlete_runs_laps() -> None:
    """Three laps of heading run on to 1080° instead of wrapping, for readers that interpolate."""
    heading = np.linspace(0, 6 * np.pi, 721)
    laps = qt.multiply(qt.about_axis([0.0, 0.0, 1.0], heading), standing(721))
    frames = bvh_from_pose(pose_of(laps)).frames
    assert np.abs(np.diff(frames[:, 3:], axis=0)).max() < 1.6
    assert frames[-1, 5] == pytest.approx(1080.0)


def test_a_gap_is_named(tmp_path: Path) -> None:
    """An unsolved segment is an error that names segment and time, and no file appears."""
    pose = random_pose(3)
    pose.orientations[INDEX["left_hand"], 12:] = np.nan
    with pytest.raises(MissingDataError, match=r"no orientation of left_hand at 0\.100 s"):
        write_bvh(tmp_path / "a.bvh", pose)
    assert list(tmp_path.iterdir()) == []


def test_a_gap_in_the_path_is_named() -> None:
    """A pelvis without a position is named with its time."""
    pose = random_pose(3)
    pose.root[6, 1] = np.nan
    with pytest.raises(MissingDataError, match=r"no position of the pelvis at 0\.050 s"):
        bvh_from_pose(pose)


@pytest.mark.parametrize("frames", [0, 1])
def test_a_motion_needs_two_frames(frames: int) -> None:
    """A frame time cannot be told from fewer than two frames."""
    with pytest.raises(MissingDataError, match=f"2 frames or more: the pose has {frames}"):
        bvh_from_pose(pose_of(standing(frames)))


def renamed(document: BvhDocument, old: str, new: str) -> BvhDocument:
    joints = (replace(j, name=new) if j.name == old else j for j in document.joints)
    return replace(document, joints=tuple(joints))


def test_other_skeletons_are_refused_by_name(tmp_path: Path) -> None:
    """A BVH without one of our joints says which, and the file's name."""
    document = renamed(bvh_from_pose(pose_of(standing())), "LeftForeArm", "LeftElbow")
    write_bvh_file(tmp_path / "a.bvh", document)
    with pytest.raises(FileFormatError, match=r"a\.bvh: HIERARCHY: .*LeftForeArm for left_forearm"):
        read_bvh(tmp_path / "a.bvh")


def test_joints_that_hang_elsewhere_are_refused() -> None:
    """Our names in another order are another skeleton."""
    document = renamed(bvh_from_pose(pose_of(standing())), "Spine", "_")
    document = renamed(renamed(document, "Spine1", "Spine"), "_", "Spine1")
    with pytest.raises(MissingDataError, match="Spine does not hang on Hips"):
        pose_from_bvh(document)


@pytest.mark.parametrize(
    ("joint", "offset", "way"),
    [("LeftHand", (0.0, -27.0, 0.0), "sideways"), ("RightLeg", (-25.0, -40.0, 0.0), "down")],
)
def test_other_rest_poses_are_refused(
    joint: str, offset: tuple[float, float, float], way: str
) -> None:
    """Arms that hang or legs astride in the rest pose mean other angles than ours."""
    document = bvh_from_pose(pose_of(standing()))
    joints = (replace(j, offset=offset) if j.name == joint else j for j in document.joints)
    with pytest.raises(MissingDataError, match=f"{joint} does not point {way}, as in a T-pose"):
        pose_from_bvh(replace(document, joints=tuple(joints)))


def test_other_channel_orders_show_the_same_pose() -> None:
    """Reading goes by the document's channels, so that another program may reorder them."""
    pose = random_pose(4)
    document = bvh_from_pose(pose)
    hips = world_motion(document)[0][0]
    document.frames[:, 3:6] = np.rad2deg(tait_bryan_angles(hips, "yxz"))
    channels = (*document.joints[0].channels[:3], "Yrotation", "Xrotation", "Zrotation")
    joints = (replace(document.joints[0], channels=channels), *document.joints[1:])
    assert_same_pose(pose_from_bvh(replace(document, joints=joints)), pose)


MIXAMO = """Hips Spine Spine1 Spine2 Neck Head
LeftShoulder LeftArm LeftForeArm LeftHand RightShoulder RightArm RightForeArm RightHand
LeftUpLeg LeftLeg LeftFoot LeftToeBase RightUpLeg RightLeg RightFoot RightToeBase"""
TRUNKS = {
    "hik": ["Hips", "Spine", "Spine1", "Spine2", "Spine3"],
    "mixamo": [f"mixamorig{name}" for name in ("Hips", "Spine", "Spine1", "Spine2")],
    "cmu": ["Hips", "LowerBack", "Spine", "Spine1"],
}


def with_stiff_back(pose: Pose) -> Pose:
    """The pose with t12 in line with l3, as it is where a name set leaves t12 out."""
    orientations = pose.orientations.copy()
    orientations[INDEX["t12"]] = orientations[INDEX["l3"]]
    return replace(pose, orientations=orientations)


@pytest.mark.parametrize("name", NAME_SETS)
def test_name_sets_name_the_trunk_as_their_programs_do(name: str) -> None:
    """From the hips to the chest every joint hangs on the one before; arms hang on the chest."""
    document = bvh_from_pose(pose_of(standing()), NAME_SETS[name])
    joints = document.joints
    assert [joint.name for joint in joints[: len(TRUNKS[name])]] == TRUNKS[name]
    parents = {joint.name: joints[joint.parent].name for joint in joints[1:]}
    assert [parents[lower] for lower in TRUNKS[name][1:]] == TRUNKS[name][:-1]
    shoulders = [joint for joint in parents if joint.endswith("Shoulder")]
    assert [parents[shoulder] for shoulder in shoulders] == [TRUNKS[name][-1]] * 2


def test_mixamo_names_are_those_of_its_rig() -> None:
    """All 22 names that retargeting looks for are there, with the prefix and no others."""
    assert list(NAME_SETS["mixamo"].values()) == [f"mixamorig{name}" for name in MIXAMO.split()]


@pytest.mark.parametrize("name", NAME_SETS)
def test_every_name_set_shows_the_same_joints(name: str) -> None:
    """With the segment that is left out held still, all joints are where the pose has them."""
    pose = with_stiff_back(random_pose(6))
    shown = bvh_joints(bvh_from_pose(pose, NAME_SETS[name]))
    for segment, joint in NAME_SETS[name].items():
        x, y, z = 100 * pose.joints()[INDEX[segment]].T
        np.testing.assert_allclose(shown[joint], np.stack([y, z, x], axis=-1), atol=1e-6)


@pytest.mark.parametrize("name", NAME_SETS)
def test_every_name_set_is_read_back(name: str, tmp_path: Path) -> None:
    """Reading knows the set by its names, and a segment without a joint moves with its parent."""
    pose = with_stiff_back(random_pose(7))
    write_bvh(tmp_path / "a.bvh", pose, names=NAME_SETS[name])
    assert_same_pose(read_bvh(tmp_path / "a.bvh"), pose)


def test_mixamo_names_are_read_with_their_colon() -> None:
    """Files of Mixamo's own spelling, "mixamorig:Hips", are the same set."""
    document = bvh_from_pose(with_stiff_back(random_pose(8)), NAME_SETS["mixamo"])
    joints = (
        replace(joint, name=joint.name.replace("mixamorig", "mixamorig:"))
        for joint in document.joints
    )
    again = pose_from_bvh(replace(document, joints=tuple(joints)))
    assert_same_pose(again, pose_from_bvh(document))


def test_a_segment_without_a_joint_hangs_on_the_next_above() -> None:
    """The named parent skips what the set leaves out, and the root has none."""
    assert named_parent(NAME_SETS["cmu"], "t8") == "l3"
    assert named_parent(NAME_SETS["hik"], "t8") == "t12"
    assert named_parent(NAME_SETS["hik"], "pelvis") is None


@pytest.mark.parametrize("name", NAME_SETS)
def test_a_t_pose_may_come_first(name: str) -> None:
    """The first frame is the rest pose over the origin with the soles on the ground."""
    pose = random_pose(9)
    plain = bvh_from_pose(pose, NAME_SETS[name])
    document = bvh_from_pose(pose, NAME_SETS[name], t_pose=True)
    np.testing.assert_array_equal(document.frames[1:], plain.frames)
    np.testing.assert_array_equal(document.frames[0, 3:], 0)
    first = {joint: positions[0] for joint, positions in bvh_joints(document).items()}
    hips = next(iter(first.values()))
    np.testing.assert_allclose(hips[[0, 2]], 0)
    toes = [place for joint, place in first.items() if joint.endswith("RightToeBase")]
    assert toes[0][1] == pytest.approx(0, abs=1e-9)
    assert toes[0][2] > 0

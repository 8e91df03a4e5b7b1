"""Names and signs of joint angles."""

import numpy as np
import pytest

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import JOINTS, joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import (
    INDEX,
    STANDING_FACING_EAST,
    end_positions,
    skeleton_for,
)
from trackside.recordings.placements import SEGMENTS

FORWARD, UP, RIGHT = np.eye(3)


def standing_pose(frames: int = 3) -> Pose:
    orientations = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), frames, 1))
    seen = np.ones((len(SEGMENTS), frames), bool)
    return Pose(skeleton_for(), np.arange(frames) / 100, orientations, np.zeros((frames, 3)), seen)


def turned(segments: tuple[str, ...], axis: Floats, angle: float) -> Pose:
    """The neutral pose with these segments turned together about an axis of their own frame."""
    pose = standing_pose()
    turn = qt.about_axis(axis, angle)
    for segment in segments:
        pose.orientations[INDEX[segment]] = qt.multiply(STANDING_FACING_EAST, turn)
    return pose


def test_neutral_pose_is_all_zero() -> None:
    """Every angle of every joint is zero when standing upright facing east."""
    for name, angle in joint_angles(standing_pose()).items():
        np.testing.assert_allclose(angle, 0.0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("segment", "axis", "sign", "name", "direction"),
    [
        ("left_thigh", RIGHT, 1, "left_hip_flexion", (1, 0, 0)),
        ("right_thigh", RIGHT, 1, "right_hip_flexion", (1, 0, 0)),
        ("left_thigh", FORWARD, -1, "left_hip_adduction", (0, -1, 0)),
        ("right_thigh", FORWARD, 1, "right_hip_adduction", (0, 1, 0)),
        ("left_shank", RIGHT, -1, "left_knee_flexion", (-1, 0, 0)),
        ("right_foot", RIGHT, 1, "right_ankle_dorsiflexion", (0, 0, 1)),
        ("left_upper_arm", FORWARD, 1, "left_shoulder_abduction", (0, 1, 0)),
        ("right_upper_arm", FORWARD, -1, "right_shoulder_abduction", (0, -1, 0)),
        ("right_forearm", RIGHT, 1, "right_elbow_flexion", (1, 0, 0)),
        ("left_hand", FORWARD, -1, "left_wrist_flexion", (0, -1, 0)),
        ("right_hand", RIGHT, 1, "right_wrist_radial_deviation", (1, 0, 0)),
        ("t8", RIGHT, -1, "trunk_flexion", (1, 0, 0)),
        ("t8", FORWARD, 1, "trunk_bending", (0, -1, 0)),
        ("left_foot", UP, -1, "left_ankle_rotation", (0, -1, 0)),
        ("right_foot", UP, 1, "right_ankle_rotation", (0, 1, 0)),
        ("head", RIGHT, -1, "neck_flexion", (1, 0, 0)),
    ],
)
def test_positive_angle_moves_the_segment_as_its_name_says(
    segment: str, axis: Floats, sign: float, name: str, direction: tuple[int, int, int]
) -> None:
    """A turn of 0.3 rad shows in the named angle, and moves the segment's end that way in ENU."""
    pose = turned((segment,), axis, 0.3 * sign)
    assert joint_angles(pose)[name][0] == pytest.approx(0.3)
    still = standing_pose()
    moved = end_positions(pose.skeleton, pose.orientations, pose.joints())
    before = end_positions(still.skeleton, still.orientations, still.joints())
    shift = (moved - before)[INDEX[segment], 0]
    assert int(np.abs(shift).argmax()) == int(np.abs(direction).argmax())
    assert float(shift @ np.asarray(direction)) > 0


def test_pelvis_tilts_forwards_and_turns_left_continuously() -> None:
    """Tilt is anterior, heading counter-clockwise from east and never jumps."""
    pose = standing_pose(300)
    heading = np.linspace(0, 7.0, 300)
    tilted = qt.multiply(STANDING_FACING_EAST, qt.about_axis(RIGHT, -0.2))
    pose.orientations[:] = qt.multiply(qt.about_axis(np.array([0.0, 0, 1]), heading), tilted)
    angles = joint_angles(pose)
    np.testing.assert_allclose(angles["pelvis_tilt"], 0.2, atol=1e-9)
    np.testing.assert_allclose(angles["pelvis_heading"], heading, atol=1e-9)


def test_every_joint_has_three_angles() -> None:
    """The table covers trunk, neck and six joints a side."""
    assert len(joint_angles(standing_pose())) == 3 * len(JOINTS) + 3

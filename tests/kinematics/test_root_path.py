"""Leg odometry: the supporting point stays where it is."""

import numpy as np

from trackside.kinematics import quaternions as qt
from trackside.kinematics.root_path import root_path, sole_points
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS

RIGHT = np.array([0.0, 0.0, 1.0])


def test_standing_pelvis_is_a_leg_above_the_ground() -> None:
    """In the neutral pose the pelvis is as high as ankle, shank and thigh together."""
    skeleton = skeleton_for(1.8)
    standing = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 4, 1))
    path = root_path(skeleton, standing)
    np.testing.assert_allclose(path, np.tile([0, 0, 1.8 * (0.039 + 0.246 + 0.245)], (4, 1)))


def test_leg_swinging_back_in_stance_carries_the_body_forward() -> None:
    """A stiff right leg that turns back over its planted foot moves the pelvis as far forward."""
    skeleton = skeleton_for()
    angle = np.linspace(0.3, -0.3, 61)
    pose = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), len(angle), 1))
    leg = qt.multiply(STANDING_FACING_EAST, qt.about_axis(RIGHT, angle))
    for part in ("thigh", "shank"):
        pose[INDEX[f"right_{part}"]] = leg
    raised = qt.multiply(STANDING_FACING_EAST, qt.about_axis(RIGHT, np.full(len(angle), 1.2)))
    for part in ("thigh", "shank", "foot", "toe"):
        pose[INDEX[f"left_{part}"]] = raised
    path = root_path(skeleton, pose)
    length = skeleton.length("right_thigh") + skeleton.length("right_shank")
    np.testing.assert_allclose(path[-1, 0] - path[0, 0], 2 * length * np.sin(0.3), rtol=1e-9)
    soles = sole_points(skeleton, pose, path)
    assert abs(soles[..., 2].min()) < 1e-9
    support = soles[0]  # right heel; the foot stays level, so heel and ball rest alike
    np.testing.assert_allclose(support, np.tile(support[0], (len(angle), 1)), atol=1e-9)

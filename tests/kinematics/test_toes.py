"""Toes without a sensor on the ground."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP
from trackside.kinematics.contacts import sole_points
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import (
    INDEX,
    STANDING_FACING_EAST,
    joint_positions,
    skeleton_for,
)
from trackside.kinematics.toes import toes_on_ground
from trackside.recordings.placements import SEGMENTS, SIDES
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import running_session
from trackside.simulation.sensor_errors import IDEAL

SKELETON = skeleton_for(1.8)
LENGTH = SKELETON.length("right_toe")
angles = st.floats(-1.4, 1.4)


@given(angles, st.floats(-np.pi, np.pi), st.floats(-0.5, 0.5), st.floats(-0.02, 0.3))
def test_tips_are_above_the_ground(
    pitch: float, heading: float, roll: float, height: float
) -> None:
    """However the foot is held: no tip below ground unless its ball is, and no turn about itself.

    A toe that the ground does not reach stays in line with its foot.
    """
    turns = (qt.about_axis(UP, heading), STANDING_FACING_EAST)
    foot = qt.multiply(qt.multiply(*turns), qt.about_axis([0.0, 0.0, 1.0], pitch))
    foot = qt.multiply(foot, qt.about_axis([1.0, 0.0, 0.0], roll))
    pose = np.tile(foot, (len(SEGMENTS), 1, 1))
    ball = joint_positions(SKELETON, pose, np.zeros((1, 3)))[INDEX["right_toe"], 0, 2]
    root = np.array([[0.0, 0.0, height - ball]])
    out = toes_on_ground(SKELETON, pose, root, ("right_foot",))
    toe = out[INDEX["right_toe"], 0]
    tip = height + LENGTH * qt.rotate(toe, np.array([1.0, 0.0, 0.0]))[2]
    assert tip >= min(height, 0.0) - 1e-9
    if height + LENGTH * np.sin(pitch) > 1e-9:
        np.testing.assert_array_equal(toe, foot)
    before, after = (qt.rotate(q, np.array([1.0, 0.0, 0.0]))[:2] for q in (foot, toe))
    assert abs(before[0] * after[1] - before[1] * after[0]) < 1e-9
    kept = [i for i in range(len(SEGMENTS)) if i != INDEX["right_toe"]]
    np.testing.assert_array_equal(out[kept], pose[kept])


@pytest.fixture(scope="module")
def runner() -> Pose:
    """A runner whose toes stay in line with the feet."""
    pose = simulate(running_session(12.0, 4.0), ("pelvis",), IDEAL).truth.pose.span(6.0, 12.0)
    orientations = pose.orientations.copy()
    for side in SIDES:
        orientations[INDEX[f"{side}_toe"]] = orientations[INDEX[f"{side}_foot"]]
    return Pose(pose.skeleton, pose.time, orientations, pose.root, pose.measured)


def test_a_runners_toes_lie_flat_until_they_leave(runner: Pose) -> None:
    """Stiff toes would be centimetres under ground; these are not, and never jump."""
    worn = ("right_foot", "left_foot")
    bent = toes_on_ground(runner.skeleton, runner.orientations, runner.root, worn)
    deepest = [
        sole_points(runner.skeleton, pose, runner.joints())[:, 2, :, 2].min()
        for pose in (runner.orientations, bent)
    ]
    assert deepest[0] < -0.03 < -0.005 < deepest[1]
    toe = bent[INDEX["right_toe"]]
    speed = qt.angle_between(toe[1:], toe[:-1]) * runner.rate
    foot = runner.segment("right_foot")
    usual = qt.angle_between(foot[1:], foot[:-1]) * runner.rate
    assert speed.max() < 4.0 * usual.max()


@pytest.mark.parametrize("worn", [("right_foot", "right_toe", "left_toe"), ("pelvis", "t8")])
def test_measured_toes_and_unseen_legs_stay(runner: Pose, worn: tuple[str, ...]) -> None:
    """What a sensor saw is not touched, nor a leg of which nothing is known."""
    out = toes_on_ground(runner.skeleton, runner.orientations, runner.root, worn)
    np.testing.assert_array_equal(out, runner.orientations)

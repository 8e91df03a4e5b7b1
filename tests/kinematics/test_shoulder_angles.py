"""Shoulder angles by ISB: what they mean, that they give the rotation, and that they never jump."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.pose import Pose
from trackside.kinematics.shoulder_angles import GIMBAL, elevation_angles, shoulder_angles
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS

X, Y, Z = np.eye(3)


def rotation(angles: Floats) -> Floats:
    """Right arm in the thorax (N, 4) with ISB angles (N, 3) rad."""
    plane, elevation, axial = np.moveaxis(angles, -1, 0)
    raised = qt.multiply(qt.about_axis(Y, plane), qt.about_axis(X, -elevation))
    return qt.multiply(raised, qt.about_axis(Y, axial))


def course(*degrees: tuple[float, float, float]) -> Floats:
    """Angles (N, 3) rad that lead from one triple to the next, a hundred frames each."""
    points = np.deg2rad(degrees)
    knots = np.arange(len(points)) * 100.0
    at = np.arange(knots[-1] + 1)
    return np.stack([np.interp(at, knots, column) for column in points.T], axis=1)


@pytest.mark.parametrize(
    ("side", "turn", "expected"),
    [
        ("right", -np.pi / 3 * X, (0, 60, 0)),  # raised sideways
        ("left", np.pi / 3 * X, (0, 60, 0)),
        ("right", np.pi / 2 * Z, (90, 90, -90)),  # raised forwards, the palm still inwards
        ("left", np.pi / 2 * Z, (90, 90, -90)),
        ("right", 0.5 * Y, (0, 0, np.rad2deg(0.5))),  # hanging, turned inwards
        ("left", -0.5 * Y, (0, 0, np.rad2deg(0.5))),
    ],
)
def test_what_they_mean(side: str, turn: Floats, expected: tuple[float, ...]) -> None:
    """Sideways, forwards and inwards, with the same signs on both sides."""
    whole = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 2, 1))
    arm = qt.multiply(STANDING_FACING_EAST, qt.from_rotation_vector(turn))
    whole[INDEX[f"{side}_upper_arm"]] = arm
    seen = np.ones(whole.shape[:2], bool)
    found = shoulder_angles(Pose(skeleton_for(), np.arange(2.0), whole, np.zeros((2, 3)), seen))
    names = ("plane_of_elevation", "elevation", "axial_rotation")
    own = [np.rad2deg(found[f"{side}_shoulder_{name}"][0]) for name in names]
    np.testing.assert_allclose(own, expected, atol=1e-6)


angle = st.floats(-170, 170)


@given(st.lists(st.tuples(angle, st.floats(10, 170), angle), min_size=1, max_size=8))
def test_they_give_the_rotation(triples: list[tuple[float, float, float]]) -> None:
    """Away from the gimbal poses the three angles are the rotation, whatever came before."""
    q = rotation(np.deg2rad(triples))
    apart = qt.angle_between(rotation(elevation_angles(q)), q)
    assert apart.max() < 1e-9


def test_arms_that_swing_through_hanging_keep_their_plane() -> None:
    """From in front to behind, passing 2° beside hanging: no jump, and within GIMBAL everywhere."""
    swing = np.deg2rad(40 * np.cos(np.linspace(0, 6 * np.pi, 600)))
    beside = np.full_like(swing, np.deg2rad(2.0))
    q = qt.multiply(qt.from_rotation_vector(swing[:, None] * Z), qt.about_axis(X, -beside))
    found = elevation_angles(q)
    assert np.abs(np.diff(found, axis=0)).max() < np.deg2rad(8)
    assert qt.angle_between(rotation(found), q).max() < GIMBAL
    assert found[:, 1].min() == pytest.approx(np.deg2rad(-40), abs=0.01)


def test_full_turns_go_on() -> None:
    """A windmill of three turns raises the elevation to 1080°, the arm straight up included."""
    true = course((30, 0, 10), (30, 360, 10), (30, 720, 10), (30, 1080, 10))
    np.testing.assert_allclose(elevation_angles(rotation(true)), true, atol=1e-6)


def test_turns_about_the_arm_go_on() -> None:
    """A raised arm that turns inwards twice has turned by 720°."""
    true = course((20, 70, 0), (20, 70, 360), (20, 70, 720))
    np.testing.assert_allclose(elevation_angles(rotation(true)), true, atol=1e-9)


def test_a_hanging_arm_waits_for_its_plane() -> None:
    """While it hangs an arm has the plane into which it is raised next, and no other turn."""
    true = course((80, 0, -80), (80, 0, -80), (80, 60, -80))
    np.testing.assert_allclose(elevation_angles(rotation(true)), true, atol=1e-6)


def test_an_arm_never_raised_only_turns() -> None:
    """Hanging all the time, the plane is 0 and all turning is axial."""
    found = elevation_angles(qt.about_axis(Y, np.linspace(-0.3, 1.0, 50)))
    np.testing.assert_allclose(found[:, :2], 0.0, atol=1e-9)
    np.testing.assert_allclose(found[:, 2], np.linspace(-0.3, 1.0, 50), atol=1e-9)
    assert elevation_angles(np.empty((0, 4))).shape == (0, 3)

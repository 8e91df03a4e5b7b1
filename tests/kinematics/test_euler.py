"""Tait–Bryan angles: always the same rotation, and continuous in time."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.euler import tait_bryan_angles

orders = st.sampled_from(["".join(order) for order in permutations("xyz")])
turns = st.floats(-3.1, 3.1)
near_lock = st.builds(
    lambda sign, gap: sign * (np.pi / 2 - gap),
    st.sampled_from([-1.0, 1.0]),
    st.sampled_from([0.0, 1e-16, 1e-12, 1e-10, 1e-9, 1e-8, 1e-6, 1e-3]),
)


def rotation(angles: Floats, axes: str) -> Floats:
    """The intrinsic turns one after the other, each about its own axis."""
    q = qt.IDENTITY
    for n, axis in enumerate(axes):
        q = qt.multiply(q, qt.about_axis(np.eye(3)["xyz".index(axis)], angles[..., n]))
    return q


@settings(deadline=None, derandomize=True)
@given(orders, st.lists(st.tuples(turns, turns | near_lock, turns), min_size=1, max_size=5))
def test_angles_give_back_the_rotation(axes: str, triples: list[tuple[float, ...]]) -> None:
    """In every axis order, at gimbal lock and beside it, the angles are those of the rotation."""
    q = rotation(np.array(triples), axes)
    again = rotation(tait_bryan_angles(q, axes), axes)
    assert qt.angle_between(again, q).max() < 1e-8


@settings(deadline=None, derandomize=True)
@given(orders, turns, st.floats(-1.5, 1.5), turns)
def test_a_single_frame_has_principal_angles(axes: str, a: float, b: float, c: float) -> None:
    """Away from gimbal lock the first frame's angles are the ones the rotation was made of."""
    q = rotation(np.array([[a, b, c]]), axes)
    np.testing.assert_allclose(tait_bryan_angles(q, axes), [[a, b, c]], atol=1e-9)


def test_angles_run_on_past_half_a_turn() -> None:
    """Ten laps to the left are 20π, without a jump back at π."""
    heading = np.linspace(0, 20 * np.pi, 1000)
    angles = tait_bryan_angles(qt.about_axis([0.0, 0.0, 1.0], heading), "zxy")
    np.testing.assert_allclose(angles[:, 0], heading, atol=1e-9)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_passing_through_gimbal_lock_leaves_no_jump(sign: float) -> None:
    """A middle angle that swings through ±90° goes on smoothly, and the others stand still."""
    swing = sign * np.linspace(0, np.pi, 181)
    truth = np.stack([np.full(181, 0.3), swing, np.full(181, -0.7)], axis=-1)
    angles = tait_bryan_angles(rotation(truth, "zxy"), "zxy")
    np.testing.assert_allclose(angles, truth, atol=1e-6)


def test_tracks_do_not_influence_each_other() -> None:
    """Several segments at once give what each gives alone."""
    rng = np.random.default_rng(5)
    q = qt.normalized(rng.normal(size=(3, 2, 40, 4)))
    together = tait_bryan_angles(q)
    np.testing.assert_array_equal(together[2, 1], tait_bryan_angles(q[2, 1]))


@pytest.mark.parametrize("axes", ["zxz", "xy", "abc", "XYZ"])
def test_other_axes_are_refused(axes: str) -> None:
    """Angles about three different axes need all three."""
    with pytest.raises(ValueError, match="expected an order of x, y and z"):
        tait_bryan_angles(np.array([[1.0, 0.0, 0.0, 0.0]]), axes)


@settings(deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 59))
def test_a_motion_in_two_pieces_is_the_motion_in_one(seed: int, cut: int) -> None:
    """Given the last angles of the first piece, the second runs on as if there were no cut."""
    steps = qt.from_rotation_vector(np.random.default_rng(seed).normal(scale=0.8, size=(60, 3)))
    q = np.empty((2, 60, 4))
    q[:, 0] = steps[:2]
    for n in range(1, 60):
        q[:, n] = qt.multiply(q[:, n - 1], steps[n])
    whole = tait_bryan_angles(q)
    first = tait_bryan_angles(q[:, :cut])
    second = tait_bryan_angles(q[:, cut:], before=first[:, -1])
    np.testing.assert_array_equal(np.concatenate([first, second], axis=1), whole)

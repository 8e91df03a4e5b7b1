"""Quaternion algebra against scipy's rotations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt

seeds = st.integers(0, 2**32 - 1)


def random_rotations(seed: int, count: int = 20) -> Rotation:
    return Rotation.random(count, rng=np.random.default_rng(seed))


def as_quaternions(rotation: Rotation) -> Floats:
    return rotation.as_quat(scalar_first=True)


def same_rotation(a: Floats, b: Floats) -> bool:
    return bool(np.allclose(qt.angle_between(a, b), 0.0, atol=1e-7))


@given(seeds)
def test_products_and_rotated_vectors_agree_with_scipy(seed: int) -> None:
    """The product composes rotations, and rotating a vector is what the matrix does."""
    a, b = random_rotations(seed), random_rotations(seed + 1)
    vectors = np.random.default_rng(seed).normal(size=(20, 3))
    assert same_rotation(qt.multiply(as_quaternions(a), as_quaternions(b)), as_quaternions(a * b))
    np.testing.assert_allclose(qt.rotate(as_quaternions(a), vectors), a.apply(vectors), atol=1e-12)
    np.testing.assert_allclose(qt.to_matrix(as_quaternions(a)), a.as_matrix(), atol=1e-12)


@given(seeds, st.floats(0.0, 3.1))
def test_rotation_vectors_round_trip(seed: int, angle: float) -> None:
    """A vector of up to π survives the way to a quaternion and back, the smallest ones too."""
    direction = np.random.default_rng(seed).normal(size=3)
    vector = angle * direction / np.linalg.norm(direction)
    for scale in (1.0, 1e-6, 1e-12, 0.0):
        back = qt.to_rotation_vector(-qt.from_rotation_vector(scale * vector))
        np.testing.assert_allclose(back, scale * vector, atol=1e-12)


@given(seeds, st.floats(0.0, 1.0))
def test_slerp_turns_by_its_share_of_the_angle(seed: int, fraction: float) -> None:
    """The way from a to b is divided as the fraction says, on the shorter arc."""
    a, b = (as_quaternions(random_rotations(seed + i, 5)) for i in (0, 1))
    between = qt.slerp(a, b, np.full(5, fraction))
    whole = qt.angle_between(a, b)
    np.testing.assert_allclose(qt.angle_between(a, between), fraction * whole, atol=1e-9)
    np.testing.assert_allclose(qt.angle_between(between, b), (1 - fraction) * whole, atol=1e-9)


def test_mean_ignores_the_sign_of_a_quaternion() -> None:
    """q and −q are the same rotation, so the mean of both is that rotation."""
    q = as_quaternions(random_rotations(3, 1))[0]
    assert float(qt.angle_between(qt.mean(np.stack([q, -q, q])), q)) == pytest.approx(0, abs=1e-7)


def test_about_axis_follows_the_right_hand() -> None:
    """A quarter turn about z takes x to y."""
    quarter = qt.about_axis(np.array([0.0, 0.0, 1.0]), np.pi / 2)
    np.testing.assert_allclose(qt.rotate(quarter, [1.0, 0.0, 0.0]), [0.0, 1.0, 0.0], atol=1e-12)

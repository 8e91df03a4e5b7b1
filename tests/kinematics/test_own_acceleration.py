"""What the way over the ground tells of the body's own acceleration."""

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.own_acceleration import felt_by, own_acceleration

TIME = np.arange(0.0, 60.0, 0.01)
RADIUS, SPEED = 36.5, 6.0  # m, m/s


def circle() -> Floats:
    """The way round a bend, with steps: bouncing at 3 Hz."""
    angle = SPEED / RADIUS * TIME
    bounce = 0.02 * np.sin(6.0 * np.pi * TIME)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return np.column_stack([(RADIUS + bounce)[:, None] * around, 1.0 + bounce])


def test_bend_pulls_inward_and_steps_do_not_count() -> None:
    """v²/r toward the middle, to a twentieth, whatever the steps add."""
    path = circle()
    found = own_acceleration(TIME, path, np.ones(len(TIME), bool))
    expected = -(SPEED**2) / RADIUS * path * [1.0, 1.0, 0.0] / RADIUS
    inside = slice(300, -300)
    np.testing.assert_allclose(found[inside], expected[inside], atol=0.05)


def test_unknown_way_tells_nothing() -> None:
    """Where no sensor tells the way there is no acceleration to take out."""
    known = TIME > 30.0
    found = own_acceleration(TIME, circle(), known)
    assert not found[~known].any()
    assert found[known].any()


def test_acceleration_is_felt_in_the_frame_of_the_sensor() -> None:
    """A segment turned east to north, a sensor upside down on it."""
    east = np.array([[1.0, 0.0, 0.0]])
    segment = qt.about_axis(np.array([0.0, 0.0, 1.0]), np.array([np.pi / 2]))
    mounting = qt.about_axis(np.array([1.0, 0.0, 0.0]), np.pi)
    np.testing.assert_allclose(felt_by(east, segment, mounting), [[0.0, 1.0, 0.0]], atol=1e-12)

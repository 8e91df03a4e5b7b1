"""Inclination from the joint, on a hinged pair of bodies, one of whose sensors is clipped."""

from dataclasses import replace

import numpy as np
import pytest
from test_heading import RATE, body, smooth_noise, two_sensors

from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.joint_tilt import held_by_joints

TILT = np.deg2rad([6.0, -4.0, 0.0])
"""By which the clipped sensor's filter is misled."""


def hinged(seed: int) -> BodyMotion:
    """A minute of shank and thigh, the shank's filter level and nothing clipped."""
    rng = np.random.default_rng(seed)
    time = np.arange(0, 60, 1 / RATE)
    joint = smooth_noise(rng, np.arange(10 * len(time)) / (10 * RATE), 0.3)
    thigh = body(rng, joint, np.array([0.1, -0.2, 0.05]))
    shank = body(rng, joint, np.array([-0.05, 0.25, 0.1]))
    return two_sensors(time, shank, thigh)


def clipped(motion: BodyMotion, seed: int) -> BodyMotion:
    """The shank's accelerometer shows nonsense at times, and its filter is misled."""
    rng = np.random.default_rng(seed)
    clear, acc = motion.clear.copy(), motion.acc.copy()
    clear[0] = np.repeat(rng.random(motion.clear.shape[1] // 5) > 0.2, 5)
    acc[0, ~clear[0]] += rng.uniform(0.0, 100.0, (int((~clear[0]).sum()), 3))
    tilted = motion.orientations.copy()
    tilted[0] = qt.multiply(qt.from_rotation_vector(TILT), tilted[0])
    # the innermost sensor is the first one
    return replace(motion, orientations=tilted, acc=acc, clear=clear).of([1, 0])


@pytest.mark.parametrize("seed", range(3))
def test_a_clipped_sensor_is_levelled_by_its_neighbour(seed: int) -> None:
    """Its inclination is right to 0.8° again, and the other's is untouched."""
    true = hinged(seed)
    held = held_by_joints(clipped(true, seed))
    off = qt.multiply(held.orientations[1], qt.conjugate(true.orientations[0]))
    assert np.rad2deg(np.abs(qt.to_rotation_vector(off)[:, :2])).max() < 0.8
    np.testing.assert_array_equal(held.orientations[0], true.orientations[1])


def test_what_was_not_clipped_stays_as_it_is() -> None:
    """Tilts of sensors that were never clipped are their filters' own."""
    motion = hinged(0)
    np.testing.assert_array_equal(held_by_joints(motion).orientations, motion.orientations)

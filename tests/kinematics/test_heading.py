"""The heading of one sensor against its neighbour's, on a hinged pair of rigid bodies."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_motions import simulated_motion

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.heading import (
    GRAVITY,
    RelativeHeading,
    joint_accelerations,
    relative_heading,
    smoothed,
    wrap,
)
from trackside.simulation.plan import SessionPlan, run, stand

RATE = 100.0
UP = np.array([0.0, 0.0, 1.0])


def smooth_noise(rng: np.random.Generator, time: Floats, size: float) -> Floats:
    """A sum of slow sines, (N, 3)."""
    waves = [
        np.sin(2 * np.pi * f * time[:, None] + rng.uniform(0, 6.28, 3)) * rng.normal(size=3)
        for f in (0.3, 0.7, 1.1, 1.9)
    ]
    return size * np.sum(waves, axis=0) / 2


def body(rng: np.random.Generator, joint: Floats, arm: Floats) -> tuple[Floats, ...]:
    """Orientation, rate and specific force of a sensor whose joint, at ``arm``, moves as given.

    The joint's path (10 N, 3) is sampled ten times as fast as the sensor.
    """
    fine = 10 * RATE
    q = qt.from_rotation_vector(smooth_noise(rng, np.arange(len(joint)) / fine, 0.8))
    turns = qt.to_rotation_vector(qt.multiply(qt.conjugate(q[:-2]), q[2:])) * fine / 2
    gyr = np.concatenate([turns[:1], turns, turns[-1:]])
    position = joint - qt.rotate(q, arm)
    acc = np.gradient(np.gradient(position, 1 / fine, axis=0), 1 / fine, axis=0)
    return q[::10], gyr[::10], qt.rotate(qt.conjugate(q), acc + GRAVITY * UP)[::10]


def two_sensors(time: Floats, *sensors: tuple[Floats, ...]) -> BodyMotion:
    """The motion that two sensors see, each with its orientation, rate and specific force."""
    orientations, gyr, acc = (np.stack(parts) for parts in zip(*sensors, strict=True))
    everywhere = np.ones(acc.shape[:2], bool)
    segments = ("right_shank", "right_thigh")
    return BodyMotion(time, segments, orientations, gyr, acc, everywhere, everywhere)


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.floats(-3.1, 3.1))
def test_any_heading_between_hinged_bodies_is_found(seed: int, heading: float) -> None:
    """Two bodies that share a joint tell the turn between their earth frames to a degree."""
    rng = np.random.default_rng(seed)
    time = np.arange(0, 30, 1 / RATE)
    joint = smooth_noise(rng, np.arange(10 * len(time)) / (10 * RATE), 0.3)
    parent = body(rng, joint, np.array([0.1, -0.2, 0.05]))
    q, gyr, acc = body(rng, joint, np.array([-0.05, 0.25, 0.1]))
    turned = qt.multiply(qt.about_axis(UP, -heading), q)
    motion = two_sensors(time, (turned, gyr, acc), parent)
    clear = motion.clear[0]
    found = relative_heading(
        time, joint_accelerations(motion, 0, clear), joint_accelerations(motion, 1, clear)
    )
    np.testing.assert_allclose(wrap(found.angle - heading), 0.0, atol=np.deg2rad(1.0))
    assert (found.sd < np.deg2rad(1.0)).all()


def test_still_bodies_know_nothing() -> None:
    """Without motion the deviation says that the angle is a guess."""
    time = np.arange(0, 20, 1 / RATE)
    rng = np.random.default_rng(0)
    still = np.tile(qt.IDENTITY, (len(time), 1))
    noise = rng.normal(scale=0.02, size=(2, len(time), 3))
    motion = two_sensors(time, *((still, 0.05 * n, GRAVITY * UP + n) for n in noise))
    accounts = [joint_accelerations(motion, i, motion.clear[0]) for i in (0, 1)]
    assert relative_heading(time, *accounts).sd.min() > np.deg2rad(10)


def test_smoothing_follows_a_drift_through_half_a_turn() -> None:
    """A steady drift is kept, across ±π and through windows that know nothing."""
    time = np.arange(0.0, 1200.0, 10.0)
    drift = 3.0 + np.deg2rad(1.0) * time / 60
    rng = np.random.default_rng(1)
    sd = np.where(rng.random(len(time)) < 0.3, 50.0, 0.05)
    angle = wrap(np.where(sd > 1, rng.uniform(-3, 3, len(time)), drift))
    result = smoothed(RelativeHeading(time, angle, sd))
    np.testing.assert_allclose(wrap(result.angle - drift), 0.0, atol=np.deg2rad(3))
    assert np.abs(np.diff(result.angle)).max() < 0.1
    assert result.sd.max() < np.deg2rad(8)


def test_windows_that_agree_are_followed_closely() -> None:
    """A drift that comes and goes within minutes is kept if neighbouring windows agree on it."""
    time = np.arange(0.0, 1200.0, 10.0)
    drift = np.deg2rad(6.0) * np.sin(2.0 * np.pi * time / 400.0)
    noise = np.deg2rad(0.1) * np.random.default_rng(2).normal(size=len(time))
    result = smoothed(RelativeHeading(time, drift + noise, np.full(len(time), np.deg2rad(5.0))))
    np.testing.assert_allclose(result.angle, drift, atol=np.deg2rad(1.2))
    assert result.sd.min() > np.deg2rad(1.0)  # what all windows have in common stays unknown


def test_a_changing_drift_leaves_no_lag() -> None:
    """A heading that drifts by 6° a minute for a while, then by 9°, is followed through its noise.

    A random walk alone would lag by degrees: windows that differ by a degree count as 3° wrong.
    """
    time = np.arange(0.0, 1200.0, 10.0)
    rate = np.deg2rad(np.where((time > 400.0) & (time < 800.0), 9.0, 6.0)) / 60.0
    drift = np.cumsum(rate * 10.0)
    noise = np.deg2rad(0.5) * np.random.default_rng(4).normal(size=len(time))
    result = smoothed(RelativeHeading(time, drift + noise, np.full(len(time), np.deg2rad(1.0))))
    error = result.angle - drift
    assert np.std(error) < np.deg2rad(0.5)
    slope = np.polyfit(time / 60.0, np.rad2deg(error), 1)[0]
    assert abs(slope) < 0.03  # °/min


def test_windows_that_disagree_are_averaged() -> None:
    """Windows that differ by degrees are not followed."""
    time = np.arange(0.0, 1200.0, 10.0)
    noise = np.deg2rad(4.0) * np.random.default_rng(3).normal(size=len(time))
    result = smoothed(RelativeHeading(time, noise, np.full(len(time), np.deg2rad(1.0))))
    assert np.abs(result.angle).max() < np.deg2rad(2.5)


@pytest.mark.parametrize(
    ("angle", "wrapped"), [(np.pi, -np.pi), (-7.0, -7.0 + 2 * np.pi), (1.0, 1)]
)
def test_wrap(angle: float, wrapped: float) -> None:
    """Angles come out within half a turn."""
    assert float(wrap(angle)) == pytest.approx(wrapped)


@pytest.mark.parametrize("drift", [-30.0, 30.0])
def test_headings_that_drift_apart_are_followed(drift: float) -> None:
    """A runner's forearm, whose elbow's place is found although no one heading fits the session."""
    plan = SessionPlan((stand(5.0), run(115.0, 3.5)))
    motion = simulated_motion(plan, ("right_upper_arm", "right_forearm"), seed=0)
    apart = np.deg2rad(drift) * motion.time / motion.time[-1]
    drifting = motion.orientations.copy()
    drifting[1] = qt.multiply(qt.about_axis(UP, -apart), drifting[1])
    own, other = (
        relative_heading(
            motion.time,
            joint_accelerations(each, 1, motion.clear[1]),
            joint_accelerations(each, 0, motion.clear[0]),
        )
        for each in (motion, replace(motion, orientations=drifting))
    )
    followed = wrap(other.angle - own.angle - np.interp(own.time, motion.time, apart))
    np.testing.assert_allclose(followed, 0.0, atol=np.deg2rad(2.5))

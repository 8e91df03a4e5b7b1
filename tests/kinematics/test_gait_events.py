"""Contacts and stance found in a pose, against the simulated athlete's."""

import numpy as np
import pytest

from altered_gait import DURATION, STEADY, simulated, steady
from trackside.kinematics.gait_events import foot_motion, initial_contacts, stance_share
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.stride_curves import normalised
from trackside.recordings.placements import SIDES


@pytest.mark.parametrize("speed", [0.9, 1.3, 2.0, 2.5, 4.5, 9.0])
def test_every_contact_is_found(speed: float) -> None:
    """From strolling to sprinting: none missing, none too many, within 4 % of the stride."""
    for side in SIDES:
        true = simulated(speed).steps[side].initial_contact
        true = true[(true > STEADY + 2.0) & (true < DURATION - 0.5)]
        found = initial_contacts(foot_motion(steady(speed), side))
        stride = np.median(np.diff(true))
        nearest = np.abs(found[:, None] - true).argmin(axis=0)
        assert np.abs(found[nearest] - true).max() < 0.04 * stride
        assert np.diff(found).min() > 0.9 * stride


@pytest.mark.parametrize(
    ("speed", "walking"), [(0.9, True), (2.0, True), (2.5, False), (9.0, False)]
)
def test_walking_is_told_from_running(speed: float, walking: bool) -> None:
    """By where in the stride the foot is farthest back."""
    assert foot_motion(steady(speed), "left").walking is walking


@pytest.mark.parametrize("speed", [1.3, 3.5, 6.0])
def test_stance_ends_near_toe_off(speed: float) -> None:
    """Within 8 % of the stride."""
    pose, steps = steady(speed), simulated(speed).steps["right"]
    foot = foot_motion(pose, "right")
    contacts = initial_contacts(foot)[1:]
    start, end = contacts[:-1], contacts[1:]
    knee = normalised(pose.time, joint_angles(pose)["right_knee_flexion"], start, end)
    share = stance_share(foot, start, end, knee.mean(axis=0))
    true = (steps.toe_off - steps.initial_contact)[3:-1] / np.median(steps.stride_time)
    assert abs(share - np.nanmean(true)) < 0.08


def test_standing_has_no_contacts() -> None:
    """A foot that never swings makes no stride."""
    standing = simulated(1.3).pose.span(0.0, 5.0)
    assert len(initial_contacts(foot_motion(standing, "right"))) == 0

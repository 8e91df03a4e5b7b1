"""The moment of standing still, found in the recording."""

from dataclasses import replace

import numpy as np
import pytest

from trackside.arrays import Floats
from trackside.errors import CalibrationError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import StaticPose
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.standing import find_moving, find_standing

RATE = 100.0


def moving(speed: Floats) -> BodyMotion:
    """Two sensors; the second turns at the given speed (N,) in rad/s."""
    count = len(speed)
    gyr = np.zeros((2, count, 3))
    gyr[1, :, 0] = speed
    return BodyMotion(
        np.arange(count) / RATE,
        ("pelvis", "left_foot"),
        np.tile([1.0, 0.0, 0.0, 0.0], (2, count, 1)),
        gyr,
        np.zeros((2, count, 3)),
        np.ones((2, count), bool),
        np.ones((2, count), bool),
    )


def speeds(*phases: tuple[float, float]) -> Floats:
    """Phases of (seconds, rad/s) one after the other."""
    return np.concatenate([np.full(round(seconds * RATE), speed) for seconds, speed in phases])


def test_first_still_second_is_found_and_bounded() -> None:
    """It begins where everybody has come to rest, and is three seconds long at most."""
    start, end = find_standing(moving(speeds((2, 3), (10, 0.02), (5, 3))))
    assert start == pytest.approx(2.0, abs=0.15)
    assert end - start == pytest.approx(3.0, abs=0.02)


def test_short_pause_is_passed_over() -> None:
    """Half a second of rest is no calibration pose."""
    start, end = find_standing(moving(speeds((1, 3), (0.5, 0), (1, 3), (1.6, 0), (1, 3))))
    assert start == pytest.approx(2.5, abs=0.15)
    assert end < 4.15


def test_swaying_counts_where_nobody_is_stiller() -> None:
    """The limit is raised step by step; the quietest stretch wins over an earlier restless one."""
    start, _ = find_standing(moving(speeds((3, 0.5), (1, 3), (3, 0.25), (1, 3))))
    assert start == pytest.approx(4.0, abs=0.15)


def test_time_without_a_sensor_is_not_stillness() -> None:
    """A sensor that has not begun yet does not stand still."""
    motion = moving(
        speeds(
            (6, 0.0),
        )
    )
    motion.measured[0, :300] = False
    assert find_standing(motion)[0] >= 3.0


def with_thigh(*stretches: tuple[float, float, float]) -> BodyMotion:
    """A thigh's sensor in stretches of (seconds, rad/s, degrees by which it is raised)."""
    motion = moving(speeds(*(stretch[:2] for stretch in stretches)))
    raised = np.deg2rad(speeds(*((seconds, angle) for seconds, _, angle in stretches)))
    motion.gyr[0] = motion.gyr[1]
    motion.orientations[0] = qt.about_axis(np.array([0.0, 1.0, 0.0]), raised)
    return replace(motion, segments=("right_thigh", "right_foot"))


def test_the_rest_that_fits_the_pose_is_taken() -> None:
    """Somebody sits, stands and walks: each pose is found where the thighs are as it wants them."""
    motion = with_thigh((3, 0.02, 85.0), (1, 2, 40.0), (3, 0.02, 0.0), (8, 2, 15.0))
    assert find_standing(motion)[0] == pytest.approx(4.0, abs=0.15)
    assert find_standing(motion, StaticPose.SIT)[0] == pytest.approx(0.0, abs=0.15)


def test_who_never_sits_is_told() -> None:
    """Without a rest with level thighs the sitting pose is refused, with the way out."""
    motion = with_thigh((3, 0.02, 0.0), (8, 2, 15.0))
    with pytest.raises(CalibrationError, match="--pose n"):
        find_standing(motion, StaticPose.SIT)


def test_a_rest_that_does_not_fit_is_better_than_none() -> None:
    """Who only rests in a deep crouch is calibrated there, as the check of sensors will tell."""
    motion = with_thigh((3, 0.02, 85.0), (8, 2, 15.0))
    assert find_standing(motion)[0] == pytest.approx(0.0, abs=0.15)


@pytest.mark.parametrize("seconds", [0.5, 8.0])
def test_restless_athlete_is_told(seconds: float) -> None:
    """Without a still second, in a recording of any length, the error names the option."""
    with pytest.raises(CalibrationError, match="--calibrate"):
        find_standing(
            moving(
                speeds(
                    (seconds, 2.0),
                )
            )
        )


@pytest.mark.parametrize("seed", range(3))
def test_rest_without_any_rate_is_rest(seed: int) -> None:
    """Sensors that show nothing at all after motion are still, however sums are rounded."""
    speed = speeds((5, 1), (5, 0), (5, 1), (4, 0))
    motion = moving(speed * np.random.default_rng(seed).uniform(1.0, 40.0, len(speed)))
    motion.gyr[0] = motion.gyr[1]
    (first, second) = find_moving(motion)
    assert first == pytest.approx((0.0, 5.5), abs=0.1)
    assert second == pytest.approx((9.5, 15.5), abs=0.1)

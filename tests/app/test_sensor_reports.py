"""What is said of sensors that are not as they should be."""

import numpy as np

from trackside.app.sensor_reports import sensor_warnings
from trackside.kinematics.placement_check import Misplacement, PlacementCheck
from trackside.kinematics.sensor_check import SensorCheck
from trackside.kinematics.slip import SlipCheck

SEGMENTS = ("pelvis", "left_thigh", "right_thigh", "left_shank")


def check(*misplaced: tuple[str, str], residual: float = 0.1, sway: float = 0.0) -> SensorCheck:
    placement = PlacementCheck(
        tuple(Misplacement(segment, really, 20.0) for segment, really in misplaced), SEGMENTS, ()
    )
    residuals = np.array([np.nan, 0.1, 0.1, residual])
    return SensorCheck(SEGMENTS, residuals, np.full(4, sway), placement, SlipCheck((), ()))


def test_a_good_kit_gets_no_words() -> None:
    """Nothing to say of sensors as they should be."""
    assert sensor_warnings(check()) == []


def test_left_and_right_are_called_so() -> None:
    """A swapped pair is told apart from a sensor on the wrong segment."""
    swapped = sensor_warnings(check(("left_thigh", "right_thigh"), ("right_thigh", "left_thigh")))
    assert all("left and right are swapped" in warning["found"] for warning in swapped)
    assert "exchange the sensors of left thigh and right thigh" in swapped[0]["do"]
    wrong = sensor_warnings(check(("left_thigh", "left_shank"), ("left_shank", "left_thigh")))
    assert all("wrong segment" in warning["found"] for warning in wrong)


def test_three_in_a_circle_are_named_one_by_one() -> None:
    """Each of them is told its own segment."""
    circle = (
        ("left_thigh", "right_thigh"),
        ("right_thigh", "left_shank"),
        ("left_shank", "left_thigh"),
    )
    warnings = sensor_warnings(check(*circle))
    assert "name the left shank as its segment" in warnings[1]["do"]


def test_a_bad_pose_is_said() -> None:
    """A leg turned while standing, and somebody who moved, each with what to do."""
    turned = sensor_warnings(check(residual=np.deg2rad(35.0)))
    assert [warning["segment"] for warning in turned] == ["left_shank"]
    assert "35°" in turned[0]["found"]
    swayed = sensor_warnings(check(sway=np.deg2rad(4.0)))
    assert len(swayed) == len(SEGMENTS)
    assert "stand still" in swayed[0]["do"]

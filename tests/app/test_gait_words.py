"""Irregularities as a coach would say them."""

import numpy as np
import pytest

from trackside.app.gait_words import asymmetry_in_words, in_words
from trackside.kinematics.comparison import HARDLY_FREE, Stretch, TimeShift, without_side
from trackside.kinematics.joint_angles import JOINTS

STANCE = 0.4
ANGLES = [f"{joint.name}_{angle}" for joint in JOINTS for angle in joint.angles]


def stretch(angle: str, degrees: float, start: float, end: float, offset: bool = False) -> Stretch:
    return Stretch(angle, float(np.radians(degrees)), start, end, offset, 1.0)


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        (62, 74, "in swing"),
        (5, 30, "in stance"),
        (5, 44, "in stance"),
        (35, 50, "around toe-off"),
        (95, 8, "around initial contact"),
        (80, 2, "in swing"),
        (98, 20, "in stance"),
        (10, 90, "in most of the stride"),
    ],
)
def test_the_part_of_the_stride_has_its_name(start: float, end: float, when: str) -> None:
    """Stance, swing or the event in between, with the percentages."""
    text = in_words(stretch("left_knee_flexion", -12.2, start, end), STANCE)
    assert text == f"left knee 12° less flexed {when}, from {start} to {end} % of the stride"


@pytest.mark.parametrize("angle", ANGLES)
def test_every_compared_angle_has_words(angle: str) -> None:
    """Larger and smaller are said differently, without the angle's name in the program."""
    if without_side(angle) in HARDLY_FREE:
        return
    more, less = (in_words(stretch(angle, degrees, 10, 20), STANCE) for degrees in (9, -9))
    assert more != less
    assert "_" not in more + less
    assert "9°" in more
    assert "9°" in less


def test_the_left_is_compared_with_the_right() -> None:
    """An asymmetry says which side and than what."""
    text = asymmetry_in_words(stretch("knee_flexion", 8.0, 5, 15), STANCE)
    assert text == "left knee 8° more flexed than right in stance, from 5 to 15 % of the stride"
    text = asymmetry_in_words(TimeShift("shoulder_flexion", -6.0, 1.0), STANCE)
    assert text == "left shoulder flexion 6 % of the stride earlier than on the right"


def test_an_offset_points_to_the_calibration() -> None:
    """What is off all through may be the sensors."""
    text = in_words(stretch("right_hip_rotation", 9.0, 0, 99, offset=True), STANCE)
    assert text.startswith("right hip 9° more rotated inwards all through the stride")
    assert "calibrated" in text


def test_a_time_shift_is_told_in_percent() -> None:
    """Later or earlier, by how much of the stride."""
    text = in_words(TimeShift("left_knee_flexion", 6.6, 1.0), STANCE)
    assert text == "left knee flexion 7 % of the stride later"

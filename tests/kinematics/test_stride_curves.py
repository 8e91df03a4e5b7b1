"""Strides cut and brought to 0–100 %."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from altered_gait import simulated, steady
from trackside.errors import MissingDataError
from trackside.kinematics.skeleton import INDEX
from trackside.kinematics.stride_curves import (
    PERCENT,
    mean_curve,
    normalised,
    stride_curves,
    typical,
)

SAMPLES = 50  # a stride


@given(
    st.lists(st.floats(0.4, 2.0), min_size=1, max_size=6),
    st.floats(-100.0, 100.0),
    st.lists(st.floats(-1.0, 1.0), min_size=6, max_size=6),
)
def test_the_pace_of_a_stride_does_not_matter(
    lengths: list[float], begin: float, harmonics: list[float]
) -> None:
    """Strides of any lengths that move alike have one curve: that of the motion."""
    bounds = begin + np.concatenate([[0.0], np.cumsum(lengths)])
    phase = np.arange(SAMPLES * len(lengths) + 1) / SAMPLES
    time = np.interp(phase, np.arange(len(bounds)), bounds)

    def motion(share: np.ndarray) -> np.ndarray:
        angle = 2 * np.pi * np.multiply.outer(np.arange(1, 4), share)
        return np.array(harmonics[:3]) @ np.sin(angle) + np.array(harmonics[3:]) @ np.cos(angle)

    curves = normalised(time, motion(phase), bounds[:-1], bounds[1:])
    exact = np.interp(
        PERCENT / 100.0, np.arange(SAMPLES + 1) / SAMPLES, motion(phase)[: SAMPLES + 1]
    )
    np.testing.assert_allclose(curves, np.tile(exact, (len(lengths), 1)), atol=1e-9)


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=20))
def test_typical_strides_are_alike(lengths: list[float]) -> None:
    """Whatever is kept is a possible stride, and none is half as long again as another."""
    ends = np.cumsum(lengths)
    kept = np.array(lengths)[typical(ends - lengths, ends)]
    assert ((kept > 0.3) & (kept < 2.3)).all()
    assert not len(kept) or kept.max() <= 1.5 * kept.min() + 1e-9


def test_one_stride_has_no_spread() -> None:
    """The spread of a single stride is 0, of two that of a sample of two."""
    assert mean_curve(np.ones((1, 101))).sd.max() == 0.0
    assert mean_curve(np.array([[0.0] * 101, [2.0] * 101])).sd[0] == pytest.approx(np.sqrt(2.0))


def test_steady_running_has_one_curve() -> None:
    """All strides are used, both sides move alike, and the last point is the first one again."""
    found = stride_curves(steady(3.5))
    curves = found.curves()
    assert {side: strides.left_out for side, strides in found.strides.items()} == {
        "right": 0,
        "left": 0,
    }
    right, left = curves["right_knee_flexion"], curves["left_knee_flexion"]
    assert np.rad2deg(np.abs(right.mean - left.mean)).max() < 2.0
    assert np.rad2deg(abs(right.mean[0] - right.mean[-1])) < 2.0
    assert right.strides == len(found.strides["right"].start) > 10


def test_standing_and_starting_are_left_out() -> None:
    """A session that begins with standing gives the curve of its running."""
    whole = stride_curves(simulated(3.5).pose).curves()["right_knee_flexion"]
    even = stride_curves(steady(3.5)).curves()["right_knee_flexion"]
    assert np.rad2deg(np.abs(whole.mean - even.mean)).max() < 5.0


def test_only_measured_angles_count() -> None:
    """Without sensors on an arm its angles are not there; a pose that does not tell has all."""
    pose = steady(3.5)
    measured = pose.measured.copy()
    measured[INDEX["left_forearm"]] = False
    angles = stride_curves(replace(pose, measured=measured)).angles
    assert "left_elbow_flexion" not in angles
    assert "left_shoulder_flexion" in angles
    foreign = replace(pose, measured=np.zeros_like(measured))
    assert stride_curves(foreign).angles.keys() == stride_curves(pose).angles.keys()


def test_one_leg_alone_will_do() -> None:
    """With sensors on the right leg only, its strides cut everything."""
    pose = steady(3.5)
    measured = np.zeros_like(pose.measured)
    for part in ("pelvis", "t8", "right_thigh", "right_shank", "right_foot"):
        measured[INDEX[part]] = True
    found = stride_curves(replace(pose, measured=measured))
    assert [*found.strides] == ["right"]
    assert "trunk_rotation" in found.angles
    assert found.side_of("trunk_rotation") == "right"


def test_gaps_take_their_strides_out() -> None:
    """Strides during which a leg's sensor was silent do not count."""
    pose = steady(3.5)
    measured = pose.measured.copy()
    silent = (pose.time > 12.0) & (pose.time < 13.5)
    measured[INDEX["left_shank"], silent] = False
    found = stride_curves(replace(pose, measured=measured)).strides
    assert found["right"].left_out == 0
    assert 1 <= found["left"].left_out <= 4


def test_who_does_not_move_is_told_so() -> None:
    """No strides: the error names the stretch and what to do."""
    with pytest.raises(MissingDataError, match=r"from 0\.0 to .* choose a stretch"):
        stride_curves(simulated(3.5).pose.span(0.0, 5.0))


@pytest.mark.parametrize(
    ("worn", "problem"),
    [
        (("left_forearm", "left_hand"), "a sensor on a thigh or shank"),
        (("left_foot", "right_foot"), "a sensor on a thigh or shank"),
        (("left_shank",), "no joint has sensors on both its sides"),
    ],
)
def test_too_few_sensors_are_told(worn: tuple[str, ...], problem: str) -> None:
    """Without a leg there are no strides, without two neighbours no angles."""
    pose = steady(3.5)
    measured = np.zeros_like(pose.measured)
    for segment in worn:
        measured[INDEX[segment]] = True
    with pytest.raises(MissingDataError, match=problem):
        stride_curves(replace(pose, measured=measured))

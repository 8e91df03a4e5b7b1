"""Irregularities: what was changed is found, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from altered_gait import steady, with_late_arm, with_stiff_knee
from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics.comparison import (
    LEAST_STRETCH,
    Stretch,
    TimeShift,
    asymmetries,
    deviations,
    irregularities,
    later,
    phase_shift,
    runs_around,
)
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.normative_curves import norms
from trackside.kinematics.pose import Pose
from trackside.kinematics.stride_curves import Curve, mean_curve, stride_curves

STIFF = np.radians(70.0)


def curves_of(pose: Pose) -> dict[str, Curve]:
    return stride_curves(pose).curves()


def wavy(rng: np.random.Generator, harmonics: int, size: float) -> Floats:
    """A smooth random curve (101,) with an RMS of about ``size``, its slow part the strongest."""
    angle = 2 * np.pi * np.multiply.outer(np.arange(1, harmonics + 1), np.linspace(0, 1, 101))
    weights = rng.normal(size=(2, harmonics)) / np.arange(1, harmonics + 1)
    curve = weights[0] @ np.sin(angle) + weights[1] @ np.cos(angle)
    return np.asarray(size * curve / np.sqrt(np.mean(curve**2)))


def test_a_stiff_knee_is_the_only_irregularity() -> None:
    """A left knee held at 70° in swing: exactly that, by how much and when."""
    before = steady(3.5)
    found = irregularities(
        deviations(curves_of(with_stiff_knee(before, "left", STIFF)), curves_of(before))
    )
    (item,) = found
    assert isinstance(item, Stretch)
    assert item.angle == "left_knee_flexion"
    missing = np.rad2deg(joint_angles(before)["left_knee_flexion"].max() - STIFF)
    assert np.rad2deg(item.difference) == pytest.approx(-missing, abs=1.0)
    flexion = np.rad2deg(curves_of(before)["left_knee_flexion"].mean)
    beyond = np.flatnonzero(flexion > 75.0)  # 5° more than it can, the least angle told
    assert item.start == pytest.approx(beyond[0], abs=3)
    assert item.end == pytest.approx(beyond[-1], abs=3)


def test_a_stiff_knee_is_an_asymmetry() -> None:
    """Compared with the right knee it is the same, without any reference."""
    (item,) = irregularities(asymmetries(curves_of(with_stiff_knee(steady(3.5), "left", STIFF))))
    assert item.angle == "knee_flexion"
    assert isinstance(item, Stretch)
    assert item.difference < 0.0


def test_a_late_arm_is_late_and_not_wrong() -> None:
    """An arm that swings 7 % of the stride later is told as that, not as two wrong angles."""
    before = steady(3.5)
    stride = np.mean(np.diff(stride_curves(before).strides["left"].start))
    frames = 5
    (item,) = irregularities(
        deviations(curves_of(with_late_arm(before, "left", frames)), curves_of(before))
    )
    assert isinstance(item, TimeShift)
    assert item.angle == "left_shoulder_flexion"
    assert item.shift == pytest.approx(100 * frames / before.rate / stride, abs=0.7)


@pytest.mark.parametrize("speed", [1.3, 3.5, 9.0])
def test_a_gait_is_like_itself(speed: float) -> None:
    """Nothing to tell, all deviations zero; and the simulated athlete is even on both sides."""
    curves = curves_of(steady(speed))
    found = deviations(curves, curves)
    assert irregularities(found) == []
    assert max(item.rms for item in found) == 0.0
    assert irregularities(asymmetries(curves)) == []


def test_false_irregularities_are_rare() -> None:
    """Two samples of 15 noisy strides of one and the same gait: less than 1 in 100 angles."""
    rng = np.random.default_rng(11)
    false = 0
    for _ in range(300):
        gait = wavy(rng, 5, np.radians(20.0))
        sessions = [
            mean_curve(np.array([gait + wavy(rng, 8, np.radians(3.0)) for _ in range(15)]))
            for _ in range(2)
        ]
        false += len(irregularities(deviations({"knee": sessions[0]}, {"knee": sessions[1]})))
    assert false < 3


def test_an_offset_is_told_as_one() -> None:
    """Ten degrees more all through: one irregularity, from 0 to 99 %, marked as an offset."""
    curve = mean_curve(wavy(np.random.default_rng(2), 4, 0.3)[None])
    high = replace(curve, mean=curve.mean + np.radians(10.0))
    (item,) = irregularities(deviations({"hip_rotation": high}, {"hip_rotation": curve}))
    assert isinstance(item, Stretch)
    assert (item.start, item.end, item.offset) == (0.0, 99.0, True)


def test_another_zero_is_no_irregularity() -> None:
    """Where only the shape is comparable, the mean difference is taken out."""
    curve = mean_curve(wavy(np.random.default_rng(2), 4, 0.3)[None])
    high = replace(curve, mean=curve.mean + np.radians(10.0))
    (item,) = deviations(
        {"left_hip_flexion": high}, {"left_hip_flexion": curve}, frozenset({"hip_flexion"})
    )
    assert item.rms == pytest.approx(0.0, abs=1e-12)
    assert item.shape_only


def test_the_most_severe_comes_first() -> None:
    """More degrees for longer come before fewer."""
    flat = Curve(np.zeros(101), np.full(101, 0.01), 9)
    bumps = {
        name: replace(flat, mean=np.radians(height) * np.exp(-(((np.arange(101) - 50) / 10) ** 2)))
        for name, height in (("small", 8.0), ("large", 30.0), ("middle", 15.0), ("none", 4.0))
    }
    found = irregularities(deviations(bumps, dict.fromkeys(bumps, flat)))
    assert [item.angle for item in found] == ["large", "middle", "small"]


def test_what_nobody_measured_cannot_be_compared() -> None:
    """Two sessions without a joint in common."""
    flat = Curve(np.zeros(101), np.zeros(101), 1)
    with pytest.raises(MissingDataError, match="no joint was measured in both"):
        deviations({"left_knee_flexion": flat}, {"left_elbow_flexion": flat})


def test_norms_are_regular_by_their_own_standard() -> None:
    """A runner exactly as the group's mean has nothing to be told; at another speed there is."""
    run, fast = norms()["run-2.5"].of_both_sides(), norms()["run-4.5"].of_both_sides()
    own = {name: replace(curve, sd=np.zeros(101)) for name, curve in run.items()}
    assert irregularities(deviations(own, run)) == []
    assert irregularities(deviations(own, fast))


@given(st.integers(0, 2**32 - 1), st.floats(-15.0, 15.0))
def test_a_shift_is_found_again(seed: int, shift: float) -> None:
    """Whatever the curve, a delay around the stride is read back within half a percent."""
    curve = wavy(np.random.default_rng(seed), 3, 0.5)
    assert phase_shift(later(curve, shift), curve) == pytest.approx(shift, abs=0.5)


def test_what_does_not_move_is_not_late() -> None:
    """A still joint has no phase."""
    moving = wavy(np.random.default_rng(1), 3, 0.5)
    assert phase_shift(np.full(101, 0.3), moving) == 0.0


@given(st.lists(st.booleans(), min_size=100, max_size=100), st.integers(0, 99))
def test_where_the_stride_begins_does_not_matter(mask: list[bool], turn: int) -> None:
    """Runs go around the stride: turning the ring turns them, and each is long enough."""
    ring = np.array(mask)
    runs = {frozenset(run.tolist()) for run in runs_around(ring)}
    turned = {frozenset(((run - turn) % 100).tolist()) for run in runs_around(np.roll(ring, turn))}
    assert turned == runs
    assert all(len(run) > LEAST_STRETCH for run in runs)

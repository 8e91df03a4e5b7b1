"""Soft limits leave what is possible, push back what is not, and never jump."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import JOINTS, Joint, joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.range_of_motion import RANGES, SLACK, limited, published_limits
from trackside.kinematics.skeleton import INDEX, PARENTS, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS
from trackside.simulation.motion import motion_of
from trackside.simulation.plan import running_session

LIMITS = published_limits()
AXES = {"z": np.array([0, 0, 1.0]), "x": np.array([1.0, 0, 0]), "y": np.array([0, 1.0, 0])}


def below(segment: str) -> list[str]:
    """A segment and all that hangs on it."""
    return [segment, *(name for one in SEGMENTS if PARENTS[one] == segment for name in below(one))]


def bent(child: str, turns: Floats) -> Floats:
    """Standing, with a segment and what hangs on it turned by (N, 4), (23, N, 4)."""
    whole = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), len(turns), 1))
    for segment in below(child):
        whole[INDEX[segment]] = qt.multiply(STANDING_FACING_EAST, turns)
    return whole


def angles_of(whole: Floats) -> dict[str, Floats]:
    count = whole.shape[1]
    none = np.zeros((count, 3)), np.ones((len(SEGMENTS), count), bool)
    return joint_angles(Pose(skeleton_for(), np.arange(count) / 100, whole, *none))


def turned(axis: str, degrees: Floats) -> Floats:
    return qt.about_axis(AXES[axis], np.deg2rad(degrees))


def test_running_is_left_as_it_is() -> None:
    """A simulated run stays within the ranges, so that not a bit of it changes."""
    whole, _ = motion_of(running_session(12.0, 3.5), 1.75, 1 / 800).poses(8000, 800)
    np.testing.assert_array_equal(limited(whole, LIMITS), whole)


@pytest.mark.parametrize(
    "joint", [j for j in JOINTS if "shoulder" not in j.name], ids=lambda j: j.name
)
def test_every_range_is_held(joint: Joint) -> None:
    """An angle 8° beyond either end comes back to within the slack; the others stay."""
    name, child = joint.name, joint.child
    ranges = RANGES[name.removeprefix("right_").removeprefix("left_")]
    signs = dict(zip(joint.angles, joint.signs, strict=True))
    axes = dict(zip(joint.angles, "zxy", strict=True))
    for angle, (low, high) in ranges.items():
        for wrong, bound in ((low - 8.0, low), (high + 8.0, high)):
            turn = turned(axes[angle], np.array([signs[angle] * wrong]))
            after = angles_of(limited(bent(child, turn), LIMITS))
            own = np.rad2deg(after.pop(f"{name}_{angle}")[0])
            assert abs(own - bound) < np.rad2deg(SLACK) + 1e-6
            others = [value[0] for key, value in after.items() if key.startswith(name)]
            np.testing.assert_allclose(others, 0.0, atol=1e-9)


def test_what_hangs_on_a_joint_goes_along() -> None:
    """A knee bent backwards takes its foot back with it; the ankle keeps its angle."""
    turns = turned("z", np.array([40.0]))
    after = angles_of(limited(bent("left_shank", turns), LIMITS))
    assert np.rad2deg(after["left_knee_flexion"][0]) == pytest.approx(-15.0, abs=0.1)
    assert after["left_ankle_dorsiflexion"][0] == pytest.approx(0.0, abs=1e-9)


def test_the_trunk_shares_its_turn() -> None:
    """A trunk bent too far sideways is straightened evenly between pelvis and chest."""
    after = limited(bent("t8", turned("x", np.array([60.0]))), LIMITS)
    back = [qt.angle_between(after[INDEX[s], 0], STANDING_FACING_EAST) for s in ("l5", "l3", "t12")]
    np.testing.assert_allclose(np.diff(back), back[0], atol=1e-9)
    assert back[0] > np.deg2rad(3)


rotations = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(c * c for c in q) > 0.01)


@settings(max_examples=60)
@given(rotations, st.tuples(*[st.floats(-1, 1)] * 3), st.sampled_from(JOINTS))
def test_nothing_jumps(
    start: tuple[float, ...], direction: tuple[float, ...], joint: Joint
) -> None:
    """However a joint turns, through gimbal poses and half turns, the limited one follows."""
    child = joint.child
    steps = np.linspace(0, 1, 2001)[:, None] * np.array(direction) * 6.0
    turns = qt.multiply(qt.normalized(np.array(start)), qt.from_rotation_vector(steps))
    out = limited(bent(child, turns), LIMITS)
    moved = qt.angle_between(out[:, 1:], out[:, :-1]).max()
    assert moved < 40.0 * 6.0 * np.sqrt(3) / 2000


@given(st.lists(rotations, min_size=23, max_size=23))
def test_frame_by_frame_is_the_whole(poses: list[tuple[float, ...]]) -> None:
    """Limiting one frame gives the very numbers of limiting the recording."""
    one = qt.normalized(np.array(poses))
    whole = np.stack([one, one[::-1], np.roll(one, 5, axis=0)], axis=1)
    together = limited(whole, LIMITS)
    for n in range(3):
        np.testing.assert_array_equal(limited(whole[:, n : n + 1], LIMITS)[:, 0], together[:, n])
    np.testing.assert_allclose(np.linalg.norm(together, axis=-1), 1.0, atol=1e-9)

"""The skeleton's proportions and its tree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.errors import ParameterError
from trackside.kinematics.skeleton import (
    DIMENSIONS,
    INDEX,
    PARENT_INDEX,
    PARENTS,
    STANDING_FACING_EAST,
    end_positions,
    joint_positions,
    skeleton_for,
    walk_from,
)
from trackside.recordings.placements import SEGMENTS


@given(st.floats(1.2, 2.2))
def test_standing_body_is_as_tall_as_asked(height: float) -> None:
    """From sole to vertex the neutral pose measures the body height."""
    skeleton = skeleton_for(height)
    standing = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1, 1))
    joints = joint_positions(skeleton, standing, np.zeros((1, 3)))
    ends = end_positions(skeleton, standing, joints)
    assert ends[..., 2].max() - ends[..., 2].min() == pytest.approx(height, rel=1e-6)


def test_body_faces_east_with_its_left_to_the_north() -> None:
    """In the neutral pose toes point along x, and the left side lies along +y."""
    skeleton = skeleton_for()
    standing = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1, 1))
    joints = joint_positions(skeleton, standing, np.zeros((1, 3)))[:, 0]
    assert joints[INDEX["left_toe"], 0] > 0.1
    for part in ("thigh", "upper_arm", "foot"):
        left, right = joints[INDEX[f"left_{part}"]], joints[INDEX[f"right_{part}"]]
        assert left[1] > 0
        np.testing.assert_allclose(left * [1, -1, 1], right, atol=1e-12)


def test_parents_come_before_their_children() -> None:
    """One pass in the order of SEGMENTS fills the whole tree."""
    assert PARENT_INDEX[0] == -1
    assert all(parent < i for i, parent in enumerate(PARENT_INDEX))


@given(st.sampled_from(SEGMENTS))
def test_walk_reaches_every_segment_once_from_a_neighbour(start: str) -> None:
    """From any start the walk covers the tree, each step along one of its edges."""
    walk = walk_from(start)
    assert sorted(segment for segment, _ in walk) == sorted(SEGMENTS)
    assert walk[0] == (start, None)
    seen = {start}
    for segment, before in walk[1:]:
        assert before in seen
        assert PARENTS[segment] == before or PARENTS[before] == segment
        seen.add(segment)


def test_own_measurements_override_one_side_or_both() -> None:
    """A measured thigh moves the knee; the other side keeps its proportion."""
    usual, own = skeleton_for(1.8), skeleton_for(1.8, {"left_thigh": 0.5, "hip_width": 0.2})
    assert own.length("left_thigh") == pytest.approx(0.5)
    assert own.length("right_thigh") == pytest.approx(usual.length("right_thigh"))
    assert own.offsets[INDEX["left_thigh"], 2] == pytest.approx(-0.1)


@pytest.mark.parametrize(
    ("height", "own", "message"),
    [
        (3.0, {}, "0.5 to 2.6 m"),
        (1.8, {"tail": 0.3}, "tail"),
        (1.8, {"thigh": 0.0}, "more than 0"),
        (float("nan"), {}, "0.5 to 2.6 m"),
    ],
)
def test_impossible_bodies_are_refused(height: float, own: dict[str, float], message: str) -> None:
    """The error names what is wrong and what is expected."""
    with pytest.raises(ParameterError, match=message):
        skeleton_for(height, own)


def test_every_dimension_matters() -> None:
    """No dimension is a dead name: changing it changes the skeleton."""
    usual = skeleton_for()
    for name in DIMENSIONS:
        changed = skeleton_for(own={name: 0.77})
        different = [
            not np.allclose(getattr(usual, field), getattr(changed, field))
            for field in ("offsets", "ends", "heels")
        ]
        assert any(different), name

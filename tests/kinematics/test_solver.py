"""Static calibration and the chained solver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.errors import CalibrationError, MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import (
    UP,
    StaticPose,
    calibrate,
    rest_orientations,
    segment_in_pose,
)
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.skeleton import INDEX
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.recordings.placements import SEGMENTS

FRAMES = 50
subsets = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=23, unique=True).map(
    lambda names: tuple(sorted(names, key=SEGMENTS.index))
)


def rotations(seed: int, *shape: int) -> Floats:
    q = Rotation.random(int(np.prod(shape)), rng=np.random.default_rng(seed))
    return q.as_quat(scalar_first=True).reshape(*shape, 4)


def motion_of(segments: tuple[str, ...], sensors: Floats) -> BodyMotion:
    nothing = np.zeros((*sensors.shape[:2], 3))
    measured = np.ones(sensors.shape[:2], bool)
    return BodyMotion(
        np.arange(FRAMES) / 100,
        segments,
        sensors,
        nothing,
        nothing,
        measured,
        np.ones_like(measured),
    )


@settings(deadline=None)
@given(subsets, st.integers(0, 10**6), st.sampled_from(list(StaticPose)))
def test_any_mounting_and_heading_is_undone(
    segments: tuple[str, ...], seed: int, pose: StaticPose
) -> None:
    """Known facings and one static pose give back the true segments, however sensors sit."""
    rng = np.random.default_rng(seed)
    true = rotations(seed, len(segments), FRAMES)
    standing = np.stack([segment_in_pose(segment, pose) for segment in segments])
    true[:, :5] = qt.multiply(qt.about_axis(UP, 0.7), standing)[:, None]
    mounting = rotations(seed + 1, len(segments), 1)
    facings = rng.uniform(-np.pi, np.pi, len(segments))
    zero = qt.about_axis(UP, facings - 0.7)[:, None]  # each sensor's own heading zero
    motion = motion_of(segments, qt.multiply(qt.multiply(zero, true), mounting))

    rest = rest_orientations(motion, 0.0, 0.04)
    calibration = calibrate(segments, rest, facings, pose, (0.0, 0.04))
    found = segment_orientations(motion, calibration, np.zeros((len(segments), FRAMES)))
    expected = qt.multiply(qt.about_axis(UP, facings[0] - 0.7), true)
    np.testing.assert_allclose(qt.angle_between(found, expected), 0.0, atol=1e-6)


@settings(deadline=None)
@given(subsets, st.integers(0, 10**6))
def test_chain_fills_the_skeleton_from_any_sensors(segments: tuple[str, ...], seed: int) -> None:
    """Segments with a sensor keep its orientation; all others follow and are marked as such."""
    orientations = rotations(seed, len(segments), FRAMES)
    measured = np.ones((len(segments), FRAMES), bool)
    whole, seen = solve_chain(segments, orientations, measured)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=-1), 1.0, atol=1e-9)
    for segment, own in zip(segments, orientations, strict=True):
        np.testing.assert_array_equal(whole[INDEX[segment]], own)
    for i, segment in enumerate(SEGMENTS):
        assert seen[i].all() == (segment in segments)


def test_trunk_shares_its_bend_evenly() -> None:
    """Between sensors on pelvis and t8 the three segments each take a quarter of the bend."""
    bend = qt.about_axis(np.array([0.0, 0.0, 1.0]), np.full(FRAMES, 0.8))
    upright = np.tile(qt.IDENTITY, (FRAMES, 1))
    whole, _ = solve_chain(("pelvis", "t8"), np.stack([upright, bend]), np.ones((2, FRAMES), bool))
    for share, segment in enumerate(("pelvis", "l5", "l3", "t12", "t8")):
        angle = qt.to_rotation_vector(whole[INDEX[segment], 0])[2]
        assert angle == pytest.approx(0.2 * share)
    np.testing.assert_allclose(whole[INDEX["left_hand"]], bend)


def test_limb_without_sensor_follows_the_chain() -> None:
    """A shank without sensor keeps its knee at rest; a foot beyond it keeps its own."""
    thigh, foot = rotations(5, 2, FRAMES)
    whole, seen = solve_chain(
        ("left_thigh", "left_foot"), np.stack([thigh, foot]), np.ones((2, FRAMES), bool)
    )
    np.testing.assert_array_equal(whole[INDEX["left_shank"]], thigh)
    np.testing.assert_array_equal(whole[INDEX["left_foot"]], foot)
    np.testing.assert_array_equal(whole[INDEX["pelvis"]], thigh)
    assert not seen[INDEX["left_shank"]].any()


def test_no_sensor_is_an_error() -> None:
    """A chain needs a place to begin."""
    with pytest.raises(MissingDataError, match="no sensor"):
        solve_chain((), np.empty((0, 3, 4)), np.empty((0, 3), bool))


def test_sensor_that_slept_through_the_pose_is_named() -> None:
    """Calibrating on a stretch without samples of a sensor says which one."""
    motion = motion_of(("pelvis", "left_foot"), rotations(1, 2, FRAMES))
    motion.measured[1, :20] = False
    with pytest.raises(CalibrationError, match="left_foot"):
        rest_orientations(motion, 0.0, 0.1)

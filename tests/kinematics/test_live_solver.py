"""The live step of the chained solver against the solver of whole recordings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError, SignalError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP, Calibration, StaticPose
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.live_solver import LiveSolver, PoseFrame
from trackside.kinematics.range_of_motion import limited, published_limits
from trackside.kinematics.skeleton import (
    INDEX,
    STANDING_FACING_EAST,
    joint_positions,
    skeleton_for,
)
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.kinematics.uncertainty import JointUncertainty, SensorDoubt
from trackside.recordings.placements import SEGMENTS

FRAMES = 40
SKELETON = skeleton_for(1.8)
subsets = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=23, unique=True).map(
    lambda names: tuple(sorted(names, key=SEGMENTS.index))
)


def rotations(rng: np.random.Generator, *shape: int) -> Floats:
    q = Rotation.random(int(np.prod(shape)), rng=rng).as_quat(scalar_first=True)
    return q.reshape(*shape, 4)


def calibration_of(segments: tuple[str, ...], rng: np.random.Generator) -> Calibration:
    facings = rng.uniform(-np.pi, np.pi, len(segments))
    mountings = rotations(rng, len(segments))
    return Calibration(StaticPose.N, 0.0, 1.0, segments, mountings, facings)


def batch(
    calibration: Calibration, orientations: Floats, drifts: Floats, measured: Booleans
) -> tuple[Floats, Booleans]:
    """What the solver of whole recordings makes of it."""
    nothing = np.zeros((*measured.shape, 3))
    time = np.arange(measured.shape[1]) / 100
    motion = BodyMotion(
        time, calibration.segments, orientations, nothing, nothing, measured, measured
    )
    found = segment_orientations(motion, calibration, drifts)
    return solve_chain(calibration.segments, found, measured)


def live(
    solver: LiveSolver, orientations: Floats, drifts: Floats, measured: Booleans
) -> list[PoseFrame]:
    frames = []
    for n in range(measured.shape[1]):
        solver.correct_headings(drifts[:, n])
        frames.append(solver.step(orientations[:, n], measured[:, n]))
    return frames


@settings(deadline=None)
@given(subsets, st.integers(0, 10**6))
def test_live_equals_batch(segments: tuple[str, ...], seed: int) -> None:
    """Any sensors that come and go, under drifting headings: the same numbers to the last bit."""
    rng = np.random.default_rng(seed)
    calibration = calibration_of(segments, rng)
    sent = rotations(rng, len(segments), FRAMES)
    measured = rng.random((len(segments), FRAMES)) < 0.7
    measured[:, 0] = True
    drifts = 0.1 * rng.standard_normal((len(segments), FRAMES)).cumsum(axis=1)
    last = np.maximum.accumulate(np.where(measured, np.arange(FRAMES), 0), axis=1)
    held = np.take_along_axis(sent, last[:, :, None], axis=1)
    whole, seen = batch(calibration, held, drifts, measured)
    joints = joint_positions(SKELETON, whole, np.zeros((FRAMES, 3)))

    lost = np.where(measured[:, :, None], sent, np.nan)
    frames = live(LiveSolver(calibration, SKELETON), lost, drifts, measured)
    np.testing.assert_array_equal(np.stack([f.orientations for f in frames], axis=1), whole)
    np.testing.assert_array_equal(np.stack([f.joints for f in frames], axis=1), joints)
    np.testing.assert_array_equal(np.stack([f.measured for f in frames], axis=1), seen)


@settings(deadline=None, max_examples=20)
@given(subsets, st.integers(0, 10**6))
def test_limits_live_equal_limits_on_the_whole(segments: tuple[str, ...], seed: int) -> None:
    """Joints pushed into their ranges frame by frame: the same numbers to the last bit."""
    rng = np.random.default_rng(seed)
    calibration, limits = calibration_of(segments, rng), published_limits()
    sent = rotations(rng, len(segments), FRAMES)
    measured = np.ones((len(segments), FRAMES), bool)
    drifts = np.zeros(measured.shape)
    whole, _ = batch(calibration, sent, drifts, measured)
    frames = live(LiveSolver(calibration, SKELETON, limits), sent, drifts, measured)
    expected = limited(whole, limits)
    np.testing.assert_array_equal(np.stack([f.orientations for f in frames], axis=1), expected)
    if len(segments) == len(SEGMENTS):
        assert (expected != whole).any()


@settings(deadline=None)
@given(subsets, st.integers(0, 10**6))
def test_sensors_join_one_after_the_other(segments: tuple[str, ...], seed: int) -> None:
    """A sensor that was not seen yet is as one that is not worn, but for the common heading."""
    rng = np.random.default_rng(seed)
    calibration = calibration_of(segments, rng)
    sent = rotations(rng, len(segments))
    still = np.zeros((len(segments), 1))
    solver = LiveSolver(calibration, SKELETON)
    here = np.zeros(len(segments), bool)
    for joining in rng.permutation(len(segments)):
        here[joining] = True
        frame = solver.step(sent, here)
        known = np.flatnonzero(here)
        ends, _ = batch(calibration, sent[:, None], still, here[:, None])
        worn = tuple(segments[i] for i in known)
        own = ends[[INDEX[segment] for segment in worn]]
        expected, _ = solve_chain(worn, own, here[known, None])
        np.testing.assert_array_equal(frame.orientations, expected[:, 0])
        assert frame.measured.sum() == here.sum()


def uncertainty_of(calibration: Calibration, rng: np.random.Generator) -> JointUncertainty:
    """Facings known somehow, and every other sensor linked to one before it."""
    count = len(calibration.segments)
    spread = 0.1 * rng.standard_normal((count, count))
    links = [(child, int(rng.integers(child))) for child in range(1, count, 2)]
    return JointUncertainty(calibration, spread @ spread.T, links, 0.02 * rng.random(count))


@settings(deadline=None, max_examples=30)
@given(subsets, st.integers(0, 10**6))
def test_live_deviations_equal_those_of_the_whole(segments: tuple[str, ...], seed: int) -> None:
    """Joints are as uncertain frame by frame as over the whole, to the last bit."""
    rng = np.random.default_rng(seed)
    calibration = calibration_of(segments, rng)
    uncertainty = uncertainty_of(calibration, rng)
    sent = rotations(rng, len(segments), FRAMES)
    measured = np.ones(sent.shape[:2], bool)
    still = np.zeros(sent.shape[:2])
    inclination, heading, lost = (rng.random(still.shape) for _ in range(3))
    doubt = SensorDoubt(0.05 * inclination, 0.05 * heading, 2.0 * lost)
    linked = 0.1 * rng.random((len(uncertainty.links), FRAMES))
    whole, _ = batch(calibration, sent, still, measured)
    expected = uncertainty.deviations(whole, doubt, linked)

    solver = LiveSolver(calibration, SKELETON, uncertainty=uncertainty)
    for n in range(FRAMES):
        now = slice(n, n + 1)
        solver.correct_headings(still[:, n], linked[:, n])
        own = SensorDoubt(doubt.inclination[:, now], doubt.heading[:, now], doubt.lost[:, now])
        frame = solver.step(sent[:, n], measured[:, n], own)
        assert frame.joint_sd is not None
        np.testing.assert_array_equal(frame.joint_sd, expected[:, n])


def test_deviations_know_which_sensors_are_there() -> None:
    """A joint is hardly known before both of its sensors are seen, nor without its link."""
    rng = np.random.default_rng(6)
    calibration = calibration_of(("right_thigh", "right_shank"), rng)
    uncertainty = JointUncertainty(calibration, np.zeros((2, 2)), [(1, 0)], np.full(2, 0.3))
    solver = LiveSolver(calibration, SKELETON, uncertainty=uncertainty)
    knee = INDEX["right_shank"]
    assert solver.step(rotations(rng, 2), [False, False]).joint_sd is None
    said = []
    for seen, linked in (([True, False], None), ([True, True], None), ([True, True], [0.05])):
        solver.correct_headings(np.zeros(2), linked)
        sd = solver.step(rotations(rng, 2), seen).joint_sd
        assert sd is not None
        said.append(np.rad2deg(sd[knee]))
    assert said[0] > 40.0 > said[1] > 20.0 > 5.0 > said[2] > 0.0
    with pytest.raises(SignalError, match="expected 1 angles"):
        solver.correct_headings(np.zeros(2), [0.1, 0.1])


def test_stands_until_something_is_seen() -> None:
    """Without any sample yet the skeleton stands, facing as it did for the calibration."""
    calibration = calibration_of(("pelvis", "left_foot"), np.random.default_rng(3))
    frame = LiveSolver(calibration, SKELETON).step(np.full((2, 4), np.nan), [True, True])
    standing = qt.multiply(qt.about_axis(UP, calibration.facings[0]), STANDING_FACING_EAST)
    np.testing.assert_allclose(frame.orientations, np.tile(standing, (23, 1)))
    assert not frame.measured.any()


def test_a_frame_stays_as_it_was() -> None:
    """Later steps do not change a frame that somebody keeps."""
    rng = np.random.default_rng(4)
    solver = LiveSolver(calibration_of(("pelvis",), rng), SKELETON)
    first = solver.step(rotations(rng, 1), [True])
    before = first.orientations.copy(), first.joints.copy()
    solver.step(rotations(rng, 1), [True])
    np.testing.assert_array_equal(first.orientations, before[0])
    np.testing.assert_array_equal(first.joints, before[1])


def test_wrong_shapes_are_said() -> None:
    """What does not fit the calibration is refused, with what was expected."""
    rng = np.random.default_rng(5)
    solver = LiveSolver(calibration_of(("pelvis", "head"), rng), SKELETON)
    with pytest.raises(SignalError, match=r"\(2, 4\)"):
        solver.step(rotations(rng, 3), [True] * 3)
    with pytest.raises(SignalError, match="2 finite angles"):
        solver.correct_headings([0.0, np.nan])
    with pytest.raises(MissingDataError, match="no sensor"):
        LiveSolver(calibration_of((), rng), SKELETON)

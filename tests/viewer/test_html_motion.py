"""Motions packed for the HTML replay: what comes out of the bytes is what went in."""

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from altered_gait import legs_only, steady
from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, skeleton_for
from trackside.kinematics.stride_curves import stride_curves
from trackside.recordings.placements import SEGMENTS
from trackside.viewer.html_motion import (
    LARGEST_ERROR,
    UNKNOWN_ANGLE,
    PackedMotion,
    State,
    packed_motion,
)

SHAPE = len(SEGMENTS)


def tumbling(frames: int, seed: int, pace: float) -> Pose:
    """Segments that turn at random, by ``pace`` rad a frame, far from where they began."""
    rng = np.random.default_rng(seed)
    turned = [qt.normalized(rng.normal(size=(SHAPE, 4)))]
    for _ in range(frames - 1):
        turned.append(qt.multiply(turned[-1], qt.from_rotation_vector(pace * rng.normal(size=3))))
    root = np.cumsum(rng.normal(scale=3.0, size=(frames, 3)), axis=0)
    flipped = rng.choice([-1.0, 1.0], size=(SHAPE, frames, 1))  # q and −q are the same
    orientations = np.stack(turned, axis=1) * flipped
    measured = rng.random((SHAPE, frames)) < 0.7
    return Pose(skeleton_for(1.8), np.arange(frames) / 50.0, orientations, root, measured)


def unpacked(packed: PackedMotion) -> tuple[Floats, Floats, Floats, Floats]:
    """Quaternions (23, N, 4), path (N, 3) m, angles (A, N) in 0.1° and states (23, N)."""
    content = zlib.decompress(base64.b64decode(packed.content))
    frames, angles = packed.header["frames"], len(packed.header["angles"])
    arrays, at = [], 0
    for channels, width in ((4 * SHAPE, 2), (3, 4), (angles, 2)):
        size = channels * frames * width
        planes = np.frombuffer(content, np.uint8, size, at).reshape(width, channels, frames)
        folded = sum(planes[i].astype(np.int64) << (8 * i) for i in range(width))
        changes = np.where(folded & 1, -(folded + 1) // 2, folded // 2)
        values = np.cumsum(np.cumsum(changes, axis=1), axis=1)
        arrays.append(values.astype(np.int16 if width == 2 else np.int32).astype(float))
        at += size
    states = np.frombuffer(content, np.uint8, SHAPE * frames, at).reshape(SHAPE, frames)
    quaternions = qt.normalized(arrays[0].reshape(SHAPE, 4, frames).transpose(0, 2, 1))
    return quaternions, arrays[1].T / 1000.0, arrays[2], states.astype(float)


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_any_motion_comes_out_as_it_went_in(frames: int, seed: int, pace: float) -> None:
    """Orientations within the stated error, the path within half a millimetre, states exactly."""
    pose = tumbling(frames, seed, pace)
    quaternions, root, _, states = unpacked(packed_motion(pose))
    assert qt.angle_between(quaternions, pose.orientations).max() <= LARGEST_ERROR
    assert np.abs(root - pose.root).max() <= 0.0005 + 1e-9
    says = pose.measured.any()
    np.testing.assert_array_equal(states == State.MEASURED, pose.measured if says else True)


def test_the_stated_error_is_below_a_tenth_of_a_degree() -> None:
    """The bound that documentation names."""
    assert np.rad2deg(LARGEST_ERROR) <= 0.1


def test_angles_and_curves_are_those_of_the_session() -> None:
    """Tenths of degrees of joint_angles, means of stride_curves: nothing is computed anew."""
    pose = legs_only(steady(3.5))
    packed = packed_motion(pose)
    _, _, angles, _ = unpacked(packed)
    names = [row["name"] for row in packed.header["angles"]]
    assert "left_knee_flexion" in names
    assert "left_elbow_flexion" not in names  # nobody measured it
    for name, tenths in zip(names, angles, strict=True):
        expected = np.rad2deg(joint_angles(pose)[name])
        np.testing.assert_allclose(tenths / 10.0, expected, atol=0.05 + 1e-6, err_msg=name)
    curves = stride_curves(pose)
    for name, curve in packed.header["curves"].items():
        expected = np.rad2deg(curves.curves()[name].mean)
        np.testing.assert_allclose(curve["mean"], expected, atol=0.05 + 1e-6, err_msg=name)
    right = packed.header["strides"]["right"]
    np.testing.assert_allclose(right["start"], curves.strides["right"].start, atol=5e-4)


def test_what_is_not_finite_is_marked_and_told() -> None:
    """Stretches without a pose, and a segment that never was: the rest is as before."""
    pose = steady(3.5)
    orientations, root = pose.orientations.copy(), pose.root.copy()
    root[100:150] = np.nan
    orientations[INDEX["left_hand"]] = np.nan
    orientations[INDEX["right_shank"], 1000:] = np.nan
    packed = packed_motion(replace(pose, orientations=orientations, root=root))
    quaternions, _, angles, states = unpacked(packed)
    assert np.isfinite(quaternions).all()
    assert (states[:, 100:150] == State.UNKNOWN).all()
    assert (states[INDEX["left_hand"]] == State.UNKNOWN).all()
    assert (states[INDEX["right_toe"], 1000:] == State.UNKNOWN).all()  # nobody knows the ankle
    assert (states[INDEX["left_toe"], 150:] == State.MEASURED).all()
    (gap,) = packed.gaps
    assert gap == pytest.approx((pose.time[100], pose.time[149]))
    assert any("no pose from 10.0 to 10.5 s" in remark for remark in packed.remarks)
    knee = [row["name"] for row in packed.header["angles"]].index("right_knee_flexion")
    assert (angles[knee, 1000:] == UNKNOWN_ANGLE).all()
    assert (angles[knee, 150:1000] != UNKNOWN_ANGLE).all()


def test_high_rates_are_brought_down() -> None:
    """No screen shows 400 frames/s, and a phone need not be sent them."""
    pose = steady(3.5).span(10.0, 11.0)
    fine = pose.at(10.0 + np.arange(360) / 400.0)
    header = packed_motion(fine).header
    assert header["rate"] == pytest.approx(100.0)
    assert header["frames"] == 90


def test_nothing_known_is_said() -> None:
    """A pose without one whole frame is no motion."""
    pose = tumbling(5, 1, 0.1)
    with pytest.raises(MissingDataError, match="no pose in any frame"):
        packed_motion(replace(pose, root=np.full((5, 3), np.nan)))

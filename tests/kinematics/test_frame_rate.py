"""Any frame rate: the same motion, sampled elsewhere."""

import numpy as np
import pytest

from trackside.errors import MissingDataError, ParameterError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.frame_rate import at_rate
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS


def spinning_pose(rate: float, seconds: float, start: float = 0.0) -> Pose:
    """An athlete who turns at 2 rad/s and walks east at 3 m/s."""
    time = start + np.arange(round(seconds * rate) + 1) / rate
    turn = qt.about_axis([0.0, 0.0, 1.0], 2.0 * time)
    orientations = np.tile(qt.multiply(turn, STANDING_FACING_EAST), (len(SEGMENTS), 1, 1))
    root = np.stack([3.0 * time, 0 * time, 0 * time + 1], axis=-1)
    return Pose(skeleton_for(), time, orientations, root, np.ones(orientations.shape[:2], bool))


@pytest.mark.parametrize("rate", [30.0, 59.94, 100.0, 240.0])
def test_steady_motion_is_the_same_at_any_rate(rate: float) -> None:
    """Turning and walking steadily, interpolated poses are those that truth has at their times."""
    pose = at_rate(spinning_pose(100.0, 3.0, start=1.5), rate)
    np.testing.assert_allclose(np.diff(pose.time), 1 / rate, atol=1e-12)
    assert pose.time[0] == 1.5
    assert 4.5 - 1 / rate < pose.time[-1] <= 4.5 + 1e-9
    expected = qt.multiply(qt.about_axis([0.0, 0.0, 1.0], 2.0 * pose.time), STANDING_FACING_EAST)
    assert qt.angle_between(pose.orientations, expected).max() < 1e-9
    np.testing.assert_allclose(pose.root[:, 0], 3.0 * pose.time, atol=1e-12)


@pytest.mark.parametrize("rate", [0.0, -30.0, np.nan, np.inf])
def test_a_rate_is_above_zero(rate: float) -> None:
    """Other rates are refused by name."""
    with pytest.raises(ParameterError, match="expected more than 0"):
        at_rate(spinning_pose(100.0, 1.0), rate)


@pytest.mark.parametrize("frames", [0, 1])
def test_a_rate_needs_two_frames(frames: int) -> None:
    """Between fewer than two frames there is nothing to sample."""
    with pytest.raises(MissingDataError, match=f"2 frames or more: the pose has {frames}"):
        at_rate(spinning_pose(100.0, 1.0).span(0.0, frames / 100), 50.0)


@pytest.mark.parametrize("rate", [29.97, 60.0, 100.0, 128.0])
@pytest.mark.parametrize("start", [0.0, 0.1, 12.3])
def test_the_last_frame_is_not_lost(rate: float, start: float) -> None:
    """At its own rate a pose keeps all its frames, whatever the rounding of its times."""
    for seconds in (0.1, 0.7, 1.1):
        pose = spinning_pose(rate, seconds, start)
        again = at_rate(pose, rate)
        np.testing.assert_allclose(again.time, pose.time, atol=1e-9)
        np.testing.assert_allclose(again.root, pose.root, atol=1e-9)

"""The way of a foot: what its sensor's errors do to it."""

import numpy as np

from trackside.kinematics.foot_path import foot_paths
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, stand, walk


def test_a_bias_climbs_unless_the_ground_is_level() -> None:
    """A force along the foot that is not there looks like a slope, unless the ground is level."""
    plan = SessionPlan((stand(2.0), walk(20.0, 1.3), stand(4.0)))
    imu = simulate(plan, ("right_foot",), rate=100.0, seed=3).imu("right_foot")
    assert imu.gyr is not None
    assert imu.acc is not None
    (foot,) = foot_paths(imu.time, imu.gyr, imu.acc + np.array([0.2, 0.0, 0.0]))
    climbed, level = (
        float(np.ptp(way[foot.rests, 2])) for way in (foot.path.positions, foot.levelled())
    )
    assert climbed > 0.2
    assert level < 0.01
    np.testing.assert_allclose(foot.levelled()[:, :2], foot.path.positions[:, :2])

"""Virtual IMUs sense what the motion implies."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import make_interp_spline

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX
from trackside.recordings.placements import SEGMENTS
from trackside.simulation.athlete import simulate
from trackside.simulation.kits import KIT_17, KITS
from trackside.simulation.plan import SessionPlan, run, running_session, stand, walk
from trackside.simulation.sensor_errors import IDEAL, SensorErrors
from trackside.simulation.sensors import EARTH_FIELD, GRAVITY
from trackside.simulation.session import SimulatedSession

WORN = ("pelvis", "right_shank", "left_foot", "left_forearm")


@cache
def sprint() -> SimulatedSession:
    """Nine metres per second, perfect sensors at 1000 Hz."""
    return simulate(SessionPlan((stand(1), run(11, 9.0))), WORN, IDEAL, rate=1000.0, seed=3)


def sensor_path(session: SimulatedSession, segment: str) -> Floats:
    """Where the sensor is, (N, 3) m in the earth frame."""
    pose, mounting = session.truth.pose, session.truth.mountings[segment]
    return pose.joints()[INDEX[segment]] + qt.rotate(pose.segment(segment), mounting.position)


def last_stride(session: SimulatedSession) -> slice:
    start = session.truth.steps["right"].stride_start[-1]
    length = session.truth.steps["right"].stride_time[-1]
    first = int(np.searchsorted(session.truth.pose.time, start))
    return slice(first, first + round(length * session.truth.pose.rate) + 1)


@pytest.mark.parametrize("segment", WORN)
def test_integrated_gyroscope_returns_the_orientation(segment: str) -> None:
    """Turning with the measured rate through a sprint stride ends within 0.01° of the truth."""
    session, span = sprint(), last_stride(sprint())
    rate = session.imu(segment).gyr
    assert rate is not None
    rate = rate[span]
    turn = (rate[1:] + rate[:-1]) / 2 + np.cross(rate[:-1], rate[1:]) / 12e3
    q = session.truth.sensor_orientation(segment)[span]
    estimate = q[0]
    for step in qt.from_rotation_vector(turn / 1000.0):
        estimate = qt.multiply(estimate, step)
    assert np.degrees(qt.angle_between(estimate, q[-1])) < 0.01


@pytest.mark.parametrize("segment", WORN)
def test_integrated_accelerometer_returns_the_path(segment: str) -> None:
    """The specific force, turned to earth and twice integrated over a stride, ends within 1 mm."""
    session, span = sprint(), last_stride(sprint())
    time, path = session.truth.pose.time[span], sensor_path(session, segment)[span]
    force = qt.rotate(
        session.truth.sensor_orientation(segment)[span], session.imu(segment).acc[span]
    )
    acceleration = make_interp_spline(time, force - [0, 0, GRAVITY], k=3)
    start = make_interp_spline(time, path, k=5).derivative()(time[0])
    travelled = acceleration.antiderivative(2)(time) + start * (time - time[0])[:, None]
    assert np.linalg.norm(path[0] + travelled - path, axis=1).max() < 0.001


@pytest.mark.parametrize("segment", WORN)
def test_signals_at_rest(segment: str) -> None:
    """Standing, a perfect sensor senses no rate, 9.81 m/s² upwards and the earth's field."""
    session = sprint()
    imu, q = session.imu(segment), session.truth.sensor_orientation(segment)[500]
    assert imu.gyr is not None
    assert imu.mag is not None
    assert np.abs(imu.gyr[:900]).max() < 1e-9
    assert qt.rotate(q, imu.acc[500]) == pytest.approx([0, 0, GRAVITY], abs=1e-6)
    assert qt.rotate(q, imu.mag[500]) == pytest.approx(EARTH_FIELD, abs=1e-9)


def test_sampling_between_grid_points_is_as_good() -> None:
    """A sensor whose clock is off the grid reads what a perfect one reads at the same moments."""
    plan = SessionPlan((stand(1), run(8, 4.0)))
    late = simulate(plan, ("right_thigh",), SensorErrors(clock_offset=2.0), seed=5)
    dense = simulate(plan, ("right_thigh",), IDEAL, rate=1000.0, seed=5)
    mine, fine = late.imu("right_thigh"), dense.imu("right_thigh")
    assert mine.time[0] > 0
    inside = mine.time < 8.9
    expected = make_interp_spline(fine.time, fine.acc, k=5)(mine.time[inside])
    mounting, other = (s.truth.mountings["right_thigh"].orientation for s in (late, dense))
    assert mounting == pytest.approx(other)
    off = np.abs(mine.acc[inside] - expected)
    assert np.percentile(off, 99) < 0.5
    assert off.max() < 0.02 * np.abs(expected).max()


@settings(max_examples=12, deadline=None)
@given(
    kit=st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=5, unique=True),
    rate=st.sampled_from([25.0, 60.0, 100.0, 148.15]),
    seed=st.integers(0, 99),
)
def test_any_kit_at_any_rate(kit: list[str], rate: float, seed: int) -> None:
    """Whatever segments wear sensors, each yields a full, finite stream that begins at rest."""
    session = simulate(SessionPlan((stand(1), walk(4, 1.2))), tuple(kit), rate=rate, seed=seed)
    assert [stream.placement for stream in session.streams[:-1]] == kit
    for segment in kit:
        imu = session.imu(segment)
        assert imu.gyr is not None
        assert len(imu.time) > 0.8 * 5 * rate
        assert np.isfinite(imu.acc).all()
        assert np.isfinite(imu.gyr).all()
        assert np.linalg.norm(imu.acc[:10], axis=1) == pytest.approx(GRAVITY, abs=0.5)


def test_kits_name_segments() -> None:
    """The ready-made kits are what their names say; kits that cannot be are refused."""
    assert len(KIT_17) == 17
    assert len(KITS["lower-body-8"]) == 8
    for kit in KITS.values():
        assert set(kit) <= set(SEGMENTS)
    for wrong in ((), ("pelvis", "pelvis"), ("tail",)):
        with pytest.raises(ValueError, match="expected"):
            simulate(running_session(12.0), wrong)

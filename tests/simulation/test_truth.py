"""The truth agrees with the motion it is told about."""

from functools import cache

import numpy as np
import pytest

from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, end_positions
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import SessionPlan, run, running_session, stand, walk
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.session import SimulatedSession

PLANS = {
    "walk": SessionPlan((stand(2), walk(12, 1.4))),
    "run": SessionPlan((stand(2), run(12, 3.5))),
    "both": SessionPlan((stand(2), walk(6, 1.2), run(6, 3.0), stand(7), walk(6, 1.5), stand(6))),
}


@cache
def session(name: str) -> SimulatedSession:
    return simulate(PLANS[name], ("pelvis",), IDEAL, rate=400.0)


def slowest_foot_point(name: str, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Speed (N,) m/s of the slowest of heel, ball and toe tip, and height (N,) m of the lowest."""
    pose = session(name).truth.pose
    joints = pose.joints()
    foot, toe = INDEX[f"{side}_foot"], INDEX[f"{side}_toe"]
    heel = pose.skeleton.heels[("right", "left").index(side)]
    places = [
        joints[foot] + qt.rotate(pose.orientations[foot], heel),
        joints[toe],
        end_positions(pose.skeleton, pose.orientations, joints)[toe],
    ]
    speed = [np.linalg.norm(np.gradient(p, pose.time, axis=0), axis=1) for p in places]
    return np.min(speed, axis=0), np.min([p[:, 2] for p in places], axis=0)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("name", PLANS)
def test_contacts_are_those_of_the_foot(name: str, side: str) -> None:
    """From initial contact to toe-off a point of the foot rests; just outside, all of it moves."""
    truth = session(name).truth
    speed, height = slowest_foot_point(name, side)
    steps, time = truth.steps[side], truth.pose.time
    assert len(steps.initial_contact) > 8
    for contact, toe_off in zip(steps.initial_contact, steps.toe_off, strict=True):
        if np.isnan(toe_off):
            continue
        stance = (time > contact + 0.005) & (time < toe_off - 0.005)
        assert speed[stance].max() < 0.05
        assert np.abs(height[stance]).max() < 1e-6
        assert np.interp(contact - 0.03, time, speed) > 0.05
        assert np.interp(toe_off + 0.04, time, speed) > 0.05


@pytest.mark.parametrize("name", ["walk", "run"])
def test_strides_fit_speed_and_cadence(name: str) -> None:
    """In steady gait stride length is speed × stride time, and cadence two steps per stride."""
    truth = session(name).truth
    for steps in truth.steps.values():
        length, time = steps.stride_length[-1], steps.stride_time[-1]
        assert length == pytest.approx(PLANS[name].phases[1].speed * time, abs=1e-3)
        assert truth.cadence[-1] == pytest.approx(120 / time, rel=1e-4)
    contacts = np.sort(np.concatenate([s.initial_contact for s in truth.steps.values()]))
    half = truth.steps["right"].stride_time[-1] / 2
    assert np.diff(contacts)[-4:] == pytest.approx(half, abs=1e-3)


def test_running_flies_and_walking_does_not() -> None:
    """A runner's stances take less than half the stride, a walker's more."""
    for name, low, high in (("walk", 0.55, 0.68), ("run", 0.25, 0.4)):
        steps = session(name).truth.steps["left"]
        stance = (steps.toe_off - steps.initial_contact)[-3]
        assert low < stance / steps.stride_time[-3] < high


def test_strides_do_not_bridge_a_stand() -> None:
    """No stride is counted from the last contact before a stand to the first one after it."""
    for steps in session("both").truth.steps.values():
        assert steps.stride_time.max() < 2.5
        assert len(steps.stride_time) < len(steps.initial_contact) - 1


def test_heart_and_pose_cover_the_session() -> None:
    """Pose, speed, cadence and heart rate share one time axis that spans the session."""
    made = simulate(running_session(20.0, 4.0), ("pelvis",), IDEAL)
    truth = made.truth
    assert len(truth.pose.time) == 2000
    for values in (truth.speed, truth.cadence, truth.heart_rate):
        assert values.shape == (2000,)
    assert truth.cadence[:500] == pytest.approx(0.0)
    assert truth.heart_rate[-1] > truth.heart_rate[600]

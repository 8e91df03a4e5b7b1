"""Heart rate, cadence and angles while they come."""

import numpy as np
import pytest
from live_replay import turns

from trackside.app.live_features import (
    HEART_PATIENCE,
    LiveAngle,
    LiveCadence,
    LiveHeart,
    angle_names,
    leg_cadence,
)
from trackside.app.live_sensor import LiveSensor
from trackside.errors import ParameterError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.gait import gait_features
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST
from trackside.recordings.model import HEART_RATE, RR_INTERVAL, Block, Channel, Kind, Stream
from trackside.recordings.placements import SEGMENTS
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import running_session, walking_session
from trackside.simulation.sensor_errors import IDEAL

STRAP = Stream("strap", Kind.HEART_RATE, (HEART_RATE,))
BEATS = Stream("strap_rr_interval", Kind.HEART_RATE, (RR_INTERVAL,))
POD = Stream("pod", Kind.RUNNING_SPEED, (Channel("cadence", "1/min"),))


def average(time: float, bpm: float) -> Block:
    return Block("strap", np.array([time]), {"heart_rate": np.array([[bpm]])})


@pytest.mark.parametrize("bpm", [48.0, 150.0, 190.0])
def test_beats_that_come_in_bursts_give_their_rate(bpm: float) -> None:
    """A strap sends the intervals of a second together; averages beside them do not count."""
    heart = LiveHeart([STRAP, BEATS])
    beats = np.arange(0.0, 40.0, 60.0 / bpm)
    for second in range(1, 40):
        new = beats[(beats > second - 1.0) & (beats <= second)]
        if len(new):
            intervals = np.full((len(new), 1), 60.0 / bpm)
            heart.add(
                Block(BEATS.name, np.full(len(new), float(second)), {"rr_interval": intervals})
            )
        heart.add(average(second + 0.01, 100.0))
    assert heart.rate(40.0) == pytest.approx(bpm, abs=2.0)


def test_averages_alone_are_a_heart_rate_until_they_end() -> None:
    """A watch without intervals is shown; 0 (no contact) is not, and neither is an old value."""
    heart = LiveHeart([STRAP])
    assert np.isnan(heart.rate(0.0))
    for second in range(20):
        heart.add(average(float(second), 140.0))
    heart.add(average(20.0, 0.0))
    assert heart.rate(20.0) == pytest.approx(140.0, abs=2.0)
    assert np.isnan(heart.rate(20.0 + HEART_PATIENCE))
    assert not LiveHeart([POD]).is_worn


@pytest.mark.parametrize("speed", [1.3, 3.5])
def test_a_leg_tells_the_cadence(speed: float) -> None:
    """Standing is 0; then it is the simulated athlete's, with one shank sensor."""
    plan = walking_session(16.0, speed) if speed < 2.0 else running_session(16.0, speed)
    session = simulate(plan, ("left_shank",), IDEAL, rate=60.0)
    leg = LiveSensor(session.imu("left_shank").stream)
    cadence = LiveCadence([], [leg])
    told = []
    for number, blocks in enumerate(turns([session.arrays()["left_shank"]], 0.0, 16.0, 0.5)):
        for block in blocks:
            leg.add(block)
        told.append(cadence.value(0.5 * (number + 1)))
    assert 0.0 in told[:10]
    assert told[-1] == pytest.approx(float(session.truth.cadence[-1]), rel=0.04)


def test_the_cadence_is_that_of_afterwards() -> None:
    """The last strides' of the whole recording, to the edge that the window makes."""
    session = simulate(running_session(16.0, 3.5), ("left_shank",), rate=60.0)
    imu = session.imu("left_shank")
    leg = LiveSensor(imu.stream)
    for blocks in turns([session.arrays()["left_shank"]], 0.0, 16.0, 0.5):
        for block in blocks:
            leg.add(block)
    afterwards = np.median(gait_features({"left_shank": imu}).cadence[-3:])
    assert leg_cadence(leg, leg.newest) == pytest.approx(float(afterwards), rel=0.002)


def test_a_foot_pod_tells_it_otherwise() -> None:
    """Strides are made steps; a pod that is silent tells nothing, nor does nobody."""
    cadence = LiveCadence([POD], [])
    assert np.isnan(cadence.value(0.0))
    cadence.add(Block("pod", np.array([1.0]), {"cadence": np.array([[84.0]])}))
    assert cadence.value(1.0) == 168.0
    assert np.isnan(cadence.value(60.0))


def test_an_angle_is_of_both_sides_and_only_where_it_is_seen() -> None:
    """A knee bent by 40° is shown as such; without a sensor on the shank it is not known."""
    pose = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1))
    bend = qt.about_axis([0.0, 0.0, 1.0], np.deg2rad(-40.0))
    pose[INDEX["left_shank"]] = qt.multiply(STANDING_FACING_EAST, bend)
    measured = np.ones(len(SEGMENTS), bool)
    measured[INDEX["right_shank"]] = False
    found = LiveAngle("knee_flexion").degrees(pose, measured)
    assert found["left_knee_flexion"] == pytest.approx(40.0)
    assert np.isnan(found["right_knee_flexion"])
    assert list(LiveAngle("pelvis_tilt").degrees(pose, measured)) == ["pelvis_tilt"]


def test_a_joint_tells_how_sure_it_is() -> None:
    """Both knees their own; where other joints lie between the two segments nobody says."""
    joint_sd = np.full(len(SEGMENTS), np.deg2rad(9.0))
    joint_sd[INDEX["left_shank"]] = np.deg2rad(2.0)
    found = LiveAngle("knee_flexion").deviations(joint_sd)
    assert found == {
        "left_knee_flexion": pytest.approx(2.0),
        "right_knee_flexion": pytest.approx(9.0),
    }
    assert np.isnan(LiveAngle("trunk_flexion").deviations(joint_sd)["trunk_flexion"])
    assert LiveAngle("pelvis_tilt").deviations(joint_sd) == {}


def test_every_angle_can_be_chosen_and_no_other() -> None:
    """All that are offered are computed; an unknown one is refused with those that there are."""
    pose = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1))
    measured = np.ones(len(SEGMENTS), bool)
    for name in angle_names():
        values = LiveAngle(name).degrees(pose, measured)
        assert values
        np.testing.assert_allclose(list(values.values()), 0.0, atol=1e-6)
    with pytest.raises(ParameterError, match="knee_flexion"):
        LiveAngle("knee")

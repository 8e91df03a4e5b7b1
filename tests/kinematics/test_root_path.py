"""The way of the pelvis: exact on a leg of wood, and true to the simulated athlete."""

from functools import cache

import numpy as np
import pytest

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.contacts import GRAVITY, sole_points
from trackside.kinematics.pose import Pose
from trackside.kinematics.root_path import RootPath, distance, root_path
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, skeleton_for
from trackside.kinematics.solver import solve_chain
from trackside.kinematics.treadmill import on_treadmill, running_speed
from trackside.recordings.placements import SEGMENTS, SIDES
from trackside.simulation.athlete import simulate
from trackside.simulation.course import Track
from trackside.simulation.plan import WALKING_SPEEDS, SessionPlan, run, stand, walk
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.session import SimulatedSession

RIGHT = np.array([0.0, 0.0, 1.0])
RIGHT_LEG = ("right_thigh", "right_shank", "right_foot")
LEGS = (*RIGHT_LEG, "left_thigh", "left_shank", "left_foot")
LOWER_BODY = ("pelvis", *LEGS)
FEET = ("right_foot", "left_foot")
STEADY = 11.0  # s; by then everybody is at speed


def at_rest(orientations: Floats, segments: tuple[str, ...]) -> BodyMotion:
    """Sensors in line with their segments that feel nothing but their weight."""
    sensors = orientations[[INDEX[segment] for segment in segments]]
    weight = qt.rotate(qt.conjugate(sensors), np.array([0.0, 0.0, GRAVITY]))
    frames = sensors.shape[1]
    measured = np.ones((len(segments), frames), bool)
    time = np.arange(frames) / 100
    return BodyMotion(time, segments, sensors, np.zeros_like(weight), weight, measured, measured)


def wooden(orientations: Floats) -> RootPath:
    mountings = np.tile(qt.IDENTITY, (len(LEGS), 1))
    return root_path(skeleton_for(1.8), orientations, at_rest(orientations, LEGS), mountings)


@cache
def session_at(speed: float, duration: float) -> SimulatedSession:
    """Six seconds of standing, then that speed on a 400 m track; ideal sensors."""
    move = walk if speed <= WALKING_SPEEDS[1] else run
    plan = SessionPlan((stand(6.0), move(duration - 6.0, speed)), Track())
    return simulate(plan, LOWER_BODY, IDEAL)


def worn(session: SimulatedSession, kit: tuple[str, ...]) -> BodyMotion:
    """What a kit sees, with the true orientations."""
    truth = session.truth
    imus = [session.imu(segment) for segment in kit]
    sensors = np.stack([truth.sensor_orientation(segment) for segment in kit])
    gyr, acc = (
        np.stack([np.asarray(getattr(imu, name)) for imu in imus]) for name in ("gyr", "acc")
    )
    measured = np.ones(sensors.shape[:2], bool)
    return BodyMotion(truth.pose.time, kit, sensors, gyr, acc, measured, measured)


def way_of(session: SimulatedSession, kit: tuple[str, ...], motion: BodyMotion) -> RootPath:
    """The way that a kit tells if its orientations are true and the chain fills the others."""
    truth = session.truth
    segments = np.stack([truth.pose.segment(segment) for segment in kit])
    whole, _ = solve_chain(kit, segments, motion.measured)
    mountings = np.stack([qt.conjugate(truth.mountings[s].orientation) for s in kit])
    return root_path(truth.pose.skeleton, whole, motion, mountings)


def distance_error(pose: Pose, path: Floats) -> float:
    """Relative error of the distance covered at speed."""
    steady = pose.time > STEADY
    true = distance(pose.time[steady], pose.root[steady])
    return distance(pose.time[steady], path[steady]) / true - 1.0


def test_standing_pelvis_is_a_leg_above_the_ground() -> None:
    """In the neutral pose the pelvis is as high as ankle, shank and thigh together."""
    standing = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 4, 1))
    way = wooden(standing)
    height = 1.8 * (0.039 + 0.246 + 0.245)
    np.testing.assert_allclose(way.path, np.tile([0, 0, height], (4, 1)))
    assert way.contacts.all()
    assert way.known.all()


def test_leg_swinging_back_in_stance_carries_the_body_forward() -> None:
    """A stiff right leg that turns back over its planted foot moves the pelvis as far forward."""
    skeleton = skeleton_for(1.8)
    angle = np.linspace(0.3, -0.3, 61)
    pose = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), len(angle), 1))
    leg = qt.multiply(STANDING_FACING_EAST, qt.about_axis(RIGHT, angle))
    for part in ("thigh", "shank"):
        pose[INDEX[f"right_{part}"]] = leg
    raised = qt.multiply(STANDING_FACING_EAST, qt.about_axis(RIGHT, np.full(len(angle), 1.2)))
    for part in ("thigh", "shank", "foot", "toe"):
        pose[INDEX[f"left_{part}"]] = raised
    motion = at_rest(pose, ("pelvis", *LEGS))
    way = root_path(skeleton, pose, motion, np.tile(qt.IDENTITY, (7, 1)))
    length = skeleton.length("right_thigh") + skeleton.length("right_shank")
    np.testing.assert_allclose(way.path[-1, 0] - way.path[0, 0], 2 * length * np.sin(0.3))
    joints = Pose(skeleton, motion.time, pose, way.path, np.ones(pose.shape[:2], bool)).joints()
    soles = sole_points(skeleton, pose, joints)
    assert abs(soles[..., 2].min()) < 1e-9
    heel = soles[0, 0]  # the foot stays level, so heel and ball rest alike
    np.testing.assert_allclose(heel, np.tile(heel[0], (len(angle), 1)), atol=1e-9)
    assert way.contacts.tolist() == [[True] * 61, [False] * 61]
    assert way.skates[0] == pytest.approx([0.0], abs=1e-9)


@pytest.mark.parametrize(("speed", "duration"), [(1.3, 40), (3.5, 40), (6.0, 30), (9.0, 60)])
def test_true_angles_give_the_true_way(speed: float, duration: float) -> None:
    """Distance to 0.3 %, height in step and flight to 2 cm, feet slip less than 2 cm."""
    session = session_at(speed, duration)
    pose = session.truth.pose
    way = way_of(session, LOWER_BODY, worn(session, LOWER_BODY))
    assert abs(distance_error(pose, way.path)) < 3e-3
    steady = (pose.time > STEADY) & (pose.time < pose.time[-1] - 0.5)
    assert np.abs(way.path[steady, 2] - pose.root[steady, 2]).max() < 0.02
    for skates in way.skates:
        assert len(skates) > duration / 2
        assert skates.max() < 0.02


def test_lap_of_a_sprinter_closes() -> None:
    """After 400 m at 9 m/s the pelvis is back within half a metre."""
    session = session_at(9.0, 60)
    truth = session.truth
    path = way_of(session, LOWER_BODY, worn(session, LOWER_BODY)).path
    along = np.cumsum(truth.speed) / truth.pose.rate
    start, end = np.searchsorted(along, along[-1] - np.array([400.0, 0.0]))
    true = truth.pose.root[end - 1] - truth.pose.root[start]
    assert np.hypot(*true[:2]) < 0.5  # it is a lap
    np.testing.assert_allclose(path[end - 1] - path[start], true, atol=0.5)


@pytest.mark.parametrize("speed", [1.3, 3.5, 6.0])
def test_contacts_are_those_of_the_feet(speed: float) -> None:
    """Of the time at speed, 95 % is told rightly for each foot."""
    session = session_at(speed, 40 if speed < 6 else 30)
    time = session.truth.pose.time
    way = way_of(session, LOWER_BODY, worn(session, LOWER_BODY))
    for foot, side in enumerate(SIDES):
        steps, true = session.truth.steps[side], np.zeros(len(time), bool)
        for contact, off in zip(steps.initial_contact, steps.toe_off, strict=True):
            true |= (time >= contact) & ~(time >= off)
        steady = time > STEADY
        assert np.mean(way.contacts[foot, steady] == true[steady]) > 0.95


@pytest.mark.parametrize(
    ("kit", "speed", "tolerance"),
    [
        (("pelvis", *RIGHT_LEG), 3.5, 0.03),
        (LEGS, 3.5, 0.05),
        (RIGHT_LEG, 3.5, 0.05),
        (LEGS, 1.3, 0.08),
        (("pelvis", "right_thigh", "left_thigh"), 1.3, 0.3),
        (("right_shank", "left_shank"), 1.3, 0.3),
        (FEET, 1.3, 0.05),
        (("left_foot",), 1.3, 0.05),
    ],
)
def test_fewer_sensors_tell_the_way_too(
    kit: tuple[str, ...], speed: float, tolerance: float
) -> None:
    """Without trunk, on one leg, and of walking feet alone the distance is still known."""
    session = session_at(speed, 40)
    way = way_of(session, kit, worn(session, kit))
    assert way.known.all()
    assert abs(distance_error(session.truth.pose, way.path)) < tolerance
    for foot, side in enumerate(SIDES):
        sensors = any(name.startswith(side) for name in kit)
        assert way.contacts[foot].any() == sensors


def test_sprinting_feet_alone_do_not_fly_away() -> None:
    """Feet that never rest tell no way: that is said, and the pelvis stands."""
    session = session_at(6.0, 30)
    way = way_of(session, FEET, worn(session, FEET))
    steady = session.truth.pose.time > STEADY
    assert not way.known[steady].any()
    assert not way.contacts[:, steady].any()
    assert np.ptp(way.path[steady, :2], axis=0).max() == 0.0


def test_pelvis_alone_stays_where_it_is() -> None:
    """Without a sensor on a leg nobody knows the way."""
    session = session_at(3.5, 40)
    way = way_of(session, ("pelvis",), worn(session, ("pelvis",)))
    assert not way.known.any()
    assert not way.contacts.any()
    assert not way.path[:, :2].any()


def test_silent_sensors_leave_the_rest_to_the_others() -> None:
    """Five seconds without the pelvis, then five without a leg: the way stays right to 3 %."""
    session = session_at(3.5, 40)
    motion, time = worn(session, LOWER_BODY), session.truth.pose.time
    motion.measured[0, (time > 15) & (time < 20)] = False
    silent = (time > 25) & (time < 30)
    motion.measured[1:4, silent] = False
    way = way_of(session, LOWER_BODY, motion)
    assert not way.contacts[0, silent].any()
    assert way.contacts[1, silent].any()
    assert abs(distance_error(session.truth.pose, way.path)) < 0.03


def test_treadmill_takes_the_way_out_from_under_the_athlete() -> None:
    """The body stays over its place, the belt runs as fast as the athlete would."""
    session = session_at(3.5, 40)
    truth, time = session.truth, session.truth.pose.time
    way = way_of(session, LOWER_BODY, worn(session, LOWER_BODY))
    in_place, belt = on_treadmill(time, way.path)
    assert np.abs(in_place[:, :2]).max() < 0.5
    np.testing.assert_array_equal(in_place[:, 2], way.path[:, 2])
    steady = (time > STEADY) & (time < time[-1] - 4.0)
    np.testing.assert_allclose(belt[steady], truth.speed[steady], rtol=0.03)
    assert running_speed(belt) == pytest.approx(3.5, rel=0.01)
    assert belt[time < 3.0].max() < 0.1


def test_belt_that_never_runs_has_no_speed() -> None:
    """Standing on a treadmill gives no speed rather than a small one."""
    assert np.isnan(running_speed(np.full(10, 0.05)))

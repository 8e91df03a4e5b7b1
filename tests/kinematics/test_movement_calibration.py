"""Calibration by walking and running alone, against the simulated athlete's true mountings."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sensor_motions import simulated_motion

from trackside.app.tracks import filtered_track
from trackside.arrays import Floats
from trackside.errors import CalibrationError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion, on_common_clock
from trackside.kinematics.facing import Facing
from trackside.kinematics.movement_calibration import (
    POSE_SD,
    MovementCalibration,
    calibrate_by_movement,
    refined,
    straight_ahead,
)
from trackside.simulation.athlete import simulate
from trackside.simulation.course import Track
from trackside.simulation.kits import KITS
from trackside.simulation.plan import SessionPlan, run, stand, walk

FULL = KITS["full-17"]
LEGS = ("pelvis", *(name for name in FULL if name.endswith(("thigh", "shank", "foot"))))


@cache
def going(speed: float) -> tuple[BodyMotion, Floats]:
    """What realistic sensors see without a pose, and their true mountings (S, 4)."""
    gait, kit = (walk(22.0, speed), FULL) if speed < 2 else (run(22.0, speed), LEGS)
    session = simulate(SessionPlan((stand(0.5), gait)), kit, seed=17)
    motion = on_common_clock([filtered_track(name, session.imu(name))[0] for name in kit], 100.0)
    mountings = session.truth.mountings
    return motion, qt.conjugate(np.stack([mountings[n].orientation for n in motion.segments]))


def some(motion: BodyMotion, true: Floats, kit: tuple[str, ...]) -> tuple[BodyMotion, Floats]:
    kept = [i for i, name in enumerate(motion.segments) if name in kit]
    return motion.of(kept), true[kept]


def errors(found: Floats, true: Floats) -> Floats:
    """Turns (S, 3) rad about the segments' axes from the mountings found to the true ones."""
    return qt.to_rotation_vector(qt.multiply(qt.conjugate(found), true))


@pytest.mark.parametrize(("speed", "limit"), [(1.3, 3.0), (3.0, 8.0)])
def test_legs_and_pelvis_are_found(speed: float, limit: float) -> None:
    """Sensors in random orientations on the lower body, to degrees, without any pose."""
    motion, true = some(*going(speed), LEGS)
    found = calibrate_by_movement(motion, False)
    off = np.rad2deg(np.linalg.norm(errors(found.mountings, true), axis=1))
    assert off.max() < limit, dict(zip(motion.segments, off, strict=True))


def test_it_knows_how_sure_it_is() -> None:
    """Walking with 17 sensors, no error is thrice what was told, and arms are told to be vague."""
    motion, true = going(1.3)
    found = calibrate_by_movement(motion, False)
    assert (np.abs(errors(found.mountings, true)) < 3 * found.sd).all()
    thigh, forearm = (motion.segments.index(f"left_{part}") for part in ("thigh", "forearm"))
    assert np.linalg.norm(found.sd[thigh]) < np.deg2rad(8)
    assert np.linalg.norm(found.sd[forearm]) > np.deg2rad(15)


@pytest.mark.parametrize("speed", [1.3, 3.0])
@pytest.mark.parametrize(
    "kit",
    [
        ("right_thigh", "right_shank"),
        ("left_shank",),
        ("right_foot", "left_foot"),
        ("pelvis", "left_thigh", "left_shank"),
    ],
)
def test_few_sensors_still_know_forward(speed: float, kit: tuple[str, ...]) -> None:
    """No kit with a shank or a foot takes backward for forward, and all stay within 15°."""
    motion, true = some(*going(speed), kit)
    found = calibrate_by_movement(motion, False)
    off = np.rad2deg(np.linalg.norm(errors(found.mountings, true), axis=1))
    assert off.max() < 15.0


@pytest.mark.parametrize("kit", [("pelvis",), ("pelvis", "right_shank"), ("right_thigh",)])
def test_what_shows_no_forward_is_said(kit: tuple[str, ...]) -> None:
    """A trunk, or a thigh alone, cannot be calibrated by movement, and the way out is named."""
    motion, _ = some(*going(1.3), kit)
    with pytest.raises(CalibrationError, match="--by pose"):
        calibrate_by_movement(motion, False)


def test_standing_is_no_movement() -> None:
    """Who stands about is told that nobody walks."""
    motion = simulated_motion(SessionPlan((stand(12.0),)), ("pelvis", "right_shank"), 3)
    with pytest.raises(CalibrationError, match="nobody walks or runs"):
        calibrate_by_movement(motion, False)


def test_the_straight_is_taken() -> None:
    """On a track the stretch in which all face forward lies on a straight, not in a bend."""
    plan = SessionPlan((stand(1.0), run(35.0, 5.0)), Track())
    motion = simulated_motion(plan, ("pelvis", "right_shank"), 5)
    _, (start, end) = straight_ahead(motion, np.zeros(len(motion.time), bool))
    turn = motion.orientations[0, [int(100 * start), int(100 * end)]]
    yaw = 2 * np.arctan2(*qt.multiply(turn[1], qt.conjugate(turn[0]))[[3, 0]])
    assert abs(np.rad2deg(yaw)) < 15.0


def test_a_careless_pose_is_mended() -> None:
    """A leg turned out by 25° in the pose comes out within 10°; one held well is hardly moved."""
    motion, true = some(*going(1.3), LEGS)
    movement = calibrate_by_movement(motion, False)
    shank = motion.segments.index("right_shank")
    pose = true.copy()
    pose[shank] = qt.multiply(true[shank], qt.about_axis(np.array([0.0, 1.0, 0.0]), 0.44))
    both, sd = refined(pose, movement)
    off = np.rad2deg(np.linalg.norm(errors(both, true), axis=1))
    assert off[shank] < 10.0
    assert np.delete(off, shank).max() < 2.5
    assert (sd < movement.sd).all()


@given(
    st.tuples(*[st.floats(-0.3, 0.3)] * 3),
    st.tuples(*[st.floats(0.005, 0.5)] * 3),
)
def test_refining_lies_between_both(
    apart: tuple[float, float, float], sd: tuple[float, float, float]
) -> None:
    """The refined mounting lies between pose and movement, nearer to the surer one."""
    pose = qt.normalized(np.array([[0.5, -0.2, 0.7, 0.1]]))
    other = qt.multiply(pose, qt.from_rotation_vector(np.array(apart)))
    none = Facing(np.zeros(1), np.zeros((1, 2)), np.eye(1), ())
    movement = MovementCalibration(other, np.array([sd]), (0.0, 1.0), none)
    both, told = refined(pose, movement)
    moved = qt.to_rotation_vector(qt.multiply(qt.conjugate(pose), both))[0]
    share = POSE_SD**2 / (POSE_SD**2 + np.array(sd) ** 2)
    np.testing.assert_allclose(moved, share * np.array(apart), atol=1e-9)
    assert (told <= np.minimum(sd, POSE_SD) + 1e-12).all()

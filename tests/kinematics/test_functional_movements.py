"""Squats and movements of the arms: found where they are done, and nowhere else; and their use."""

from functools import cache

import numpy as np
import pytest

from trackside.app.sensor_reports import movements_shown
from trackside.app.tracks import filtered_track
from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion, on_common_clock
from trackside.kinematics.functional_movements import FunctionalMovements, functional_movements
from trackside.kinematics.movement_calibration import calibrate_by_movement
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import (
    Activity,
    Phase,
    SessionPlan,
    jump,
    run,
    stand,
    walk,
)
from trackside.simulation.plan import functional_movements as shown_movements

ARMS = tuple(f"right_{part}" for part in ("upper_arm", "forearm", "hand"))
LEG = ("right_thigh", "right_shank", "right_foot")
KIT = ("pelvis", "t8", *ARMS, *LEG)
EACH, BEFORE = 6.0, 3.0  # s


@cache
def shown() -> tuple[BodyMotion, Floats]:
    """Realistic sensors of somebody who shows everything and runs; their true mountings (S, 4)."""
    plan = SessionPlan((stand(BEFORE), *shown_movements(EACH), stand(2.0), run(16.0, 4.0)))
    session = simulate(plan, KIT, seed=5)
    motion = on_common_clock([filtered_track(name, session.imu(name))[0] for name in KIT], 100.0)
    mountings = session.truth.mountings
    return motion, qt.conjugate(np.stack([mountings[n].orientation for n in motion.segments]))


def masks(found: FunctionalMovements) -> list[np.ndarray]:
    arm = found.arms["right"]
    return [found.squats, arm.swings, arm.bends, arm.turns]


def test_each_movement_is_found_when_it_is_done() -> None:
    """Squats, swings, bends and turns of the palm: most of each, and hardly any of another."""
    motion, _ = shown()
    for number, mask in enumerate(masks(functional_movements(motion))):
        began = BEFORE + number * EACH
        inside = (motion.time > began) & (motion.time < began + EACH + 1.5)
        assert mask[inside].mean() > 0.6
        assert not mask[~inside].any()


@pytest.mark.parametrize(
    "phases",
    [
        (walk(16.0, 0.9), stand(4.0), run(12.0, 2.2)),
        (jump(10.0), stand(2.0), Phase(Activity.SIT_POSE, 8.0)),
    ],
)
def test_what_is_none_of_them_is_not_taken(phases: tuple[Phase, ...]) -> None:
    """Neither slow walking nor running nor jumps nor sitting down pass for any of them."""
    session = simulate(SessionPlan((stand(2.0), *phases)), KIT, seed=5)
    tracks = [filtered_track(name, session.imu(name))[0] for name in KIT]
    motion = on_common_clock(tracks, 100.0)
    assert not functional_movements(motion).moments.any()
    no_leg = [i for i, name in enumerate(motion.segments) if name not in LEG]
    assert not functional_movements(motion.of(no_leg)).moments.any()


def test_they_are_named() -> None:
    """The report says what was found, and on which side if on one only."""
    motion, _ = shown()
    arm = [f"{name} (right)" for name in ("arm swings", "elbow bends", "turns of the palm")]
    assert movements_shown(motion) == ["squats", *arm]
    assert movements_shown(motion.until(BEFORE)) == []


def test_one_sensor_shows_nothing() -> None:
    """Kits in which nothing can be told apart are no error."""
    motion, _ = shown()
    for kept in ([0], [motion.segments.index("right_forearm")]):
        assert not functional_movements(motion.of(kept)).moments.any()


def test_arms_and_legs_are_calibrated_by_them() -> None:
    """Running alone leaves forearm and hand 20° off; what was shown brings all within 6°."""
    motion, true = shown()
    whole = calibrate_by_movement(motion, False)
    running = calibrate_by_movement(motion.between(BEFORE + 4.0 * EACH + 1.5, np.inf), False)
    off = [np.rad2deg(qt.angle_between(found.mountings, true)) for found in (whole, running)]
    assert off[0].max() < 6.0, dict(zip(motion.segments, off[0], strict=True))
    arm = [motion.segments.index(name) for name in ("right_forearm", "right_hand")]
    assert off[1][arm].max() > 15.0
    assert (whole.sd < 1.01 * running.sd).all()
    errors = qt.to_rotation_vector(qt.multiply(qt.conjugate(whole.mountings), true))
    assert (np.abs(errors) < 3.0 * whole.sd).all()

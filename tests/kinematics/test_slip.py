"""Slipped sensors, on the simulated athlete."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_motions import simulated_motion, turned

from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.signature import signatures, steadiest, turns_from
from trackside.kinematics.slip import check_slips
from trackside.simulation.plan import SessionPlan, run, stand, walk

KIT = ("pelvis", "right_thigh", "right_shank", "left_forearm")


@pytest.fixture(scope="module")
def motion() -> BodyMotion:
    """Four sensors of an athlete who walks, then runs."""
    plan = SessionPlan((stand(5.0), walk(25.0, 1.5), run(30.0, 3.4)))
    return simulated_motion(plan, KIT, seed=81)


def test_a_change_of_pace_is_no_slip(motion: BodyMotion) -> None:
    """Nothing is reported of sensors that hold, though the athlete goes from walking to running."""
    check = check_slips(motion)
    assert check.slips == ()
    assert check.unchecked == ()


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(KIT),
    st.floats(14.0, 21.0) | st.floats(42.0, 52.0),
    st.floats(0.3, 1.2),
    st.integers(0, 10**6),
)
def test_a_slip_is_found_with_its_time_and_turn(
    motion: BodyMotion, segment: str, time: float, angle: float, seed: int
) -> None:
    """Which sensor, when to two seconds, and by how much to three degrees, about any axis."""
    axis = np.random.default_rng(seed).standard_normal(3)
    turn = angle * axis / np.linalg.norm(axis)
    slips = check_slips(turned(motion, segment, turn, since=time)).slips
    assert [slip.segment for slip in slips] == [segment]
    assert slips[0].time == pytest.approx(time, abs=2.0)
    np.testing.assert_allclose(slips[0].turn, turn, atol=np.deg2rad(3.0))


def test_small_turns_are_not_reported(motion: BodyMotion) -> None:
    """A few degrees may be the athlete's own."""
    turn = np.array([0.0, np.deg2rad(5.0), 0.0])
    assert check_slips(turned(motion, "right_thigh", turn, since=45.0)).slips == ()


def test_what_sensors_share_is_the_athletes(motion: BodyMotion) -> None:
    """Sensors that turn at the same time did not slip."""
    turn = np.array([0.5, 0.0, 0.0])
    both = turned(turned(motion, "pelvis", turn, 45.0), "right_thigh", turn, 45.0)
    assert check_slips(both).slips == ()


def test_nothing_can_be_said_of_who_stands() -> None:
    """Sensors of somebody who stands still are called unchecked."""
    still = simulated_motion(SessionPlan((stand(15.0),)), KIT[:2], seed=82)
    assert check_slips(still).unchecked == still.segments


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 1.4))
def test_signatures_turn_with_the_sensor(motion: BodyMotion, seed: int, angle: float) -> None:
    """A sensor that is turned has the turned signature, and the turn is found from it."""
    axis = np.random.default_rng(seed).standard_normal(3)
    turn = angle * axis / np.linalg.norm(axis)
    late = turned(motion, "right_shank", turn, since=45.0).until(60.0)
    i = KIT.index("right_shank")
    own = signatures(late.time, late.gyr[i], late.acc[i], late.measured[i])
    run_only = own.only(own.time > 36.0)
    early = run_only.only(run_only.time < 43.0)
    reference = int(np.flatnonzero(run_only.time == early.time[steadiest(early)])[0])
    found, left = turns_from(run_only, reference)
    after = run_only.time > 47.0
    np.testing.assert_allclose(np.median(found[after], axis=0), -turn, atol=np.deg2rad(2.0))
    assert np.median(left[after]) < 2.0

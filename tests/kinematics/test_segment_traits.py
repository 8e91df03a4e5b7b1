"""What sensors show of their segments by themselves, on the simulated athlete."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_motions import simulated_motion, turned

from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.segment_traits import level_costs, segment_traits, swing_cost
from trackside.kinematics.standing import find_standing
from trackside.simulation.plan import SessionPlan, run, stand, walk

KIT = ("pelvis", "right_forearm", "right_thigh", "right_foot", "left_forearm", "left_thigh")
PLANS = {
    "walk": SessionPlan((stand(5.0), walk(15.0, 1.4))),
    "run": SessionPlan((stand(5.0), run(15.0, 3.5))),
}


@pytest.fixture(scope="module", params=sorted(PLANS))
def motion(request: pytest.FixtureRequest) -> BodyMotion:
    """Six sensors of an athlete who walks or runs."""
    found = simulated_motion(PLANS[request.param], KIT, seed=91)
    assert found.segments == KIT
    return found


def test_trunk_arm_and_leg_are_told_apart(motion: BodyMotion) -> None:
    """A sensor on a pelvis, a forearm or a foot fits least badly where it is."""
    traits = segment_traits(motion, find_standing(motion))
    assert traits is not None
    kinds = [KIT.index(segment) for segment in ("pelvis", "right_forearm", "right_foot")]
    costs = level_costs(traits, KIT)[np.ix_(kinds, kinds)]
    assert np.argmin(costs, axis=0).tolist() == [0, 1, 2]


def test_left_and_right_swing_half_a_stride_apart(motion: BodyMotion) -> None:
    """Any two limbs of one kind exchanged suit the stride far worse."""
    traits = segment_traits(motion, find_standing(motion))
    assert traits is not None
    right = swing_cost(traits, KIT, np.arange(len(KIT)))
    for order in ([0, 4, 2, 3, 1, 5], [0, 1, 5, 3, 4, 2]):
        assert swing_cost(traits, KIT, np.array(order)) > right + 6.0


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6))
def test_traits_do_not_depend_on_the_mounting(motion: BodyMotion, seed: int) -> None:
    """However sensors are turned on their segments, they show the same."""
    rng = np.random.default_rng(seed)
    other = motion
    for segment in KIT:
        other = turned(other, segment, rng.uniform(-1.8, 1.8, 3))
    stood = find_standing(motion)
    own, same = segment_traits(motion, stood), segment_traits(other, stood)
    assert own is not None
    assert same is not None
    np.testing.assert_allclose(same.levels, own.levels, atol=1e-6)
    turn = np.vdot(own.swing, same.swing)  # the main swing's own sign and phase are free
    np.testing.assert_allclose(same.swing, own.swing * turn / abs(turn), atol=1e-6)


def test_who_does_not_move_shows_nothing() -> None:
    """Standing has no traits."""
    still = simulated_motion(SessionPlan((stand(10.0),)), ("pelvis", "right_thigh"), seed=73)
    assert segment_traits(still, None) is None

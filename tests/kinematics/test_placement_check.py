"""Which sensor sits where, on the simulated athlete whose sensors are exchanged on purpose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_motions import exchanged, simulated_motion, turned

from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.placement_check import check_placement, links_between
from trackside.simulation.kits import KITS
from trackside.simulation.plan import SessionPlan, run, stand, walking_session

ARMS = ("right_upper_arm", "right_forearm", "left_upper_arm", "left_forearm")
LEGS = tuple((f"right_{part}", f"left_{part}") for part in ("thigh", "shank", "foot"))


@pytest.fixture(scope="module")
def motion() -> BodyMotion:
    """Twelve sensors of an athlete who runs for half a minute."""
    return simulated_motion(
        SessionPlan((stand(5.0), run(30.0, 3.2))), (*KITS["lower-body-8"], *ARMS), seed=71
    )


def test_sensors_in_their_places_raise_no_alarm(motion: BodyMotion) -> None:
    """Nothing is reported of a kit as it should be, and every sensor is checked."""
    check = check_placement(motion)
    assert check.misplaced == ()
    assert check.checked == motion.segments
    assert check.unchecked == ()


@pytest.mark.parametrize(
    "pairs",
    [
        (("right_thigh", "left_thigh"),),
        LEGS,
        (("right_forearm", "left_forearm"),),
        (("left_thigh", "left_shank"),),
        (("right_foot", "left_forearm"),),
        (("pelvis", "t8"),),
        (("right_shank", "left_shank"), ("right_upper_arm", "t8")),
    ],
)
def test_exchanged_sensors_are_named(
    motion: BodyMotion, pairs: tuple[tuple[str, str], ...]
) -> None:
    """Exactly those sensors are named, each with the segment on which it really sits."""
    found = {
        (sensor.segment, sensor.really)
        for sensor in check_placement(exchanged(motion, pairs)).misplaced
    }
    assert found == {(a, b) for pair in pairs for a, b in (pair, pair[::-1])}


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6))
def test_any_mounting_gives_the_same_answer(motion: BodyMotion, seed: int) -> None:
    """However sensors are turned on their segments, a swapped pair is found and nothing else."""
    rng = np.random.default_rng(seed)
    other = exchanged(motion, (("right_shank", "left_shank"),))
    for segment in motion.segments:
        other = turned(other, segment, rng.uniform(-1.8, 1.8, 3))
    found = {(sensor.segment, sensor.really) for sensor in check_placement(other).misplaced}
    assert found == {("right_shank", "left_shank"), ("left_shank", "right_shank")}


def test_what_cannot_be_checked_is_said() -> None:
    """Sensors without a neighbour, or of somebody who only stands, are called unchecked."""
    apart = simulated_motion(walking_session(15.0), ("head", "right_foot", "left_hand"), seed=72)
    assert check_placement(apart).unchecked == apart.segments
    still = simulated_motion(SessionPlan((stand(10.0),)), ("pelvis", "right_thigh"), seed=73)
    assert check_placement(still).unchecked == still.segments


def test_the_trunk_bends_but_limbs_do_not() -> None:
    """Sensors far apart on the trunk are neighbours; foot and thigh without the shank are not."""
    links = links_between(("pelvis", "head", "right_thigh", "right_foot"))
    assert {(link.parent, link.child) for link in links} == {
        ("pelvis", "head"),
        ("pelvis", "right_thigh"),
    }

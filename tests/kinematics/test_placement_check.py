"""Which sensor sits where, on the simulated athlete whose sensors are exchanged on purpose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_motions import exchanged, simulated_motion, turned

from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.placement_check import check_placement
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


@pytest.mark.parametrize(
    "pair", [("right_foot", "left_foot"), ("right_hand", "left_hand"), ("left_hand", "left_foot")]
)
def test_sensors_without_neighbours_are_told_by_themselves(pair: tuple[str, str]) -> None:
    """Feet and hands far from every other sensor are found exchanged by when and how they swing."""
    kit = ("head", "right_hand", "left_hand", "right_thigh", "right_foot", "left_foot")
    apart = simulated_motion(SessionPlan((stand(5.0), run(20.0, 3.2))), kit, seed=74)
    assert check_placement(apart).misplaced == ()
    found = check_placement(exchanged(apart, (pair,))).misplaced
    assert {(sensor.segment, sensor.really) for sensor in found} == {pair, pair[::-1]}


def test_what_cannot_be_checked_is_said() -> None:
    """Two feet that nothing tells apart, and sensors of who only stands, are called unchecked."""
    apart = simulated_motion(walking_session(15.0), ("head", "right_foot", "left_foot"), seed=72)
    for motion in (apart, exchanged(apart, (("right_foot", "left_foot"),))):
        check = check_placement(motion)
        assert check.misplaced == ()
        assert check.unchecked == ("right_foot", "left_foot")
        assert check.checked == ("head",)
    still = simulated_motion(SessionPlan((stand(10.0),)), ("pelvis", "right_thigh"), seed=73)
    assert check_placement(still).unchecked == still.segments

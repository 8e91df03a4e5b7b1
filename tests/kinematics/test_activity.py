"""What the athlete does is recognised from one sensor, wherever it is worn."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from trackside.errors import SignalError
from trackside.kinematics.activity import (
    ACTIVITIES,
    Activity,
    Labels,
    Recognised,
    recognised_activities,
)
from trackside.recordings.model import Imu
from trackside.simulation.athlete import simulate
from trackside.simulation.course import Track
from trackside.simulation.plan import SessionPlan, jump, lie, run, sit, stand, walk
from trackside.simulation.session import SimulatedSession

PLANS = {
    "all": SessionPlan(
        (
            stand(6),
            sit(12),
            stand(5),
            walk(16, 1.3),
            stand(5),
            jump(7.5),
            stand(4),
            run(18, 3.2),
            stand(6),
            lie(14),
            stand(6),
            run(18, 8.5),
            stand(10),
        )
    ),
    "turns": SessionPlan((stand(5), walk(36, 1.3), stand(5)), Track(12.0, 0.8, 0.8)),
}
PLACES = ("right_foot", "left_shank", "right_thigh", "pelvis", "t8", "head", "left_forearm")
NEAR = 1.0  # s around a change in which either is right


@cache
def session(name: str) -> SimulatedSession:
    return simulate(PLANS[name], PLACES, seed=5)


def compared(name: str, place: str) -> tuple[Labels, Labels]:
    """What was done and what was recognised, away from changes."""
    truth, found = session(name).truth, recognised_activities(session(name).imu(place))
    time, labels = truth.pose.time, truth.activities
    changes = time[1:][labels[1:] != labels[:-1]]
    moments = found.time[np.abs(found.time[:, None] - changes).min(axis=1) > NEAR]
    return labels[np.clip(np.searchsorted(time, moments), 0, len(time) - 1)], found.at(moments)


@pytest.mark.parametrize("place", PLACES)
def test_gaits_and_jumps_from_any_place(place: str) -> None:
    """Walking, running, sprinting, jumping and standing are told apart by every sensor."""
    true, said = compared("all", place)
    for activity in ("walking", "running", "sprinting", "jumping", "standing"):
        share = np.mean(said[true == activity] == activity)
        assert share > 0.85, activity


@pytest.mark.parametrize("place", ["right_thigh", "pelvis"])
def test_rest_from_where_posture_shows(place: str) -> None:
    """Sitting and lying are rest for a sensor that leans then."""
    true, said = compared("all", place)
    assert np.mean(said[true == "resting"] == "resting") > 0.9


def test_a_seat_is_not_seen_from_the_chest() -> None:
    """An upright trunk sits as it stands: the chest calls it standing, and is less sure of it."""
    spans = recognised_activities(session("all").imu("t8")).spans()
    (lying,) = (span for span in spans if span.activity is Activity.RESTING)
    start = 79.5
    assert start < lying.start < lying.end < start + 14.0 + 3.0
    assert spans[0].activity is Activity.STANDING
    assert spans[0].confidence < 0.9


@pytest.mark.parametrize("place", PLACES)
def test_turns_while_walking(place: str) -> None:
    """Turns of half a circle are found, and the straight walk between them is none."""
    true, said = compared("turns", place)
    assert np.mean(said[true == "walking"] == "walking") > 0.9
    found = recognised_activities(session("turns").imu(place)).spans()
    truth = session("turns").truth.activities
    turns = np.count_nonzero((truth[1:] == "turning") & (truth[:-1] != "turning"))
    assert sum(span.activity is Activity.TURNING for span in found) == turns


def test_the_mounting_does_not_matter() -> None:
    """A sensor strapped on another way round tells the same."""
    imu = session("all").imu("right_thigh")
    assert imu.gyr is not None
    turned = replace(imu, gyr=imu.gyr[:, [1, 2, 0]].copy(), acc=imu.acc[:, [1, 2, 0]].copy())
    one, other = recognised_activities(imu), recognised_activities(turned)
    assert np.mean(one.chosen == other.chosen) > 0.99


def test_a_gap_is_nobodys_activity() -> None:
    """Where ten minutes are missing nothing is claimed, and both sides are as without the gap."""
    imu = session("all").imu("pelvis")
    late = imu.time > 50.0
    apart = replace(imu, time=imu.time + np.where(late, 600.0, 0.0))
    whole, found = recognised_activities(imu), recognised_activities(apart)
    assert set(found.at(np.arange(60.0, 640.0))) == {None}
    assert found.at(np.array([30.0, 685.0])).tolist() == whole.at(np.array([30.0, 85.0])).tolist()
    spans = found.spans()
    assert not any(span.start < 300.0 < span.end for span in spans)


def test_probabilities_are_such() -> None:
    """They are not negative and add up to one; spans follow one another."""
    found: Recognised = recognised_activities(session("all").imu("pelvis"))
    assert found.probabilities.shape == (len(found.time), len(ACTIVITIES))
    assert (found.probabilities >= 0.0).all()
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, atol=1e-9)
    spans = found.spans()
    assert [a.end for a in spans[:-1]] == [b.start for b in spans[1:]]
    assert spans[0].start == found.start
    assert spans[-1].end == found.end


def spoiled(imu: Imu, what: str) -> Imu:
    if what == "no gyroscope":
        return replace(imu, gyr=None)
    if what == "constant":
        return replace(imu, gyr=np.zeros_like(imu.acc))
    if what == "gravity":
        return replace(imu, acc=np.zeros_like(imu.acc))
    return replace(imu, time=imu.time[:200], gyr=imu.acc[:200], acc=imu.acc[:200])


@pytest.mark.parametrize("what", ["no gyroscope", "constant", "gravity", "less than"])
def test_sensors_that_do_not_work(what: str) -> None:
    """What is wrong is said, with the sensor's place."""
    with pytest.raises(SignalError, match=f"pelvis.*{what}"):
        recognised_activities(spoiled(session("all").imu("pelvis"), what))

"""Sensors of the simulated athlete that slip."""

import numpy as np
import pytest

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.kinematics import quaternions as qt
from trackside.recordings.model import GYROSCOPE
from trackside.simulation.athlete import simulate
from trackside.simulation.plan import walking_session
from trackside.simulation.sensor_errors import IDEAL
from trackside.simulation.session import SimulatedSession
from trackside.simulation.slips import Slip

KIT = ("right_thigh", "right_shank")


def rates(session: SimulatedSession) -> Floats:
    return np.asarray(session.arrays()["right_thigh"].values[GYROSCOPE.name], float)


def test_only_the_slipped_sensor_turns_and_stays_so() -> None:
    """Before the slip nothing differs; after it all is seen from the turned sensor."""
    turn = np.array([0.2, -0.3, 0.4])
    plan = walking_session(14.0)
    held = simulate(plan, KIT, IDEAL)
    slipped = simulate(plan, KIT, IDEAL, slips=[Slip("right_shank", 9.0, turn)])
    before, after = held.imu("right_shank"), slipped.imu("right_shank")
    early, late = before.time < 8.9, before.time > 9.5
    np.testing.assert_array_equal(after.acc[early], before.acc[early])
    seen = qt.rotate(qt.from_rotation_vector(-turn), before.acc[late])
    np.testing.assert_allclose(after.acc[late], seen, atol=1e-9)
    np.testing.assert_array_equal(slipped.imu("right_thigh").acc, held.imu("right_thigh").acc)


def test_the_gyroscope_feels_the_slip() -> None:
    """Its rates beyond the body's own add up to the turn."""
    turn = np.array([0.0, 0.0, 0.6])
    plan = walking_session(14.0)
    slips = [Slip("right_thigh", 3.0, turn)]
    held, slipped = (simulate(plan, KIT[:1], IDEAL, slips=each) for each in ((), slips))
    standing = held.imu("right_thigh").time < 5.0
    more = (rates(slipped) - rates(held))[standing]
    np.testing.assert_allclose(more.sum(axis=0) / 100.0, turn, atol=2e-3)


def test_a_slip_takes_time() -> None:
    """A slip that takes no time cannot be."""
    with pytest.raises(ParameterError, match="more than 0 s"):
        Slip("right_shank", 9.0, np.zeros(3), duration=0.0)

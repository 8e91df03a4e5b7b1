"""Sensors with different rates, lengths and gaps on one clock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import SensorTrack, on_common_clock

RATE = np.array([0.4, -0.3, 0.8])  # rad/s


def turning(segment: str, time: Floats, *, gyr: bool = True) -> SensorTrack:
    """A sensor that turns steadily."""
    orientations = qt.from_rotation_vector(time[:, None] * RATE)
    rates = np.tile(RATE, (len(time), 1)) if gyr else None
    return SensorTrack(
        segment, time, orientations, rates, np.tile([0.0, 0.0, 9.81], (len(time), 1))
    )


@given(st.integers(0, 10**6))
def test_steady_turn_is_met_at_any_sampling(seed: int) -> None:
    """Slerp between irregular samples of a steady turn gives the turn itself."""
    time = np.cumsum(np.random.default_rng(seed).uniform(0.005, 0.05, 100))
    motion = on_common_clock([turning("pelvis", time)], 100.0)
    expected = qt.from_rotation_vector(motion.time[:, None] * RATE)
    np.testing.assert_allclose(qt.angle_between(motion.orientations[0], expected), 0, atol=1e-9)
    assert motion.measured.all()


def test_gap_keeps_its_length_and_is_marked() -> None:
    """A second without samples stays a second, interpolated but not called measured."""
    time = np.arange(0, 4, 0.01)
    kept = time[(time < 1.0) | (time >= 2.0)]
    motion = on_common_clock([turning("pelvis", kept)], 100.0)
    gap = (motion.time > 1.0) & (motion.time < 1.98)
    assert not motion.measured[0, gap].any()
    assert motion.measured[0, ~gap & (np.abs(motion.time - 1.5) > 0.52)].all()
    expected = qt.from_rotation_vector(motion.time[:, None] * RATE)
    np.testing.assert_allclose(qt.angle_between(motion.orientations[0], expected), 0, atol=1e-9)


def test_sensors_of_unequal_length_cover_the_longest() -> None:
    """The clock runs from the first to the last sample; who is not there is held and marked."""
    early = turning("left_foot", np.arange(0.0, 2.0, 0.01))
    late = turning("pelvis", np.arange(1.0, 3.0, 0.02))
    motion = on_common_clock([early, late], 100.0)
    assert motion.segments == ("pelvis", "left_foot")
    assert motion.time[0] == pytest.approx(0.0)
    assert motion.time[-1] == pytest.approx(2.98)
    assert not motion.measured[0, motion.time < 0.99].any()
    assert not motion.measured[1, motion.time > 2.0].any()
    np.testing.assert_allclose(motion.orientations[1, -1], early.orientations[-1])


def test_rates_follow_from_orientations_where_none_were_measured() -> None:
    """Without a gyroscope the angular rate is that of the orientations, in the sensor's frame."""
    motion = on_common_clock([turning("t8", np.arange(0.0, 2.0, 0.01), gyr=False)], 100.0)
    np.testing.assert_allclose(motion.gyr[0], np.tile(RATE, (len(motion.time), 1)), atol=1e-9)


def test_no_samples_is_an_error() -> None:
    """Nothing to solve is said, not crashed on."""
    with pytest.raises(MissingDataError, match="no sensor"):
        on_common_clock([turning("pelvis", np.zeros(1))], 100.0)

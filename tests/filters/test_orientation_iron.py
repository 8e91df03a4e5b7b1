"""What the orientation filter does about magnets that are attached to the sensor."""

import numpy as np
import pytest
from synthetic_motion import Tumble, heading_error, inclination_error, tumble

from trackside.arrays import Floats
from trackside.filters import orientation_kernel as kernel
from trackside.filters.orientation import estimate_orientation

RATE = 100.0
IRON = np.array([30.0, -10.0, 45.0])  # µT, more than the earth's field


def rms_deg(values: Floats) -> float:
    """Root mean square in degrees."""
    return float(np.rad2deg(np.sqrt(np.mean(values**2))))


@pytest.fixture(scope="module")
def motion() -> Tumble:
    """A minute and a half of tumbling, already under way when the recording begins."""
    return tumble(RATE, 90.0, seed=40)


@pytest.mark.parametrize("smooth", [False, True])
def test_magnet_worn_from_the_start_is_found_in_motion(motion: Tumble, smooth: bool) -> None:
    """A magnet stronger than the earth's field costs the heading its first seconds only."""
    mag = motion.mag + IRON
    found = estimate_orientation(motion.gyr, motion.acc, mag, rate=RATE, smooth=smooth)
    error = heading_error(found.quaternions, motion.orientation)
    assert rms_deg(error[motion.time > (0.0 if smooth else 20.0)]) < 3.0
    assert found.magnetometer_trusted[motion.time > 60.0].all()


def test_magnet_put_on_and_taken_off_leaves_the_heading(motion: Tumble) -> None:
    """Attaching a magnet for half a minute moves the heading by some degrees at most."""
    worn = (motion.time > 30.0) & (motion.time < 60.0)
    mag = motion.mag + np.outer(worn, IRON)
    found = estimate_orientation(motion.gyr, motion.acc, mag, rate=RATE)
    error = heading_error(found.quaternions, motion.orientation)
    assert np.rad2deg(np.abs(error[motion.time > 20.0]).max()) < 5.0
    assert found.magnetometer_trusted[(motion.time > 45.0) & (motion.time < 59.0)].all()


def test_magnet_never_touches_inclination(motion: Tumble) -> None:
    """Inclination and bias are the same with and without the magnet."""
    plain, worn = (
        estimate_orientation(motion.gyr, motion.acc, mag, rate=RATE)
        for mag in (motion.mag, motion.mag + IRON)
    )
    assert inclination_error(plain.quaternions, worn.quaternions).max() < 1e-12
    np.testing.assert_array_equal(plain.gyro_bias, worn.gyro_bias)


def test_fields_are_told_apart_by_the_textbook_update() -> None:
    """Component by component, the update is the Kalman update by m = B + R b at once."""
    random = np.random.default_rng(3)
    root = random.normal(size=(6, 6))
    before, fields = root @ root.T, random.normal(size=6)
    turned, measured = random.normal(size=(3, 3)), random.normal(size=3)
    observed = np.hstack([np.eye(3), turned])
    gain = before @ observed.T @ np.linalg.inv(observed @ before @ observed.T + 0.3 * np.eye(3))
    expected = fields + gain @ (measured - observed @ fields)
    covariance = before.copy()
    m0, m1, m2 = measured
    kernel.update_fields(fields, covariance, 2.0 * turned, 0.5, m0, m1, m2, 0.3)
    np.testing.assert_allclose(fields, expected, rtol=1e-9)
    np.testing.assert_allclose(covariance, (np.eye(6) - gain @ observed) @ before, atol=1e-9)

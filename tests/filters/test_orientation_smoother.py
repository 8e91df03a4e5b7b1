"""What the backward pass adds to the orientation filter, and what it must not change."""

from dataclasses import fields, replace

import numpy as np
import pytest
from synthetic_motion import FIELD, Tumble, heading_error, inclination_error, tumble

from trackside.arrays import Floats
from trackside.filters.orientation import (
    OrientationEstimate,
    OrientationParameters,
    estimate_orientation,
)
from trackside.kinematics import quaternions as qt

RATE = 100.0


def rms(values: Floats) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(values**2)))


@pytest.fixture(scope="module")
def motion() -> Tumble:
    """Two minutes of tumbling, seen by sensors with bias, scale error and noise."""
    truth = tumble(RATE, 120.0, seed=30)
    random = np.random.default_rng(8)
    gyr = truth.gyr * [1.006, 0.995, 1.004] + [0.006, -0.005, 0.004]
    gyr += random.normal(0.0, 0.01, gyr.shape)
    acc = truth.acc + random.normal(0.0, 0.3, truth.acc.shape)
    mag = truth.mag + random.normal(0.0, 1.0, truth.mag.shape)
    return replace(truth, gyr=gyr, acc=acc, mag=mag)


def both(motion: Tumble, magnetic: bool = True) -> tuple[OrientationEstimate, OrientationEstimate]:
    """The causal and the smoothed estimate."""
    mag = motion.mag if magnetic else None
    causal, smooth = (
        estimate_orientation(motion.gyr, motion.acc, mag, time=motion.time, smooth=smooth)
        for smooth in (False, True)
    )
    return causal, smooth


def test_smoothing_brings_both_angles_nearer(motion: Tumble) -> None:
    """With hindsight the inclination's and the heading's errors are smaller by a third at least."""
    causal, smooth = both(motion)
    for angle in (inclination_error, heading_error):
        before = rms(angle(causal.quaternions, motion.orientation))
        after = rms(angle(smooth.quaternions, motion.orientation))
        assert after < 0.67 * before


def test_smoothing_takes_out_the_drift_without_magnetometer(motion: Tumble) -> None:
    """In 6D, bias and scale found late turn the heading of the first minute too."""
    causal, smooth = both(motion, magnetic=False)
    drift = [np.std(heading_error(x.quaternions, motion.orientation)) for x in (causal, smooth)]
    assert drift[1] < 0.8 * drift[0]
    assert np.abs(smooth.gyro_bias[100] - [0.006, -0.005, 0.004]).max() < 0.001


def test_smoothed_standard_deviations_mean_something(motion: Tumble) -> None:
    """They are smaller than the filter's in the middle, and errors stay within three of them."""
    causal, smooth = both(motion)
    middle = slice(3000, 9000)
    for angle, name in (
        (inclination_error, "inclination_sd"),
        (heading_error, "heading_sd"),
    ):
        before, after = getattr(causal, name)[middle], getattr(smooth, name)[middle]
        assert np.all(after < 0.9 * before)
        error = np.abs(angle(smooth.quaternions, motion.orientation)[middle]) / after
        assert 0.05 < rms(error) < 1.5
        assert error.max() < 3.0
    np.testing.assert_allclose(smooth.inclination_sd[-1], causal.inclination_sd[-1], rtol=1e-6)


def test_last_sample_knows_no_more_than_the_filter(motion: Tumble) -> None:
    """At the end there is nothing to learn from later samples: inclination and bias are equal."""
    causal, smooth = both(motion)
    error = inclination_error(causal.quaternions[-1:], smooth.quaternions[-1:])
    assert error.max() < 1e-9
    np.testing.assert_allclose(smooth.gyro_bias[-1], causal.gyro_bias[-1], atol=1e-12)


def test_magnetometer_never_touches_smoothed_inclination(motion: Tumble) -> None:
    """Smoothed inclination and bias are the same with a wild, a clean and no magnetometer."""
    wild = motion.mag + np.random.default_rng(3).normal(0.0, 60.0, motion.mag.shape)
    found = [
        estimate_orientation(motion.gyr, motion.acc, mag, rate=RATE, smooth=True)
        for mag in (None, motion.mag, wild)
    ]
    for other in found[1:]:
        assert inclination_error(other.quaternions, found[0].quaternions).max() < 1e-9
        np.testing.assert_array_equal(other.gyro_bias, found[0].gyro_bias)


def test_gap_is_joined_from_both_sides(motion: Tumble) -> None:
    """After a gap of two seconds the smoothed inclination is right at once, and NaN is bridged."""
    gyr = motion.gyr.copy()
    gyr[6000:6200] = np.nan
    smooth = estimate_orientation(gyr, motion.acc, motion.mag, rate=RATE, smooth=True)
    assert all(np.isfinite(getattr(smooth, field.name)).all() for field in fields(smooth))
    error = inclination_error(smooth.quaternions, motion.orientation)
    assert np.rad2deg(error[6200:6400].max()) < 3.0
    assert np.rad2deg(error[:6000].max()) < 3.0


def test_passing_disturbance_is_seen_through(motion: Tumble) -> None:
    """A field that is wrong for twenty seconds moves the smoothed heading by a degree or two."""
    mag = motion.mag.copy()
    disturbed = (motion.time > 40.0) & (motion.time < 60.0)
    mag[disturbed] = qt.rotate(
        qt.conjugate(motion.orientation[disturbed]), FIELD + np.array([40.0, 10.0, 0.0])
    )
    smooth = estimate_orientation(motion.gyr, motion.acc, mag, rate=RATE, smooth=True)
    assert np.rad2deg(np.abs(heading_error(smooth.quaternions, motion.orientation)).max()) < 3.0


def test_sensors_are_smoothed_one_by_one(motion: Tumble) -> None:
    """A batch is bit for bit its sensors, one of them starting late and one silent at the end."""
    gyr = np.stack([motion.gyr, motion.gyr])
    acc, mag = np.stack([motion.acc, motion.acc]), np.stack([motion.mag, motion.mag])
    acc[0, :300], gyr[1, -300:] = np.nan, np.nan
    batch = estimate_orientation(gyr, acc, mag, rate=RATE, smooth=True)
    for s in range(2):
        single = estimate_orientation(gyr[s], acc[s], mag[s], rate=RATE, smooth=True)
        for field in fields(batch):
            np.testing.assert_array_equal(
                getattr(single, field.name), getattr(batch, field.name)[s]
            )
    np.testing.assert_array_equal(batch.inclination_sd[0, :300], np.pi)


def test_stated_delay_is_made_up_for_in_smoothing_too(motion: Tumble) -> None:
    """The smoothed orientation is carried on by the delay with the rate of the sample."""
    late = OrientationParameters(sensor_delay=0.01)
    there = estimate_orientation(
        motion.gyr, motion.acc, rate=RATE, smooth=True, parameters=late
    ).quaternions
    prompt = OrientationParameters(sensor_delay=0.0)
    here = estimate_orientation(
        motion.gyr, motion.acc, rate=RATE, smooth=True, parameters=prompt
    ).quaternions
    turned = qt.angle_between(here, there)
    np.testing.assert_allclose(turned, 0.01 * np.linalg.norm(motion.gyr, axis=1), atol=5e-4)


def test_swing_of_a_limb_keeps_its_width() -> None:
    """Two minutes of a leg's swing to and fro do not pass for a wrong scale of the gyroscope.

    The sensor sits 60 cm below the joint: its acceleration is always in step with the rate.
    """
    time = np.arange(0.0, 150.0, 1.0 / RATE)
    step = 1e-4

    def angle(t: Floats) -> Floats:
        return 0.1 + 0.6 * np.sin(5.6 * t) + 0.15 * np.sin(11.2 * t + 1.0)

    def place(t: Floats) -> Floats:
        return -0.6 * np.stack([np.sin(angle(t)), 0.0 * t, np.cos(angle(t))], axis=-1)

    gyr = np.zeros((len(time), 3))
    gyr[:, 1] = (angle(time + step) - angle(time - step)) / (2.0 * step)
    acceleration = (place(time + step) - 2.0 * place(time) + place(time - step)) / step**2
    orientation = qt.about_axis(np.array([0.0, 1.0, 0.0]), angle(time))
    acc = qt.rotate(qt.conjugate(orientation), acceleration + np.array([0.0, 0.0, 9.81]))
    as_stamped = OrientationParameters(sensor_delay=0.0)
    found = estimate_orientation(gyr, acc, rate=RATE, smooth=True, parameters=as_stamped)
    swing = 2.0 * np.arctan2(found.quaternions[:, 2], found.quaternions[:, 0])
    late = time > 100.0
    assert np.polyfit(angle(time[late]), swing[late], 1)[0] == pytest.approx(1.0, abs=0.002)

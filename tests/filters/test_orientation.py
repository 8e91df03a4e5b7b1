"""What the orientation filter estimates: attitude, bias, heading, and how sure it is of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_motion import FIELD, Tumble, heading_error, inclination_error, still, tumble

from trackside.arrays import Floats
from trackside.filters.orientation import (
    OrientationEstimate,
    OrientationParameters,
    estimate_orientation,
)
from trackside.kinematics import quaternions as qt

RATE = 100.0
DEFAULTS = OrientationParameters(sensor_delay=0.0)  # synthetic samples come at once
ANGLES = st.floats(-3.0, 3.0)


def estimate(
    motion: Tumble, magnetic: bool = True, parameters: OrientationParameters = DEFAULTS
) -> OrientationEstimate:
    """The estimate for ideal sensors."""
    mag = motion.mag if magnetic else None
    return estimate_orientation(
        motion.gyr, motion.acc, mag, time=motion.time, parameters=parameters
    )


def rms(values: Floats) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(values**2)))


@given(rate=st.tuples(ANGLES, ANGLES, ANGLES), sampling=st.sampled_from([60.0, 100.0, 400.0]))
@settings(max_examples=25, deadline=None)
def test_constant_rotation_is_integrated_exactly(
    rate: tuple[float, float, float], sampling: float
) -> None:
    """Without corrections, a constant rate turns the first orientation by rate × time."""
    samples = round(2.0 * sampling)
    gyr = np.tile(np.array(rate), (samples, 1))
    acc = np.tile([0.0, 0.0, 9.81], (samples, 1))
    uncorrected = OrientationParameters(correction_interval=np.inf, sensor_delay=0.0)
    q = estimate_orientation(gyr, acc, rate=sampling, parameters=uncorrected).quaternions
    time = np.arange(samples)[:, None] / sampling
    expected = qt.from_rotation_vector(time * np.array(rate))
    assert qt.angle_between(q, expected).max() < 1e-9


@given(q=st.tuples(ANGLES, ANGLES, ANGLES, st.floats(0.1, 3.0)))
@settings(max_examples=25, deadline=None)
def test_still_sensor_is_level_and_points_north(q: tuple[float, float, float, float]) -> None:
    """A sensor at rest in any orientation has the right one at once and keeps it."""
    motion = still(RATE, 3.0, np.array(q))
    assert qt.angle_between(estimate(motion).quaternions, motion.orientation).max() < 1e-6


@pytest.mark.parametrize("rate", [60.0, 100.0, 286.0, 400.0])
def test_tumbling_sensor_is_followed_at_any_rate(rate: float) -> None:
    """Orientation under continuous motion is right to a fraction of a degree after 10 s."""
    motion = tumble(rate, 60.0, seed=3)
    error = qt.angle_between(estimate(motion).quaternions, motion.orientation)
    assert np.rad2deg(rms(error[motion.time > 10.0])) < 0.6


@pytest.mark.parametrize("tilt", [0.5, 1.5, 3.0])
def test_wrong_first_inclination_is_found_out_within_seconds(tilt: float) -> None:
    """A first sample in the middle of an impact does not spoil what follows."""
    motion = tumble(RATE, 20.0, seed=1)
    motion.acc[0] = qt.rotate(qt.about_axis(np.array([1.0, 0.0, 0.0]), tilt), motion.acc[0])
    found = estimate(motion)
    later = motion.time > 8.0
    assert np.rad2deg(rms(inclination_error(found.quaternions, motion.orientation)[later])) < 1.5
    assert np.rad2deg(rms(heading_error(found.quaternions, motion.orientation)[later])) < 4.0


def test_bias_is_read_at_rest() -> None:
    """After some seconds of rest the bias is known, and with it the heading stops drifting."""
    bias = np.array([0.008, -0.006, 0.005])
    motion = still(RATE, 20.0, np.array([0.9, 0.1, -0.3, 0.2]))
    noise = np.random.default_rng(2).normal(0.0, 0.002, motion.gyr.shape)
    q = estimate_orientation(motion.gyr + bias + noise, motion.acc, rate=RATE, parameters=DEFAULTS)
    assert np.abs(q.gyro_bias[-1] - bias).max() < 2e-4
    drift = heading_error(q.quaternions, motion.orientation)[motion.time > 10.0]
    assert np.ptp(drift) < 0.005


def test_bias_and_scale_are_found_in_motion() -> None:
    """Bias and scale errors of the gyroscope are learnt from inclination alone."""
    motion = tumble(RATE, 120.0, seed=5)
    gyr = motion.gyr * [1.01, 0.99, 1.005] + [0.005, -0.008, 0.003]
    found = estimate_orientation(gyr, motion.acc, time=motion.time, parameters=DEFAULTS)
    drift = heading_error(found.quaternions, motion.orientation)
    assert np.abs(found.gyro_bias[-1] - [0.005, -0.008, 0.003]).max() < 0.001
    assert np.rad2deg(np.ptp(drift[motion.time > 60.0])) < 3.0


def test_stated_delay_of_the_sensor_is_made_up_for() -> None:
    """Samples that come late by the stated delay give the orientation of now."""
    motion = tumble(1000.0, 20.0, seed=4)
    lag = 4
    found = estimate_orientation(
        motion.gyr[:-lag],
        motion.acc[:-lag],
        time=motion.time[lag:],
        parameters=OrientationParameters(sensor_delay=lag / 1000.0),
    )
    error = inclination_error(found.quaternions, motion.orientation[lag:])[5000:]
    assert rms(error) < 0.2 * rms(lag / 1000.0 * np.linalg.norm(motion.gyr, axis=1))


def test_clipped_impacts_do_not_tilt_the_estimate() -> None:
    """Half of each impact lost to the accelerometer's range costs some degrees, not the sensor."""
    motion = tumble(RATE, 60.0, seed=13)
    impact = np.zeros((len(motion.time), 3))
    impact[::70] = qt.rotate(qt.conjugate(motion.orientation[::70]), np.array([120.0, 0.0, 0.0]))
    rebound = np.repeat(impact[::70], 70, axis=0)[: len(impact)] / -69.0
    rebound[::70] = 0.0
    acc = np.clip(motion.acc + impact + rebound, -78.0, 78.0)
    found = estimate_orientation(motion.gyr, acc, rate=RATE, parameters=DEFAULTS)
    error = inclination_error(found.quaternions, motion.orientation)[motion.time > 10.0]
    assert np.rad2deg(rms(error)) < 4.0
    assert np.abs(found.gyro_bias[-1]).max() < 0.003


def test_clipped_gyroscope_is_doubted() -> None:
    """Where the gyroscope is clipped the standard deviation grows, and the error does not last."""
    motion = tumble(RATE, 60.0, seed=14, speed=2.5)
    gyr = np.clip(motion.gyr, -8.5, 8.5)
    assert 0.005 < np.mean(gyr != motion.gyr) < 0.05
    found = estimate_orientation(gyr, motion.acc, rate=RATE, parameters=DEFAULTS)
    error = inclination_error(found.quaternions, motion.orientation)
    assert np.rad2deg(rms(error[motion.time > 10.0])) < 6.0
    assert rms(error[motion.time > 10.0] / found.inclination_sd[motion.time > 10.0]) < 2.0


def test_magnetometer_never_touches_inclination() -> None:
    """Inclination and bias are the same with a clean, a disturbed and no magnetometer."""
    motion = tumble(RATE, 30.0, seed=6)
    disturbed = motion.mag.copy()
    disturbed[500:] += np.random.default_rng(3).normal(0.0, 60.0, (len(disturbed) - 500, 3))
    found = [
        estimate_orientation(motion.gyr, motion.acc, mag, rate=RATE)
        for mag in (None, motion.mag, disturbed)
    ]
    for other in found[1:]:
        assert inclination_error(other.quaternions, found[0].quaternions).max() < 1e-12
        np.testing.assert_array_equal(other.gyro_bias, found[0].gyro_bias)
        np.testing.assert_array_equal(other.inclination_sd, found[0].inclination_sd)


def test_passing_disturbance_is_rejected() -> None:
    """A field that is wrong for ten seconds moves the heading little and is reported."""
    motion = tumble(RATE, 60.0, seed=7)
    disturbed = (motion.time > 20.0) & (motion.time < 30.0)
    to_sensor = qt.conjugate(motion.orientation[disturbed])
    motion.mag[disturbed] = qt.rotate(to_sensor, FIELD + np.array([40.0, 10.0, 0.0]))
    found = estimate(motion)
    error = heading_error(found.quaternions, motion.orientation)[motion.time > 10.0]
    assert np.rad2deg(np.abs(error).max()) < 5.0
    inside = (motion.time > 20.1) & (motion.time < 29.9)
    assert not found.magnetometer_trusted[inside].any()
    assert found.magnetometer_trusted[(motion.time > 5.0) & (motion.time < 19.9)].all()


def test_steady_new_field_is_accepted_after_a_while() -> None:
    """Entering a hall with a stronger, steeper field does not cost the magnetometer for good."""
    motion = tumble(RATE, 90.0, seed=8)
    inside = motion.time > 20.0
    hall = np.array([0.0, 22.0, -55.0])
    motion.mag[inside] = qt.rotate(qt.conjugate(motion.orientation[inside]), hall)
    trusted = estimate(motion).magnetometer_trusted
    assert not trusted[(motion.time > 20.1) & (motion.time < 35.0)].any()
    assert trusted[motion.time > 60.0].all()


def test_any_unit_of_the_magnetometer_will_do() -> None:
    """The field in tesla gives the orientation that the field in µT gives."""
    motion = tumble(RATE, 10.0, seed=9)
    tesla = estimate_orientation(motion.gyr, motion.acc, 1e-6 * motion.mag, rate=RATE)
    micro = estimate_orientation(motion.gyr, motion.acc, motion.mag, rate=RATE)
    assert qt.angle_between(tesla.quaternions, micro.quaternions).max() < 1e-9


def test_standard_deviations_bound_the_errors() -> None:
    """Errors of realistic sensors stay within three reported standard deviations."""
    motion = tumble(RATE, 120.0, seed=10)
    random = np.random.default_rng(4)
    gyr = 1.005 * motion.gyr + 0.003 + random.normal(0.0, 0.01, motion.gyr.shape)
    acc = motion.acc + 0.02 + random.normal(0.0, 0.1, motion.acc.shape)
    mag = motion.mag + random.normal(0.0, 1.0, motion.mag.shape)
    found = estimate_orientation(gyr, acc, mag, time=motion.time)
    inclination = inclination_error(found.quaternions, motion.orientation) / found.inclination_sd
    heading = heading_error(found.quaternions, motion.orientation) / found.heading_sd
    assert 0.05 < rms(inclination) < 1.5
    assert 0.02 < rms(heading) < 1.5
    assert max(np.abs(inclination).max(), np.abs(heading).max()) < 3.0


def test_heading_without_magnetometer_gets_less_sure() -> None:
    """In 6D the heading starts as the zero and its standard deviation only grows."""
    found = estimate(tumble(RATE, 10.0, seed=11), magnetic=False)
    assert found.heading_sd[0] == 0.0
    assert found.heading_sd[-1] > found.heading_sd[100] > 0.0
    assert not found.magnetometer_trusted.any()


@given(turn=st.tuples(ANGLES, ANGLES, ANGLES))
@settings(max_examples=10, deadline=None)
def test_turned_housing_turns_the_result(turn: tuple[float, float, float]) -> None:
    """Sensor axes in another direction of the same body give the same body orientation."""
    motion = tumble(RATE, 5.0, seed=12)
    mounting = qt.from_rotation_vector(np.array(turn))
    isotropic = OrientationParameters(gyro_scale=0.0)
    plain = estimate(motion, parameters=isotropic).quaternions
    channels = (qt.rotate(qt.conjugate(mounting), v) for v in (motion.gyr, motion.acc, motion.mag))
    turned = estimate_orientation(*channels, rate=RATE, parameters=isotropic).quaternions
    assert qt.angle_between(qt.multiply(plain, mounting), turned).max() < 1e-6


def test_a_swinging_axis_is_integrated_without_drift() -> None:
    """A minute of turns as fast as a sprinter's shank about an axis that swings adds up to 0.5°."""
    uncorrected = OrientationParameters(correction_interval=np.inf, sensor_delay=0.0)
    time = np.arange(0.0, 60.0, 1.0 / RATE)

    def orientation(t: Floats) -> Floats:
        swing = qt.about_axis(np.array([0.0, 1.0, 0.0]), 1.2 * np.sin(4.0 * np.pi * t))
        return qt.multiply(
            swing, qt.about_axis(np.array([0.0, 0.0, 1.0]), 0.2 * np.cos(4.0 * np.pi * t))
        )

    step = 1e-5
    turn = qt.multiply(qt.conjugate(orientation(time - step)), orientation(time + step))
    gyr = qt.to_rotation_vector(turn) / (2.0 * step)
    acc = qt.rotate(qt.conjugate(orientation(time)), np.array([0.0, 0.0, 9.81]))
    q = estimate_orientation(gyr, acc, rate=RATE, parameters=uncorrected).quaternions
    off = qt.multiply(q, qt.conjugate(orientation(time)))
    off = qt.multiply(qt.conjugate(off[:1]), off)
    assert np.rad2deg(2.0 * np.arccos(np.abs(off[:, 0]).clip(max=1.0))).max() < 0.5


def test_what_is_clipped_at_every_step_is_not_taken_for_gravity() -> None:
    """A sensor pushed forward more than it can show, and back more gently, stays level to 1°."""
    time = np.arange(0.0, 60.0, 1.0 / RATE)
    rng = np.random.default_rng(0)
    push = np.where((time > 5.0) & (time % 0.5 < 0.05), 400.0, -400.0 * 0.05 / 0.45)
    push[time <= 5.0] = 0.0
    acc = np.stack([push, 0.0 * push, 9.81 + 0.0 * push], axis=1)
    acc = (acc + 0.02 * rng.standard_normal(acc.shape)).clip(-157.0, 157.0)
    gyr = 0.001 * rng.standard_normal(acc.shape)
    q = estimate_orientation(gyr, acc, rate=RATE, parameters=DEFAULTS, smooth=True).quaternions
    lean = np.rad2deg(np.arccos(qt.rotate(q, np.array([0.0, 0.0, 1.0]))[:, 2].clip(max=1.0)))
    assert lean.max() < 1.0

"""Steps, cadence and stride times from signals whose truth is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics.gait import gait_features, swings, trunk_steps
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, Imu, Kind, Stream


def imu(placement: str, time: Floats, gyr: Floats | None, acc: Floats) -> Imu:
    channels = (ACCELEROMETER,) if gyr is None else (ACCELEROMETER, GYROSCOPE)
    rate = float(1 / np.median(np.diff(time)))
    return Imu(
        Stream(placement, Kind.IMU, channels, rate, placement=placement), time, gyr, acc, None
    )


def leg(placement: str, time: Floats, stride: float, phase: float, seed: int = 0) -> Imu:
    """A shank-like swing once a stride about an arbitrary axis, slower and longer backwards."""
    angle = 2 * np.pi * (time / stride - phase)
    swing = 4.0 * np.exp(2.5 * (np.cos(angle) - 1)) - 1.5 + 0.8 * np.cos(2 * angle + 0.6)
    axis = Rotation.random(rng=np.random.default_rng(seed)).apply([0.0, 0.0, 1.0])
    return imu(placement, time, swing[:, None] * axis, np.tile([0.0, 0.0, 9.81], (len(time), 1)))


@given(st.floats(0.45, 1.4), st.sampled_from([52.0, 100.0, 286.0]), st.integers(0, 1000))
def test_one_swing_a_stride_for_any_mounting_and_rate(
    stride: float, rate: float, seed: int
) -> None:
    """Every stride is found once, to a few milliseconds, however the sensor sits."""
    time = np.arange(0, 30, 1 / rate)
    found = swings(leg("left_shank", time, stride, 0.4, seed))
    strides = np.diff(found)[1:-1]  # the filter has less to go by at the ends
    assert 30 / stride - 2.01 < len(found) < 30 / stride + 1.01  # those cut off may be left out
    np.testing.assert_allclose(strides, stride, atol=1.01 / rate)


def test_both_legs_make_the_steps() -> None:
    """Two legs half a stride apart give every step once, and the cadence of both together."""
    time = np.arange(0, 40, 0.01)
    legs = {
        f"{side}_foot": leg(f"{side}_foot", time, 0.7, phase)
        for side, phase in (("right", 0.3), ("left", 0.8))
    }
    features = gait_features(legs)
    assert features.sources == ("right_foot", "left_foot")
    assert features.mean_cadence == pytest.approx(120 / 0.7, rel=1e-3)
    np.testing.assert_allclose(np.diff(features.step_times), 0.35, atol=0.011)


def test_one_leg_counts_two_steps_a_stride() -> None:
    """With a sensor on one leg only the other leg's steps lie half-way between."""
    time = np.arange(0, 40, 0.01)
    features = gait_features({"left_thigh": leg("left_thigh", time, 0.8, 0.1)})
    assert features.steps == 2 * len(features.stride_events["left"]) - 1
    assert features.mean_cadence == pytest.approx(150.0, rel=1e-3)


def test_pelvis_counts_steps() -> None:
    """Without leg sensors the trunk's rise and fall gives steps and cadence."""
    time = np.arange(0, 30, 0.01)
    push = 6 * np.cos(2 * np.pi * time / 0.36) + 2 * np.cos(2 * np.pi * time / 0.72 + 1)
    acc = np.stack([0 * time, 9.81 + push, 0 * time], axis=-1)
    pelvis = imu("pelvis", time, None, acc)
    assert np.median(np.diff(trunk_steps(pelvis))) == pytest.approx(0.36, abs=0.02)
    assert gait_features({"pelvis": pelvis}).mean_cadence == pytest.approx(60 / 0.36, rel=0.01)


def test_stops_are_not_long_strides() -> None:
    """A pause between two bouts is left out of stride times and cadence."""
    time = np.arange(0, 40, 0.01)
    walking = leg("right_shank", time, 1.0, 0.0)
    assert walking.gyr is not None
    walking.gyr[(time > 15) & (time < 25)] = 0.0
    features = gait_features({"right_shank": walking})
    assert features.stride_times.max() < 1.2
    assert features.mean_cadence == pytest.approx(120.0, rel=0.02)


def test_standing_still_has_no_steps() -> None:
    """Noise is no gait: no steps, and a cadence that is not a number."""
    rng = np.random.default_rng(0)
    time = np.arange(0, 20, 0.01)
    noise = rng.normal(scale=0.05, size=(2, len(time), 3))
    still = imu("left_foot", time, noise[0], noise[1] + [0, 0, 9.81])
    features = gait_features({"left_foot": still})
    assert features.steps == 0
    assert np.isnan(features.mean_cadence)


def test_arms_alone_cannot_walk() -> None:
    """Without a leg or trunk sensor the error says what is needed and what is there."""
    time = np.arange(0, 5, 0.01)
    with pytest.raises(MissingDataError, match="left_hand"):
        gait_features({"left_hand": leg("left_hand", time, 1.0, 0.0)})

"""Magnetometer calibration from recordings, with the gyroscope's help, and live."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_motion import Tumble, tumble

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.magnetometer_calibration import (
    MagnetometerCalibration,
    Model,
    calibrate_magnetometer,
)
from trackside.filters.magnetometer_gyroscope import offset_from_gyroscope
from trackside.filters.magnetometer_live import LiveMagnetometerCalibration
from trackside.kinematics import quaternions as qt

NORM = 50.0  # µT
OFFSET = np.array([30.0, -80.0, 12.0])
SOFT_IRON = np.array([[1.15, 0.08, 0.0], [0.08, 0.9, 0.05], [0.0, 0.05, 1.0]])


def directions(samples: int, seed: int = 0, half_angle: float = np.pi) -> Floats:
    """Unit vectors (N, 3), even over the cap of that half angle in rad about a slanting axis."""
    random = np.random.default_rng(seed)
    z = random.uniform(np.cos(half_angle), 1.0, samples)
    around, sine = random.uniform(0.0, 2.0 * np.pi, samples), np.sqrt(1.0 - z**2)
    cap = np.stack([sine * np.cos(around), sine * np.sin(around), z], axis=1)
    return qt.rotate(qt.from_rotation_vector([0.7, -0.4, 0.2]), cap)


def readings(samples: int = 3000, half_angle: float = np.pi, noise: float = 0.0) -> Floats:
    """Readings (N, 3) in µT with hard iron only."""
    error = noise * np.random.default_rng(1).normal(size=(samples, 3))
    return NORM * directions(samples, half_angle=half_angle) + OFFSET + error


def offset_error(calibration: MagnetometerCalibration, truth: Floats = OFFSET) -> float:
    """Error of the hard iron relative to the field."""
    return float(np.linalg.norm(calibration.offset - truth)) / NORM


def unit_determinant(matrix: Floats) -> Floats:
    """The matrix scaled to determinant 1."""
    return np.asarray(matrix / np.cbrt(np.linalg.det(matrix)))


@given(
    st.integers(0, 1000),
    st.tuples(*[st.floats(-200.0, 200.0)] * 3),
    st.tuples(*[st.floats(0.7, 1.4)] * 3),
    st.tuples(*[st.floats(-1.5, 1.5)] * 3),
)
@settings(max_examples=40)
def test_noise_free_ellipsoid_is_recovered(
    seed: int, offset: tuple[float, ...], axes: tuple[float, ...], turn: tuple[float, ...]
) -> None:
    """Any hard and soft iron is found exactly, and calibrated fields have the norm stated."""
    frame = qt.to_matrix(qt.from_rotation_vector(turn))
    distortion = frame @ np.diag(axes) @ frame.T
    mag = NORM * directions(400, seed) @ distortion + offset
    calibration = calibrate_magnetometer(mag)
    np.testing.assert_allclose(calibration.offset, offset, atol=1e-6)
    expected = np.linalg.inv(unit_determinant(distortion))
    np.testing.assert_allclose(calibration.matrix, expected, atol=1e-7)
    norms = np.linalg.norm(calibration.apply(mag), axis=1)
    np.testing.assert_allclose(norms, calibration.norm, rtol=1e-7)


def test_a_rotated_distortion_is_found_up_to_a_rotation() -> None:
    """With misaligned axes too the calibrated norm is constant and the matrix symmetric."""
    misaligned = SOFT_IRON @ qt.to_matrix(qt.from_rotation_vector([0.0, 0.3, 0.1]))
    mag = NORM * directions(500) @ misaligned.T + OFFSET
    calibration = calibrate_magnetometer(mag)
    assert calibration.quality.model is Model.ELLIPSOID
    assert offset_error(calibration) < 1e-7
    np.testing.assert_allclose(calibration.matrix, calibration.matrix.T, atol=1e-12)
    np.testing.assert_allclose(
        np.linalg.norm(calibration.apply(mag), axis=1), calibration.norm, rtol=1e-7
    )


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0])
def test_without_soft_iron_the_sphere_is_chosen(noise: float) -> None:
    """The ellipsoid's five more unknowns are not fitted to noise."""
    calibration = calibrate_magnetometer(readings(noise=noise))
    assert calibration.quality.model is Model.SPHERE
    np.testing.assert_allclose(calibration.matrix, np.eye(3), atol=1e-12)
    assert calibration.norm == pytest.approx(NORM, rel=0.003)
    assert offset_error(calibration) < 0.003
    assert calibration.quality.residual == pytest.approx(noise / NORM, rel=0.1, abs=1e-9)


@pytest.mark.parametrize("half_angle", [np.pi, np.pi / 2, np.pi / 3])
def test_stated_uncertainty_covers_the_error(half_angle: float) -> None:
    """The offset's error is within three of the standard deviations that the quality states."""
    calibration = calibrate_magnetometer(readings(half_angle=half_angle, noise=0.5))
    assert offset_error(calibration) < 3.0 * calibration.quality.offset_sd * np.sqrt(3.0)
    assert calibration.quality.offset_sd < 0.02


@pytest.mark.parametrize("half_angle", [np.pi, np.pi / 2])
def test_outliers_are_left_out(half_angle: float) -> None:
    """A tenth of the readings from beside other magnets changes next to nothing, and is counted."""
    mag = readings(half_angle=half_angle, noise=0.3) @ SOFT_IRON
    clean = calibrate_magnetometer(mag)
    random = np.random.default_rng(3)
    hit = random.random(len(mag)) < 0.1
    mag[hit] += random.normal(size=(hit.sum(), 3)) * 60.0
    calibration = calibrate_magnetometer(mag)
    assert calibration.quality.model is Model.ELLIPSOID
    assert np.linalg.norm(calibration.offset - clean.offset) / NORM < 0.03
    assert calibration.quality.outliers == pytest.approx(0.1, abs=0.03)


def test_field_that_changed_is_told() -> None:
    """If a magnet is taken off on the way, the calibration is refused or the action says so."""
    taken_off = readings(3000)
    taken_off[2000:] -= OFFSET
    quality = calibrate_magnetometer(taken_off).quality
    assert quality.model is Model.IDENTITY or "changed" in quality.action


def test_half_a_sphere_is_enough_for_hard_iron_but_says_so() -> None:
    """Coverage falls with the cap's size as the theory of caps says: (1 − cos)² / 4."""
    for half_angle in (np.pi / 2, np.pi / 3):
        calibration = calibrate_magnetometer(readings(half_angle=half_angle, noise=0.3))
        assert calibration.quality.model is Model.SPHERE
        expected = (1.0 - np.cos(half_angle)) ** 2 / 4.0
        assert calibration.quality.coverage == pytest.approx(expected, rel=0.2)
        assert offset_error(calibration) < 0.02
    assert "soft iron" in calibration.quality.action


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("half_angle", [np.radians(10.0), np.radians(25.0)])
def test_too_little_turning_changes_nothing(half_angle: float, noise: float) -> None:
    """A small cap is answered by the identity and by what to do."""
    calibration = calibrate_magnetometer(readings(half_angle=half_angle, noise=noise))
    assert calibration.quality.model is Model.IDENTITY
    assert "turn the sensor" in calibration.quality.action
    mag = readings(10)
    np.testing.assert_array_equal(calibration.apply(mag), mag)


def test_turning_about_one_axis_changes_nothing() -> None:
    """On a cone the centre is not determined along its axis."""
    turn = qt.about_axis([0.0, 0.6, 0.8], np.linspace(0.0, 20.0, 2000))
    mag = qt.rotate(turn, [20.0, 0.0, 40.0]) + 0.3 * np.random.default_rng(0).normal(size=(2000, 3))
    calibration = calibrate_magnetometer(mag)
    assert calibration.quality.model is Model.IDENTITY
    assert calibration.quality.coverage < 0.01


def test_hanging_still_does_not_outweigh_turning() -> None:
    """Ten minutes still around half a minute of turning leave the calibration as good."""
    still = np.tile(NORM * np.array([[0.6, 0.0, -0.8]]) @ SOFT_IRON + OFFSET, (60_000, 1))
    turned = NORM * directions(3000) @ SOFT_IRON + OFFSET
    mag = np.concatenate([still, turned, still])
    mag += 0.3 * np.random.default_rng(0).normal(size=mag.shape)
    calibration = calibrate_magnetometer(mag)
    assert calibration.quality.model is Model.ELLIPSOID
    assert offset_error(calibration) < 0.01
    assert calibration.quality.coverage > 0.5


def test_missing_readings_are_ignored() -> None:
    """NaN, infinite and all-zero readings make no difference."""
    mag = readings(1000, noise=0.3)
    missing = [[np.nan] * 3, [np.inf, 1.0, 1.0], [0.0] * 3, [1.0, np.nan, 1.0]]
    gaps = np.insert(mag, [10, 500, 500, 900], missing, axis=0)
    expected, found = calibrate_magnetometer(mag), calibrate_magnetometer(gaps)
    np.testing.assert_array_equal(found.offset, expected.offset)
    assert np.isnan(found.apply(gaps)[10]).all()


@given(st.sampled_from([1e-6, 1e-2, 1e3]))
def test_unit_does_not_matter(scale: float) -> None:
    """Readings in gauss or counts give the same calibration in that unit."""
    mag = readings(1000, noise=0.3) @ SOFT_IRON
    here, there = calibrate_magnetometer(mag), calibrate_magnetometer(scale * mag)
    np.testing.assert_allclose(there.offset, scale * here.offset, rtol=1e-6)
    np.testing.assert_allclose(there.matrix, here.matrix, atol=1e-6)
    assert there.norm == pytest.approx(scale * here.norm)
    assert there.quality.model is here.quality.model
    assert there.quality.offset_sd == pytest.approx(here.quality.offset_sd, rel=1e-3)


@pytest.mark.parametrize(
    ("mag", "message"),
    [
        (np.tile([[20.0, 0.0, 40.0]], (500, 1)), "not turned"),
        ([20.0, 0.0, 40.0] + 0.2 * np.random.default_rng(0).normal(size=(500, 3)), "not turned"),
        (np.zeros((500, 3)), "0 of 500 magnetometer samples"),
        (np.full((500, 3), np.nan), "0 of 500 magnetometer samples"),
        (np.ones((500, 4)), "shape"),
        (np.ones(3), "shape"),
    ],
)
def test_unusable_readings_are_refused(mag: Floats, message: str) -> None:
    """A still sensor, one that sends nothing, and wrong shapes are named."""
    with pytest.raises(SignalError, match=message):
        calibrate_magnetometer(mag)


def test_default_calibration_is_the_identity() -> None:
    """Without a calibration readings pass as they are, and the quality says there is none."""
    calibration = MagnetometerCalibration()
    mag = readings(5)
    np.testing.assert_array_equal(calibration.apply(mag), mag)
    assert calibration.quality.model is Model.IDENTITY
    assert "not calibrated" in calibration.quality.action


# --- with the gyroscope


@pytest.fixture(scope="module")
def swaying() -> Tumble:
    """A sensor that sways so little that no sphere can be told."""
    return tumble(100.0, 60.0, seed=1, speed=0.2)


def test_gyroscope_finds_hard_iron_with_little_turning(swaying: Tumble) -> None:
    """Where the sphere is refused, the gyroscope tells the offset to rounding and sampling."""
    mag = swaying.mag + OFFSET
    assert calibrate_magnetometer(mag).quality.model is Model.IDENTITY
    calibration = offset_from_gyroscope(swaying.time, swaying.gyr, mag)
    assert calibration.quality.model is Model.OFFSET
    assert offset_error(calibration) < 1e-3
    assert calibration.norm == pytest.approx(np.linalg.norm([20.0, 40.0]), rel=1e-3)


def test_gyroscope_needs_no_good_sensors(swaying: Tumble) -> None:
    """Noise, a gyroscope bias, dropped samples and passing magnets leave the offset usable."""
    random = np.random.default_rng(2)
    mag = swaying.mag + OFFSET + 0.3 * random.normal(size=swaying.mag.shape)
    mag[1000:1300] += np.linspace(0.0, 40.0, 300)[:, None]
    mag[random.random(len(mag)) < 0.5] = np.nan
    gyr = swaying.gyr + np.array([0.005, -0.005, 0.005])
    gyr[3000:3050] = np.nan
    keep = np.ones(len(mag), np.bool_)
    keep[4000:4200] = False
    calibration = offset_from_gyroscope(swaying.time[keep], gyr[keep], mag[keep])
    assert calibration.quality.model is Model.OFFSET
    assert calibration.quality.outliers > 0.0
    assert offset_error(calibration) < 0.03


def test_gyroscope_refuses_turning_about_one_axis() -> None:
    """Along a single axis of rotation the offset cannot be told."""
    time = np.arange(3000) / 100.0
    turn = qt.about_axis([0.0, 0.0, 1.0], np.sin(time))
    gyr = np.cos(time)[:, None] * np.array([0.0, 0.0, 1.0])
    mag = qt.rotate(qt.conjugate(turn), np.tile([0.0, 20.0, -40.0], (3000, 1))) + OFFSET
    mag += 0.1 * np.random.default_rng(0).normal(size=mag.shape)
    calibration = offset_from_gyroscope(time, gyr, mag)
    assert calibration.quality.model is Model.IDENTITY
    assert "more than one axis" in calibration.quality.action


def test_gyroscope_that_does_not_belong_is_refused(swaying: Tumble) -> None:
    """Fields that turn otherwise than the gyroscope says give the identity, not nonsense."""
    other = tumble(100.0, 60.0, seed=7, speed=0.2)
    noise = 0.3 * np.random.default_rng(0).normal(size=swaying.mag.shape)
    calibration = offset_from_gyroscope(swaying.time, other.gyr, swaying.mag + OFFSET + noise)
    assert calibration.quality.model is Model.IDENTITY


def test_gyroscope_input_is_checked(swaying: Tumble) -> None:
    """Shapes, time that stands still, and recordings without a whole window are named."""
    time, gyr, mag = swaying.time, swaying.gyr, swaying.mag
    with pytest.raises(SignalError, match="shapes"):
        offset_from_gyroscope(time[1:], gyr, mag)
    with pytest.raises(SignalError, match="does not increase"):
        offset_from_gyroscope(np.zeros_like(time), gyr, mag)
    with pytest.raises(SignalError, match="no 1 s"):
        offset_from_gyroscope(time, np.full_like(gyr, np.nan), mag)


# --- live


@pytest.fixture(scope="module")
def tumbling() -> Floats:
    """Two minutes of readings of a sensor turned all ways, with noise."""
    motion = tumble(100.0, 120.0, seed=3)
    noise = 0.3 * np.random.default_rng(4).normal(size=motion.mag.shape)
    return np.asarray(motion.mag + OFFSET + noise)


@given(st.lists(st.integers(0, 3000), max_size=6))
@settings(max_examples=10)
def test_any_blocks_give_the_same(tumbling: Floats, cuts: list[int]) -> None:
    """Feeding blocks of any length changes no bit of the live calibration."""
    mag = tumbling[:3000]
    whole, pieces = LiveMagnetometerCalibration(), LiveMagnetometerCalibration()
    whole.update(mag)
    for piece in np.split(mag, sorted(cuts)):
        pieces.update(piece)
    np.testing.assert_array_equal(pieces.calibration.offset, whole.calibration.offset)
    np.testing.assert_array_equal(pieces.calibration.matrix, whole.calibration.matrix)
    assert pieces.calibration.quality == whole.calibration.quality


def test_live_calibration_comes_with_turning(tumbling: Floats) -> None:
    """It is the identity at first, and ends near the recording's own calibration."""
    live = LiveMagnetometerCalibration()
    live.update(tumbling[:50])
    assert live.calibration.quality.model is Model.IDENTITY
    live.update(tumbling[50:])
    recorded = calibrate_magnetometer(tumbling)
    assert live.calibration.quality.model is recorded.quality.model
    assert offset_error(live.calibration) < 0.005
    assert live.calibration.norm == pytest.approx(recorded.norm, rel=0.005)
    assert live.calibration.quality.coverage == pytest.approx(recorded.quality.coverage, abs=0.1)


def test_live_calibration_tells_soft_iron() -> None:
    """Without noise the recursive least squares are exact for an ellipsoid too."""
    mag = NORM * directions(4000) @ SOFT_IRON + OFFSET
    live = LiveMagnetometerCalibration()
    live.update(mag)
    assert live.calibration.quality.model is Model.ELLIPSOID
    assert offset_error(live.calibration) < 1e-6
    expected = np.linalg.inv(unit_determinant(SOFT_IRON))
    np.testing.assert_allclose(live.calibration.matrix, expected, atol=1e-6)


def test_still_sensor_neither_adds_nor_forgets(tumbling: Floats) -> None:
    """An hour of hanging still, NaN and zeros leave the live calibration as it was."""
    live = LiveMagnetometerCalibration()
    live.update(tumbling)
    before = live.calibration
    still = tumbling[-1] + 0.2 * np.random.default_rng(0).normal(size=(50_000, 3))
    for nothing in (still, np.full((10, 3), np.nan), np.zeros((10, 3)), np.empty((0, 3))):
        live.update(nothing)
    np.testing.assert_allclose(live.calibration.offset, before.offset, atol=0.05)


def test_live_calibration_follows_a_new_magnet(tumbling: Floats) -> None:
    """With turning the old hard iron is forgotten and the new one found."""
    live = LiveMagnetometerCalibration()
    live.update(tumbling)
    shift = np.array([10.0, 0.0, -15.0])
    for _ in range(4):
        live.update(tumbling + shift)
    assert offset_error(live.calibration, OFFSET + shift) < 0.05


def test_live_input_is_checked() -> None:
    """A wrong shape is named."""
    with pytest.raises(SignalError, match="shape"):
        LiveMagnetometerCalibration().update([1.0, 2.0, 3.0])

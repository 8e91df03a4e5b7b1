"""The Kalman filter and smoother for channels of any kind."""

from dataclasses import fields

import numpy as np
import pytest
from filterpy.kalman import rts_smoother
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfiltfilt

from trackside.arrays import Floats
from trackside.errors import ParameterError, SignalError
from trackside.filters.vector_kalman import (
    ConstantVelocity,
    VectorEstimate,
    VectorKalman,
    filter_vectors,
    smooth_vectors,
)

MODEL = ConstantVelocity(noise_sd=0.5, acceleration_density=3.0, initial_rate_sd=4.0)


def drawn(seed: int, samples: int = 60, channels: int = 3) -> tuple[Floats, Floats]:
    """Irregular times with a long gap, and a random walk with missing samples, the first too."""
    random = np.random.default_rng(seed)
    steps = random.uniform(0.002, 0.1, samples)
    steps[samples // 2] = 5.0
    values = 100.0 + np.cumsum(random.normal(size=(samples, channels)), axis=0)
    values[random.random(samples) < 0.2] = np.nan
    values[:2] = np.nan
    values[samples // 3 : samples // 3 + 5, 0] = np.nan
    return np.cumsum(steps), values


def simulated(model: ConstantVelocity, samples: int, channels: int) -> tuple[Floats, ...]:
    """Times, true values and rates, and noisy samples of channels that follow the model."""
    random = np.random.default_rng(5)
    time = np.cumsum(random.uniform(0.01, 0.05, samples))
    truth = np.empty((samples, 2, channels))
    truth[0] = random.normal(size=(2, channels)) * [[10.0], [model.initial_rate_sd]]
    for n, step in enumerate(np.diff(time)):
        noise = np.array([[step**3 / 3, step**2 / 2], [step**2 / 2, step]])
        push = np.linalg.cholesky(model.acceleration_density**2 * noise)
        truth[n + 1] = [[1, step], [0, 1]] @ truth[n] + push @ random.normal(size=(2, channels))
    samples_ = truth[:, 0] + model.noise_sd * random.normal(size=(samples, channels))
    return time, truth[:, 0], truth[:, 1], samples_


def assert_close(a: VectorEstimate, b: VectorEstimate, tolerance: float) -> None:
    """Every result agrees, relative to 1 or its own size."""
    for field in fields(a):
        np.testing.assert_allclose(
            getattr(a, field.name), getattr(b, field.name), rtol=tolerance, atol=tolerance
        )


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_compiled_filter_equals_filterpy(seed: int) -> None:
    """The kernel and filterpy give the same over irregular steps, gaps and missing samples."""
    time, values = drawn(seed)
    assert_close(
        filter_vectors(time, values, MODEL), VectorKalman(3, MODEL).update(time, values), 1e-9
    )


def test_compiled_smoother_equals_filterpy() -> None:
    """The backward pass is filterpy's Rauch–Tung–Striebel smoother."""
    time, values = drawn(1, channels=1)
    time, values = time[2:], values[2:]
    first = int(np.flatnonzero(np.isfinite(values[:, 0]))[0])
    time, values = time[first:], values[first:]
    live = VectorKalman(1, MODEL)
    states, covariances = [], []
    for now, value in zip(time, values, strict=True):
        live.update([now], [value])
        states.append(live._filter.x.copy())
        covariances.append(live._filter.P.copy())
    steps = np.append(np.diff(time), 0.0)
    transitions = [np.array([[1.0, dt], [0.0, 1.0]]) for dt in steps]
    noises = [9.0 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]) for dt in steps]
    smooth, smooth_p, *_ = rts_smoother(
        np.array(states), np.array(covariances), transitions, noises
    )
    ours = smooth_vectors(time, values, MODEL)
    np.testing.assert_allclose(ours.values, smooth[:, 0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.rates, smooth[:, 1], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.value_sd, np.sqrt(smooth_p[:, 0, 0]), rtol=1e-9)
    np.testing.assert_allclose(ours.rate_sd, np.sqrt(smooth_p[:, 1, 1]), rtol=1e-9)


@given(st.lists(st.integers(0, 60), max_size=8))
@settings(max_examples=15)
def test_any_blocks_give_the_same(cuts: list[int]) -> None:
    """Feeding blocks of any length, empty ones too, changes no bit."""
    time, values = drawn(2)
    whole = VectorKalman(3, MODEL).update(time, values)
    live = VectorKalman(3, MODEL)
    pieces = zip(np.split(time, sorted(cuts)), np.split(values, sorted(cuts)), strict=True)
    parts = [live.update(*piece) for piece in pieces]
    for field in fields(whole):
        joined = np.concatenate([getattr(part, field.name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, field.name))


@pytest.mark.parametrize("estimator", [filter_vectors, smooth_vectors])
def test_standard_deviations_mean_something(estimator: object) -> None:
    """On signals that follow the model, errors are as large as the filter and smoother say."""
    time, value, rate, samples = simulated(MODEL, 300, 200)
    assert callable(estimator)
    estimate: VectorEstimate = estimator(time, samples, MODEL)
    for error, sd in (
        (estimate.values - value, estimate.value_sd),
        (estimate.rates - rate, estimate.rate_sd),
    ):
        normalised = error / sd[:, None]
        assert np.mean(normalised**2) == pytest.approx(1.0, abs=0.05)


def test_smoothing_improves_on_filtering() -> None:
    """The smoother errs less, never claims to be less sure, and ends on the filter's estimate."""
    time, value, _, samples = simulated(MODEL, 300, 50)
    causal, smooth = filter_vectors(time, samples, MODEL), smooth_vectors(time, samples, MODEL)
    assert np.std(smooth.values - value) < 0.8 * np.std(causal.values - value)
    assert (smooth.value_sd <= causal.value_sd * (1 + 1e-12)).all()
    np.testing.assert_array_equal(smooth.values[-1], causal.values[-1])


def test_smoother_is_a_butterworth_filter_run_both_ways() -> None:
    """`from_cutoff` gives what filtfilt gives with a second-order Butterworth filter there."""
    rate, cutoff = 200.0, 2.0
    time = np.arange(8000) / rate
    noise = np.random.default_rng(0).normal(size=(8000, 1))
    model = ConstantVelocity.from_cutoff(cutoff, noise_sd=0.3, rate=rate)
    smooth = smooth_vectors(time, noise, model).values[1000:-1000]
    butterworth = sosfiltfilt(butter(2, cutoff, fs=rate, output="sos"), noise, axis=0)[1000:-1000]
    assert np.std(smooth - butterworth) < 0.002 * np.std(butterworth)


def test_causal_filter_halves_the_power_where_documented() -> None:
    """Its −3 dB frequency is √(2 + √5) times the cut-off, and a ramp passes without lag."""
    rate, cutoff = 1000.0, 1.0
    time = np.arange(10000) / rate
    model = ConstantVelocity.from_cutoff(cutoff, noise_sd=1.0, rate=rate)
    waves = np.sin(2 * np.pi * cutoff * np.sqrt(2 + np.sqrt(5)) * time)
    passed = filter_vectors(time, np.stack([waves, 3.0 * time], axis=1), model).values[5000:]
    assert np.sqrt(2.0) * np.std(passed[:, 0]) == pytest.approx(np.sqrt(0.5), rel=0.01)
    np.testing.assert_allclose(passed[:, 1], 3.0 * time[5000:], atol=1e-6)


def test_gap_is_bridged_with_growing_uncertainty() -> None:
    """Over missing samples a straight line goes on; the smoother is least sure in the middle."""
    time = np.arange(400) / 100.0
    line = (5.0 + 2.0 * time)[:, None]
    seen = line.copy()
    seen[150:250] = np.nan
    causal, smooth = filter_vectors(time, seen, MODEL), smooth_vectors(time, seen, MODEL)
    np.testing.assert_allclose(causal.values[100:], line[100:], atol=0.01)
    np.testing.assert_allclose(smooth.values[150:250], line[150:250], atol=0.01)
    assert (np.diff(causal.value_sd[150:250]) > 0).all()
    assert causal.value_sd[250] < causal.value_sd[249]
    assert 195 <= np.argmax(smooth.value_sd[150:250]) + 150 <= 205


def test_before_the_first_sample_nothing_is_known() -> None:
    """Leading missing samples have NaN and infinite standard deviations, smoothed or not."""
    time, values = drawn(3)
    first = int(np.flatnonzero(np.isfinite(values).all(axis=1))[0])
    for estimate in (
        filter_vectors(time, values, MODEL),
        smooth_vectors(time, values, MODEL),
        VectorKalman(3, MODEL).update(time, values),
    ):
        assert np.isnan(estimate.values[:first]).all()
        assert np.isinf(estimate.value_sd[:first]).all()
        assert np.isfinite(estimate.values[first:]).all()
        assert np.isfinite(estimate.rate_sd[first:]).all()


def test_row_with_one_nan_is_a_missing_sample() -> None:
    """A vector is seen whole or not at all, and infinity is as missing as NaN."""
    time, values = drawn(4)
    values[10, 1], values[20, 2] = np.inf, -np.inf
    emptied = np.where(np.isfinite(values).all(axis=1, keepdims=True), values, np.nan)
    assert_close(filter_vectors(time, values, MODEL), filter_vectors(time, emptied, MODEL), 0.0)


@given(st.sampled_from([1e-6, 1e6]))
def test_unit_does_not_matter(scale: float) -> None:
    """Samples and model in another unit give the same estimates in that unit."""
    time, values = drawn(6)
    scaled = ConstantVelocity(0.5 * scale, 3.0 * scale, 4.0 * scale)
    there = smooth_vectors(time, scale * values, scaled)
    here = smooth_vectors(time, values, MODEL)
    for field in fields(here):
        np.testing.assert_allclose(
            getattr(there, field.name), scale * getattr(here, field.name), rtol=1e-6
        )


def test_smoother_stays_certain_with_an_unknown_rate() -> None:
    """Variances stay positive where the initial rate is all but unknown and samples are dense."""
    model = ConstantVelocity.from_cutoff(0.5, noise_sd=1.0, rate=2000.0)
    time = np.arange(5000) / 2000.0
    smooth = smooth_vectors(time, np.zeros((5000, 1)), model)
    assert (smooth.value_sd > 0).all()
    assert (smooth.rate_sd > 0).all()
    assert smooth.value_sd[0] < 0.5


@pytest.mark.parametrize(
    ("time", "values", "message"),
    [
        ([0.0, 1.0, 1.0], np.zeros((3, 2)), "sample 2: time 1.0 s does not come after 1.0 s"),
        ([0.0, np.nan, 1.0], np.zeros((3, 2)), "sample 1"),
        ([0.0, 1.0], np.zeros((3, 2)), "shapes"),
        ([0.0, 1.0], np.zeros(2), "shapes"),
        ([0.0, 1.0], np.full((2, 2), np.nan), "without NaN"),
    ],
)
def test_unusable_samples_are_refused(time: list[float], values: Floats, message: str) -> None:
    """Wrong shapes, time that stands still and nothing but NaN are named."""
    with pytest.raises(SignalError, match=message):
        filter_vectors(time, values, MODEL)


def test_refused_block_changes_nothing() -> None:
    """After a block from the past the filter goes on as if it had not come."""
    time, values = drawn(7)
    live, undisturbed = VectorKalman(3, MODEL), VectorKalman(3, MODEL)
    for kalman in (live, undisturbed):
        kalman.update(time[:30], values[:30])
    with pytest.raises(SignalError, match="does not come after"):
        live.update(time[29:31], values[29:31])
    assert_close(
        live.update(time[30:], values[30:]), undisturbed.update(time[30:], values[30:]), 0.0
    )


def test_impossible_models_are_refused() -> None:
    """Values that are not positive, and cut-offs above the Nyquist frequency, are named."""
    with pytest.raises(ParameterError, match="acceleration_density"):
        ConstantVelocity(1.0, -1.0, 1.0)
    with pytest.raises(ParameterError, match="cutoff"):
        ConstantVelocity.from_cutoff(51.0, noise_sd=1.0, rate=100.0)
    with pytest.raises(ParameterError, match="noise_sd"):
        ConstantVelocity.from_cutoff(5.0, noise_sd=0.0, rate=100.0)

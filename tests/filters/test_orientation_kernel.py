"""The kernel's hand-written covariance steps against the textbook's matrices."""

from dataclasses import astuple, fields
from typing import Any

import numpy as np
import pytest

from trackside.arrays import Floats
from trackside.filters import orientation_kernel as kernel
from trackside.filters.orientation import OrientationParameters

N = kernel.STATES
PARAMETERS = OrientationParameters()


@pytest.fixture
def state() -> Any:
    """A state with a random covariance and random sums over an interval."""
    random = np.random.default_rng(6)
    states = np.zeros(1, kernel.STATE)
    root = random.normal(size=(N, N))
    states["covariance"][0] = root @ root.T
    states["north"][0] = [np.cos(0.4), np.sin(0.4)]
    states["elapsed"] = 0.05
    for name in ("turned", "force_sum", "rotation_sum", "rate_sum", "velocity"):
        states[name] = random.normal(size=states[name].shape)
    return states[0]


def parameter_record() -> Any:
    """The default parameters as the kernel takes them."""
    layout = [(field.name, np.float64) for field in fields(PARAMETERS)]
    return np.array([astuple(PARAMETERS)], layout)[0]


def cross_matrix(v: Floats) -> Floats:
    """The matrix [v]× with [v]× u = v × u."""
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])


def test_prediction_is_the_matrix_product(state: Any) -> None:
    """The prediction gives Φ P Φᵀ + Q with the error model's dense matrices."""
    attitude, velocity, bias, scale, force_bias = (slice(3 * i, 3 * i + 3) for i in range(5))
    decay = np.exp(-0.05 / PARAMETERS.disturbance_seconds)
    transition = np.eye(N)
    transition[attitude, bias] = -state["rotation_sum"]
    transition[attitude, scale] = state["rate_sum"]
    transition[velocity, attitude] = -cross_matrix(state["force_sum"])
    transition[velocity, kernel.HEADING] = 0.0
    transition[velocity, force_bias] = -state["rotation_sum"]
    transition[kernel.DISTURBANCE, kernel.DISTURBANCE] = decay
    noise = np.zeros(N)
    noise[attitude] = PARAMETERS.gyro_noise**2 * 0.05 + PARAMETERS.turn_noise**2 * np.linalg.norm(
        state["turned"]
    )
    noise[velocity] = PARAMETERS.acc_noise**2 * 0.05
    noise[bias] = PARAMETERS.gyro_bias_walk**2 * 0.05
    noise[kernel.DISTURBANCE] = PARAMETERS.heading_disturbance**2 * (1.0 - decay**2)
    expected = transition @ state["covariance"] @ transition.T + np.diag(noise)
    kernel.predict(state, parameter_record())
    np.testing.assert_allclose(state["covariance"], expected, rtol=1e-12, atol=1e-12)


def test_swayed_scale_returns_to_its_prior(state: Any) -> None:
    """Where the velocity has nothing of the scale, a minute brings back zero and the prior."""
    state["covariance"] = 0.1 * PARAMETERS.gyro_scale**2 * np.eye(N)
    state["scale"], state["sway"] = 0.02, 1.0
    for _ in range(1200):
        kernel.forget_swayed_scale(state, parameter_record())
    assert np.abs(state["scale"]).max() < 1e-6
    variances = np.diag(state["covariance"])[kernel.SCALE : kernel.SCALE + 3]
    np.testing.assert_allclose(variances, PARAMETERS.gyro_scale**2)


@pytest.mark.parametrize("first", [kernel.VELOCITY, kernel.BIAS])
def test_vector_correction_is_the_kalman_update(state: Any, first: int) -> None:
    """Three components one after the other give the textbook's update with all three at once."""
    before = state["covariance"].copy()
    residual = np.array([0.3, -0.2, 0.7])
    observed = np.eye(N)[first : first + 3]
    gain = before @ observed.T @ np.linalg.inv(observed @ before @ observed.T + 0.5 * np.eye(3))
    state["residual"] = residual
    kernel.correct_vector(state, 0, first, 0.5)
    np.testing.assert_allclose(state["error"], gain @ residual, rtol=1e-9)
    np.testing.assert_allclose(
        state["covariance"], (np.eye(N) - gain @ observed) @ before, rtol=1e-9, atol=1e-9
    )


def test_heading_correction_is_the_schmidt_kalman_update(state: Any) -> None:
    """Only heading and disturbance have a gain; the covariance is Joseph's for this gain."""
    before = state["covariance"].copy()
    observed = np.zeros(N)
    observed[[kernel.HEADING, kernel.DISTURBANCE]] = 1.0
    gain = before @ observed / (observed @ before @ observed + 0.5)
    gain[observed == 0.0] = 0.0
    kept = np.eye(N) - np.outer(gain, observed)
    expected = kept @ before @ kept.T + 0.5 * np.outer(gain, gain)
    kernel.update_heading(state, 0.3, 0.5)
    np.testing.assert_allclose(state["covariance"], expected, rtol=1e-9, atol=1e-9)
    half = 0.4 + 0.5 * 0.3 * gain[kernel.HEADING]
    np.testing.assert_allclose(state["north"], [np.cos(half), np.sin(half)])
    assert state["disturbance"] == pytest.approx(0.3 * gain[kernel.DISTURBANCE])

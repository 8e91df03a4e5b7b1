"""Compiled passes of the Kalman filter and smoother of :mod:`trackside.filters.vector_kalman`."""

import numpy as np

from trackside.arrays import Floats
from trackside.kernels import kernel


@kernel
def process_noise(step: float, density: float) -> tuple[float, float, float]:
    """Q over a step in s, as its elements p, c, v of [p c; c v]."""
    return density * step**3 / 3.0, density * step**2 / 2.0, density * step


@kernel
def _predict(covariance: Floats, step: float, density: float) -> tuple[float, float, float]:
    """F P Fᵀ + Q of P = [p c; c v], given and returned as p, c, v."""
    p, c, v = covariance
    qp, qc, qv = process_noise(step, density)
    return p + step * (2.0 * c + step * v) + qp, c + step * v + qc, v + qv


@kernel
def _product(
    row: tuple[float, float], covariance: tuple[float, float, float], column: tuple[float, float]
) -> float:
    """row [p c; c v] columnᵀ."""
    p, c, v = covariance
    return row[0] * (p * column[0] + c * column[1]) + row[1] * (c * column[0] + v * column[1])


@kernel
def run_filter(
    time: Floats,
    samples: Floats,
    density: float,
    variances: Floats,
    initial: float,
    values: Floats,
    rates: Floats,
    covariances: Floats,
) -> None:
    """The forward pass, ``variances`` (N,) of the samples; fills values, rates, covariances."""
    started = False
    p, c, v = np.inf, 0.0, np.inf
    for n in range(len(time)):
        seen = np.isfinite(samples[n]).all()
        noise = variances[n]
        if started:
            step = time[n] - time[n - 1]
            p, c, v = _predict(covariances[n - 1], step, density)
            gain = rate_gain = 0.0
            if seen:
                gain, rate_gain = p / (p + noise), c / (p + noise)
                p, c, v = (1.0 - gain) * p, (1.0 - gain) * c, v - rate_gain * c
            for k in range(samples.shape[1]):
                predicted = values[n - 1, k] + step * rates[n - 1, k]
                innovation = samples[n, k] - predicted if seen else 0.0
                values[n, k] = predicted + gain * innovation
                rates[n, k] = rates[n - 1, k] + rate_gain * innovation
        else:
            started = seen
            values[n] = samples[n] if seen else np.full(samples.shape[1], np.nan)
            rates[n] = np.full(samples.shape[1], 0.0 if seen else np.nan)
            if seen:
                p, c, v = noise, 0.0, initial
        covariances[n, 0], covariances[n, 1], covariances[n, 2] = p, c, v


@kernel
def run_smoother(
    time: Floats, density: float, values: Floats, rates: Floats, covariances: Floats
) -> None:
    """The backward pass over what :func:`run_filter` filled, in place."""
    for n in range(len(time) - 2, -1, -1):
        p, c, v = covariances[n]
        if not np.isfinite(p):
            break
        step = time[n + 1] - time[n]
        pp, pc, pv = _predict(covariances[n], step, density)
        determinant = pp * pv - pc * pc
        a, b = p + step * c, c + step * v  # P Fᵀ = [a c; b v], and G = P Fᵀ (P⁻)⁻¹
        g00, g01 = (a * pv - c * pc) / determinant, (c * pp - a * pc) / determinant
        g10, g11 = (b * pv - v * pc) / determinant, (v * pp - b * pc) / determinant
        for k in range(values.shape[1]):
            surprise = values[n + 1, k] - values[n, k] - step * rates[n, k]
            rate_surprise = rates[n + 1, k] - rates[n, k]
            values[n, k] += g00 * surprise + g01 * rate_surprise
            rates[n, k] += g10 * surprise + g11 * rate_surprise
        # (I − G F) P (I − G F)ᵀ + G (P⁺ + Q) Gᵀ: the textbook's P + G (P⁺ − P⁻) Gᵀ without its
        # differences, which turn negative where the initial rate is all but unknown.
        kept, rate_kept = (1.0 - g00, -step * g00 - g01), (-g10, 1.0 - step * g10 - g11)
        gain, rate_gain = (g00, g01), (g10, g11)
        old = (p, c, v)
        qp, qc, qv = process_noise(step, density)
        new = (covariances[n + 1, 0] + qp, covariances[n + 1, 1] + qc, covariances[n + 1, 2] + qv)
        covariances[n, 0] = _product(kept, old, kept) + _product(gain, new, gain)
        covariances[n, 1] = _product(kept, old, rate_kept) + _product(gain, new, rate_gain)
        covariances[n, 2] = _product(rate_kept, old, rate_kept) + _product(
            rate_gain, new, rate_gain
        )

"""Kalman filter and smoother for channels of any kind: sensor vectors, heart rate, cadence.

Each channel is a value x that changes at a rate v, which white noise of density q pushes about, and
each sample is the value with an error of variance r (the nearly-constant-velocity model; Bar-Shalom,
Li, Kirubarajan 2001, section 6.2.2):

    predict  x⁻ = x + v Δt,  P⁻ = F P Fᵀ + Q,   F = [1 Δt; 0 1],  Q = q [Δt³/3 Δt²/2; Δt²/2 Δt]
    gain     K = P⁻ Hᵀ (H P⁻ Hᵀ + r)⁻¹,         H = [1 0]
    update   (x, v) = (x⁻, v⁻) + K (z − x⁻),    P = (I − K H) P⁻

All channels share the model, so they share one covariance. :class:`VectorKalman` is for live samples
and is filterpy's KalmanFilter; it keeps the last estimate and no history. For whole recordings,
:func:`filter_vectors` gives the same and :func:`smooth_vectors` adds the backward pass (Rauch, Tung,
Striebel 1965), both in compiled code.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats
from trackside.errors import ParameterError, SignalError
from trackside.kernels import kernel

UNKNOWN_RATE = 100.0  # noise_sd per sampling interval; more than two samples could tell apart


@dataclass(frozen=True, slots=True)
class ConstantVelocity:
    """What is believed about the channels, in their unit U.

    Raises
    ------
    ParameterError
        A value that is not positive and finite.
    """

    noise_sd: float
    """Standard deviation of a sample's error, U."""
    acceleration_density: float
    """√q: how much the rate wanders in a second, U/s/√s. Larger follows faster and smooths less."""
    initial_rate_sd: float
    """Standard deviation of the rate before there is a second sample, U/s."""

    def __post_init__(self) -> None:
        for name, value in zip(self.__slots__, astuple(self), strict=True):
            if not 0.0 < value < np.inf:
                raise ParameterError(f"{name} is {value}: expected a positive number")

    @classmethod
    def from_cutoff(cls, cutoff: float, *, noise_sd: float, rate: float) -> "ConstantVelocity":
        """The model that smooths like a Butterworth filter with this cut-off, both in Hz.

        ``noise_sd`` (U) then only scales the standard deviations. For samples at a steady ``rate``,
        r/rate is the density of their noise, and with ω₀⁴ = q rate/r the steady filter is
        (√2 ω₀ s + ω₀²)/(s² + √2 ω₀ s + ω₀²): no lag on a ramp, half of the power at
        √(2 + √5) ≈ 2.06 times ω₀. The smoother is ω₀⁴/(ω⁴ + ω₀⁴): a Butterworth filter of second
        order run forward and backward, half of the amplitude at ω₀. This holds well below the
        Nyquist frequency, and ω₀ is set to 2π ``cutoff``.

        Raises
        ------
        ParameterError
            A value that is not positive and finite, or a cut-off above half the rate.
        """
        if not 0.0 < cutoff <= 0.5 * rate:
            raise ParameterError(f"cutoff is {cutoff} Hz: expected 0 to {0.5 * rate} Hz")
        density = (2.0 * np.pi * cutoff) ** 2 * noise_sd / np.sqrt(rate)
        return cls(noise_sd, float(density), UNKNOWN_RATE * noise_sd * rate)


@dataclass(frozen=True, slots=True)
class VectorEstimate:
    """Values and rates of all channels at each sample; NaN, sd infinite, before the first one."""

    values: Floats
    """(N, C), U."""
    rates: Floats
    """(N, C), U/s."""
    value_sd: Floats
    """(N,): standard deviation of each channel's value, U."""
    rate_sd: Floats
    """(N,): of its rate, U/s."""


class VectorKalman:
    """The filter for live samples: blocks of any length, state kept, built on filterpy.

    Its cost hardly depends on the number of channels, so channels that are sampled together and have
    the same noise belong in one filter.

    Parameters
    ----------
    channels
        Number C of channels.
    model
        What is believed about them.
    """

    def __init__(self, channels: int, model: ConstantVelocity) -> None:
        from filterpy.kalman import KalmanFilter

        self.channels = channels
        self.model = model
        self._time = -np.inf  # of the last sample
        self._started = False
        self._filter = KalmanFilter(dim_x=2, dim_z=1)
        self._filter.x = np.full((2, channels), np.nan)
        self._filter.P = np.diag([np.inf, np.inf])
        self._filter.R = np.array([[model.noise_sd**2]])
        self._filter.H = np.array([[1.0, 0.0]])

    def update(self, time: ArrayLike, values: ArrayLike) -> VectorEstimate:
        """Estimates at each sample of the next block: ``time`` (n,) s, ``values`` (n, C) U.

        A row with NaN is a missing sample: the estimate goes on at its last rate, and its standard
        deviation grows. Steps of time may be of any length. A refused block changes nothing.

        Raises
        ------
        SignalError
            Shapes that do not match, time that does not increase.
        """
        time, values = _checked(time, values, self._time, self.channels)
        states = np.empty((len(time), 2, self.channels))
        variances = np.empty((len(time), 2))
        for sample, (now, value) in enumerate(zip(time, values, strict=True)):
            self._take(now, value)
            states[sample] = self._filter.x
            variances[sample] = np.diagonal(self._filter.P)
        value_sd, rate_sd = np.sqrt(variances.T)
        return VectorEstimate(states[:, 0].copy(), states[:, 1].copy(), value_sd, rate_sd)

    def _take(self, now: float, value: Floats) -> None:
        """Predict to this time, and update if there is a value; the first one starts the state."""
        seen = not np.isnan(value).any()
        if self._started:
            transition, noise = _transition(now - self._time, self.model)
            self._filter.predict(F=transition, Q=noise)
            if seen:
                self._filter.update(value[np.newaxis], H=self._filter.H)
        elif seen:
            self._filter.x = np.stack([value, np.zeros(self.channels)])
            self._filter.P = np.diag([self.model.noise_sd, self.model.initial_rate_sd]) ** 2
            self._started = True
        self._time = now


def filter_vectors(time: ArrayLike, values: ArrayLike, model: ConstantVelocity) -> VectorEstimate:
    """Estimates at each sample of a recording, from it and those before: :class:`VectorKalman`.

    ``time`` (N,) s, increasing in any steps; ``values`` (N, C); rows with NaN are missing samples.

    Raises
    ------
    SignalError
        Shapes that do not match, time that does not increase, no row without NaN.
    """
    return _estimate(*_filtered(time, values, model))


def smooth_vectors(time: ArrayLike, values: ArrayLike, model: ConstantVelocity) -> VectorEstimate:
    """Estimates at each sample of a recording from all samples, later ones too.

    These are cubic smoothing splines (Wecker & Ansley 1983), bridges over missing samples included.
    Parameters and errors are those of :func:`filter_vectors`.
    """
    time = np.ascontiguousarray(time, float)
    estimates = _filtered(time, values, model)
    _smooth(time, model.acceleration_density**2, *estimates)
    return _estimate(*estimates)


def _filtered(
    time: ArrayLike, values: ArrayLike, model: ConstantVelocity
) -> tuple[Floats, Floats, Floats]:
    """Values (N, C), rates (N, C), covariances (N, 3) of the forward pass."""
    time, values = _checked(time, values, -np.inf, np.shape(values)[-1] if np.ndim(values) else 0)
    if np.isnan(values).any(axis=1).all():
        raise SignalError(f"none of the {len(values)} samples is without NaN; nothing to filter")
    estimates = np.empty_like(values), np.empty_like(values), np.empty((len(values), 3))
    noise, rate = model.noise_sd**2, model.initial_rate_sd**2
    _filter(time, values, model.acceleration_density**2, noise, rate, *estimates)
    return estimates


def _estimate(values: Floats, rates: Floats, covariances: Floats) -> VectorEstimate:
    """The results of the kernels, with standard deviations."""
    return VectorEstimate(values, rates, np.sqrt(covariances[:, 0]), np.sqrt(covariances[:, 2]))


def _transition(step: float, model: ConstantVelocity) -> tuple[Floats, Floats]:
    """F and Q over a step in s."""
    density = model.acceleration_density**2
    cross = density * step**2 / 2.0
    noise = np.array([[density * step**3 / 3.0, cross], [cross, density * step]])
    return np.array([[1.0, step], [0.0, 1.0]]), noise


def _checked(
    time: ArrayLike, values: ArrayLike, after: float, channels: int
) -> tuple[Floats, Floats]:
    """Time (N,) that increases from ``after`` on, and values (N, C), as arrays for the kernels."""
    time, values = np.ascontiguousarray(time, float), np.ascontiguousarray(values, float)
    if time.ndim != 1 or values.shape != (len(time), channels):
        raise SignalError(
            f"time and values have shapes {time.shape} and {values.shape}: expected (N,) and "
            f"(N, {channels or 'channels'})"
        )
    steps = np.diff(time, prepend=after)
    if not (steps > 0.0).all():
        sample = int(np.argmin(steps > 0.0))
        before = time[sample - 1] if sample else after
        raise SignalError(
            f"sample {sample}: time {time[sample]} s does not come after {before} s; sort the "
            "samples and drop those sent twice"
        )
    return time, values


@kernel
def _predict(covariance: Floats, step: float, density: float) -> tuple[float, float, float]:
    """F P Fᵀ + Q of P = [p c; c v], given and returned as p, c, v."""
    p, c, v = covariance
    return (
        p + step * (2.0 * c + step * v) + density * step**3 / 3.0,
        c + step * v + density * step**2 / 2.0,
        v + density * step,
    )


@kernel
def _filter(
    time: Floats,
    samples: Floats,
    density: float,
    noise: float,
    initial: float,
    values: Floats,
    rates: Floats,
    covariances: Floats,
) -> None:
    """The forward pass; fills values, rates (N, C) and covariances (N, 3)."""
    started = False
    p, c, v = np.inf, 0.0, np.inf
    for n in range(len(time)):
        seen = not np.isnan(samples[n]).any()
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
def _smooth(
    time: Floats, density: float, values: Floats, rates: Floats, covariances: Floats
) -> None:
    """The backward pass over what :func:`_filter` filled, in place."""
    for n in range(len(time) - 2, -1, -1):
        p, c, v = covariances[n]
        if not np.isfinite(p):
            break
        step = time[n + 1] - time[n]
        pp, pc, pv = _predict(covariances[n], step, density)
        determinant = pp * pv - pc * pc
        # G = P Fᵀ (P⁻)⁻¹
        a, b = p + step * c, c + step * v
        g00, g01 = (a * pv - c * pc) / determinant, (c * pp - a * pc) / determinant
        g10, g11 = (b * pv - v * pc) / determinant, (v * pp - b * pc) / determinant
        for k in range(values.shape[1]):
            surprise = values[n + 1, k] - values[n, k] - step * rates[n, k]
            rate_surprise = rates[n + 1, k] - rates[n, k]
            values[n, k] += g00 * surprise + g01 * rate_surprise
            rates[n, k] += g10 * surprise + g11 * rate_surprise
        dp, dc, dv = (
            covariances[n + 1, 0] - pp,
            covariances[n + 1, 1] - pc,
            covariances[n + 1, 2] - pv,
        )
        covariances[n, 0] = p + g00 * (g00 * dp + g01 * dc) + g01 * (g00 * dc + g01 * dv)
        covariances[n, 1] = c + g10 * (g00 * dp + g01 * dc) + g11 * (g00 * dc + g01 * dv)
        covariances[n, 2] = v + g10 * (g10 * dp + g11 * dc) + g11 * (g10 * dc + g11 * dv)

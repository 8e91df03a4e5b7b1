"""Kalman filter and smoother for channels of any kind: sensor vectors, heart rate, cadence.

Each channel is a value x that changes at a rate v, which white noise of density q pushes about, and
each sample is the value with an error of variance r (the nearly-constant-velocity model;
Bar-Shalom, Li, Kirubarajan 2001, section 6.2.2):

    predict  x⁻ = x + v Δt,  P⁻ = F P Fᵀ + Q,   F = [1 Δt; 0 1],  Q = q [Δt³/3 Δt²/2; Δt²/2 Δt]
    gain     K = P⁻ Hᵀ (H P⁻ Hᵀ + r)⁻¹,         H = [1 0]
    update   (x, v) = (x⁻, v⁻) + K (z − x⁻),    P = (I − K H) P⁻

All channels share the model, so they share one covariance. :class:`VectorKalman` is for live
samples and is filterpy's KalmanFilter; it keeps the last estimate and no history. For whole
recordings, :func:`filter_vectors` gives the same and :func:`smooth_vectors` adds the backward pass
(Rauch, Tung, Striebel 1965), both in compiled code.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats
from trackside.errors import ParameterError, SignalError
from trackside.filters.vector_kalman_kernel import process_noise, run_filter, run_smoother

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

    Its cost hardly depends on the number of channels, so channels that are sampled together and
    have the same noise belong in one filter.

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
        self._filter.H = np.array([[1.0, 0.0]])

    def update(
        self, time: ArrayLike, values: ArrayLike, noise_sd: ArrayLike | None = None
    ) -> VectorEstimate:
        """Estimates at each sample of the next block: ``time`` (n,) s, ``values`` (n, C) U.

        ``noise_sd`` (n,) U: of each sample, where they are not all as good as the model says. A row
        with NaN or infinity is a missing sample: the estimate goes on at its last rate, and
        its standard deviation grows. Steps of time may be of any length. A refused block changes
        nothing.

        Raises
        ------
        SignalError
            Shapes that do not match, time that does not increase, a noise that is not positive.
        """
        time, values = _checked(time, values, self._time, self.channels)
        noise = _variances(noise_sd, self.model, len(time))
        states = np.empty((len(time), 2, self.channels))
        variances = np.empty((len(time), 2))
        for sample, (now, value) in enumerate(zip(time, values, strict=True)):
            self._take(now, value, float(noise[sample]))
            states[sample] = self._filter.x
            variances[sample] = np.diagonal(self._filter.P)
        value_sd, rate_sd = np.sqrt(variances.T)
        return VectorEstimate(states[:, 0].copy(), states[:, 1].copy(), value_sd, rate_sd)

    def _take(self, now: float, value: Floats, variance: float) -> None:
        """Predict to this time, and update if there is a value; the first one starts the state."""
        seen = bool(np.isfinite(value).all())
        if self._started:
            transition, noise = _transition(now - self._time, self.model)
            self._filter.predict(F=transition, Q=noise)
            if seen:
                self._filter.update(value[np.newaxis], R=variance, H=self._filter.H)
        elif seen:
            self._filter.x = np.stack([value, np.zeros(self.channels)])
            self._filter.P = np.diag([variance, self.model.initial_rate_sd**2])
            self._started = True
        self._time = now


def filter_vectors(
    time: ArrayLike,
    values: ArrayLike,
    model: ConstantVelocity,
    noise_sd: ArrayLike | None = None,
) -> VectorEstimate:
    """Estimates at each sample of a recording, from it and those before: :class:`VectorKalman`.

    ``time`` (N,) s, increasing in any steps; ``values`` (N, C) U; rows with NaN or infinity are
    missing samples; ``noise_sd`` (N,) U of each sample, by default the model's.

    Raises
    ------
    SignalError
        Shapes that do not match, time that does not increase, a noise that is not positive, no row
        without NaN.
    """
    return _estimate(*_filtered(time, values, model, noise_sd))


def smooth_vectors(
    time: ArrayLike,
    values: ArrayLike,
    model: ConstantVelocity,
    noise_sd: ArrayLike | None = None,
) -> VectorEstimate:
    """Estimates at each sample of a recording from all samples, later ones too.

    These are cubic smoothing splines (Wecker & Ansley 1983), bridges over missing samples included.
    Parameters and errors are those of :func:`filter_vectors`.
    """
    time = np.ascontiguousarray(time, float)
    estimates = _filtered(time, values, model, noise_sd)
    run_smoother(time, model.acceleration_density**2, *estimates)
    return _estimate(*estimates)


def _filtered(
    time: ArrayLike, values: ArrayLike, model: ConstantVelocity, noise_sd: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Values (N, C), rates (N, C), covariances (N, 3) of the forward pass."""
    time, values = _checked(time, values, -np.inf, np.shape(values)[-1] if np.ndim(values) else 0)
    if not np.isfinite(values).all(axis=1).any():
        raise SignalError(f"none of the {len(values)} samples is without NaN; nothing to filter")
    estimates = np.empty_like(values), np.empty_like(values), np.empty((len(values), 3))
    noise, rate = _variances(noise_sd, model, len(time)), model.initial_rate_sd**2
    run_filter(time, values, model.acceleration_density**2, noise, rate, *estimates)
    return estimates


def _variances(noise_sd: ArrayLike | None, model: ConstantVelocity, count: int) -> Floats:
    """The variance (N,) of each sample's error, U²."""
    sd = np.full(count, model.noise_sd) if noise_sd is None else np.asarray(noise_sd, float)
    if sd.shape != (count,) or not ((sd > 0.0) & np.isfinite(sd)).all():
        raise SignalError(f"noise_sd: expected ({count},) positive numbers")
    return sd**2


def _estimate(values: Floats, rates: Floats, covariances: Floats) -> VectorEstimate:
    """The results of the kernels, with standard deviations."""
    return VectorEstimate(values, rates, np.sqrt(covariances[:, 0]), np.sqrt(covariances[:, 2]))


def _transition(step: float, model: ConstantVelocity) -> tuple[Floats, Floats]:
    """F and Q over a step in s."""
    p, c, v = process_noise(step, model.acceleration_density**2)
    return np.array([[1.0, step], [0.0, 1.0]]), np.array([[p, c], [c, v]])


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

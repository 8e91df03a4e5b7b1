"""A physical event that all sensors feel, such as a jump or a clap, removes clocks' constant rest.

Arrival times cannot show the constant part of a sensor's delay. An impact can: it runs through the
whole body within milliseconds. Sensors are compared in pairs by the magnitude of acceleration,
which does not depend on how a sensor is worn, and by a normalised correlation, so that a hard hit
at the shank and a soft one at the head count alike.

Source: Knapp and Carter, The generalized correlation method for estimation of time delay, IEEE
Transactions on Acoustics, Speech and Signal Processing 24, 1976 (the correlator, and the bound on
the variance of its lag). Peaks are interpolated by a parabola.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import gaussian_filter1d

from trackside.arrays import Floats
from trackside.errors import MissingDataError

GRID = 1e-3
"""Spacing in s of the common time base on which signals are compared."""

SMOOTHING = 8e-3
"""Standard deviation in s of the Gaussian that makes different sample rates comparable."""

WEAKEST_IMPACT = 4.0
"""How far the magnitude of acceleration must leave its median, m/s²: a jump's flight makes 9.8."""

WEAKEST_CORRELATION = 0.6
"""How much a sensor must agree with the others; 1 is the same shape."""


@dataclass(frozen=True)
class SharedEvent:
    """How much later than the median sensor each sensor says that the event was.

    By sensor: ``lag`` in s, to be subtracted from its times; ``sd`` in s, its uncertainty;
    ``correlation`` with the other sensors, 1 for the same shape.
    """

    lag: Mapping[str, float]
    sd: Mapping[str, float]
    correlation: Mapping[str, float]


def find_shared_event(
    sensors: Mapping[str, tuple[Floats, Floats]],
    moment: float,
    *,
    reach: float = 1.0,
    longest_lag: float = 0.2,
) -> SharedEvent:
    """The lag of each sensor at the event near ``moment`` (s).

    ``sensors``: by name, time (N,) s ascending and acceleration (N, 3) m/s². The event must lie
    within ``reach`` (s) of ``moment``, and sensors no further apart than ``longest_lag`` (s). A lag
    includes the time that the impact takes to reach the sensor.

    Raises :class:`MissingDataError` with fewer than two sensors, and naming the first sensor that
    has no samples there, felt no impact, or felt something else than the others.
    """
    if len(sensors) < 2:
        raise MissingDataError("a shared event needs at least two sensors")
    grid = moment + np.arange(-reach, reach, GRID)
    signals = np.array([_impact(name, *sensor, grid) for name, sensor in sensors.items()])
    lags, correlations = _compare(signals, longest_lag)
    correlation = np.nanmedian(correlations, axis=1)
    worst = int(np.argmin(correlation))
    if correlation[worst] < WEAKEST_CORRELATION:
        raise MissingDataError(
            f"sensor {list(sensors)[worst]}: no event shared with the other sensors near "
            f"{moment:.1f} s (correlation {correlation[worst]:.2f}); give the moment of a jump"
        )
    # The median over all sensors, itself included, is the lag behind the median sensor.
    lag = np.median(lags, axis=1)
    sd = _lag_sd(signals, correlation)
    return SharedEvent(
        *(dict(zip(sensors, map(float, each), strict=True)) for each in (lag, sd, correlation))
    )


def _impact(name: str, time: Floats, acc: Floats, grid: Floats) -> Floats:
    """The acceleration's magnitude on the grid (G,): smooth, about its median, of unit energy."""
    if len(time) == 0 or time[0] > grid[0] or time[-1] < grid[-1]:
        raise MissingDataError(
            f"sensor {name}: no samples from {grid[0]:.1f} to {grid[-1]:.1f} s, around the event"
        )
    near = slice(max(0, np.searchsorted(time, grid[0]) - 1), np.searchsorted(time, grid[-1]) + 1)
    magnitude = np.interp(grid, time[near], np.linalg.norm(acc[near], axis=1))
    magnitude -= np.median(magnitude)
    if not np.abs(magnitude).max() >= WEAKEST_IMPACT:
        raise MissingDataError(
            f"sensor {name}: no impact from {grid[0]:.1f} to {grid[-1]:.1f} s; "
            "give the moment of a jump"
        )
    smooth = gaussian_filter1d(magnitude, SMOOTHING / GRID)
    return smooth / np.linalg.norm(smooth)


def _compare(signals: Floats, longest_lag: float) -> tuple[Floats, Floats]:
    """Of each pair (S, S): the first's lag behind the second in s, and their correlation there.

    The correlation of a sensor with itself is NaN.
    """
    size = next_fast_len(2 * signals.shape[1], real=True)
    spectra = rfft(signals, size)
    limit = round(longest_lag / GRID)
    shifts = np.arange(-limit, limit + 1)
    count = len(signals)
    lags, correlations = np.zeros((count, count)), np.full((count, count), np.nan)
    for i in range(count):
        for j in range(i):
            peak, height = _peak(irfft(spectra[i] * spectra[j].conj(), size)[shifts])
            lags[i, j] = (peak - limit) * GRID
            lags[j, i] = -lags[i, j]
            correlations[i, j] = correlations[j, i] = height
    return lags, correlations


def _peak(values: Floats) -> tuple[float, float]:
    """Position and height of the largest value, between samples by a parabola through three."""
    top = int(np.argmax(values))
    if top in (0, len(values) - 1):
        return float(top), float(values[top])
    before, here, after = values[top - 1 : top + 2]
    shift = 0.5 * (before - after) / (before - 2.0 * here + after)
    return top + shift, float(here - 0.25 * (before - after) * shift)


def _lag_sd(signals: Floats, correlation: Floats) -> Floats:
    """Standard deviation (S,) in s of the lags, about the Cramér–Rao bound.

    var = (1/ρ² − 1) / (N β²), where β is the signal's root-mean-square bandwidth and N the number
    of independent values in the event: its duration times β.
    """
    bandwidth = np.linalg.norm(np.gradient(signals, GRID, axis=1), axis=1)
    duration = GRID / np.sum(signals**4, axis=1)
    independent = np.maximum(1.0, duration * bandwidth)
    noise = np.maximum(0.0, 1.0 / np.minimum(correlation, 1.0) ** 2 - 1.0)
    return np.sqrt(noise / independent) / bandwidth

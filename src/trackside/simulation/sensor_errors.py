"""What real sensors do to a signal: errors of an IMU, its clock and its radio link."""

from dataclasses import dataclass, field

import numpy as np

from trackside.arrays import Floats


@dataclass(frozen=True)
class Imperfection:
    """Errors of one triad, in its unit U (rad/s, m/s² or µT); all zero: a perfect sensor.

    ``bias``: U, standard deviation of the constant offset per axis. ``drift``: U/√s, random walk of
    the offset. ``noise``: U/√Hz, one-sided density of the white noise. ``scale``: relative,
    standard deviation per axis. ``misalignment``: rad, that of each off-diagonal term. ``limit``:
    U, largest value that the sensor can tell. ``resolution``: U, size of a bit.
    """

    bias: float = 0.0
    drift: float = 0.0
    noise: float = 0.0
    scale: float = 0.0
    misalignment: float = 0.0
    limit: float = np.inf
    resolution: float = 0.0


@dataclass(frozen=True)
class SensorErrors:
    """Errors of every sensor of a kit; each sensor draws its own.

    ``gyroscope`` in rad/s, ``accelerometer`` in m/s², ``magnetometer`` in µT, whose bias is hard
    iron, whose scale and misalignment are soft iron. ``disturbance`` (µT): standard deviation of
    a field that comes and goes around each sensor, over ``disturbance_time`` (s).
    ``clock_skew`` (ppm): standard deviation of the clock's rate; ``clock_offset`` (s): how long
    before the session the device may have started. ``latency``, ``jitter`` (s): least
    and mean extra time from sample to arrival.
    ``loss``: share of packets lost; ``burst``: mean number lost at a time. ``tick`` (s): of the
    device's clock. ``beat_tick`` (s): resolution of RR intervals, 0 for exact ones.
    """

    gyroscope: Imperfection = field(default_factory=Imperfection)
    accelerometer: Imperfection = field(default_factory=Imperfection)
    magnetometer: Imperfection = field(default_factory=Imperfection)
    disturbance: float = 0.0
    disturbance_time: float = 5.0
    clock_skew: float = 0.0
    clock_offset: float = 0.0
    latency: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    burst: float = 1.0
    tick: float = 1e-6
    beat_tick: float = 0.0


IDEAL = SensorErrors()
"""Exact samples at exact times."""

REALISTIC = SensorErrors(
    gyroscope=Imperfection(
        bias=np.radians(0.3),
        drift=np.radians(0.002),
        noise=np.radians(0.01),
        scale=0.003,
        misalignment=0.002,
        limit=np.radians(2000.0),
        resolution=np.radians(1 / 16.384),
    ),
    accelerometer=Imperfection(
        bias=0.05,
        drift=1e-4,
        noise=200e-6 * 9.81,
        scale=0.002,
        misalignment=0.002,
        limit=16 * 9.81,
        resolution=9.81 / 2048,
    ),
    magnetometer=Imperfection(
        bias=1.0, noise=0.02, scale=0.01, misalignment=0.01, limit=190.0, resolution=0.15
    ),
    disturbance=2.0,
    clock_skew=20.0,
    clock_offset=2.0,
    latency=0.015,
    jitter=0.005,
    loss=0.005,
    burst=4.0,
    tick=1 / 32768,
    beat_tick=1 / 1024,
)
"""A wireless motion tracker of the better kind, some time after its calibration.

Noise densities (0.01 °/s/√Hz, 200 µg/√Hz) are a little above those stated for the Xsens MTi-1
(0.007 °/s/√Hz, 120 µg/√Hz), and ranges are the same (doi 10.2478/tar-2023-0022). Resolutions are
those of 16 bits over these ranges. The biases, scale errors and misalignments that a calibration
leaves, and the errors of magnetometer, clock and radio, are assumptions of ours. Links lose more
when two devices share a radio: raise ``loss``. RR intervals come in 1/1024 s (Bluetooth Heart Rate
Service 1.0, 3.1.1.4).
"""


def spoil(signal: Floats, errors: Imperfection, rate: float, rng: np.random.Generator) -> None:
    """Put the errors of one triad on its signal (N, 3), in place; ``rate`` in Hz."""
    if errors == Imperfection():
        return
    distortion = errors.misalignment * rng.standard_normal((3, 3))
    np.fill_diagonal(distortion, errors.scale * rng.standard_normal(3))
    signal += signal @ distortion.T
    signal += errors.bias * rng.standard_normal(3)
    if errors.drift:
        step = errors.drift / np.sqrt(rate)
        signal += np.cumsum(step * rng.standard_normal(signal.shape), axis=0)
    if errors.noise:
        signal += errors.noise * np.sqrt(rate / 2) * rng.standard_normal(signal.shape)
    np.clip(signal, -errors.limit, errors.limit, out=signal)
    if errors.resolution:
        signal /= errors.resolution
        np.rint(signal, out=signal)
        signal *= errors.resolution


def wandering_field(
    count: int, errors: SensorErrors, rate: float, rng: np.random.Generator
) -> Floats:
    """A magnetic disturbance (N, 3) µT in the earth frame: a first-order Gauss–Markov process."""
    from scipy.signal import lfilter

    keep = np.exp(-1.0 / (rate * errors.disturbance_time))
    drive = errors.disturbance * np.sqrt(1 - keep**2) * rng.standard_normal((count, 3))
    start = errors.disturbance * rng.standard_normal((1, 3))
    field_: Floats = lfilter([1.0], [1.0, -keep], drive, axis=0, zi=keep * start)[0]
    return field_

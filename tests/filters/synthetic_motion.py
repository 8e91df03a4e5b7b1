"""Sensors that tumble on a known path: ideal samples with the orientation that they belong to."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt

GRAVITY = np.array([0.0, 0.0, 9.81])
FIELD = np.array([0.0, 20.0, -40.0])  # µT, northern hemisphere


@dataclass(frozen=True)
class Tumble:
    """Ideal samples of one sensor and the truth."""

    time: Floats
    gyr: Floats
    acc: Floats
    mag: Floats
    orientation: Floats


def waves(time: Floats, random: np.random.Generator, speed: float) -> tuple[Floats, Floats]:
    """An angle in rad that wanders to and fro, and its rate in rad/s."""
    frequency, phase = random.uniform(0.1, 0.6, 4), random.uniform(0.0, 2.0 * np.pi, 4)
    turned = 2.0 * np.pi * frequency * time[:, None] + phase
    angle = speed * np.sum(np.sin(turned) / (2.0 * np.pi * frequency), axis=1)
    return np.asarray(angle), np.asarray(speed * np.sum(np.cos(turned), axis=1))


def tumble(rate: float, seconds: float, seed: int = 0, speed: float = 1.0) -> Tumble:
    """Smooth rotation about all axes while the sensor sways within some decimetres.

    The orientation is a turn about z, then x, then z, so that rates are exact (Diebel 2006).
    """
    random = np.random.default_rng(seed)
    time: Floats = np.arange(round(seconds * rate)) / rate
    x, z = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    (a, da), (b, db), (c, dc) = (waves(time, random, speed) for _ in range(3))
    inner, outer = qt.about_axis(x, b), qt.about_axis(z, c)
    orientation = qt.multiply(qt.multiply(qt.about_axis(z, a), inner), outer)
    gyr = dc[:, None] * z + qt.rotate(
        qt.conjugate(outer), db[:, None] * x + qt.rotate(qt.conjugate(inner), da[:, None] * z)
    )
    sway = 2.0 * np.pi * np.array([0.7, 1.1, 0.9])
    acceleration = -0.05 * sway**2 * np.sin(sway * time[:, None])
    to_sensor = qt.conjugate(orientation)
    acc = qt.rotate(to_sensor, acceleration + GRAVITY)
    mag = qt.rotate(to_sensor, np.broadcast_to(FIELD, acc.shape))
    return Tumble(time, gyr, acc, mag, orientation)


def still(rate: float, seconds: float, orientation: Floats) -> Tumble:
    """A sensor that does not move."""
    samples = round(seconds * rate)
    q = np.tile(qt.normalized(orientation), (samples, 1))
    acc, mag = (
        qt.rotate(qt.conjugate(q), np.broadcast_to(v, (samples, 3))) for v in (GRAVITY, FIELD)
    )
    return Tumble(np.arange(samples) / rate, np.zeros((samples, 3)), acc, mag, q)


def inclination_error(estimate: Floats, truth: Floats) -> Floats:
    """Angle (N,) in rad between the estimated and the true vertical."""
    error = qt.multiply(estimate, qt.conjugate(truth))
    return np.asarray(
        2.0
        * np.arctan2(np.hypot(error[..., 1], error[..., 2]), np.hypot(error[..., 0], error[..., 3]))
    )


def heading_error(estimate: Floats, truth: Floats) -> Floats:
    """Signed twist (N,) in rad about the vertical that separates estimate and truth."""
    error = qt.multiply(estimate, qt.conjugate(truth))
    angle = 2.0 * np.arctan2(error[..., 3], error[..., 0])
    return np.asarray(np.remainder(angle + np.pi, 2.0 * np.pi) - np.pi)

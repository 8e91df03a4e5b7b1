"""Joint-angle curves of walking, running and sprinting over one stride, from the literature.

The tables give the sagittal hip, knee and ankle angle of one leg at 5 % steps from one initial
contact to the next, in degrees: flexion and dorsiflexion positive, relative to upright standing.
The hip's is the thigh's angle to the vertical, which is that of the hip less the pelvis' tilt.

Honesty: the numbers were approximated by hand to the published mean curves, with their extremes
and timing kept, and are good to several degrees. They are not digitised copies. The thigh's
extension about toe-off was chosen so that the leg spans the ground that the body covers in stance.
The curves:

- walking at about 1.4 m/s: D. A. Winter, *The Biomechanics and Motor Control of Human Gait*,
  2nd ed. 1991; J. Perry & J. Burnfield, *Gait Analysis*, 2nd ed. 2010.
- running at 3.2 m/s: T. F. Novacheck, The biomechanics of running, Gait & Posture 7, 1998;
  A. G. Schache et al., The coordinated movement of the lumbo-pelvic-hip complex during running,
  Gait & Posture 10, 1999.
- sprinting at 9 m/s: R. A. Mann & J. Hagy, Biomechanics of walking, running, and sprinting,
  Am. J. Sports Med. 8, 1980; Novacheck 1998; A. G. Schache et al., Effect of running speed on
  lower limb joint kinetics, Med. Sci. Sports Exerc. 43, 2011.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats

TOE_OFF = 0.40
"""Stride fraction to which the toe-off of every curve is moved, so that gaits can be blended."""

HARMONICS = 7


@dataclass(frozen=True)
class LegCurves:
    """One gait's sagittal leg angles.

    ``speed`` m/s; ``toe_off`` fraction of the stride; ``hip_deg``, ``knee_deg``, ``ankle_deg``: 20
    values at 0, 5 … 95 % of the stride.
    """

    speed: float
    toe_off: float
    hip_deg: tuple[float, ...]
    knee_deg: tuple[float, ...]
    ankle_deg: tuple[float, ...]


# fmt: off
WALKING = LegCurves(
    1.4, 0.62,
    (24, 23, 20, 15, 9, 3, -3, -9, -14, -18, -20, -17, -9, 3, 14, 21, 25, 26, 26, 25),
    (5, 11, 16, 18, 17, 14, 11, 8, 6, 7, 12, 23, 40, 54, 61, 60, 49, 32, 14, 4),
    (0, -4, -5, -2, 2, 4, 6, 8, 10, 11, 9, 1, -12, -19, -15, -8, -3, 0, 1.5, 1),
)
RUNNING = LegCurves(
    3.2, 0.38,
    (31, 31, 28, 22, 14, 5, -5, -15, -21, -20, -13, -2, 11, 22, 31, 37, 40, 40, 37, 33),
    (14, 25, 35, 41, 40, 35, 28, 21, 18, 23, 36, 53, 70, 83, 89, 86, 74, 55, 34, 18),
    (6, 9, 15, 20, 22, 19, 8, -9, -22, -21, -14, -8, -4, -1, 1, 3, 4, 5, 6, 6),
)
SPRINTING = LegCurves(
    9.0, 0.23,
    (34, 28, 17, 3, -12, -24, -27, -19, -3, 17, 38, 56, 67, 73, 74, 71, 64, 55, 47, 41),
    (22, 29, 33, 31, 27, 27, 40, 62, 87, 108, 121, 125, 119, 104, 83, 59, 38, 24, 18, 18),
    (-2, 8, 15, 10, -10, -26, -26, -19, -12, -7, -3, 0, 2, 3, 3, 2, 1, 0, -2, -3),
)
# fmt: on


def warped(fraction: ArrayLike, toe_off: float) -> Floats:
    """Stride fractions with toe-off at TOE_OFF → those of a gait with its toe-off elsewhere."""
    fraction = np.asarray(fraction, float) % 1.0
    stance = fraction / TOE_OFF * toe_off
    swing = toe_off + (fraction - TOE_OFF) / (1 - TOE_OFF) * (1 - toe_off)
    return np.where(fraction < TOE_OFF, stance, swing)


def fourier_coefficients(curves: LegCurves) -> Floats:
    """Fourier series of hip, knee and ankle in rad, (3, 1 + 2·HARMONICS), toe-off at TOE_OFF.

    Columns: mean, then cosine and sine of each harmonic in turn.
    """
    from scipy.interpolate import CubicSpline

    stride = np.linspace(0.0, 1.0, 200, endpoint=False)
    rows = []
    for values in (curves.hip_deg, curves.knee_deg, curves.ankle_deg):
        periodic = CubicSpline(np.linspace(0, 1, 21), [*values, values[0]], bc_type="periodic")
        spectrum = np.fft.rfft(np.radians(periodic(warped(stride, curves.toe_off)))) / len(stride)
        row = np.empty(1 + 2 * HARMONICS)
        row[0] = spectrum[0].real
        row[1::2] = 2 * spectrum[1 : HARMONICS + 1].real
        row[2::2] = -2 * spectrum[1 : HARMONICS + 1].imag
        rows.append(row)
    return np.array(rows)


def evaluate(coefficients: ArrayLike, fraction: ArrayLike) -> Floats:
    """Angles (3, N) in rad of a Fourier series (3, 1 + 2·HARMONICS) at stride fractions (N,)."""
    angle = 2 * np.pi * np.multiply.outer(np.arange(1, HARMONICS + 1), np.asarray(fraction, float))
    basis = np.empty((1 + 2 * HARMONICS, angle.shape[1]))
    basis[0] = 1.0
    basis[1::2], basis[2::2] = np.cos(angle), np.sin(angle)
    product: Floats = np.asarray(coefficients, float) @ basis
    return product

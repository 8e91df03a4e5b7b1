"""Hard and soft iron of a magnetometer, from a recording in which the sensor was turned about.

Magnets and currents that move with the sensor add a constant to what it reads (hard iron), iron that
does distorts it linearly (soft iron), and sensors have scale errors of their own. Of three models
the richest is chosen that the recording can tell: an ellipsoid (both), a sphere (hard iron), or
nothing. With too little turning for a sphere the gyroscope can still find the hard iron
(:mod:`trackside.filters.magnetometer_gyroscope`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError
from trackside.filters.magnetometer_surface import (
    ELLIPSOID,
    SPHERE,
    Fit,
    Surface,
    robust_fit,
    robust_sphere,
)

LEAST_SAMPLES = 20
STILL = 0.02
"""Spread of the readings relative to their size below which the sensor was not turned at all."""
VOXELS = 12
"""Edge of the cells, per extent of the readings, in which samples are counted as of one place."""
SAMPLES_PER_VOXEL = 10
"""How many of them are used, so that a sensor hanging still does not outweigh one turned about."""

SPHERE_COVERAGE = 0.01
"""Least coverage for a sphere: a cap of about 37° half angle."""
ELLIPSOID_COVERAGE = 0.1
"""Least coverage for an ellipsoid: a cap of about 70° half angle."""
LARGEST_OFFSET_SD = 0.05
"""Standard deviation of the hard iron, relative to the field, above which it is not believed."""
LARGEST_STRETCH = 3.0
"""Ratio of an ellipsoid's axes above which it is not believed."""
LARGEST_CONDITION = 50.0
"""Condition of the ellipsoid's fit above which it is not believed."""
DISTURBED = 0.05
"""Residual, relative to the field, that tells of iron or currents nearby."""


class Model(StrEnum):
    """What a calibration corrects."""

    IDENTITY = "identity"  # nothing
    OFFSET = "offset"  # hard iron, from the gyroscope
    SPHERE = "sphere"  # hard iron, from the field's norm
    ELLIPSOID = "ellipsoid"  # hard and soft iron


@dataclass(frozen=True, slots=True)
class CalibrationQuality:
    """How good a calibration is, relative to the norm of the field where it says relative."""

    model: Model = Model.IDENTITY
    residual: float = np.nan
    """RMS of \\|calibrated\\| − norm without outliers, relative; of the raw readings for IDENTITY."""
    coverage: float = 0.0
    """Three times the least variance of the field's direction in the sensor over the axes: 1 when
    turned all ways alike, 0.25 for half of the sphere, 0 on a circle. For OFFSET that of the
    turning: the share of it about the worst axis's perpendiculars."""
    condition: float = np.inf
    """Condition number of the fit, 1.7 at best."""
    offset_sd: float = np.inf
    """Standard deviation of the hard iron along its worst axis, relative."""
    outliers: float = 0.0
    """Share of the samples that were left out."""
    action: str = "not calibrated; turn the sensor about all axes for half a minute"
    """What to do, in plain words."""


@dataclass(frozen=True, slots=True, eq=False)
class MagnetometerCalibration:
    """calibrated = matrix (reading − offset); the default changes nothing.

    ``offset`` (3,) in the reading's unit U; ``matrix`` (3, 3), symmetric of determinant 1, so that
    calibrated fields are in U too; ``norm`` in U, that of the calibrated field.
    """

    offset: Floats = field(default_factory=lambda: np.zeros(3))
    matrix: Floats = field(default_factory=lambda: np.eye(3))
    norm: float = np.nan
    quality: CalibrationQuality = CalibrationQuality()

    def apply(self, mag: ArrayLike) -> Floats:
        """Calibrated fields of readings (..., 3), both in U; NaN stays NaN."""
        return np.asarray((np.asarray(mag, float) - self.offset) @ self.matrix.T)


def calibrate_magnetometer(mag: ArrayLike) -> MagnetometerCalibration:
    """The calibration that a recording of a turning sensor can tell.

    Parameters
    ----------
    mag
        Readings (N, 3) in any unit U. Those that are NaN, infinite or all zero are missing.

    The richest model is chosen that the turning determines (``quality.coverage``,
    ``quality.offset_sd``) and, for the ellipsoid, that explains the residuals better by the Bayesian
    information criterion. If even a sphere is not determined, the identity is returned, and
    ``quality.action`` says what is missing.

    Raises
    ------
    SignalError
        Wrong shape, too few samples, or a sensor that was not turned at all.
    """
    samples = usable_samples(mag)
    points = _thinned(samples)
    start = robust_sphere(points)
    sphere = robust_fit(points, start, SPHERE)
    if sphere is None:
        return uncalibrated(samples, 0.0)
    calibration = believed_sphere(_calibration(Model.SPHERE, sphere, points), samples)
    if calibration.quality.coverage < ELLIPSOID_COVERAGE:
        return calibration
    ellipsoid = robust_fit(points, sphere.surface, ELLIPSOID)
    if ellipsoid is None:
        return calibration
    richer = _calibration(Model.ELLIPSOID, ellipsoid, points)
    better = _information(points, ellipsoid) < _information(points, sphere)
    return richer if better and _is_believable(ellipsoid, richer.quality) else calibration

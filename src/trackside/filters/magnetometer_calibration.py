"""Hard and soft iron of a magnetometer, from a recording in which the sensor was turned about.

Magnets that move with the sensor add a constant to what it reads (hard iron), iron that does
distorts it linearly (soft iron), and sensors have scale errors of their own. Of three models the
richest is chosen that the recording can tell: an ellipsoid (both), a sphere (hard iron), or
nothing. With too little turning for a sphere the gyroscope can still find the hard iron
(:mod:`trackside.filters.magnetometer_gyroscope`).
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.magnetometer_surface import (
    ELLIPSOID,
    SPHERE,
    Fit,
    robust_fit,
    robust_sphere,
)

LEAST_SAMPLES = 20
STILL = 0.02
"""Spread of the readings relative to their size below which the sensor was not turned at all."""
MOST_SAMPLES = 10_000
"""More are thinned out evenly."""
CELLS = 12
"""Cells of space, per extent of the readings, whose samples count as from one place."""
CROWDED = 3.0
"""Share of samples, relative to the median cell's, above which a cell is thinned out, so that a
sensor hanging still does not outweigh one turned about."""
CROWD = 10.0
"""Samples up to which no cell is thinned out."""
ROUNDING = 1e-6

SPHERE_COVERAGE = 0.01
"""Least coverage for a sphere: a cap of about 37° half angle."""
ELLIPSOID_COVERAGE = 0.1
"""Least coverage for an ellipsoid: a cap of about 70° half angle."""
LARGEST_OFFSET_SD = 0.03
"""Standard deviation of the hard iron, relative to the field, above which it is not believed."""
LARGEST_STRETCH = 3.0
"""Ratio of an ellipsoid's axes above which it is not believed."""
LARGEST_CONDITION = 50.0
"""Condition of the ellipsoid's fit above which it is not believed."""
DISTURBED = 0.05
"""Residual, relative to the field, that tells of iron or currents nearby."""
LARGEST_RESIDUAL = 0.1
"""Residual, relative to the field, above which no model is believed."""
MANY_OUTLIERS = 0.1
"""Share of outliers that tells of a field that changed."""
MOST_OUTLIERS = 0.3
"""Share of outliers above which no model is believed."""


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
    """RMS of |calibrated| − norm without outliers, relative."""
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
    action: str = "not calibrated; away from iron, turn the sensor about all axes for half a minute"
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
        """Calibrated fields of readings (..., 3), both in U; readings not finite become NaN."""
        with np.errstate(invalid="ignore"):
            return np.asarray((np.asarray(mag, float) - self.offset) @ self.matrix.T)


def calibrate_magnetometer(mag: ArrayLike) -> MagnetometerCalibration:
    """The calibration that a recording of a turning sensor can tell.

    The richest model is chosen that the turning determines (``quality.coverage``,
    ``quality.offset_sd``) and, for the ellipsoid, that explains the residuals better by the
    Bayesian information criterion. If even a sphere is not determined, the identity is returned,
    and ``quality.action`` says what is missing.

    Parameters
    ----------
    mag
        Readings (N, 3) in any unit U. Those that are NaN, infinite or all zero are missing.

    Raises
    ------
    SignalError
        Wrong shape, too few samples, or a sensor that was not turned at all.
    """
    readings = usable_readings(mag)
    points, places = _thinned(readings)
    sphere = robust_fit(points, robust_sphere(points), SPHERE, places)
    if sphere is None or sphere.coverage < SPHERE_COVERAGE:
        return best_calibration(sphere, None)
    return best_calibration(sphere, robust_fit(points, sphere.surface, ELLIPSOID, places))


def usable_readings(mag: ArrayLike) -> Floats:
    """The readings (n, 3) of ``mag`` (N, 3) that are not missing, if they can tell anything.

    Raises
    ------
    SignalError
        As :func:`calibrate_magnetometer`.
    """
    mag = np.asarray(mag, float)
    if mag.ndim != 2 or mag.shape[1] != 3:
        raise SignalError(f"magnetometer has shape {mag.shape}: expected (N, 3)")
    readings = mag[np.isfinite(mag).all(axis=1) & mag.any(axis=1)]
    if len(readings) < LEAST_SAMPLES:
        raise SignalError(
            f"{len(readings)} of {len(mag)} magnetometer samples are neither NaN nor zero: a "
            f"calibration takes {LEAST_SAMPLES} at least"
        )
    spread = np.sqrt(readings.var(axis=0).sum() / np.mean(readings**2) / 3.0)
    if spread < STILL:
        raise SignalError(
            f"the magnetometer's readings vary by {100 * spread:.1f} % only: the sensor was not "
            "turned; turn it about all axes for half a minute"
        )
    return readings


def best_calibration(sphere: Fit | None, ellipsoid: Fit | None) -> MagnetometerCalibration:
    """The calibration of the richer fit that is to be believed, or the identity."""
    if ellipsoid is not None and _is_believable(ellipsoid, ELLIPSOID_COVERAGE):
        shape_known = ellipsoid.condition <= LARGEST_CONDITION
        plausible = ellipsoid.surface.stretch <= LARGEST_STRETCH
        better = sphere is None or ellipsoid.information < sphere.information
        if shape_known and plausible and better:
            return _calibration(Model.ELLIPSOID, ellipsoid)
    if sphere is not None and _is_believable(sphere, SPHERE_COVERAGE):
        return _calibration(Model.SPHERE, sphere)
    coverage = min(sphere.coverage, SPHERE_COVERAGE) if sphere else 0.0
    return MagnetometerCalibration(quality=CalibrationQuality(coverage=coverage))


def _is_believable(fit: Fit, least_coverage: float) -> bool:
    return (
        fit.coverage >= least_coverage
        and fit.centre_sd <= LARGEST_OFFSET_SD
        and fit.residual <= LARGEST_RESIDUAL
        and fit.outliers <= MOST_OUTLIERS
    )


def _calibration(model: Model, fit: Fit) -> MagnetometerCalibration:
    """The calibration that takes the fit's surface to a sphere of the same volume."""
    norm = fit.surface.radius
    quality = CalibrationQuality(
        model=model,
        residual=fit.residual,
        coverage=fit.coverage,
        condition=fit.condition,
        offset_sd=fit.centre_sd,
        outliers=fit.outliers,
        action=_action(fit),
    )
    return MagnetometerCalibration(fit.surface.centre, norm * fit.surface.shape, norm, quality)


def _action(fit: Fit) -> str:
    """What to do about a believed calibration, in plain words."""
    if fit.residual > DISTURBED or fit.outliers > MANY_OUTLIERS:
        return "usable, but the field changed meanwhile; repeat it away from iron and magnets"
    if fit.coverage < ELLIPSOID_COVERAGE:
        return "usable; turn the sensor all ways, also upside down, to tell soft iron as well"
    return "none; repeat it when anything magnetic near the sensor changes"


def _thinned(readings: Floats) -> tuple[Floats, int]:
    """The readings, but of crowded cells of space only some, and the number of cells."""
    readings = readings[:: 1 + len(readings) // MOST_SAMPLES]
    low, high = np.quantile(readings, [0.01, 0.99], axis=0)
    cells = np.floor((readings - low) * (CELLS / np.max(high - low))).clip(-1, CELLS)
    cell = np.unique(cells @ (CELLS + 2.0) ** np.arange(3), return_inverse=True)[1]
    counts = np.bincount(cell)
    crowd = CROWDED * np.median(counts[counts >= min(3, counts.max())])
    share = np.minimum(1.0, np.maximum(crowd, CROWD) / counts[cell])
    order = np.argsort(cell, kind="stable")
    rank = np.empty(len(cell))
    rank[order] = np.arange(len(cell)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = np.floor((rank + 1.0) * share + ROUNDING) > np.floor(rank * share + ROUNDING)
    return readings[kept], len(counts)

"""Magnetometer calibration while the sensor is worn: recursive least squares with forgetting.

The linear form of :mod:`trackside.filters.magnetometer_surface` (its terms t of a sphere and of an
ellipsoid) is kept as the information matrix G ← λ G + w t tᵀ (Ljung & Söderström 1983), from which
both surfaces and their quality follow at any time. A reading counts once the field has moved in the
sensor's frame, so that a still sensor neither adds nor forgets anything, and not again where one
counted just before, so that a movement repeated does not outweigh the rest.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.magnetometer_calibration import MagnetometerCalibration, best_calibration
from trackside.filters.magnetometer_surface import (
    ELLIPSOID,
    SPHERE,
    Fit,
    Surface,
    Unknowns,
    from_moments,
    linear_terms,
)

MOVED = 0.03
"""How far a reading must lie from the last one that counted, relative to the first one's norm."""
CELL = 0.15
"""Edge of the cells of space that tell one place from another, relative likewise."""
PAUSE = 100
"""Readings after which a cell counts again."""
MEMORY = 2000.0
"""Readings that count after which an old one weighs 1/e."""
ROUND = 64
"""Readings that count between two looks at the surface."""
LEAST_ERROR = 0.02
"""Radial error up to which a reading is no outlier, relative."""
OUTLIER = 3.0
"""The same in standard deviations."""


class LiveMagnetometerCalibration:
    """Takes readings in blocks of any length and offers the calibration that they tell so far.

    Feeding a recording in any blocks gives bit for bit the same calibration.
    """

    def __init__(self) -> None:
        self._origin = np.zeros(3)
        self._scale = 0.0  # 0 until the first reading
        self._last = np.zeros(3)  # that counted
        self._received = 0
        self._visited: dict[tuple[int, ...], int] = {}  # cell: number of the reading that counted
        self._round: list[Floats] = []
        self._information = np.zeros((10, 10))
        self._counted = 0.0
        self._fits: tuple[Fit | None, Fit | None] = (None, None)

    @property
    def calibration(self) -> MagnetometerCalibration:
        """The best calibration so far; the identity until the turning tells one."""
        return best_calibration(*self._fits)

    def update(self, mag: ArrayLike) -> None:
        """Take the next readings (n, 3), in the same unit always; NaN and zero are missing.

        Raises
        ------
        SignalError
            Wrong shape.
        """
        mag = np.asarray(mag, float)
        if mag.ndim != 2 or mag.shape[1] != 3:
            raise SignalError(f"magnetometer has shape {mag.shape}: expected (n, 3)")
        for reading in mag[np.isfinite(mag).all(axis=1) & mag.any(axis=1)]:
            self._take(reading)

    def _take(self, reading: Floats) -> None:
        if not self._scale:
            self._origin, self._scale = reading, float(np.linalg.norm(reading))
        self._received += 1
        if not self._is_new(reading):
            return
        self._last = reading
        self._round.append((reading - self._origin) / self._scale)
        if len(self._round) == ROUND:
            self._learn(np.array(self._round))
            self._round.clear()

    def _is_new(self, reading: Floats) -> bool:
        """Whether it lies far enough from the last one that counted, in a cell not just visited."""
        step = reading - self._last
        if step @ step < (MOVED * self._scale) ** 2:
            return False
        cell = tuple(np.floor(reading / (CELL * self._scale)).astype(int).tolist())
        if self._received - self._visited.get(cell, -PAUSE) < PAUSE:
            return False
        self._visited[cell] = self._received
        return True

    def _learn(self, points: Floats) -> None:
        """Add a round of points (n, 3), outliers with less weight, and look at the surfaces."""
        terms, weights = linear_terms(points), self._weights(points)
        keep = np.exp(-len(points) / MEMORY)
        self._information = keep * self._information + terms.T @ (weights[:, None] * terms)
        self._counted = keep * self._counted + len(points)
        self._fits = self._fit(SPHERE), self._fit(ELLIPSOID)

    def _weights(self, points: Floats) -> Floats:
        """Huber's weights (n,) of points by their distance to the surface believed so far."""
        calibration = self.calibration
        if not np.isfinite(calibration.norm):
            return np.ones(len(points))
        field = calibration.apply(self._origin + self._scale * points) / calibration.norm
        errors = np.abs(np.linalg.norm(field, axis=1) - 1.0)
        limit = max(LEAST_ERROR, OUTLIER * calibration.quality.residual)
        return np.asarray(limit / np.maximum(errors, limit))

    def _fit(self, unknowns: Unknowns) -> Fit | None:
        surface = from_moments(self._information, unknowns)
        if surface is None:
            return None
        change = _change_of_terms(surface)
        moments = change @ self._information @ change.T
        weight = self._information[3, 3]
        fit = Fit(
            surface=surface.placed(self._origin, self._scale),
            unknowns=unknowns,
            moments=moments / weight,
            places=float(weight),
            outliers=float(1.0 - weight / self._counted),
        )
        # Noise in the terms themselves draws the centre of a linear fit towards the points.
        return replace(fit, bias=3.0 * fit.residual**2 / max(fit.coverage, 1e-9))


def _change_of_terms(surface: Surface) -> Floats:
    """The matrix (10, 10) from linear terms of points to those of ``surface.to_unit_sphere``.

    The terms are a basis of all quadratics in the point, so it is exact; it is read off ten points.
    """
    corners = np.array(
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 0, -1]]
    )
    edges = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]])
    points = np.concatenate([corners, edges]).astype(np.float64)
    before, after = linear_terms(points), linear_terms(surface.to_unit_sphere(points))
    return np.asarray(np.linalg.solve(before, after).T)

"""A race's course: how high it is at every distance from the start."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError


@dataclass(frozen=True, eq=False)
class RaceCourse:
    """Points of a course, straight in between.

    ``distance`` from the start, 0 first, and ``elevation``, both in m, (P,) with P at least 2.

    Raises :class:`ParameterError` if the points are too few, not finite, or not in order.
    """

    distance: Floats
    elevation: Floats

    def __post_init__(self) -> None:
        if self.distance.shape != self.elevation.shape or self.distance.ndim != 1:
            raise ParameterError("a course needs as many elevations as distances")
        if len(self.distance) < 2:
            raise ParameterError(
                f"a course of {len(self.distance)} points; expected at least start and finish"
            )
        if not (np.isfinite(self.distance).all() and np.isfinite(self.elevation).all()):
            raise ParameterError("a course's distances and elevations need to be finite numbers")
        if self.distance[0] != 0 or (np.diff(self.distance) <= 0).any():
            raise ParameterError("a course's distances need to start at 0 and to grow")

    @classmethod
    def flat(cls, length: float) -> Self:
        """Return a flat course of a length in m.

        Raises
        ------
        ParameterError
            If the length is not a positive number.
        """
        if not length > 0:
            raise ParameterError(f"a course of {length:g} m; expected a length above 0")
        return cls(np.array([0.0, length]), np.zeros(2))

    @property
    def length(self) -> float:
        """From start to finish, m."""
        return float(self.distance[-1])

    @property
    def ascent(self) -> float:
        """Sum of all that goes up, m."""
        return float(np.maximum(np.diff(self.elevation), 0.0).sum())

    def elevation_at(self, distance: Floats) -> Floats:
        """Return elevations (m) at distances from the start (m), of the same shape."""
        return np.interp(distance, self.distance, self.elevation)

    def stretched_to(self, length: float) -> Self:
        """Return the course with all distances in proportion, so that it has a length in m.

        A track of a satellite receiver is not exactly as long as the course that was measured.
        """
        return type(self)(self.distance * (length / self.length), self.elevation)

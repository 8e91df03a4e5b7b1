"""The sphere or ellipsoid on which a turning magnetometer's readings lie.

A steady field of norm 1 seen through hard iron b and soft iron S⁻¹ reads m = S⁻¹ u + b with a unit
vector u, so |S (m − b)| = 1. With Q ∝ SᵀS of trace 3 that is linear in nine unknowns,

    |m|² = 2 (Qb)·m + c − mᵀ (Q − I) m,

of which a sphere (Q = I) has the first four (Gietzelt et al. 2013; Merayo et al. 2000). This is
where the fit starts; the radial errors |T (m − b)| − F are what it then minimises, with T = F S of
trace 3 (maximum likelihood; Vasconcelos et al. 2011). S is taken symmetric: a further rotation
leaves the norms as they are and is not seen here (Kok & Schön 2016 see it with gravity).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trackside.arrays import Booleans, Floats

Unknowns = Literal[4, 9]
SPHERE: Unknowns = 4
ELLIPSOID: Unknowns = 9

TRIALS = 200  # spheres through four points; one of them misses 40 % outliers all but surely
JUDGES = 500  # points that each of them is judged by
OUTLIER = 4.0  # robust standard deviations
ROUNDING = 1e-6  # radial errors below this are no outliers
ROUNDS = 5  # of leaving out outliers
EVALUATIONS = 30  # per round; a well determined surface takes about five


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The points m with |shape (m − centre)| = 1: ``centre`` (3,), ``shape`` (3, 3) symmetric."""

    centre: Floats
    shape: Floats

    @property
    def radius(self) -> float:
        """Geometric mean of the half axes."""
        return float(1.0 / np.cbrt(np.linalg.det(self.shape)))

    @property
    def stretch(self) -> float:
        """Ratio of the longest to the shortest axis."""
        inverse_axes = np.linalg.eigvalsh(self.shape)
        return float(inverse_axes[-1] / inverse_axes[0])

    def to_unit_sphere(self, points: Floats) -> Floats:
        """Points (N, 3) as they would lie if the surface was the unit sphere."""
        return np.asarray((points - self.centre) @ self.shape)

    def radial_errors(self, points: Floats) -> Floats:
        """How far points (N, 3) lie outside the surface, relative to its radius, (N,)."""
        return np.asarray(np.linalg.norm(self.to_unit_sphere(points), axis=1) - 1.0)

    def placed(self, origin: Floats, scale: float) -> "Surface":
        """The surface of the points origin (3,) + scale · m."""
        return Surface(origin + scale * self.centre, self.shape / scale)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A surface and how the points that it was fitted to lie about it.

    ``moments`` (10, 10): mean t tᵀ of their linear terms t after ``surface.to_unit_sphere``;
    ``places``: how many independent points they are worth; ``outliers``: share that was left out;
    ``bias``: systematic error of the centre, relative to the radius.
    """

    surface: Surface
    unknowns: Unknowns
    moments: Floats
    places: float
    outliers: float
    bias: float = 0.0

    @property
    def residual(self) -> float:
        """RMS radial error, relative; from (|p|² − 1) / 2."""
        error = np.zeros(10)
        error[[3, 9]] = -0.5, 0.5
        return float(np.sqrt(np.maximum(error @ self.moments @ error, 0.0)))

    @property
    def coverage(self) -> float:
        """Three times the least variance of the points' directions: 1 for an even sphere."""
        mean = self.moments[:3, 3] / 2.0
        spread = self.moments[:3, :3] / 4.0 - np.outer(mean, mean)
        return float(np.clip(3.0 * np.linalg.eigvalsh(spread)[0], 0.0, 1.0))

    @property
    def condition(self) -> float:
        """Condition number of the fit's Jacobian."""
        return float(np.sqrt(np.linalg.cond(self._normal)))

    @property
    def centre_sd(self) -> float:
        """Standard error of the centre in its worst direction, relative to the radius."""
        covariance = np.linalg.pinv(self._normal, hermitian=True)[:3, :3]
        worst = np.linalg.eigvalsh(covariance)[-1]
        return float(np.hypot(self.residual * np.sqrt(worst / self.places), self.bias))

    @property
    def information(self) -> float:
        """Bayesian information criterion (Schwarz 1978); of two fits the smaller is the better."""
        error = max(self.residual, ROUNDING)
        return 2.0 * self.places * np.log(error) + self.unknowns * np.log(self.places)

    @property
    def _normal(self) -> Floats:
        """Mean of Jᵀ J of the radial errors (k, k), in radii."""
        return self.moments[: self.unknowns, : self.unknowns] / 4.0


def linear_terms(points: Floats) -> Floats:
    """The nine columns of the linear form and |m|², (N, 10), of points (N, 3)."""
    x, y, z = points.T
    one, squares = np.ones_like(x), np.square(points).T
    return np.column_stack(
        [
            *(2.0 * points.T),
            one,
            squares[2] - squares[0],
            squares[2] - squares[1],
            -2.0 * x * y,
            -2.0 * x * z,
            -2.0 * y * z,
            squares.sum(axis=0),
        ]
    )


def from_moments(moments: Floats, unknowns: Unknowns) -> Surface | None:
    """Least-squares solution of the linear form from Σ wᵢ tᵢ tᵢᵀ (10, 10) of its terms t.

    None if what fits best is no ellipsoid.
    """
    solution = np.zeros(9)
    normal, right = moments[:unknowns, :unknowns], moments[:unknowns, 9]
    solution[:unknowns] = np.linalg.lstsq(normal, right)[0]
    a, b, c, d, e = solution[4:]
    quadric = np.eye(3) + np.array([[a, c, d], [c, b, e], [d, e, -a - b]])
    stretches, axes = np.linalg.eigh(quadric)
    if stretches[0] <= 0.0:
        return None
    centre = np.linalg.solve(quadric, solution[:3])
    radius = solution[3] + centre @ quadric @ centre
    if not radius > 0.0:
        return None
    return Surface(centre, (axes * np.sqrt(stretches / radius)) @ axes.T)


def robust_sphere(points: Floats) -> Surface:
    """Of many spheres through four of the points (N, 3), that of least median error.

    Least median of squares (Rousseeuw 1984); the points are drawn with a fixed seed.
    """
    random = np.random.default_rng(0)
    drawn = points[random.integers(0, len(points), (TRIALS, 4))]
    origins = drawn[:, :1]
    terms = np.concatenate([2.0 * (drawn - origins), np.ones((TRIALS, 4, 1))], axis=2)
    squares = np.sum((drawn - origins) ** 2, axis=2)
    solutions = np.squeeze(np.linalg.pinv(terms) @ squares[..., None], axis=2)
    centres = solutions[:, :3] + origins[:, 0]
    radii = np.sqrt(np.abs(solutions[:, 3] + np.sum(solutions[:, :3] ** 2, axis=1)))
    judges = points[random.integers(0, len(points), JUDGES)]
    errors = np.abs(np.linalg.norm(judges - centres[:, None], axis=2) - radii[:, None])
    errors[radii == 0.0] = np.inf
    best = int(np.argmin(np.median(errors, axis=1)))
    return Surface(centres[best], np.eye(3) / radii[best])


def robust_fit(points: Floats, start: Surface, unknowns: Unknowns, places: int) -> Fit | None:
    """The surface of least radial errors among the points (N, 3) that are no outliers.

    None if they fit no ellipsoid. ``places`` is how many independent points they are worth.
    """
    near = (points - start.centre) / start.radius
    terms = linear_terms(near[_inliers(start.radial_errors(points))])
    surface = from_moments(terms.T @ terms, unknowns)
    inliers = np.zeros(len(points), np.bool_)
    for _ in range(ROUNDS):
        before = inliers
        if surface is None:
            return None
        inliers = _inliers(surface.radial_errors(near))
        if np.array_equal(inliers, before):
            break
        surface = _least_radial_errors(near[inliers], surface, unknowns)
    if surface is None:
        return None
    terms = linear_terms(surface.to_unit_sphere(near[inliers]))
    return Fit(
        surface=surface.placed(start.centre, start.radius),
        unknowns=unknowns,
        moments=terms.T @ terms / len(terms),
        places=float(places),
        outliers=float(1.0 - inliers.mean()),
    )


def _inliers(errors: Floats) -> Booleans:
    """Which errors are within so many robust standard deviations (1.4826 median absolute ones)."""
    return np.abs(errors) <= max(OUTLIER * 1.4826 * np.median(np.abs(errors)), ROUNDING)


def _least_radial_errors(points: Floats, start: Surface, unknowns: Unknowns) -> Surface | None:
    """The surface of least Σ (|T (m − b)| − F)²; the unknowns are b, F, and the five of T − I."""
    from scipy.optimize import least_squares

    def errors(unknown: Floats) -> Floats:
        centre, radius, stretch = _split(unknown)
        return np.asarray(np.linalg.norm((points - centre) @ stretch, axis=1) - radius)

    def jacobian(unknown: Floats) -> Floats:
        centre, _, stretch = _split(unknown)
        arms = points - centre
        ends = arms @ stretch
        u = ends / np.linalg.norm(ends, axis=1, keepdims=True)
        columns = np.column_stack([-u @ stretch, -np.ones(len(u)), _stretching(u, arms)])
        return columns[:, :unknowns]

    radius = 3.0 / np.trace(start.shape)
    stretch = radius * start.shape - np.eye(3)
    first = np.array([*start.centre, radius, *stretch[[0, 1, 0, 0, 1], [0, 1, 1, 2, 2]]])
    found = least_squares(
        errors, first[:unknowns], jacobian, method="lm", x_scale="jac", max_nfev=EVALUATIONS
    ).x
    centre, radius, stretch = _split(found)
    if radius <= 0.0 or np.linalg.eigvalsh(stretch)[0] <= 0.0:
        return None
    return Surface(centre, stretch / radius)


def _split(unknown: Floats) -> tuple[Floats, float, Floats]:
    """Centre (3,), radius and T (3, 3) of 4 or 9 unknowns."""
    a, b, c, d, e = unknown[4:] if len(unknown) > SPHERE else np.zeros(5)
    stretch = np.array([[1.0 + a, c, d], [c, 1.0 + b, e], [d, e, 1.0 - a - b]])
    return unknown[:3], float(unknown[3]), stretch


def _stretching(u: Floats, arms: Floats) -> Floats:
    """How |T p| changes with the five unknowns of T, (N, 5), for p (N, 3) and u = T p / |T p|."""
    (ux, uy, uz), (px, py, pz) = u.T, arms.T
    return np.column_stack(
        [
            ux * px - uz * pz,
            uy * py - uz * pz,
            ux * py + uy * px,
            ux * pz + uz * px,
            uy * pz + uz * py,
        ]
    )

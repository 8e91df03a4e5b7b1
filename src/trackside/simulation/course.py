"""Where the athlete goes: a straight line, or round a 400 m track."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from trackside.arrays import Floats

_STRAIGHT = 84.39
_BEND_RADIUS = 36.80
"""World Athletics *Track and Field Facilities Manual* 2019, 2.2.1: two straights of 84.39 m and two
bends whose kerb has a radius of 36.50 m and which are measured 0.30 m outside it: 400.00 m."""

_EASING = 10.0  # m over which the curvature of a bend sets in, so that the heading is smooth
_SPACING = 0.5  # m between the nodes of the track's table
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)


class Course(Protocol):
    """A path along the ground, by the distance covered (N,) m.

    It starts at the origin, heading east.
    """

    def position(self, distance: Floats) -> Floats:
        """East and north (N, 2) m."""
        ...

    def heading(self, distance: Floats) -> Floats:
        """Direction of travel (N,) rad, counter-clockwise from east, not wrapped."""
        ...

    def curvature(self, distance: Floats) -> Floats:
        """Change of heading (N,) rad/m, positive to the left."""
        ...


@dataclass(frozen=True)
class StraightLine:
    """Straight on."""

    def position(self, distance: Floats) -> Floats:
        """As in Course."""
        return np.stack([distance, np.zeros_like(distance)], axis=-1)

    def heading(self, distance: Floats) -> Floats:
        """As in Course."""
        return np.zeros_like(distance)

    def curvature(self, distance: Floats) -> Floats:
        """As in Course."""
        return np.zeros_like(distance)


def _eased(x: Floats, easing: float) -> Floats:
    """Curvature of a bend, relative to its middle, x m after the point where an arc would begin."""
    u = np.clip(x / easing + 0.5, 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u * u))


def _eased_integral(x: Floats, easing: float) -> Floats:
    u = np.clip(x / easing + 0.5, 0.0, 1.0)
    return np.asarray(easing * u**4 * (2.5 - 3 * u + u * u) + np.maximum(x - easing / 2, 0.0))


@dataclass(frozen=True)
class Track:
    """Laps of a track, anticlockwise, from the middle of a straight; by default one of 400.00 m.

    ``straight``, ``radius`` m: of two straights and of the bends between them. ``easing`` m:
    curvature rises and falls over it where a bend joins a straight, so that heading and its rate
    are continuous; the lap's length stays the same. It is less than the bend's length.
    """

    straight: float = _STRAIGHT
    radius: float = _BEND_RADIUS
    easing: float = _EASING

    @property
    def lap(self) -> float:
        """Length of a lap in m."""
        return 2 * (self.straight + np.pi * self.radius)

    def heading(self, distance: Floats) -> Floats:
        """As in Course."""
        into, bend, turns = self._half_lap(distance)
        turned = _eased_integral(into, self.easing) - _eased_integral(into - bend, self.easing)
        return np.asarray(np.pi * turns + turned / self.radius)

    def curvature(self, distance: Floats) -> Floats:
        """As in Course."""
        into, bend, _ = self._half_lap(distance)
        bent = _eased(into, self.easing) - _eased(into - bend, self.easing)
        return np.asarray(bent / self.radius)

    def _half_lap(self, distance: Floats) -> tuple[Floats, float, Floats]:
        """Metres past the beginning of the bend of this half lap, its length, and half laps run."""
        half = self.lap / 2
        turns = np.floor(np.asarray(distance, float) / half)
        return distance - turns * half - self.straight / 2, half - self.straight, turns

    @cached_property
    def _nodes(self) -> Floats:
        """East and north at every _SPACING m of one lap, integrated from the heading."""
        start = np.arange(0.0, self.lap, _SPACING)
        steps = self._travel(start[:-1], np.full(len(start) - 1, _SPACING))
        return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])

    def _travel(self, start: Floats, length: Floats) -> Floats:
        """Displacement (N, 2) from ``start`` over ``length``: Gauss–Legendre over the heading."""
        inside = start[:, None] + length[:, None] * (_NODES + 1) / 2
        heading = self.heading(inside)
        direction = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
        return np.asarray(length[:, None] / 2 * np.einsum("nkd,k->nd", direction, _WEIGHTS))

    def position(self, distance: Floats) -> Floats:
        """As in Course."""
        along = np.asarray(distance, float) % self.lap
        node = (along / _SPACING).astype(np.int64)
        start = np.asarray(node * _SPACING, np.float64)
        return np.asarray(self._nodes[node] + self._travel(start, along - start))


@dataclass(frozen=True)
class Turned:
    """Another course, turned about the origin so that it starts in direction ``start`` (rad)."""

    course: Course
    start: float

    def position(self, distance: Floats) -> Floats:
        """As in Course."""
        c, s = np.cos(self.start), np.sin(self.start)
        return np.asarray(self.course.position(distance) @ np.array([[c, s], [-s, c]]))

    def heading(self, distance: Floats) -> Floats:
        """As in Course."""
        return self.course.heading(distance) + self.start

    def curvature(self, distance: Floats) -> Floats:
        """As in Course."""
        return self.course.curvature(distance)

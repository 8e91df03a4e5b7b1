"""The ground: a grid of metres, and the athlete's own lane of a track under the way run.

A line is a row of 11 numbers: start and end in m, red, green, blue, opacity, and its width in px.
A surface is triangles, each corner a row of 7: position in m, red, green, blue, opacity.
"""

import numpy as np
from numpy.typing import NDArray

from trackside.arrays import Floats
from trackside.viewer.scheme import Scheme, rgba

Lines = NDArray[np.float32]
"""(L, 11)."""
Corners = NDArray[np.float32]
"""(T · 3, 7)."""
LINE_COLUMNS, CORNER_COLUMNS = 11, 7
NO_LINES: Lines = np.zeros((0, LINE_COLUMNS), np.float32)
NO_CORNERS: Corners = np.zeros((0, CORNER_COLUMNS), np.float32)

GRID_REACH = 14  # m to each side
_PIECE = 4  # m; lines are drawn in pieces so short that they can fade from end to end
GRID_FADE, LANE_FADE = (4.0, 13.0), (8.0, 22.0)
"""m from the middle of the scene: where they begin to fade, and where they are gone."""
LANE_WIDTH = 1.22
"""m (World Athletics, *Track and Field Facilities Manual* 2019, 2.2.1.3)."""
LANE_STEP = 0.5  # m between the lane's nodes
MARKS_EVERY = 1.0  # m; every tenth is bold
_LANE_AT, _LINES_AT = 0.001, 0.002  # m above the ground, so that nothing flickers


def grid(scheme: Scheme) -> Lines:
    """Lines at every metre about the origin, every fifth one bold."""
    at = np.arange(-GRID_REACH, GRID_REACH + 1, dtype=float)
    cuts = np.arange(-GRID_REACH, GRID_REACH, _PIECE, dtype=float)
    place, start = (each.ravel() for each in np.meshgrid(at, cuts))
    inside = np.hypot(place, np.minimum(np.abs(start), np.abs(start + _PIECE))) < GRID_REACH
    place, start = place[inside], start[inside]
    level, end = np.zeros_like(place), start + _PIECE
    along = np.stack([place, start, level, place, end, level], axis=-1)
    table = np.empty((2 * len(along), LINE_COLUMNS), np.float32)
    table[:, :6] = np.concatenate([along, along[:, [1, 0, 2, 4, 3, 5]]])
    table[:, 6:9] = rgba(scheme.grid)[:3]
    table[:, 9] = np.tile(np.where(place % 5 == 0, 1.0, 0.5), 2)
    table[:, 10] = 1.2
    return table


def lane_surface(way: Floats, scheme: Scheme) -> Corners:
    """The lane's surface along its nodes (M, 2) m."""
    if len(way) < 2:
        return NO_CORNERS
    left, right = _edges(way)
    quads = np.stack([left[:-1], right[:-1], right[1:], left[:-1], right[1:], left[1:]], axis=1)
    table = np.empty((quads.shape[0] * 6, CORNER_COLUMNS), np.float32)
    table[:, :2] = quads.reshape(-1, 2)
    table[:, 2] = _LANE_AT
    table[:, 3:] = rgba(scheme.lane)
    return table


def lane_lines(way: Floats, scheme: Scheme, first: int = 0) -> Lines:
    """The lane's edges and a mark across it at every metre of its nodes (M, 2) m.

    ``first``: how many nodes the lane has before these, for its marks to stay where they are.
    """
    if len(way) < 2:
        return NO_LINES
    left, right = _edges(way)
    number = first + np.arange(len(way))
    marked = number % round(MARKS_EVERY / LANE_STEP) == 0
    bold = number[marked] % round(10.0 * MARKS_EVERY / LANE_STEP) == 0
    starts = np.concatenate([left[:-1], right[:-1], left[marked]])
    ends = np.concatenate([left[1:], right[1:], right[marked]])
    edges = 2 * (len(left) - 1)
    table = np.empty((len(starts), LINE_COLUMNS), np.float32)
    table[:, 0:2], table[:, 3:5] = starts, ends
    table[:, [2, 5]] = _LINES_AT
    table[:, 6:9] = rgba(scheme.lane_line)[:3]
    table[:edges, 9], table[edges:, 9] = 1.0, np.where(bold, 1.0, 0.45)
    table[:edges, 10], table[edges:, 10] = 3.0, np.where(bold, 3.0, 1.2)
    return table


def _edges(way: Floats) -> tuple[Floats, Floats]:
    """The lane's left and right edge (M, 2)."""
    ahead = np.gradient(way, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    aside = 0.5 * LANE_WIDTH * np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1)
    return way + aside, way - aside

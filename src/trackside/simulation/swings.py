"""The quintics that lead a swinging foot from one footprint to the next."""

from collections.abc import Callable

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.simulation.footfalls import Stances
from trackside.simulation.legs import LEAVING, REACHING, SWING, planted_reach, swing_gaps

_REACH = np.arange(-4, 5)  # grid points about a contact from which derivatives are taken
_DEGREE = len(_REACH) - 1


def _taylor(gaps: Floats, offset: float) -> Floats:
    """Value, slope and curvature (3, FOOT) per grid step of gaps (9, FOOT) at ``offset`` steps."""
    coefficients = np.linalg.solve(np.vander(_REACH - offset, increasing=True), gaps)
    return coefficients[:3] * np.array([1.0, 1.0, 2.0])[:, None]


def _closing(ends: tuple[Floats, Floats], length: float) -> Floats:
    """Rows of gap, slope and curvature at a swing's two ends, for :func:`legs.solve_leg`.

    ``ends``: (3, FOOT) each, per grid step; ``length`` of the swing in grid steps. Slopes and
    curvatures are scaled to the part of the swing over which they are let out.
    """
    left, reached = ends
    parts = np.array([[1.0], [LEAVING * length], [(LEAVING * length) ** 2]])
    other = np.array([[1.0], [-REACHING * length], [(REACHING * length) ** 2]])
    return np.concatenate([left * parts, reached * other])


def solve_swings(
    stances: Stances,
    time: Floats,
    phase: Floats,
    body_at: Callable[[Integers], Floats],
    side: float,
    half_hips: float,
    shape: Floats,
    curves: Floats,
) -> Floats:
    """The swings of one foot, (K − 1, SWING) as :func:`legs.solve_leg` takes them.

    ``time``, ``phase`` (M,): the grid; ``body_at``: body states (n, BODY) at grid indices (n,).
    Swings between two bouts, or beyond the grid, have no length: nobody looks at them.
    """
    table = stances.table
    swings = np.ones((len(table) - 1, SWING))
    usable = (table[1:, 0] > table[:-1, 1]) & (table[1:, 0] < phase[-1 - _DEGREE])
    rows = np.flatnonzero(usable)
    left, reached = table[rows, 1], table[rows + 1, 0]
    moments = [_crossing(phase, value) for value in (left, reached)]
    indices = [np.rint(moment).astype(np.int64) for moment in moments]
    bodies = [body_at((index[:, None] + _REACH).ravel()) for index in indices]
    step = time[1] - time[0]
    for i, k in enumerate(rows):
        ends = []
        for event, planted in ((0, table[k]), (1, table[k + 1])):
            body = bodies[event][i * len(_REACH) : (i + 1) * len(_REACH)]
            gaps = swing_gaps(body, table[k], table[k + 1], planted, side, shape, curves)
            offset = moments[event][i] - indices[event][i]
            ends.append(_taylor(gaps, offset))
            reach = planted_reach(body, planted, side, half_hips, shape)
            swings[k, 2 + event] = _taylor(reach[:, None], offset)[0, 0]
        length = moments[1][i] - moments[0][i]
        swings[k, 0] = time[0] + moments[0][i] * step
        swings[k, 1] = length * step
        swings[k, 4:] = _closing((ends[0], ends[1]), length).ravel()
    return swings


def _crossing(phase: Floats, values: Floats) -> Floats:
    """Grid positions (n,) at which the phase, non-decreasing, takes the values (n,)."""
    after = np.searchsorted(phase, values)
    before = after - 1
    rise = phase[after] - phase[before]
    return np.asarray(before + (values - phase[before]) / rise)

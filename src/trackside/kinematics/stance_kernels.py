"""Compiled passes over the stances and strides of a leg's sensor."""

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kernels import kernel


@kernel
def least_between(values: Floats, first: Integers, last: Integers, least: Integers) -> None:
    """``least`` (S,): where values (N,) are least, from each ``first`` (S,) to ``last`` (S,)."""
    for s in range(len(first)):
        at = first[s]
        for n in range(first[s] + 1, last[s] + 1):
            if values[n] < values[at]:
                at = n
        least[s] = at


@kernel
def turned_onto(orientations: Floats, vectors: Floats, base: Floats, out: Floats) -> None:
    """``out`` (N, 3): ``vectors`` (N, 3), turned by ``orientations`` (N, 4), on top of ``base``.

    A single row of ``vectors`` (1, 3) or ``base`` (1, 3) counts for all.
    """
    for n in range(len(orientations)):
        w, a = orientations[n, 0], orientations[n, 1]
        b, c = orientations[n, 2], orientations[n, 3]
        v = n if len(vectors) > 1 else 0
        m = n if len(base) > 1 else 0
        x, y, z = vectors[v, 0], vectors[v, 1], vectors[v, 2]
        tx, ty, tz = 2.0 * (b * z - c * y), 2.0 * (c * x - a * z), 2.0 * (a * y - b * x)
        out[n, 0] = base[m, 0] + x + w * tx + b * tz - c * ty
        out[n, 1] = base[m, 1] + y + w * ty + c * tx - a * tz
        out[n, 2] = base[m, 2] + z + w * tz + a * ty - b * tx


@kernel
def mark_between(
    values: Floats, low: Floats, high: Floats, first: Integers, end: Integers, mask: Booleans
) -> None:
    """``mask`` (N,), from each ``first`` (S,) to before ``end`` (S,): low < value < high.

    ``low``, ``high`` (S,).
    """
    for s in range(len(first)):
        for n in range(first[s], end[s]):
            mask[n] = low[s] < values[n] < high[s]


@kernel
def find_landings(
    time: Floats,
    speed: Floats,
    first: Integers,
    rest: Integers,
    flying: float,
    landed: float,
    moments: Floats,
    slopes: Floats,
) -> None:
    """When the ``speed`` (N,) m/s falls to nothing from each ``first`` (S,) to ``rest`` (S,).

    ``moments`` (S,) s, ``slopes`` (S,) m/s²: once it has been above ``flying`` m/s for the last
    time, it falls below ``landed``, and would be zero if it went on falling as steeply as before.
    NaN where it does not.
    """
    for s in range(len(first)):
        moments[s] = slopes[s] = np.nan
        flew = rest[s]
        while flew >= first[s] and not speed[flew] > flying:
            flew -= 1
        n = flew + 1
        while n <= rest[s] and not speed[n] < landed:
            n += 1
        if flew < first[s] or n > rest[s]:
            continue
        slope = -np.inf
        for m in range(flew, n):
            slope = max(slope, (speed[m] - speed[m + 1]) / (time[m + 1] - time[m]))
        crossing = (landed - speed[n]) / (speed[n - 1] - speed[n])
        slopes[s] = slope
        moments[s] = time[n] - crossing * (time[n] - time[n - 1]) + landed / slope


@kernel
def find_clearances(
    time: Floats, ball: Floats, heel: Floats, rests: Integers, nexts: Integers, heights: Floats
) -> None:
    """How high the lower one of ``ball`` and ``heel`` (N,) m comes above the line of rests.

    ``heights`` (K,) m: from each of ``rests`` (K,) to that of ``nexts``; the heel counts from its
    own height at the first of them.
    """
    for s in range(len(rests)):
        a, b = rests[s], nexts[s]
        offset = heel[a] - ball[a]
        climb = (ball[b] - ball[a]) / (time[b] - time[a])
        highest = -np.inf
        for n in range(a, b + 1):
            ground = ball[a] + climb * (time[n] - time[a])
            highest = max(highest, min(ball[n], heel[n] - offset) - ground)
        heights[s] = highest

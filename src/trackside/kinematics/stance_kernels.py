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
def count_swings(angles: Floats, least: float) -> int:
    """How often ``angles`` (N,) rad go the other way, by ``least`` or more; the first counts, too.

    N is 1 or more.
    """
    count, way = 0, 0
    lowest = highest = angles[0]
    for angle in angles:
        lowest, highest = min(lowest, angle), max(highest, angle)
        if way <= 0 and angle - lowest > least:
            count, way, highest = count + 1, 1, angle
        elif way >= 0 and highest - angle > least:
            count, way, lowest = count + 1, -1, angle
    return count


@kernel
def turn_on(orientation: Floats, turns: Floats) -> None:
    """``orientation`` (4,) turned by rotation vectors (T, 3) rad, one after the other."""
    for x, y, z in turns:
        angle = np.sqrt(x * x + y * y + z * z)
        c = np.cos(0.5 * angle)
        s = np.sin(0.5 * angle) / angle if angle > 1e-9 else 0.5
        w, a, b, d = orientation
        orientation[0] = c * w - s * (a * x + b * y + d * z)
        orientation[1] = c * a + s * (w * x + b * z - d * y)
        orientation[2] = c * b + s * (w * y + d * x - a * z)
        orientation[3] = c * d + s * (w * z + a * y - b * x)


@kernel
def find_lengths(vectors: Floats, lengths: Floats) -> None:
    """``lengths`` (N,) of ``vectors`` (N, 3)."""
    for n in range(len(vectors)):
        x, y, z = vectors[n]
        lengths[n] = np.sqrt(x * x + y * y + z * z)


@kernel
def felt_motion(
    gyr: Floats, acc: Floats, lever: float, time: float, gravity: float, squares: Floats
) -> None:
    """``squares`` (N,) (m/s)² of how fast something moves, as far as each sample tells.

    By turning on a ``lever`` (m), and by forces other than ``gravity`` (m/s²) for a ``time`` (s).
    """
    for n in range(len(gyr)):
        x, y, z = gyr[n]
        squares[n] = lever**2 * (x * x + y * y + z * z)
        x, y, z = acc[n]
        squares[n] += (time * (np.sqrt(x * x + y * y + z * z) - gravity)) ** 2


@kernel
def mark_steady(gyr: Floats, window: int, most: float, steady: Booleans) -> None:
    """``steady`` (N,): where the variance of ``gyr`` (N, 3) over a ``window`` is below ``most``.

    All axes together, the window around each sample; the ends go on as they are.
    """
    count, before = len(gyr), window // 2
    sums, squares = np.zeros(3), np.zeros(3)
    for n in range(-before, window - before):
        for i in range(3):
            value = gyr[min(max(n, 0), count - 1), i]
            sums[i] += value
            squares[i] += value * value
    for n in range(count):
        variance = 0.0
        new, old = min(n + window - before, count - 1), max(n - before, 0)
        for i in range(3):
            variance += squares[i] / window - (sums[i] / window) ** 2
            sums[i] += gyr[new, i] - gyr[old, i]
            squares[i] += gyr[new, i] ** 2 - gyr[old, i] ** 2
        steady[n] = variance < most


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

"""Short gaps filled by what the same motion looked like at another time.

Running repeats itself. Where packets were lost, the moments whose samples before and after agree
best with those around the gap show what was missed, far better than a straight line does: the
method of analogues (Lorenz, Atmospheric predictability as revealed by naturally occurring
analogues, J. Atmos. Sci. 26, 1969), with nearest neighbours from both sides of the gap.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kernels import kernel

LONGEST = 0.25
"""Gaps up to so many s are filled."""

CONTEXT = 0.12
"""How much before and after a gap is compared, s."""

REACH = 4.0
"""How far from a gap its analogues may lie, s: several strides."""

ANALOGUES = 4
"""How many of the best are averaged."""

SPARSE = 5.0
"""Where more would be put in for each sample that is there, the rate is not even."""

UNLIKE = 0.25
"""A mean squared difference, relative to the signal's variance, that is too large to be alike."""


@dataclass(frozen=True)
class Filled:
    """Samples with rows put into short gaps.

    ``time`` (M,) s, ``signals`` (M, C); ``measured`` (M,) is false for what was filled in.
    """

    time: Floats
    signals: Floats
    measured: Booleans


def fill_gaps(time: Floats, signals: Floats) -> Filled:
    """Samples (N, C) at ``time`` (N,), s, at a nominally even rate, with their short gaps filled.

    Rows with NaN count as missing. Triads of columns (gyroscope, accelerometer) count alike, each
    relative to its own spread. Gaps that are longer, or that nothing nearby resembles, stay; all of
    them, where nearly all samples are missing or time stamps come in bursts.
    """
    finite = finite_rows(signals)
    steps = np.diff(time)
    step = float(np.median(steps)) if len(steps) else 1.0
    if finite.all() and (steps < 1.5 * step).all():
        return Filled(time, signals, finite)
    ahead = np.where(steps > LONGEST, 1.0, np.maximum(np.rint(steps / step), 1.0))
    slot = np.concatenate([[0], np.cumsum(ahead)]).astype(np.int64)
    if slot[-1] > (1.0 + SPARSE) * len(time):
        return Filled(time, signals, finite)
    part = np.zeros(slot[-1] + 1, np.int64)
    part[slot[1:]] = steps > LONGEST
    grid = np.full((len(part), signals.shape[1]), np.nan)
    grid[slot] = signals
    whole = finite_rows(grid)
    context, reach = (max(int(span / step), 3) for span in (CONTEXT, REACH))
    _fill(1.0 / _spread(signals, finite), np.cumsum(part), whole, grid, context, reach)
    kept = finite_rows(grid)
    kept[slot] = True  # what was not filled stays as it was
    times = np.interp(np.arange(len(grid)), slot, time)
    if kept.all():
        return Filled(times, grid, whole)
    return Filled(times[kept], grid[kept], whole[kept])


def finite_rows(signals: Floats) -> Booleans:
    """Which rows (N,) of samples (N, C) are without NaN."""
    finite = np.empty(len(signals), np.bool_)
    _mark_finite(np.ascontiguousarray(signals), finite)
    return finite


@kernel
def _mark_finite(signals: Floats, finite: Booleans) -> None:
    for n in range(len(signals)):
        finite[n] = True
        for c in range(signals.shape[1]):
            finite[n] &= np.isfinite(signals[n, c])


def _spread(signals: Floats, finite: Booleans) -> Floats:
    """Standard deviation of each column's triad, (C,), of the finite rows."""
    variance = np.empty(signals.shape[1])
    _find_variances(signals, finite, variance)
    return np.repeat(np.sqrt(np.maximum(variance.reshape(-1, 3).sum(axis=1), 1e-12)), 3)


@kernel
def _find_variances(signals: Floats, finite: Booleans, variance: Floats) -> None:
    """Variance (C,) of each column over the finite rows of ``signals`` (N, C)."""
    rows, columns = signals.shape
    mean = np.zeros(columns)
    count = 0
    for n in range(rows):
        if finite[n]:
            count += 1
            for c in range(columns):
                mean[c] += signals[n, c]
    mean /= max(count, 1)
    variance[:] = 0.0
    for n in range(rows):
        if finite[n]:
            for c in range(columns):
                variance[c] += (signals[n, c] - mean[c]) ** 2
    variance /= max(count, 1)


@kernel
def _fill(
    scale: Floats, part: Integers, whole: Booleans, grid: Floats, context: int, reach: int
) -> None:
    """Fill the rows of ``grid`` (M, C) that are not ``whole``, run by run.

    ``scale`` (C,): what columns are multiplied by to be compared.
    """
    count = len(whole)
    end = 0
    while end < count:
        if whole[end]:
            end += 1
            continue
        start = end
        while end < count and not whole[end]:
            end += 1
        if start > 0 and end < count and part[start - 1] == part[end]:
            _fill_run(scale, part, whole, grid, start, end, context, reach)


@kernel
def _fill_run(
    scale: Floats,
    part: Integers,
    whole: Booleans,
    grid: Floats,
    start: int,
    end: int,
    context: int,
    reach: int,
) -> None:
    """Fill rows ``start`` to ``end`` by the mean of the best analogues, joined on at both ends."""
    columns = grid.shape[1]
    shifts = np.zeros(ANALOGUES, np.int64)
    costs = np.full(ANALOGUES, np.inf)
    for shift in range(-reach, reach + 1):
        if abs(shift) > end - start:
            most = min(UNLIKE, np.max(costs))
            cost = _unlikeness(scale, part, whole, grid, start, end, context, shift, most)
            _keep_best(costs, shifts, cost, shift)
    weights = np.zeros(ANALOGUES)
    for i in range(ANALOGUES):
        if costs[i] < UNLIKE:
            weights[i] = 1.0 / (costs[i] + 1e-6)
    total = weights.sum()
    if total == 0.0:
        return
    weights /= total
    for column in range(columns):
        before, after = grid[start - 1, column], grid[end, column]
        for i in range(ANALOGUES):
            if weights[i] > 0.0:
                before -= weights[i] * grid[start - 1 + shifts[i], column]
                after -= weights[i] * grid[end + shifts[i], column]
        for row in range(start, end):
            share = (row - start + 1) / (end - start + 1)
            value = (1.0 - share) * before + share * after
            for i in range(ANALOGUES):
                if weights[i] > 0.0:
                    value += weights[i] * grid[row + shifts[i], column]
            grid[row, column] = value


@kernel
def _unlikeness(
    scale: Floats,
    part: Integers,
    whole: Booleans,
    grid: Floats,
    start: int,
    end: int,
    context: int,
    shift: int,
    most: float,
) -> float:
    """Mean squared difference around a gap and around its shifted place, which must be whole.

    Infinite where it is more than ``most``.
    """
    first, last = start + shift - 1, end + shift
    if first < 0 or last >= len(whole) or part[first] != part[last]:
        return np.inf
    for row in range(first, last + 1):
        if not whole[row]:
            return np.inf
    total, rows = 0.0, 0
    for distance in range(context):
        for row in (start - 1 - distance, end + distance):
            other = row + shift
            if 0 <= row < len(whole) and 0 <= other < len(whole) and whole[row] and whole[other]:
                for column in range(grid.shape[1]):
                    total += (scale[column] * (grid[row, column] - grid[other, column])) ** 2
                rows += 1
        if total > most * 2 * context:
            return np.inf
    return total / rows if rows >= context else np.inf


@kernel
def _keep_best(costs: Floats, shifts: Integers, cost: float, shift: int) -> None:
    """Put a shift among the best, in place of the worst of them."""
    worst = 0
    for i in range(1, len(costs)):
        if costs[i] > costs[worst]:
            worst = i
    if cost < costs[worst]:
        costs[worst], shifts[worst] = cost, shift

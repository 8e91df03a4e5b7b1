"""How features change in the course of a session at the same pace: what fatigue does to a gait.

A straight line over time beside one over speed, through the medians of half minutes run at
comparable speeds, by iteratively reweighted least squares (P. J. Huber, *Robust Statistics*, 1981),
so that single bad stretches do not turn it. Gaits wander, so that strides and minutes in a row are
alike: the confidence interval is a jackknife's that leaves out a fifth of the session at a time.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from trackside.arrays import Booleans, Floats, Integers

BIN = 30.0  # s
FEWEST_STRIDES = 5  # in a bin
COMPARABLE = 0.10  # of the median speed, that a bin's may be off
SHORTEST = 480.0  # s of running in bins; less does not tell drift from warming up
HUBER = 1.345  # standard deviations, beyond which a bin counts less
ROUNDS = 10
NOTHING = 1e-15  # of the largest eigenvalue: what the equations do not tell
CONFIDENCE = 0.95
PARTS = 5


@dataclass(frozen=True)
class SlopeOverTime:
    """Change per hour with its bounds; ``used`` s of running; ``reason``: why there is none."""

    per_hour: float
    low: float
    high: float
    used: float
    reason: str = ""


def drift_at_pace(time: Floats, values: Floats, speed: Floats) -> SlopeOverTime:
    """The drift of a feature: ``values`` (K,) at ``time`` (K,) s with ``speed`` (K,) m/s.

    NaN where unknown.
    """
    known = np.isfinite(values) & np.isfinite(time)
    if not known.any():
        return _none(0.0, "the feature is not known")
    known &= np.isfinite(speed)
    if not known.any():
        return _none(0.0, "the speed is not known: a change of pace cannot be told from fatigue")
    whole = BIN * np.count_nonzero(np.bincount(_bins(time[known])))
    if whole < SHORTEST:
        return _too_short(whole)
    medians = _binned(time[known], values[known], speed[known])
    if len(medians):
        usual = float(np.median(medians[:, 2]))
        medians = medians[np.abs(medians[:, 2] - usual) <= COMPARABLE * usual]
    used = BIN * len(medians)
    if used < SHORTEST:
        return _too_short(used)
    slope, *others = _robust_slopes(medians, _each_part_left_out(len(medians))).tolist()
    reach = _jackknife_sd(np.array(others)) * float(student.ppf(0.5 + 0.5 * CONFIDENCE, PARTS - 2))
    return SlopeOverTime(slope, slope - reach, slope + reach, used)


def _none(used: float, reason: str) -> SlopeOverTime:
    return SlopeOverTime(float("nan"), float("nan"), float("nan"), used, reason)


def _too_short(used: float) -> SlopeOverTime:
    expected = f"expected {SHORTEST / 60:.0f} or more"
    return _none(used, f"{used / 60:.1f} min at comparable speeds: {expected}")


def _binned(time: Floats, values: Floats, speed: Floats) -> Floats:
    """Medians of time, value and speed (B, 3) of bins with strides enough."""
    number = _bins(time)
    counts = np.bincount(number)
    counts = counts[counts > 0]
    first = np.cumsum(counts) - counts
    medians = [_medians(number, column, first, counts) for column in (time, values, speed)]
    return np.stack(medians, axis=-1)[counts >= FEWEST_STRIDES]


def _bins(time: Floats) -> Integers:
    """The number (K,) of the bin that each moment (K,) s is in, counted from the first one's."""
    number = np.floor(time / BIN).astype(np.int64)
    return np.asarray(number - number.min(initial=0))


def _medians(number: Integers, column: Floats, first: Integers, counts: Integers) -> Floats:
    """Median (B,) of a column (K,) in each bin, the bins having so many strides each."""
    ordered = column[np.lexsort((column, number))]
    return 0.5 * (ordered[first + (counts - 1) // 2] + ordered[first + counts // 2])


def _robust_slopes(medians: Floats, used: Booleans) -> Floats:
    """Slopes (P,) per hour of the values over time, beside one over speed.

    ``used`` (P, B): which of the bins' medians (B, 3) each is found by.
    """
    hours, values, speed = medians[:, 0] / 3600.0, medians[:, 1], medians[:, 2]
    columns = [np.ones_like(hours), hours - hours.mean()]
    if np.ptp(speed) > 0.0:
        columns.append(speed - speed.mean())
    design = np.stack(columns, axis=-1)
    weights = used.astype(float)
    for _ in range(ROUNDS):
        weighted = weights[:, :, None] * design
        found = _solved(np.swapaxes(weighted, 1, 2) @ design, values @ weighted)
        off = np.abs(values - found @ design.T)
        scale = np.maximum(1.4826 * _median_of(off, used), 1e-12)
        weights = used * np.minimum(1.0, HUBER * scale[:, None] / np.maximum(off, 1e-12))
    return np.asarray(found[:, 1])


def _solved(normal: Floats, right: Floats) -> Floats:
    """Solutions (P, J) of normal equations (P, J, J), those of least norm where there are many."""
    values, vectors = np.linalg.eigh(normal)
    told = values > NOTHING * values[:, -1:]
    along = np.einsum("pij,pi->pj", vectors, right) * told / np.where(told, values, 1.0)
    return np.einsum("pij,pj->pi", vectors, along)


def _median_of(values: Floats, used: Booleans) -> Floats:
    """Medians (P,) of those values (P, B) that are used."""
    ordered = np.sort(np.where(used, values, np.inf), axis=1)
    count = used.sum(axis=1)
    rows = np.arange(len(values))
    return np.asarray(0.5 * (ordered[rows, (count - 1) // 2] + ordered[rows, count // 2]))


def _each_part_left_out(count: int) -> Booleans:
    """Which of ``count`` bins are used (1 + PARTS, B): all, and all but one part of the session."""
    part = np.repeat(np.arange(PARTS), [len(p) for p in np.array_split(np.arange(count), PARTS)])
    return np.vstack([np.ones(count, np.bool_), part != np.arange(PARTS)[:, None]])


def _jackknife_sd(slopes: Floats) -> float:
    """Standard deviation of the slope, from those (PARTS,) without one part of the session each."""
    return float(np.sqrt((PARTS - 1) / PARTS * np.sum((slopes - slopes.mean()) ** 2)))

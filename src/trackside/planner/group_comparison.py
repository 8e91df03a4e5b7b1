"""Did it help? Measurements before and after, of one group or of two, compared as they should be.

Paired t test with Cohen's d of the differences (d_z), with Hedges' correction as g, and with d_av,
which divides by the mean of both standard deviations and compares with studies of two groups;
between groups, Welch's t test on the changes with d by the pooled standard deviation (J. Cohen,
*Statistical Power Analysis*, 2nd ed. 1988; D. Lakens, Front. Psychol. 4 (2013) 863). Confidence
intervals of effect sizes come from the noncentral t distribution (G. Cumming & S. Finch, Educ.
Psychol. Meas. 61 (2001) 532), which is exact where differences are normal; that of Welch's d takes
the variances as equal.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import nct, t, ttest_ind

from trackside.arrays import Floats
from trackside.errors import ParameterError

CONFIDENCE = 0.95
FEWEST = 2


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Before and after: means, SDs (n − 1), and what became different.

    ``difference``: mean of after − before, with its confidence ``interval``; ``t`` with ``freedom``
    degrees, two-sided ``p``; ``d`` = mean over SD of the differences, with ``d_interval``; ``g``:
    d without its bias in small groups; ``d_average``: by the mean of both SDs.
    ``growth_percent``: of the mean. Where all differences are equal, t and effect sizes are
    infinite (or NaN where they are 0).
    """

    count: int
    before: float
    before_sd: float
    after: float
    after_sd: float
    difference: float
    interval: tuple[float, float]
    t: float
    freedom: float
    p: float
    d: float
    d_interval: tuple[float, float]
    g: float
    d_average: float
    growth_percent: float


@dataclass(frozen=True, slots=True)
class ChangeComparison:
    """The changes of two groups: ``difference`` of their means, first − second, with interval.

    ``t``, ``freedom`` and ``p`` by Welch's test; ``d`` by the pooled SD of the changes.
    """

    counts: tuple[int, int]
    difference: float
    interval: tuple[float, float]
    t: float
    freedom: float
    p: float
    d: float
    d_interval: tuple[float, float]


def paired_comparison(
    before: Floats, after: Floats, confidence: float = CONFIDENCE
) -> PairedComparison:
    """Compare measurements (N,) of the same people ``before`` and ``after``; N ≥ 2.

    Raises :class:`ParameterError` if the lengths differ, there are too few, or one is not finite.
    """
    before, after = _checked(before, "before"), _checked(after, "after")
    if before.shape != after.shape:
        raise ParameterError(
            f"{len(before)} values before and {len(after)} after: expected one pair for each person"
        )
    off = after - before
    count, freedom = len(off), len(off) - 1
    mean, sd = float(off.mean()), float(off.std(ddof=1))
    error = sd / np.sqrt(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(np.float64(mean) / error)
        effect = float(np.float64(mean) / sd)
        average = float(mean / np.float64(0.5 * (before.std(ddof=1) + after.std(ddof=1))))
        growth = float(100.0 * mean / np.float64(abs(before.mean())))
    reach = error * float(t.ppf(0.5 + confidence / 2.0, freedom))
    return PairedComparison(
        count,
        float(before.mean()),
        float(before.std(ddof=1)),
        float(after.mean()),
        float(after.std(ddof=1)),
        mean,
        (mean - reach, mean + reach),
        statistic,
        float(freedom),
        float(2.0 * t.sf(abs(statistic), freedom)),
        effect,
        _effect_interval(statistic, freedom, np.sqrt(1.0 / count), confidence),
        effect * (1.0 - 3.0 / (4.0 * freedom - 1.0)),
        average,
        growth,
    )


def compare_changes(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], confidence: float = CONFIDENCE
) -> ChangeComparison:
    """Compare what changed in two groups, each (before, after) of its own people.

    Raises :class:`ParameterError` as :func:`paired_comparison` does.
    """
    for before, after in (first, second):
        paired_comparison(before, after)
    one, two = (np.asarray(after) - np.asarray(before) for before, after in (first, second))
    found = ttest_ind(one, two, equal_var=False)
    interval = found.confidence_interval(confidence)
    n, m = len(one), len(two)
    pooled = np.sqrt(((n - 1) * one.var(ddof=1) + (m - 1) * two.var(ddof=1)) / (n + m - 2))
    scale = np.sqrt(1.0 / n + 1.0 / m)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = float((one.mean() - two.mean()) / pooled)
    return ChangeComparison(
        (n, m),
        float(one.mean() - two.mean()),
        (float(interval.low), float(interval.high)),
        float(found.statistic),
        float(found.df),
        float(found.pvalue),
        d,
        _effect_interval(d / scale, n + m - 2, scale, confidence),
    )


def _checked(values: Floats, name: str) -> Floats:
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) < FEWEST:
        raise ParameterError(f"values {name}: expected {FEWEST} or more of them, in one dimension")
    if not np.isfinite(values).all():
        raise ParameterError(f"values {name}: expected finite numbers, found others")
    return values


def _effect_interval(
    statistic: float, freedom: int, scale: float, confidence: float
) -> tuple[float, float]:
    """Noncentralities for which the statistic is at either end, as effect sizes."""
    if not np.isfinite(statistic):
        return (np.nan, np.nan)
    tail = 0.5 * (1.0 - confidence)
    reach = 8.0 + abs(statistic)

    def bound(share: float) -> float:
        def off(noncentrality: float) -> float:
            below = float(nct.cdf(statistic, freedom, noncentrality))
            if np.isnan(below):  # scipy's series, far out in the tails
                below = float(noncentrality < statistic)
            return below - share

        low, high = statistic - reach, statistic + reach
        return scale * float(brentq(off, low, high, xtol=1e-10))

    return (bound(1.0 - tail), bound(tail))

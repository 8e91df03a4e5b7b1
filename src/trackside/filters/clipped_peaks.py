"""What an accelerometer hid beyond the end of its range, by what else the sensor showed.

A sensor on a rigid segment feels what its turning makes of the lever to the joint, linear in the
products and the changes of its angular rate, and a rest. The lever is told by all samples together.
The rest is taken as a Gaussian process: a covariance across the axes times a Matérn function (3/2)
of the lag (C. E. Rasmussen & C. K. I. Williams, Gaussian Processes for Machine Learning, 2006,
section 4.2), so that neighbours in time and the axes that were not clipped tell what a clipped one
hid. That it was beyond the range is known, too: a truncated normal distribution, by mean fields.

Impacts are heavier than what is around them: each clipped stretch has a size of its own, as in a
multivariate t distribution (K. L. Lange, R. J. A. Little & J. M. G. Taylor, J. Am. Stat. Assoc. 84,
1989). Lever, covariance and sizes are learnt from the clipped stretches themselves by expectation
maximisation (A. P. Dempster et al., J. R. Stat. Soc. B 39, 1977).
"""

import math

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.kernels import kernel

REACH = 3
"""Samples before and after clipped ones that tell of them; slopes do not last longer."""
MOVING = 1.0  # rad/s; in motion the lever shows
FEWEST = 20  # samples that tell a lever
RIDGE = 1e-3
"""Of the samples' own weight: what of the lever few of them do not tell is small."""
NUGGET = 1e-3  # of the variance, that has nothing to do with the neighbours'
FLOOR = 1e-6  # of all axes, that one has at least
FREEDOM = 4.0
"""Degrees of freedom of the t distribution, as usual for data with outliers."""
ROUNDS = 8
MOST_TELLING, MOST_STRETCHES = 20000, 400
"""So many samples, and clipped stretches, in the middle of a recording tell all to be learnt."""
SWEEPS = 30
LARGEST = 240
"""Entries of a stretch that are solved for at once. Longer ones stay at the end of the range."""


def restored_peaks(gyr: Floats, acc: Floats, ends: Booleans, step: float) -> tuple[Floats, Floats]:
    """Forces (N, 3) m/s² with what was hidden, and the variances (N, 3) (m/s²)² of that.

    ``gyr`` rad/s and ``acc`` m/s² (N, 3) without NaN, every ``step`` s; ``ends`` (N, 3): which are
    at the end of the range. A sample's variance has its covariances with the others of its axis
    added: the variance of a sum over the stretch is the sum of the variances. It is 0 where nothing
    was hidden.
    """
    variance = np.zeros_like(acc)
    shown = np.asarray(~ends.any(axis=1))
    if shown.all():
        return acc, variance
    telling = shown & (np.einsum("ni,ni->n", gyr, gyr) > MOVING**2)
    if np.count_nonzero(telling) < FEWEST:
        telling = shown
    if np.count_nonzero(telling) < FEWEST:
        variance[ends] = acc[ends] ** 2
        return acc, variance
    told = _middle(np.flatnonzero(telling), MOST_TELLING)
    first, end = _stretches(np.asarray(~shown))
    some = _middle(np.arange(len(first)), MOST_STRETCHES)
    learning = np.flatnonzero(_inside(first[some], end[some], len(acc)))
    turning, turning_there = _turning(gyr, step, told), _turning(gyr, step, learning)
    lever = _lever(turning.T @ turning, turning.T @ acc[told], len(told))
    rest = acc[told] - turning @ lever
    covariance = _invertible(rest.T @ rest / len(rest))
    lasting = _lasting(rest, told)
    apart = ~np.isin(told, learning)
    squares = turning[apart].T @ turning[apart] + turning_there.T @ turning_there
    by_apart = turning[apart].T @ acc[told[apart]]
    rest, hidden = np.empty_like(acc), np.empty_like(acc)
    for _ in range(ROUNDS - 1):
        forces, covariance = _expected(
            turning_there @ lever,
            learning,
            acc,
            ends,
            (first[some], end[some]),
            covariance,
            lasting,
            (rest, hidden, variance),
        )
        by_all = by_apart + turning_there.T @ forces
        lever = _lever(squares, by_all, int(np.count_nonzero(apart)) + len(learning))
    everywhere = np.flatnonzero(_inside(first, end, len(acc)))
    whole = acc.copy()
    whole[everywhere], _ = _expected(
        _turning(gyr, step, everywhere) @ lever,
        everywhere,
        acc,
        ends,
        (first, end),
        covariance,
        lasting,
        (rest, hidden, variance),
    )
    return whole, variance


def _middle(indices: Integers, most: int) -> Integers:
    """The indices in the middle, as many as tell enough."""
    spare = max(len(indices) - most, 0) // 2
    return indices[spare : len(indices) - spare]


def _expected(
    by_turning: Floats,
    samples: Integers,
    acc: Floats,
    ends: Booleans,
    stretches: tuple[Integers, Integers],
    covariance: Floats,
    lasting: float,
    arrays: tuple[Floats, Floats, Floats],
) -> tuple[Floats, Floats]:
    """Forces (M, 3) at the ``samples`` (M,) of stretches, and the rest's covariance (3, 3) there.

    ``by_turning`` (M, 3): what of the force turning makes. Of the ``arrays`` (N, 3), rest, hidden
    and variance, the samples are written.
    """
    rest, hidden, variance = arrays
    rest[samples] = hidden[samples] = acc[samples] - by_turning
    products = np.zeros((3, 3))
    _fill_stretches(rest, acc, ends, *stretches, covariance, lasting, hidden, variance, products)
    forces = np.where(ends[samples], by_turning + hidden[samples], acc[samples])
    return forces, _invertible(products / len(samples))


def _turning(gyr: Floats, step: float, samples: Integers) -> Floats:
    """What the force is linear in (M, 19): rates, their changes around the samples and products."""
    around = [_change(gyr, step, (samples + lag) % len(gyr)) for lag in (0, -1, 1)]
    rate = gyr[samples]
    products = [rate[:, i] * rate[:, j] for i in range(3) for j in range(i, 3)]
    return np.column_stack([rate, *around, *products, np.ones(len(samples))])


def _change(gyr: Floats, step: float, samples: Integers) -> Floats:
    """How the rates change at the samples (M, 3), rad/s²."""
    before, after = np.maximum(samples - 1, 0), np.minimum(samples + 1, len(gyr) - 1)
    return (gyr[after] - gyr[before]) / (step * (after - before))[:, None]


def _lever(squares: Floats, products: Floats, count: int) -> Floats:
    """How forces follow from turning, (19, 3), by ridge regression over so many samples.

    ``squares`` (19, 19): sum of turning by turning; ``products`` (19, 3): of turning by forces.
    """
    scale = np.sqrt(np.diag(squares) / count) + 1e-9
    normal = squares / np.outer(scale, scale) + RIDGE * count * np.eye(len(scale))
    return np.linalg.solve(normal, products / scale[:, None]) / scale[:, None]


def _invertible(covariance: Floats) -> Floats:
    return covariance + (FLOOR * np.trace(covariance) + 1e-9) * np.eye(3)


def _lasting(rest: Floats, samples: Integers) -> float:
    """For how many samples the rest (M, 3) lasts: its deviation over that of its changes."""
    change = np.diff(rest, axis=0)[np.diff(samples) == 1]
    return float(np.sqrt(np.mean(rest**2) / (np.mean(change**2) + 1e-12)))


def _stretches(clipped: Booleans) -> tuple[Integers, Integers]:
    """First samples (W,), and those after the last, of what is clipped and what tells of it."""
    edges = np.flatnonzero(np.diff(clipped, prepend=False, append=False))
    first, end = edges[::2] - REACH, edges[1::2] + REACH
    apart = first[1:] >= end[:-1]
    first, end = first[np.append(True, apart)], end[np.append(apart, True)]
    return np.maximum(first, 0), np.minimum(end, len(clipped))


def _inside(first: Integers, end: Integers, count: int) -> Booleans:
    """Which of ``count`` samples are in a stretch."""
    edges = np.zeros(count + 1, np.int64)
    np.add.at(edges, first, 1)
    np.add.at(edges, end, -1)
    return np.asarray(np.cumsum(edges[:-1]) > 0)


@kernel
def _fill_stretches(
    rest: Floats,
    acc: Floats,
    ends: Booleans,
    first: Integers,
    end: Integers,
    covariance: Floats,
    lasting: float,
    hidden: Floats,
    variance: Floats,
    products: Floats,
) -> None:
    """Expect what is ``hidden`` of the ``rest`` (N, 3), and how surely: ``variance`` (N, 3).

    ``covariance`` (3, 3) across the axes; ``lasting`` samples. ``products`` (3, 3) is the sum of
    the products across the axes that are expected, each stretch's over its size.
    """
    for w in range(len(first)):
        if 3 * (end[w] - first[w]) <= LARGEST:
            _fill(
                rest, acc, ends, first[w], end[w], covariance, lasting, hidden, variance, products
            )
            continue
        for n in range(first[w], end[w]):
            for i in range(3):
                if ends[n, i]:
                    variance[n, i] = acc[n, i] ** 2 * (end[w] - first[w])
                for j in range(3):
                    products[i, j] += rest[n, i] * rest[n, j]


@kernel
def _fill(
    rest: Floats,
    acc: Floats,
    ends: Booleans,
    first: int,
    end: int,
    covariance: Floats,
    lasting: float,
    hidden: Floats,
    variance: Floats,
    products: Floats,
) -> None:
    entries = 3 * (end - first)
    known, unknown = np.empty((entries, 2), np.int64), np.empty((entries, 2), np.int64)
    shown, missing = 0, 0
    for n in range(first, end):
        for i in range(3):
            if ends[n, i]:
                unknown[missing, 0], unknown[missing, 1] = n, i
                missing += 1
            else:
                known[shown, 0], known[shown, 1] = n, i
                shown += 1
    known, unknown = known[:shown], unknown[:missing]
    across = _covariances(known, unknown, covariance, lasting)
    among = _covariances(known, known, covariance, lasting)
    weights = np.linalg.solve(among, across)
    mean, least, values = np.zeros(missing), np.empty(missing), np.empty(shown)
    for a in range(shown):
        values[a] = rest[known[a, 0], known[a, 1]]
    spread = _covariances(unknown, unknown, covariance, lasting) - weights.T @ across
    sign = np.empty(missing)
    for a in range(missing):
        n, i = unknown[a, 0], unknown[a, 1]
        sign[a] = 1.0 if acc[n, i] > 0.0 else -1.0
        least[a] = sign[a] * rest[n, i]
        for b in range(shown):
            mean[a] += sign[a] * weights[b, a] * values[b]
    for a in range(missing):
        for b in range(missing):
            spread[a, b] *= sign[a] * sign[b]
    share = np.ones(missing)
    precision = np.linalg.inv(spread)
    of_known = values @ np.linalg.solve(among, values)
    usual = size = of_known / shown + 1e-9
    expected = np.maximum(mean, least)
    for _ in range(ROUNDS):
        _expect_beyond(mean, precision / size, least, expected, share)
        off = expected - mean
        of_hidden = off @ (precision @ off) + size * np.sum(share)
        size = (FREEDOM * usual + of_hidden) / (FREEDOM + missing)
    spread *= size
    for a in range(missing):
        n, i = unknown[a, 0], unknown[a, 1]
        hidden[n, i] = sign[a] * expected[a]
        total = 0.0
        for b in range(missing):
            left = spread[a, b] * np.sqrt(share[a] * share[b])
            m, j = unknown[b, 0], unknown[b, 1]
            if i == j:
                total += left
            if n == m:
                products[i, j] += sign[a] * sign[b] * left / size
        variance[n, i] = max(total, NUGGET * size * covariance[i, i])
    for n in range(first, end):
        for i in range(3):
            for j in range(3):
                products[i, j] += hidden[n, i] * hidden[n, j] / size


@kernel
def _covariances(these: Integers, those: Integers, covariance: Floats, lasting: float) -> Floats:
    """Covariances of entries (A, 2) with entries (B, 2): sample and axis each."""
    out = np.empty((len(these), len(those)))
    for a in range(len(these)):
        for b in range(len(those)):
            lag = abs(these[a, 0] - those[b, 0]) / lasting
            out[a, b] = covariance[these[a, 1], those[b, 1]] * (1.0 + lag) * np.exp(-lag)
            if these[a, 0] == those[b, 0] and these[a, 1] == those[b, 1]:
                out[a, b] *= 1.0 + NUGGET
    return out


@kernel
def _expect_beyond(
    mean: Floats, precision: Floats, least: Floats, expected: Floats, share: Floats
) -> None:
    """What a normal distribution's entries (M,) are ``expected`` to be if each is beyond ``least``.

    ``expected`` is where it starts from; ``share`` (M,): what is left of each variance.
    """
    for _ in range(SWEEPS):
        for a in range(len(mean)):
            sd = 1.0 / np.sqrt(precision[a, a])
            middle = mean[a]
            for b in range(len(mean)):
                if b != a:
                    middle -= precision[a, b] * (expected[b] - mean[b]) / precision[a, a]
            edge = (least[a] - middle) / sd
            if edge < 5.0:
                hazard = np.exp(-0.5 * edge * edge) * np.sqrt(2.0 / np.pi)
                hazard /= math.erfc(edge / np.sqrt(2.0))
            else:
                hazard = edge + 1.0 / edge - 2.0 / edge**3
            expected[a] = middle + sd * hazard
            share[a] = max(1.0 + edge * hazard - hazard * hazard, NUGGET)

"""What an inertial sensor's samples tell of each step of a strapdown, and how surely.

The mean rate over a step, the force with its clipped peaks restored, and what the step adds to the
variances of attitude and velocity: a force that changes much from one sample to the next, as in an
impact, may have done anything in between, and a clipped one tells only that it was large.
"""

from dataclasses import dataclass, fields

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.filters.clipped_peaks import restored_peaks
from trackside.kernels import kernel


@dataclass(frozen=True, slots=True)
class SensorErrors:
    """What is believed of a sensor's samples; noise densities are those of white noise, in √Hz."""

    gyro_noise: float = 0.003
    """Everything that the gyroscope's model leaves out, rad/√s."""
    turn_noise: float = 0.002
    """The same in proportion to the turning (scale, misaligned axes), rad/√rad."""
    acc_noise: float = 0.03
    """Everything that the accelerometer's model leaves out, m/s/√s."""
    undersampled: float = 1 / 20
    """How much of the fourth difference of successive forces, which only spikes have, they may be
    off. A spike of one sample may so have been half as large or half as large again."""
    clipped: float = 1.0
    """Error of what is restored of a clipped peak of the gyroscope, relative to it."""
    filled: float = 0.5
    """Standard deviation of a sample that was filled in, relative to the signal's own."""


@dataclass(frozen=True, slots=True)
class InertialSteps:
    """N samples of a sensor, and the steps that end at each.

    ``time`` (N,) s, ``gyr`` rad/s and ``acc`` m/s² (N, 3), clipped peaks restored; ``mean_rate``
    (N, 3) rad/s over the step; ``clipped`` (N,): where a peak was. What the step adds to the
    variances: ``turn_variance`` (N,) rad² of attitude, ``push_variance`` (N, 3) (m/s)² of velocity,
    along the sensor's axes: a clipped axis says nothing of the other two.
    """

    time: Floats
    gyr: Floats
    acc: Floats
    mean_rate: Floats
    turn_variance: Floats
    push_variance: Floats
    clipped: Booleans

    def __getitem__(self, which: slice) -> "InertialSteps":
        """Some samples in a row."""
        return InertialSteps(*(getattr(self, field.name)[which] for field in fields(InertialSteps)))


def inertial_steps(
    time: Floats,
    gyr: Floats,
    acc: Floats,
    measured: Booleans | None = None,
    errors: SensorErrors | None = None,
) -> InertialSteps:
    """The steps of a sensor's samples: ``time`` (N,) s, ``gyr`` rad/s, ``acc`` m/s² (N, 3).

    Without NaN, four samples or more. ``measured`` (N,): false for samples that were filled in.
    """
    believed = errors or SensorErrors()
    measured = np.ones(len(time), np.bool_) if measured is None else measured
    squares = np.square(np.diff(time, prepend=2 * time[0] - time[1]))
    ends, turns = clipped(acc, measured), clipped(gyr, measured)
    turned = restored(gyr, turns)
    force, hidden = restored_peaks(turned, acc, ends, float(np.median(np.diff(time))))
    mean_rate, turn, push = np.empty_like(gyr), np.empty(len(time)), np.empty_like(acc)
    _carry(
        time,
        turned,
        force,
        believed.gyro_noise**2,
        believed.turn_noise**2,
        believed.acc_noise**2,
        believed.undersampled**2,
        mean_rate,
        turn,
        push,
    )
    if not measured.all():
        added = believed.filled**2 * squares[~measured]
        turn[~measured] += _variance(turned) * added
        push[~measured] += _variance(force) / 3.0 * added[:, None]
    for axis in range(3):
        beyond = turned[:, axis] - gyr[:, axis]
        for first, end in _runs(beyond != 0.0):
            # the errors of a run have one cause
            added = believed.clipped**2 * (end - first) * beyond[first:end] ** 2
            turn[first:end] += added * squares[first:end]
    push += hidden * squares[:, None]
    either = ends | turns
    hit = either[:, 0] | either[:, 1] | either[:, 2]
    return InertialSteps(time, turned, force, mean_rate, turn, push, hit)


def _variance(signal: Floats) -> float:
    """The variance of a triad (N, 3), that of its axes together."""
    mean = np.einsum("ni->i", signal) / len(signal)
    return float(np.einsum("ni,ni->", signal, signal) / len(signal) - mean @ mean)


@kernel
def _carry(
    time: Floats,
    gyr: Floats,
    acc: Floats,
    gyro_noise: float,
    turn_noise: float,
    acc_noise: float,
    undersampled: float,
    mean_rate: Floats,
    turn: Floats,
    push: Floats,
) -> None:
    """Mean rates and variances of the steps, all of them (N,) or (N, 3).

    The mean rate is that of the cubic through four samples, as if evenly spaced, and the coning of
    the step: half of a sample's turn in a sprint is curvature that a straight line leaves out.
    """
    count = len(time)
    for n in range(count):
        dt = time[max(n, 1)] - time[max(n, 1) - 1]
        turning = np.sqrt(gyr[n, 0] ** 2 + gyr[n, 1] ** 2 + gyr[n, 2] ** 2)
        turn[n] = (gyro_noise + turn_noise * turning) * dt
        for i in range(3):
            bend = 0.0
            if 2 <= n < count - 2:
                bend = acc[n - 2, i] - 4.0 * acc[n - 1, i] + 6.0 * acc[n, i]
                bend += acc[n + 2, i] - 4.0 * acc[n + 1, i]
            push[n, i] = acc_noise * dt + undersampled * (bend * dt) ** 2
            if n == 0:
                mean_rate[n, i] = gyr[n, i]
                continue
            j, k = (i + 1) % 3, (i + 2) % 3
            mean_rate[n, i] = 0.5 * (gyr[n, i] + gyr[n - 1, i])
            if 2 <= n < count - 1:
                inner, outer = gyr[n - 1, i] + gyr[n, i], gyr[n - 2, i] + gyr[n + 1, i]
                mean_rate[n, i] += (inner - outer) / 24.0
            coning = gyr[n - 1, j] * gyr[n, k] - gyr[n - 1, k] * gyr[n, j]
            mean_rate[n, i] += dt / 12.0 * coning


LEAST_RANGE = 30.0
"""Extremes below this are no end of a range: 3 g, or 1700 °/s in rad/s."""
STEEPER = 2.0
"""A flank is at least so much steeper than the line from the last sample to the first clipped one:
it crosses the end of the range on average half-way between them."""
SAME = 1e-6
"""Relative difference below which two extreme samples are the same: the end of the range."""


def clipped(signal: Floats, measured: Booleans | None = None) -> Booleans:
    """Which channels of a triad (N, 3) are at their range's end: extremes that are repeated.

    ``measured`` (N,): false for samples that were filled in, which know no range.
    """
    known = np.ones(len(signal), np.bool_) if measured is None else measured
    ends = np.zeros(signal.shape, np.bool_)
    _mark_ends(np.ascontiguousarray(signal), known, ends)
    return ends


@kernel
def _mark_ends(signal: Floats, known: Booleans, ends: Booleans) -> None:
    rows, columns = signal.shape
    least, most = np.full(columns, -LEAST_RANGE), np.full(columns, LEAST_RANGE)
    for n in range(rows):
        if known[n]:
            for i in range(columns):
                least[i] = min(least[i], signal[n, i])
                most[i] = max(most[i], signal[n, i])
    for i in range(columns):
        for extreme in (least[i], most[i]):
            count = 0
            if abs(extreme) > LEAST_RANGE:
                for n in range(rows):
                    count += known[n] and abs(signal[n, i] - extreme) <= SAME * abs(extreme)
            if count > 1:
                for n in range(rows):
                    ends[n, i] |= known[n] and abs(signal[n, i] - extreme) <= SAME * abs(extreme)


def restored(signal: Floats, ends: Booleans | None = None) -> Floats:
    """A triad (N, 3) with clipped peaks made cubics that leave the range as steeply as the flanks.

    Where the flanks cross the end of the range follows from their slopes, too. ``ends`` (N, 3):
    which are at the end of the range, by default those that :func:`clipped` finds.
    """
    ends = clipped(signal) if ends is None else ends
    whole = signal.copy()
    for values, cut in zip(whole.T, ends.T, strict=True):
        shown = values.copy()
        for first, end in _runs(cut):
            limit, last = shown[first], len(shown) - 1
            beside = [max(first - 2, 0), max(first - 1, 0), min(end, last), min(end + 1, last)]
            height = np.sign(limit) * (shown[beside] - limit)
            rise, since = _flank(height[0], height[1])
            fall, until = _flank(height[3], height[2])
            duration = end - first - 1 + since + until
            part = (np.arange(end - first) + since) / duration
            peak = duration * part * (1.0 - part) * (rise * (1.0 - part) + fall * part)
            values[first:end] += np.sign(limit) * peak
    return whole


def _flank(outer: float, inner: float) -> tuple[float, float]:
    """The slope per sample of a flank, and how long before the first clipped sample it crossed.

    By the two samples before, as heights below the end of the range, negative.
    """
    slope = max(inner - outer, STEEPER * -inner)
    return slope, 1.0 + inner / slope if slope > 0.0 else 0.0


def _runs(mask: Booleans) -> list[tuple[int, int]]:
    """First samples of the runs in which a mask (N,) holds, and the samples after them."""
    if not mask.any():
        return []
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))

"""Clock alignment after recording: a piecewise lower hull over the stored raw pairs.

The line that lies under all points (device time, arrival − device time) and is closest to them in
sum maps the clock of a link whose least delay is constant. It is the edge of the points' lower
convex hull below their mean (Moon, Skelly and Towsley, Estimation and removal of clock skew from
network delay measurements, INFOCOM 1999, section 4). Crystals wander with temperature, so a line is
fitted to each of many overlapping windows, and the lines are blended into one another.
"""

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.counters import Counter, Timebase
from trackside.kernels import kernel

OVERLAP = 4
"""How many windows cover a moment."""


def fit_clock(ticks: Integers, host_time: Floats, timebase: Timebase) -> Floats:
    """Time (n,) in s on the host's clock at which each sample was taken.

    ``ticks`` (n,) raw counts of the device, wraps and resets included; for a stream that has none,
    running numbers and :func:`~trackside.capture.counters.nominal_rate`. ``host_time`` (n,) s of
    arrival. The times never go back, and none is later than its arrival.
    """
    if len(ticks) == 0:
        return np.empty(0)
    device_time, epoch = Counter(timebase).unwrap(ticks, host_time)
    begins = np.flatnonzero(np.diff(epoch, prepend=-1))
    ends = np.append(begins[1:], len(ticks))
    delay = np.concatenate(
        [
            _fit_epoch(device_time[begin:end], host_time[begin:end], timebase)
            for begin, end in zip(begins, ends, strict=True)
        ]
    )
    return np.maximum.accumulate(device_time + delay)


def _fit_epoch(device_time: Floats, host_time: Floats, timebase: Timebase) -> Floats:
    """The host's minus the device's clock (n,) in s, within one epoch."""
    order = np.argsort(device_time, kind="stable")
    x = device_time[order]
    y = host_time[order] - x
    starts = _window_starts(x[-1] - x[0], timebase.window) + x[0]
    first = np.searchsorted(x, starts)
    last = np.searchsorted(x, starts + timebase.window, side="right")
    lines = _lower_lines(x, y, first, last, timebase.drift)
    fitted = np.empty(len(x))
    fitted[order] = _blend(x, lines, (starts, first, last), timebase.window)
    return fitted


def _window_starts(span: float, window: float) -> Floats:
    """Evenly spaced starts (w,) in s, the last window ending with the data."""
    spare = max(0.0, span - window)
    return np.linspace(0.0, spare, 1 + int(np.ceil(spare * OVERLAP / window)))


def _blend(
    x: Floats, lines: Floats, windows: tuple[Floats, Integers, Integers], window: float
) -> Floats:
    """The lines' mean (n,), each weighing most in the middle of its window, little at its ends."""
    total, weights = np.zeros(len(x)), np.zeros(len(x))
    for start, first, last, (slope, offset) in zip(*windows, lines, strict=True):
        inside = x[first:last]
        weight = 1e-6 + np.sin(np.pi * (inside - start) / window) ** 2
        total[first:last] += weight * (offset + slope * inside)
        weights[first:last] += weight
    return total / weights


@kernel
def _lower_lines(x: Floats, y: Floats, first: Integers, last: Integers, steepest: float) -> Floats:
    """Slope and offset (w, 2) of the line under the points first to last of each window.

    ``x`` ascending. A slope beyond ``steepest`` comes from too few points and is cut.
    """
    lines = np.empty((len(first), 2))
    hull = np.empty(len(x), dtype=np.int64)
    for window in range(len(first)):
        size = _lower_hull(x, y, first[window], last[window], hull)
        mean = x[first[window] : last[window]].mean()
        edge = 0
        while edge < size - 2 and x[hull[edge + 1]] < mean:
            edge += 1
        slope = 0.0
        if size > 1:
            left, right = hull[edge], hull[edge + 1]
            slope = (y[right] - y[left]) / (x[right] - x[left])
        slope = min(max(slope, -steepest), steepest)
        lines[window, 0] = slope
        lines[window, 1] = (y[hull[:size]] - slope * x[hull[:size]]).min()
    return lines


@kernel
def _lower_hull(x: Floats, y: Floats, first: int, last: int, hull: Integers) -> int:
    """Write the indices of the lower hull's corners into ``hull``; how many there are.

    Andrew's monotone chain (Information Processing Letters 9, 1979).
    """
    size = 0
    for i in range(first, last):
        if size > 0 and x[i] == x[hull[size - 1]]:  # a duplicate: the earlier arrival counts
            if y[i] >= y[hull[size - 1]]:
                continue
            size -= 1
        while size >= 2:
            a, b = hull[size - 2], hull[size - 1]
            if (y[b] - y[a]) * (x[i] - x[a]) < (y[i] - y[a]) * (x[b] - x[a]):
                break
            size -= 1
        hull[size] = i
        size += 1
    return size

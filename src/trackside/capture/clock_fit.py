"""Clock alignment after recording: a piecewise lower hull over the stored raw pairs.

A line under all points (device time, arrival − device time) that touches them is the map of a
clock whose least delay is constant. Of all such lines the one closest to the points in sum is the
edge of the lower convex hull below their mean (Moon, Skelly and Towsley, Estimation and removal of
clock skew from network delay measurements, INFOCOM 1999). Clocks wander with temperature, so one
line is fitted per window and neighbouring windows are blended.
"""

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.counters import Counter, Timebase
from trackside.kernels import kernel

WINDOW = 120.0
HOP = 30.0


def fit_clock(ticks: Integers, host_time: Floats, timebase: Timebase) -> Floats:
    device_time, epochs = Counter(timebase).unwrap(ticks, host_time)
    time = np.empty(len(ticks))
    edges = np.r_[0, np.flatnonzero(np.diff(epochs)) + 1, len(ticks)]
    for begin, end in zip(edges[:-1], edges[1:], strict=True):
        part = slice(begin, end)
        time[part] = _fit_epoch(device_time[part], host_time[part], timebase.drift)
    return np.maximum.accumulate(time)


def _fit_epoch(device_time, host_time, drift):
    span = device_time[-1]
    windows = max(1, 1 + int(np.ceil((span - WINDOW) / HOP)))
    starts = np.linspace(0.0, max(0.0, span - WINDOW), windows)
    order = np.argsort(device_time, kind="stable")
    x, y = device_time[order], (host_time - device_time)[order]
    centre = starts + WINDOW / 2
    lines = _lower_lines(x, y, starts, starts + WINDOW, drift)
    # blend
    total = np.zeros(len(x))
    weight = np.zeros(len(x))
    for start, (slope, offset) in zip(starts, lines):
        a, b = np.searchsorted(x, start), np.searchsorted(x, start + WINDOW, "right")
        part = x[a:b]
        w = np.sin(np.pi * np.clip((part - start) / WINDOW, 0, 1)) ** 2 + 1e-6
        total[a:b] += w * (slope * part + offset)
        weight[a:b] += w
    out = np.empty(len(x))
    out[order] = x + total / weight
    return out


@kernel
def _lower_lines(x, y, start, end, drift):
    lines = np.zeros((len(start), 2))
    hull = np.empty(len(x), dtype=np.int64)
    for w in range(len(start)):
        a = np.searchsorted(x, start[w])
        b = np.searchsorted(x, end[w], side="right")
        size = 0
        for i in range(a, b):
            while size >= 2:
                p, q = hull[size - 2], hull[size - 1]
                if (y[q] - y[p]) * (x[i] - p * 0 - x[p]) >= (y[i] - y[p]) * (x[q] - x[p]):
                    size -= 1
                else:
                    break
            hull[size] = i
            size += 1
        mean = x[a:b].mean()
        k = 0
        while k < size - 2 and x[hull[k + 1]] < mean:
            k += 1
        slope = 0.0
        if size > 1 and x[hull[k + 1]] > x[hull[k]]:
            slope = (y[hull[k + 1]] - y[hull[k]]) / (x[hull[k + 1]] - x[hull[k]])
        slope = min(max(slope, -drift), drift)
        offset = np.inf
        for j in range(size):
            offset = min(offset, y[hull[j]] - slope * x[hull[j]])
        lines[w, 0] = slope
        lines[w, 1] = offset
    return lines

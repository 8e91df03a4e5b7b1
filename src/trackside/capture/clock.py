"""Clock alignment while recording: the device's clock in terms of the host's, sample by sample.

A sample's arrival is its true time plus a delay that is never negative and mostly irregular: the
wait for the radio's next turn, retransmissions, a busy host. So of every second only the sample
with the least delay is believed (block minimum), and a Kalman filter with two states, offset and
skew, tracks these minima. The constant part of the delay cannot be seen from arrivals; a
:mod:`~trackside.capture.shared_event` removes it.

Sources: Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation
(2001), section 6.2 (two-state filter) and 5.4 (gating); Paxson, On calibrating measurements of
packet transit times (1998) (minima).
"""

import math
from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.capture.counters import Counter, Timebase
from trackside.kernels import kernel

import os
BLOCK = float(os.environ.get("BL", 1.0))
"""Length in s of the blocks of which the sample with the least delay counts."""

SKEW, OFFSET, REFERENCE, P00, P01, P11, BLOCK_START, LEAST, LEAST_AT, LATE, LAST, EP = range(12)

import os

R_EARLY = float(os.environ.get("RE", 1e-3))
R_LATE = float(os.environ.get("RL", 3e-3))
QS = float(os.environ.get("QS", 3e-7))
QO = float(os.environ.get("QO", 2e-5))
GATE=float(os.environ.get("GA",3))
SNAP = 3e-3
START = 0.03


class ClockFilter:
    def __init__(self, timebase):
        self.counter = Counter(timebase)
        self.s = np.zeros(12)
        self.s[EP] = -1
        self.s[LAST] = -np.inf
        self.s[P11] = (timebase.drift / 2) ** 2
        self.c = np.array([R_EARLY**2, R_LATE**2, QO**2, QS**2, SNAP, BLOCK, GATE])

    def update(self, ticks, host):
        d, e = self.counter.unwrap(ticks, host)
        out = np.empty(len(d))
        _track(d, e, host, self.c, self.s, out)
        return out


@kernel
def _track(d_, e_, h_, c, s, out):
    re, rl, qo, qs, snap, BLOCK_, GATE_ = c
    for i in range(len(d_)):
        d, h = d_[i], h_[i]
        if e_[i] != s[EP]:
            s[EP] = e_[i]
            s[OFFSET] = h - d
            s[REFERENCE] = d
            s[P00] = START**2
            s[P01] = 0.0
            s[BLOCK_START] = d
            s[LEAST] = np.inf
            s[LATE] = 0
        if d - s[BLOCK_START] >= BLOCK_:
            if s[LEAST] < np.inf:
                dt = s[LEAST_AT] - s[REFERENCE]
                s[OFFSET] += s[SKEW] * dt
                s[REFERENCE] = s[LEAST_AT]
                dt = abs(dt)
                s[P00] += dt * (2 * s[P01] + dt * s[P11]) + qo * dt
                s[P01] += dt * s[P11]
                s[P11] += qs * dt
                v = s[LEAST]
                r = re if v < 0 else rl
                S = s[P00] + r
                if v * v > GATE_**2 * S and v > 0 and s[LATE] < 10:
                    s[LATE] += 1
                else:
                    s[LATE] = 0
                    k0 = s[P00] / S
                    k1 = s[P01] / S
                    s[OFFSET] += k0 * v
                    s[SKEW] += k1 * v
                    s[P11] -= k1 * s[P01]
                    s[P00] *= 1 - k0
                    s[P01] *= 1 - k0
            s[BLOCK_START] = d
            s[LEAST] = np.inf
        r = h - d - s[OFFSET] - s[SKEW] * (d - s[REFERENCE])
        if r < -snap:
            s[OFFSET] += r
            s[P00] += re
            r = 0.0
            s[LEAST] = np.inf
        if r < s[LEAST]:
            s[LEAST] = r
            s[LEAST_AT] = d
        s[LAST] = max(s[LAST], d + s[OFFSET] + s[SKEW] * (d - s[REFERENCE]))
        out[i] = s[LAST]

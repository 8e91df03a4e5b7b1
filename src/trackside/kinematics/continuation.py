"""A gait's signal continued beyond its ends, so that filters have no edge in it.

What comes before the first stride and after the last one is most like the stride next to it. A
signal that is mirrored instead, as filters do by default, shifts the steps at the ends by 10 ms and
more, and with them the cadence of a short run.
"""

import numpy as np

from trackside.arrays import Floats

COMPARED = 1.5
"""s at an end that are compared with what is a stride away."""
SHORTEST_PERIOD, LONGEST_PERIOD = 0.42, 1.2
"""s; strides from sprinting to walking."""


def continued(signal: Floats, sampling: float, samples: int) -> Floats:
    """A signal (N,) at ``sampling`` Hz with so many samples more at each end."""
    before = _repeated(signal, sampling, samples)
    after = _repeated(signal[::-1], sampling, samples)[::-1]
    return np.concatenate([before, signal, after])


def _repeated(signal: Floats, sampling: float, samples: int) -> Floats:
    """The ``samples`` values before the first one, by repeating the first stride."""
    period = _first_period(signal, sampling)
    return np.resize(signal[:period][::-1], samples)[::-1]


def _first_period(signal: Floats, sampling: float) -> int:
    """After how many samples the signal is most like its beginning; at most all of them."""
    compared = min(round(COMPARED * sampling), len(signal) // 2)
    lags = np.arange(
        round(SHORTEST_PERIOD * sampling),
        min(round(LONGEST_PERIOD * sampling), len(signal) - compared),
    )
    if compared < 2 or not len(lags):
        return len(signal)
    windows = np.lib.stride_tricks.sliding_window_view(signal, compared)[lags]
    centred = windows - windows.mean(axis=1, keepdims=True)
    beginning = signal[:compared] - signal[:compared].mean()
    likeness = centred @ beginning / np.maximum(np.linalg.norm(centred, axis=1), 1e-12)
    return int(lags[np.argmax(likeness)])

"""Beats of the simulated athlete's heart, and artefacts put among them."""

import numpy as np

from trackside.arrays import Floats
from trackside.simulation.heart_rate import Heart

STEP = 0.1  # s


def session(seed: int, duration: float = 1200.0) -> tuple[Floats, Floats, Floats]:
    """Beats (B,) s of a run between two rests; times and true heart rates (N,) of it."""
    rng = np.random.default_rng(seed)
    time = np.arange(0.0, duration, STEP)
    running = (time > 60.0) & (time < 0.8 * duration)
    heart = Heart(variability=(0.02, 0.04)[seed % 2])
    rate = heart.rate(np.where(running, 3.5 + 0.8 * np.sin(time / 60.0), 0.0), STEP)
    return heart.beats(time, rate, rng), time, rate


def spoiled(beats: Floats, share: float, seed: int) -> Floats:
    """The beats with a share of them missed, followed by an extra one, early or misplaced."""
    rng = np.random.default_rng(seed)
    kinds = np.where(rng.random(len(beats)) < share, rng.integers(0, 4, len(beats)), -1)
    kinds[[0, -1]] = -1
    interval = np.diff(beats, prepend=beats[0] - 1.0)
    moved = beats.copy()
    moved -= np.where(kinds == 2, rng.uniform(0.2, 0.4, len(beats)) * interval, 0.0)
    moved += np.where(kinds == 3, rng.uniform(-0.3, 0.3, len(beats)) * interval, 0.0)
    extra = (
        beats[kinds == 1]
        - rng.uniform(0.3, 0.7, np.count_nonzero(kinds == 1)) * (interval[kinds == 1])
    )
    return np.unique(np.concatenate([moved[kinds != 0], extra]))


def beat_rate(beats: Floats, clock: Floats) -> Floats:
    """Heart rate (M,) bpm from beat to beat, in between at times (M,) s."""
    return np.interp(clock, 0.5 * (beats[1:] + beats[:-1]), 60.0 / np.diff(beats))

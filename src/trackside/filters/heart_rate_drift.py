"""Drift of the heart rate against pace: how much dearer the same pace becomes in a session.

Decoupling compares speed per heart beat in the first and the second half of the running (J. Friel,
*The Triathlete's Training Bible*, 3rd ed., 2009: "aerobic decoupling", above 5 % of note). The
drift in bpm/h comes from a straight line over time beside one over speed, delayed as the heart's
answer is: with a time constant of 57.6 s (K. J. Hunt, S. E. Fankhauser & J. Saengsuwan, BioMed.
Eng. OnLine 14:117, 2015).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError

TIME_CONSTANT = 57.6  # s
SETTLING = 180.0  # s after each start that are left out
LEAST_SPEED = 1.8  # m/s; slower is no running
LONGEST_STEP = 20.0  # s
SHORTEST = 1200.0  # s of running; less does not tell drift from warming up
CORRELATED = 60.0  # s; samples nearer than that count as one


@dataclass(frozen=True, slots=True)
class Drift:
    """Drift of a session.

    ``decoupling``: share by which speed per beat falls from the first half to the second.
    ``per_hour`` and ``per_hour_sd``: bpm/h at the same pace, and its standard deviation. ``used``:
    seconds of running that it comes from. ``reason``: why there is none, then NaN; else empty.
    """

    decoupling: float
    per_hour: float
    per_hour_sd: float
    used: float
    reason: str = ""


def drift(time: ArrayLike, heart_rate: ArrayLike, speed: ArrayLike) -> Drift:
    """The drift of a heart rate (N,) bpm against speed (N,) m/s at times (N,) s, increasing.

    NaN where unknown. The first three minutes of each run are left out: the heart is still rising.

    Raises
    ------
    SignalError
        Shapes that do not match, or time that does not increase.
    """
    time, rate = np.asarray(time, float), np.asarray(heart_rate, float)
    speed = np.asarray(speed, float)
    if time.ndim != 1 or not time.shape == rate.shape == speed.shape:
        raise SignalError("drift: expected times, heart rates and speeds of one length")
    if not (np.diff(time) > 0.0).all():
        raise SignalError("drift: expected time that increases")
    if len(time) < 2:
        return _none(0.0, "no heart rate with speed")
    step = np.minimum(np.diff(time, append=time[-1]), LONGEST_STEP)
    running = np.isfinite(speed) & (speed >= LEAST_SPEED)
    used = running & np.isfinite(rate) & (_since_start(time, running) >= SETTLING)
    seconds = float(step[used].sum())
    if seconds < SHORTEST:
        reason = f"{seconds / 60:.0f} min of settled running: expected {SHORTEST / 60:.0f} or more"
        return _none(seconds, reason)
    passed = np.cumsum(step[used])
    first = passed <= 0.5 * passed[-1]
    efficiency = [
        np.average(speed[used][half], weights=step[used][half])
        / np.average(rate[used][half], weights=step[used][half])
        for half in (first, ~first)
    ]
    slope, sd = _slope(time, rate, _delayed(time, speed), step, used)
    return Drift(float(1.0 - efficiency[1] / efficiency[0]), slope, sd, seconds)


def _none(used: float, reason: str) -> Drift:
    return Drift(float("nan"), float("nan"), float("nan"), used, reason)


def _since_start(time: Floats, running: Booleans) -> Floats:
    """How long (N,) s one has been running, breaks of up to 20 s left aside."""
    since = np.zeros(len(time))
    start = last = -np.inf
    for n in np.flatnonzero(running):
        if time[n] - last > LONGEST_STEP:
            start = time[n]
        last = time[n]
        since[n] = time[n] - start
    return since


def _delayed(time: Floats, speed: Floats) -> Floats:
    """Speed (N,) as the heart feels it: a first-order answer."""
    known = np.isfinite(speed)
    filled = np.interp(time, time[known], speed[known])
    delayed = filled.copy()
    for n in range(1, len(time)):
        keep = np.exp(-(time[n] - time[n - 1]) / TIME_CONSTANT)
        delayed[n] = keep * delayed[n - 1] + (1.0 - keep) * filled[n]
    return delayed


def _slope(
    time: Floats,
    rate: Floats,
    speed: Floats,
    step: Floats,
    used: Booleans,
) -> tuple[float, float]:
    """bpm/h over time beside speed, least squares weighed by duration, and its SD."""
    hours = (time[used] - time[used].mean()) / 3600.0
    columns = np.stack([np.ones_like(hours), hours, speed[used] - speed[used].mean()], axis=1)
    weight = step[used] / step[used].sum()
    normal = columns.T @ (weight[:, np.newaxis] * columns)
    found = np.linalg.pinv(normal) @ (columns.T @ (weight * rate[used]))
    off = rate[used] - columns @ found
    independent = max(step[used].sum() / CORRELATED - 3.0, 1.0)
    variance = np.linalg.pinv(normal)[1, 1] * (weight @ off**2) / independent
    return float(found[1]), float(np.sqrt(variance))

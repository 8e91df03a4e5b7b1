"""First gait features: steps, cadence and stride times, from any one leg or trunk sensor.

A leg segment swings forward once a stride, through the angle about the axis that it turns about
most. The trunk rises and falls once a step: one peak of vertical acceleration a step.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, find_peaks, sosfiltfilt

from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.filters.vector_kalman import ConstantVelocity, smooth_vectors
from trackside.kinematics.continuation import continued
from trackside.kinematics.leg_swings import FASTEST_STRIDE, SLOWEST_STRIDE, main_rate, swing_ends
from trackside.kinematics.stride_events import turning_points
from trackside.recordings.model import Imu

LEG_ORDER = ("foot", "shank", "thigh")
TRUNK_ORDER = ("pelvis", "l5", "l3", "t12", "t8")
SWING_BAND = 8.0  # Hz; the swing itself, without the impact
GYRO_NOISE = 0.05  # rad/s, of soft tissue and sensor; with the band it sets the smoother's pace
STEP_BAND = 4.5  # Hz; above the fastest sprinters' 5 steps/s only their harmonics remain
SWING_RATE = 1.5  # rad/s; a swing of the leg is faster
STEP_ACCELERATION = 0.8  # m/s²; a step shakes the trunk more
EDGE = 3.0  # s; after so long the filter has forgotten what was before
LOCAL_SHARE = 0.25  # of the tallest push nearby that a step must reach: no two are alike


@dataclass(frozen=True)
class GaitFeatures:
    """Steps of a recording.

    ``sources``: the placements of the sensors used. ``stride_events``: for each source side the
    moments (K,) in s of the same event of successive strides (mid-swing of a leg). ``step_times``
    (M,) s: one moment a step, of both sides together. ``stride_times`` (L,) s and ``cadence``
    (L,) steps/min at ``cadence_time`` (L,) s: one row a stride without a stop in it.
    """

    sources: tuple[str, ...]
    stride_events: Mapping[str, Floats]
    step_times: Floats
    cadence_time: Floats
    stride_times: Floats
    cadence: Floats

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.step_times)

    @property
    def mean_cadence(self) -> float:
        """Steps/min over all strides, NaN without any."""
        total = float(np.sum(self.stride_times))
        return 120.0 * len(self.stride_times) / total if total else float("nan")


def gait_features(imus: Mapping[str, Imu]) -> GaitFeatures:
    """Steps, cadence and stride times from the best sensors among ``imus``, by placement.

    Legs come before the trunk, and the foot before shank and thigh. One leg alone counts two steps
    a stride.

    Raises MissingDataError if no leg, pelvis or spine sensor with a gyroscope or accelerometer is
    there.
    """
    legs = _best_legs(imus)
    if legs:
        events = {side: swings(imu) for side, imu in legs.items()}
        sources = tuple(imu.stream.placement or imu.stream.name for imu in legs.values())
        return _from_legs(sources, events)
    for placement in TRUNK_ORDER:
        if placement in imus:
            return _from_trunk(placement, trunk_steps(imus[placement]))
    raise MissingDataError(
        f"gait features need a sensor on a leg, the pelvis or the spine; there is {_names(imus)}"
    )


def swings(imu: Imu) -> Floats:
    """Moments (K,) in s at which a thigh, shank or foot swings forward fastest, one a stride."""
    if imu.gyr is None:
        raise MissingDataError(f"{imu.stream.name}: a leg's strides need a gyroscope")
    model = ConstantVelocity.from_cutoff(SWING_BAND, noise_sd=GYRO_NOISE, rate=imu.rate)
    time, gyr = evenly(imu.time, smooth_vectors(imu.time, imu.gyr, model).values, imu.rate)
    rate = _main_rate(gyr)
    front, back = swing_ends(rate, imu.rate)
    before = np.append(0, back)[np.searchsorted(back, front)]
    fastest = [a + int(np.argmax(rate[a : b + 1])) for a, b in zip(before, front, strict=True)]
    events = np.array(fastest, np.int64)
    return turning_points(time, -rate, events[rate[events] > SWING_RATE])


def trunk_steps(imu: Imu) -> Floats:
    """Moments (M,) in s at which a trunk sensor is pushed up most, one a step."""
    time, acc = evenly(imu.time, imu.acc, imu.rate)
    length = np.linalg.norm(acc, axis=1)
    sos = butter(2, (0.5 / imu.rate, min(STEP_BAND / imu.rate, 0.45)), "band", fs=1.0, output="sos")
    beyond = int(EDGE * imu.rate)
    push = sosfiltfilt(sos, continued(length, imu.rate, beyond))[beyond:-beyond]
    return _tall_peaks(time, push, imu.rate, STEP_ACCELERATION, FASTEST_STRIDE / 2)


def evenly(time: Floats, values: Floats, rate: float) -> tuple[Floats, Floats]:
    """Samples (N, 3) on an even clock at ``rate`` Hz, gaps bridged by straight lines."""
    clock = time[0] + np.arange(int((time[-1] - time[0]) * rate + 1e-6) + 1) / rate
    valid = np.isfinite(values).all(axis=1)
    columns = [np.interp(clock, time[valid], column[valid]) for column in values.T]
    return clock, np.stack(columns, axis=-1)


def _main_rate(gyr: Floats) -> Floats:
    """Angular rate (N,) about the axis a sensor (N, 3) turns about most, forward swing positive.

    A leg swings forward faster than it swings back: the sign follows from the skewness.
    """
    rate = main_rate(gyr)
    return rate if np.sum(rate**3) > 0 else -rate


def _tall_peaks(time: Floats, signal: Floats, rate: float, least: float, apart: float) -> Floats:
    """Moments of peaks above ``least`` and some of the tallest nearby, ``apart`` s apart."""
    nearby = maximum_filter1d(signal, 2 * round(SLOWEST_STRIDE * rate) + 1, mode="nearest")
    height = np.maximum(least, LOCAL_SHARE * nearby)
    peaks, _ = find_peaks(signal, height=height, distance=max(1, int(apart * rate)))
    return time[peaks]


def _best_legs(imus: Mapping[str, Imu]) -> dict[str, Imu]:
    """For each side the sensor of the best leg segment that both sides have, or else any."""
    usable = {name: imu for name, imu in imus.items() if imu.gyr is not None}
    for part in LEG_ORDER:
        both = {side: usable.get(f"{side}_{part}") for side in ("right", "left")}
        if all(both.values()):
            return {side: imu for side, imu in both.items() if imu is not None}
    for part in LEG_ORDER:
        for side in ("right", "left"):
            if f"{side}_{part}" in usable:
                return {side: usable[f"{side}_{part}"]}
    return {}


def _from_legs(sources: tuple[str, ...], events: Mapping[str, Floats]) -> GaitFeatures:
    ends, strides = [], []
    for moments in events.values():
        lengths = np.diff(moments)
        walking = lengths < SLOWEST_STRIDE
        ends.append(moments[1:][walking])
        strides.append(lengths[walking])
    order = np.argsort(np.concatenate(ends))
    stride_times = np.concatenate(strides)[order]
    steps = [*events.values()]
    if len(steps) == 1:  # the other leg steps half-way between
        moments = steps[0]
        halves = moments[:-1] + 0.5 * np.diff(moments)
        steps.append(halves[np.diff(moments) < SLOWEST_STRIDE])
    return GaitFeatures(
        sources,
        events,
        np.sort(np.concatenate(steps)),
        np.concatenate(ends)[order],
        stride_times,
        120.0 / stride_times,
    )


def _from_trunk(placement: str, steps: Floats) -> GaitFeatures:
    strides = steps[2:] - steps[:-2]
    walking = strides < SLOWEST_STRIDE
    return GaitFeatures(
        (placement,), {}, steps, steps[2:][walking], strides[walking], 120.0 / strides[walking]
    )


def _names(imus: Mapping[str, Imu]) -> str:
    return ", ".join(imus) if imus else "none"

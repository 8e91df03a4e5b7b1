"""What a recording holds of the heart and of running, from whichever devices were worn."""

from collections.abc import Iterator

import numpy as np

from trackside.arrays import Floats
from trackside.filters.heart_rate_session import HeartSignals, Series
from trackside.kinematics.leg_swings import SLOWEST_STRIDE
from trackside.recordings.model import Kind
from trackside.recordings.reader import Recording

FEWEST_STEPS = 125.0  # steps/min; a median below is one of strides


def heart_signals(recording: Recording, strides: Series | None = None) -> HeartSignals:
    """The signals of a recording; the first stream that has one counts.

    Cadence comes from the body's sensors where there are any (``strides``, as
    :func:`stride_cadence` makes it), else from a foot pod or a watch, whichever of steps and
    strides it counts.
    """
    cadence = _first(recording, "cadence", Kind.RUNNING_SPEED)
    return HeartSignals(
        intervals=_first(recording, "rr_interval", Kind.HEART_RATE),
        average=_first(recording, "heart_rate", Kind.HEART_RATE),
        contact=_first(recording, "contact", Kind.HEART_RATE),
        ecg=_first(recording, "ecg", Kind.ECG),
        cadence=strides if strides is not None and len(strides) else _steps(cadence),
        speed=_first(recording, "speed", Kind.RUNNING_SPEED),
    )


def _first(recording: Recording, channel: str, kind: Kind) -> Series:
    """The first stream of a kind with samples in that channel; empty if there is none."""
    return next(_series(recording, channel, kind), Series())


def _series(recording: Recording, channel: str, kind: Kind) -> Iterator[Series]:
    for name, stream in recording.streams.items():
        if stream.kind is not kind or channel not in {found.name for found in stream.channels}:
            continue
        block = recording.read(name)
        values = np.asarray(block.values[channel], float)[:, 0]
        order = np.argsort(block.time, kind="stable")
        if np.isfinite(values).any():
            yield Series(block.time[order], values[order])


def stride_cadence(time: Floats, cadence: Floats) -> Series:
    """Cadence stride by stride, steps/min, 0 between strides too far apart for walking.

    ``time`` (K,) s: ends of strides; ``cadence`` (K,) steps/min.
    """
    known = np.isfinite(time) & np.isfinite(cadence)
    strides = Series(time[known], cadence[known]).increasing()
    stops = np.flatnonzero(np.diff(strides.time) > 2.0 * SLOWEST_STRIDE)
    standing = [
        moment
        for stop in stops
        for moment in (strides.time[stop] + SLOWEST_STRIDE, strides.time[stop + 1] - SLOWEST_STRIDE)
    ]
    return Series(
        np.append(strides.time, standing), np.append(strides.values, np.zeros(len(standing)))
    ).increasing()


def _steps(cadence: Series) -> Series:
    """Steps/min: some pods count strides, and nobody runs with so few steps."""
    moving = cadence.values[cadence.values > 0.0]
    if len(moving) and np.median(moving) < FEWEST_STEPS:
        return Series(cadence.time, 2.0 * cadence.values)
    return cadence

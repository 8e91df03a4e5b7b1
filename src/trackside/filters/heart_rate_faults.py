"""What is wrong with averaged heart rates, and where: marked with the reason, not dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Booleans, Floats
from trackside.errors import SignalError

LOWEST, HIGHEST = 25.0, 240.0  # bpm
LONGEST_STEP = 15.0  # s; watches that record sparingly leave out up to 10 s
FROZEN = 300.0  # s of one and the same value
FEWEST_FROZEN = 60  # samples


class Reason(StrEnum):
    """Why a stretch of heart rate cannot be used."""

    NO_CONTACT = "no contact: the strap sent 0 or 255, or said so"
    IMPLAUSIBLE = "not a heart rate: outside 25 to 240 bpm"
    FROZEN = "one and the same value for 5 minutes or more"
    DROPOUT = "nothing came"
    CADENCE_LOCK = "locked on the cadence: steps were counted for beats"


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch from ``start`` to ``end`` (s) that cannot be used, and why."""

    start: float
    end: float
    reason: Reason


def usable_rates(
    time: ArrayLike, heart_rate: ArrayLike, contact: ArrayLike | None = None
) -> tuple[Booleans, list[Fault]]:
    """Which samples (N,) of a heart rate can be used, and the stretches that cannot, with reasons.

    ``time`` (N,) s, increasing; ``heart_rate`` (N,) bpm, NaN where nothing was measured;
    ``contact`` (N,): 0 where the strap says that it does not touch the skin, NaN where it does not
    say.

    Raises
    ------
    SignalError
        Shapes that do not match, or time that does not increase.
    """
    time, rate = np.asarray(time, float), np.asarray(heart_rate, float)
    touching = np.full(len(time), np.nan) if contact is None else np.asarray(contact, float)
    shapes_match = time.ndim == 1 and time.shape == rate.shape == touching.shape
    if not shapes_match or not (np.diff(time) > 0.0).all():
        raise SignalError("heart rate: expected (N,) samples at (N,) increasing times")
    known = np.isfinite(rate)
    lost = known & ((rate == 0.0) | (rate == 255.0)) | (touching == 0.0)
    implausible = known & ~lost & ((rate < LOWEST) | (rate > HIGHEST))
    frozen = known & ~lost & ~implausible & _frozen(time, rate)
    faults = [
        *stretches(time, lost, Reason.NO_CONTACT),
        *stretches(time, implausible, Reason.IMPLAUSIBLE),
        *stretches(time, frozen, Reason.FROZEN),
        *_dropouts(time, known | lost),
    ]
    usable = known & ~(lost | implausible | frozen)
    return usable, sorted(faults, key=lambda fault: fault.start)


def stretches(time: Floats, flags: Booleans, reason: Reason) -> list[Fault]:
    """Runs of flagged samples (N,) as faults, from the first to the last sample of each."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [
        Fault(float(time[a]), float(time[b - 1]), reason)
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]


def _frozen(time: Floats, rate: Floats) -> Booleans:
    """Whether each sample (N,) is in a run of one value that is too long for a heart."""
    frozen = np.zeros(len(rate), np.bool_)
    edges = np.concatenate(([0], np.flatnonzero(rate[1:] != rate[:-1]) + 1, [len(rate)]))
    for a, b in pairwise(edges):
        if b - a >= FEWEST_FROZEN and time[b - 1] - time[a] >= FROZEN:
            frozen[a:b] = True
    return frozen


def _dropouts(time: Floats, known: Booleans) -> Sequence[Fault]:
    moments = time[known]
    return [
        Fault(float(moments[i]), float(moments[i + 1]), Reason.DROPOUT)
        for i in np.flatnonzero(np.diff(moments) > LONGEST_STEP)
    ]

"""Variability of RR intervals: RMSSD, SDNN and the short-term scaling exponent DFA α1.

RMSSD and SDNN: Task Force of the ESC and NASPE, Circulation 93 (1996) 1043. DFA: C.-K. Peng et al.,
Chaos 5 (1995) 82, over 4 to 16 beats.

What they are worth: artefacts that were corrected still bias them, and α1 during exercise most (B.
Rogers et al., Sensors 21 (2021) 821: from 3 % on); α1 needs some 120 beats, depends on the device,
and falls with intensity (about 0.75 at the first ventilatory threshold, 0.5 at the second: T.
Gronwald, B. Rogers & O. Hoos, Front. Physiol. 11 (2020) 550572) in groups rather than in each
runner. RMSSD and SDNN are compared only at rest and over the same duration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.filters.beat_correction import CleanBeats

BOX_SIZES = np.arange(4, 17)  # beats
FEWEST_BEATS = 120  # for α1; two minutes of a resting heart
FEWEST_INTERVALS = 30  # for RMSSD and SDNN
MOST_CORRECTED = 0.05
MOST_CORRECTED_ALPHA = 0.03


@dataclass(frozen=True, slots=True)
class Variability:
    """Variability over some stretches of beats; NaN where there are too few.

    ``rmssd`` and ``sdnn`` in s, ``dfa_alpha1`` without unit; ``intervals``: how many were measured;
    ``corrected``: share of intervals that were not; ``caveats``: why to trust it less, in words.
    """

    rmssd: float
    sdnn: float
    dfa_alpha1: float
    intervals: int
    corrected: float
    caveats: tuple[str, ...]


def variability(stretches: Sequence[CleanBeats]) -> Variability:
    """The variability of corrected beats, from intervals that were measured.

    Differences are taken within stretches and between measured neighbours only; α1 is the mean of
    stretches of 120 beats and more, weighed by their length, with corrected beats in their places.
    """
    intervals = [stretch.intervals[stretch.measured] for stretch in stretches]
    measured = np.concatenate([np.empty(0), *intervals])
    pairs = [
        np.diff(stretch.intervals)[stretch.measured[1:] & stretch.measured[:-1]]
        for stretch in stretches
    ]
    differences = np.concatenate([np.empty(0), *pairs])
    total = sum(len(stretch.measured) for stretch in stretches)
    corrected = 1.0 - len(measured) / total if total else 0.0
    enough = len(differences) >= FEWEST_INTERVALS
    long = [stretch.intervals for stretch in stretches if len(stretch.intervals) >= FEWEST_BEATS]
    alpha = np.nan
    if long:
        alpha = float(np.average([dfa_alpha1(rr) for rr in long], weights=[len(rr) for rr in long]))
    return Variability(
        float(np.sqrt(np.mean(differences**2))) if enough else np.nan,
        float(np.std(measured, ddof=1)) if enough else np.nan,
        alpha,
        len(measured),
        corrected,
        tuple(_caveats(len(differences), bool(long), corrected)),
    )


def dfa_alpha1(intervals: ArrayLike) -> float:
    """The slope α1 of log F(n) over log n, n from 4 to 16 beats, of RR intervals (N,) s.

    F(n): root mean square of the summed, mean-free intervals about a line in each box of n. White
    noise has 0.5, 1/f noise 1, Brownian motion 1.5. NaN if the intervals do not vary.

    Raises
    ------
    SignalError
        Fewer than 32 intervals.
    """
    intervals = np.asarray(intervals, float)
    if len(intervals) < 2 * BOX_SIZES[-1]:
        raise SignalError(f"DFA α1 of {len(intervals)} intervals: expected 32 or more")
    profile = np.cumsum(intervals - intervals.mean())
    fluctuation = np.array([_fluctuation(profile, int(size)) for size in BOX_SIZES])
    if not (fluctuation > 1e-12).all():
        return float("nan")
    return float(np.polyfit(np.log(BOX_SIZES), np.log(fluctuation), 1)[0])


def _fluctuation(profile: Floats, size: int) -> float:
    """F(n): boxes from the beginning and from the end, so that no beat is left out."""
    count = len(profile) // size
    boxes = np.concatenate(
        [
            profile[: count * size].reshape(count, size),
            profile[len(profile) - count * size :].reshape(count, size),
        ]
    )
    x = np.arange(size) - 0.5 * (size - 1)
    level = boxes.mean(axis=1, keepdims=True)
    slope = (boxes @ x)[:, np.newaxis] / (x @ x)
    return float(np.sqrt(np.mean((boxes - level - slope * x) ** 2)))


def _caveats(differences: int, any_long: bool, corrected: float) -> list[str]:
    caveats = []
    if differences < FEWEST_INTERVALS:
        caveats.append(f"{differences} differences of intervals: RMSSD and SDNN need 30")
    if not any_long:
        caveats.append(f"no stretch of {FEWEST_BEATS} beats: too short for DFA α1")
    if corrected > MOST_CORRECTED:
        caveats.append(f"{100 * corrected:.1f} % of intervals corrected: more than 5 % biases all")
    elif corrected > MOST_CORRECTED_ALPHA and any_long:
        caveats.append(f"{100 * corrected:.1f} % of intervals corrected: above 3 % biases DFA α1")
    return caveats

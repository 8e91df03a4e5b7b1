"""What a sensor shows of the segment it sits on by itself, without a neighbour.

However it is mounted and whatever its heading does, a sensor tells

- how hard its segment is turned and shaken, against the rest of the body: feet most, then shanks,
  thighs and hands, the trunk least;
- how abruptly it is shaken: landings reach legs as shocks, and arms hardly (impacts lose power from
  segment to segment, J. Hamill et al., Hum. Mov. Sci. 14, 1995); and how much it rests in between,
  as feet do;
- when it swings. A limb's mean lean, which follows from gravity, says which way its front is; the
  phase of its swing along that direction is a part of the stride. Left and right are half a stride
  apart, and each arm swings with the other side's leg (R. N. Hinrichs, Int. J. Sport Biomech. 3,
  1987).
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, hilbert, sosfiltfilt

from trackside.arrays import Booleans, Complexes, Floats, Integers
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import rest_orientations
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.heading import GRAVITY
from trackside.kinematics.standing import find_moving

_LEVELS = {
    "pelvis": (0.0, 0.0, 2.6, -0.1),
    "head": (-0.6, 0.0, 2.6, -0.1),
    "shoulder": (0.3, 0.0, 2.6, -0.1),
    "upper_arm": (1.1, 0.3, 2.4, -0.1),
    "forearm": (1.4, 0.6, 2.1, -0.1),
    "hand": (1.4, 0.8, 2.1, -0.1),
    "thigh": (1.2, 0.7, 3.4, -0.5),
    "shank": (1.4, 0.9, 3.4, -0.6),
    "foot": (1.5, 1.4, 3.4, -1.1),
}
"""Logarithms of RMS rate and of RMS acceleration over the pelvis', of the RMS change of
acceleration over its RMS, 1/s, and of the median size of acceleration over its RMS; rounded from
walks and runs."""
_OF_THE_TRUNK = "pelvis"
"""Stands for every segment that has no row of its own."""
LEVEL_SD = np.array([0.5, 0.35, 0.35, 0.4])
"""By how much people, gaits and straps differ from that."""
DEGREES_OF_FREEDOM = 4.0
"""Of Student's t by which levels are judged: one odd level must not outweigh the others."""

_PHASES = {"thigh": 20.0, "shank": 150.0, "foot": 140.0, "forearm": 165.0, "hand": 165.0}
"""Degrees of a stride by which the swing of a right limb, along its mean lean, is ahead of the
right leg's; rounded from walks and runs. Upper arms lean forward in one gait and back in another.
"""
PHASE_SD = np.deg2rad(25.0)
"""By how much people and gaits differ from that, rad."""
LEAST_LEAN = np.deg2rad(2.0)
"""rad; a smaller lean has no direction."""
STRIDE_BAND = (0.5, 2.2)  # Hz; strides from strolling to sprinting
_SAMPLING = 5.0  # of the band's upper end: swings need no higher rate
SHORTEST = 5.0  # s of motion, of which levels and phases are taken


@dataclass(frozen=True)
class SegmentTraits:
    """What S sensors show by themselves.

    ``levels`` (S, 4), as the table of levels has them, without unit, but over the sensors' mean
    instead of the pelvis. ``swing`` (S,): phase of each sensor's swing as a complex number, of size
    1 where it swings with all others and 0 where it does not, or does not lean.
    """

    levels: Floats
    swing: Complexes


def segment_traits(motion: BodyMotion, stood: tuple[float, float] | None) -> SegmentTraits | None:
    """The traits of a motion's sensors; None if nobody moves for long enough.

    ``stood``: start and end in s of standing; without it no phase is known.
    """
    moving = _moving(motion)
    if moving.sum() < SHORTEST * motion.rate:
        return None
    swing = np.zeros(len(motion.segments), complex)
    if stood is not None:
        swing = _swing(motion, rest_orientations(motion, *stood), moving)
    return SegmentTraits(_levels(motion, moving), swing)


def level_costs(traits: SegmentTraits, segments: tuple[str, ...]) -> Floats:
    """Negative log-likelihoods (S, S), up to a constant, of each sensor (column) on a segment."""
    expected = np.array([_LEVELS.get(_part(name), _LEVELS[_OF_THE_TRUNK]) for name in segments])
    # whoever moves more vigorously turns and shakes all segments more
    expected[:, :2] -= expected[:, :2].mean(axis=0)
    off = (traits.levels[None] - expected[:, None]) / LEVEL_SD
    tails = np.log1p(off**2 / DEGREES_OF_FREEDOM).sum(axis=2)
    return 0.5 * (DEGREES_OF_FREEDOM + 1.0) * tails


def swing_cost(traits: SegmentTraits, segments: tuple[str, ...], worn: Integers) -> float:
    """Negative log-likelihood of limbs' phases if sensor ``worn[k]`` sits on ``segments[k]``.

    Von Mises', about the moment of the stride that suits all of them best.
    """
    limbs = [k for k, name in enumerate(segments) if _part(name) in _PHASES]
    ahead = np.array([_PHASES[_part(segments[k])] for k in limbs])
    ahead += np.where([segments[k].startswith("left") for k in limbs], 180.0, 0.0)
    together = np.sum(traits.swing[worn[limbs]] * np.exp(-1j * np.deg2rad(ahead)))
    return float((np.sum(np.abs(traits.swing)) - np.abs(together)) / PHASE_SD**2)


def _part(segment: str) -> str:
    """A segment's name without its side."""
    return segment.removeprefix("right_").removeprefix("left_")


def _moving(motion: BodyMotion) -> Booleans:
    """Where (N,) the athlete moves and every sensor is measured."""
    moving = np.zeros(len(motion.time), bool)
    for start, end in find_moving(motion):
        moving |= (motion.time >= start) & (motion.time <= end)
    return moving & motion.measured.all(axis=0)


def _levels(motion: BodyMotion, moving: Booleans) -> Floats:
    found = np.empty((len(motion.segments), 4))
    for i in range(len(found)):
        acceleration = qt.rotate(motion.orientations[i], motion.acc[i])
        acceleration[:, 2] -= GRAVITY
        change = np.gradient(acceleration, axis=0)[moving] * motion.rate
        size = np.linalg.norm(acceleration[moving], axis=1)
        turning, shaking = _rms(np.linalg.norm(motion.gyr[i, moving], axis=1)), _rms(size)
        hardness = _rms(np.linalg.norm(change, axis=1)) / shaking
        found[i] = turning, shaking, hardness, float(np.median(size)) / shaking
    found = np.log(np.maximum(found, 1e-6))
    found[:, :2] -= found[:, :2].mean(axis=0)
    return found


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) + 1e-9


def _swing(motion: BodyMotion, rest: Floats, moving: Booleans) -> Complexes:
    """Each sensor's swing (S,) against the main swing of all of them."""
    kept = np.flatnonzero(moving)[:: max(1, int(motion.rate / (_SAMPLING * STRIDE_BAND[1])))]
    swings = np.zeros((len(rest), len(kept)), complex)
    band = butter(2, STRIDE_BAND, "bandpass", fs=motion.rate, output="sos")
    for i in range(len(rest)):
        up = qt.to_matrix(motion.orientations[i])[:, 2]
        level = qt.rotate(rest[i], up)[:, :2] @ np.array([1.0, 1j])
        lean = level[moving].mean()
        if abs(lean) > LEAST_LEAN:
            along = np.real(level * np.conj(lean)) / abs(lean)
            swings[i] = hilbert(sosfiltfilt(band, along))[kept]
    _, directions = np.linalg.eigh(swings @ swings.conj().T)
    main = directions[:, -1].conj() @ swings
    size = np.linalg.norm(swings, axis=1) * np.linalg.norm(main)
    return np.asarray(swings @ main.conj() / np.maximum(size, 1e-12))

"""Movements shown for a calibration, found in a recording: squats, and what the arms can do.

- Squats: both thighs turn while the feet rest; without feet, while the shanks turn slowly.
- The body rests and an arm moves: upper arm and forearm turn alike when it swings straight; the
  forearm turns alone, across its long axis when the elbow bends, along it when the palm is turned
  down and up. Where that axis lies, roughly, a swinging arm shows: on average it hangs.

What is not done for so long, or with too few sensors, is not found; nothing else needs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_opening, uniform_filter1d

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion
from trackside.recordings.placements import SIDES

WINDOW = 1.0  # s, over which motion is averaged
BRIEFEST = 2.0  # s; what lasts less is passed over
SHORTEST = 4.0  # s of one movement together
RESTS = 0.5  # rad/s RMS; of feet in squats, and of the body while arms are shown
SLOW_SHANKS = 1.0  # rad/s RMS; in squats, while they swing twice as fast in walking
SQUATS = 0.5  # rad/s RMS of thighs
SHAKEN = 0.7  # m/s² RMS; walking shakes trunk and legs by more
ARMS = 0.7  # rad/s RMS
ALIKE = 0.3  # of its rate; a straight forearm differs from its upper arm by less
ALONE = 0.4  # of the forearm's rate; upper arms turn less when an elbow bends
ACROSS, ALONG = 0.5, 0.85
"""Of the forearm's rate, the part about its long axis: at most in bends, at least in turns."""
_ARM = ("upper_arm", "forearm", "hand")


@dataclass(frozen=True)
class ArmMovements:
    """When (N,) an arm swings straight, its elbow bends, its forearm turns about its long axis."""

    swings: Booleans
    bends: Booleans
    turns: Booleans


@dataclass(frozen=True)
class FunctionalMovements:
    """When (N,) the athlete squats, and what each arm does, by side."""

    squats: Booleans
    arms: Mapping[str, ArmMovements]

    @property
    def moments(self) -> Booleans:
        """When (N,) any of them is shown."""
        parts = [self.squats]
        for arm in self.arms.values():
            parts += [arm.swings, arm.bends, arm.turns]
        return np.logical_or.reduce(parts)


def functional_movements(motion: BodyMotion) -> FunctionalMovements:
    """What is shown for a calibration in a motion."""
    rates = _rms(np.linalg.norm(motion.gyr, axis=-1), motion.rate)
    body = [i for i, name in enumerate(motion.segments) if not name.endswith(_ARM)]
    rests = _rest(motion, body, rates, RESTS)
    arms = {side: _arm(motion, side, rates, rests) for side in SIDES}
    return FunctionalMovements(_squats(motion, rates), arms)


def _rest(motion: BodyMotion, sensors: list[int], rates: Floats, slow: float) -> Booleans:
    """When (N,) all of some sensors turn slowly and are not shaken; never if there are none."""
    if not sensors:
        return np.zeros(len(motion.time), bool)
    force = np.linalg.norm(motion.acc[sensors], axis=-1)
    shaken = _rms(force - np.median(force, axis=1, keepdims=True), motion.rate)
    return np.all((rates[sensors] < slow) & (shaken < SHAKEN), axis=0)


def _squats(motion: BodyMotion, rates: Floats) -> Booleans:
    thighs, shanks, feet = (
        [i for i, name in enumerate(motion.segments) if name.endswith(part)]
        for part in ("thigh", "shank", "foot")
    )
    if not thighs:
        return np.zeros(len(motion.time), bool)
    planted = _rest(motion, feet or shanks, rates, RESTS if feet else SLOW_SHANKS)
    return _lasting(planted & (rates[thighs].min(axis=0) > SQUATS), motion.rate)


def _arm(motion: BodyMotion, side: str, rates: Floats, rests: Booleans) -> ArmMovements:
    names = f"{side}_upper_arm", f"{side}_forearm"
    nothing = np.zeros(len(motion.time), bool)
    if not all(name in motion.segments for name in names):
        return ArmMovements(nothing, nothing, nothing)
    upper, fore = (motion.segments.index(name) for name in names)
    apart = np.linalg.norm(motion.gyr[fore], axis=-1) - np.linalg.norm(motion.gyr[upper], axis=-1)
    alike = _rms(apart, motion.rate) < ALIKE * rates[upper]
    swings = _lasting(rests & alike & (rates[upper] > ARMS), motion.rate)
    if not swings.any():
        return ArmMovements(nothing, nothing, nothing)
    along = _rms(motion.gyr[fore] @ mean_vertical(motion, fore, swings), motion.rate)
    alone = rests & (rates[fore] > ARMS) & (rates[upper] < ALONE * rates[fore])
    return ArmMovements(
        swings,
        _lasting(alone & (along < ACROSS * rates[fore]), motion.rate),
        _lasting(alone & (along > ALONG * rates[fore]), motion.rate),
    )


def mean_vertical(motion: BodyMotion, sensor: int, when: Booleans) -> Floats:
    """Mean direction (3,) of the vertical in a sensor's frame at moments (N,)."""
    up = qt.to_matrix(motion.orientations[sensor, when])[:, 2].mean(axis=0)
    return np.asarray(up / np.linalg.norm(up))


def _rms(signals: Floats, rate: float) -> Floats:
    """Running root mean square (..., N) over a window."""
    length = max(1, round(WINDOW * rate))
    mean = uniform_filter1d(signals**2, length, axis=-1, mode="nearest")
    return np.sqrt(np.maximum(mean, 0.0))


def _lasting(when: Booleans, rate: float) -> Booleans:
    """The spans that last, or none if all together are too short."""
    kept = binary_opening(when, np.ones(max(1, round(BRIEFEST * rate))))
    return kept if kept.sum() >= SHORTEST * rate else np.zeros_like(kept)

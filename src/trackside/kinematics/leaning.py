"""Which way limbs lean on average: forward or backward in any gait, from gravity alone."""

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.common_clock import BodyMotion

_LEANING = {"thigh": 1.0, "shank": -1.0, "foot": -1.0, "forearm": 1.0, "hand": 1.0}


def leaning(motion: BodyMotion, rest: Floats) -> Floats:
    """How far each sensor leans on average, against how it stood at rest, (S, 2) rad.

    A horizontal vector in the sensor's earth frame at rest; it points forward if the segment turns
    like a thigh that is lifted. It follows from gravity alone, whatever the heading does meanwhile.
    """
    up = qt.to_matrix(motion.orientations)[:, :, 2]
    return qt.rotate(rest[:, None], up)[..., :2].mean(axis=1)


def leaning_score(motion: BodyMotion, rest: Floats, angles: Floats) -> float:
    """Positive if limbs lean as people's do with these facings, else negative.

    On average over any gait thighs and forearms have their lower ends in front of where they hang,
    shanks theirs behind, and feet point down.
    """
    forward = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return float(leaning_signs(motion.segments) @ np.sum(leaning(motion, rest) * forward, axis=1))


def leaning_signs(segments: tuple[str, ...]) -> Floats:
    """1 for each segment (S,) that leans forward in any gait, −1 for backward, 0 for neither."""
    parts = [segment.partition("_")[2] for segment in segments]
    return np.array([_LEANING.get(part, 0.0) for part in parts])

"""Which way limbs lean on average: forward or backward in any gait, from gravity alone."""

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import StaticPose
from trackside.kinematics.common_clock import BodyMotion

_LEANING = {"thigh": 1.0, "shank": -1.0, "foot": -1.0, "forearm": 1.0, "hand": 1.0}


def leaning(motion: BodyMotion, rest: Floats) -> Floats:
    """How far each sensor leans on average, against how it stood at rest, (S, 2) rad.

    A horizontal vector in the sensor's earth frame at rest; it points forward if the segment turns
    like a thigh that is lifted. It follows from gravity alone, whatever the heading does meanwhile.
    """
    up = qt.to_matrix(motion.orientations)[:, :, 2]
    return qt.rotate(rest[:, None], up)[..., :2].mean(axis=1)


def leaning_score(
    motion: BodyMotion, rest: Floats, angles: Floats, pose: StaticPose = StaticPose.N
) -> float:
    """Positive if limbs lean as people's do with these facings, else negative.

    On average over any gait thighs and forearms have their lower ends in front of where they hang,
    shanks theirs behind, and feet point down. Thighs that were level at rest, in a sitting
    ``pose``, have theirs far below it.
    """
    forward = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    signs = leaning_signs(motion.segments, pose)
    return float(signs @ np.sum(leaning(motion, rest) * forward, axis=1))


def leaning_signs(segments: tuple[str, ...], pose: StaticPose = StaticPose.N) -> Floats:
    """How each segment (S,) leans in any gait, against its rest in a pose.

    1 forward, −1 backward, 0 neither.
    """
    signs = _LEANING | ({"thigh": -1.0} if pose is StaticPose.SIT else {})
    return np.array([signs.get(segment.partition("_")[2], 0.0) for segment in segments])

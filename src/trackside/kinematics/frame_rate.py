"""A pose at another frame rate."""

import numpy as np

from trackside.errors import ParameterError
from trackside.kinematics.pose import Pose


def at_rate(pose: Pose, rate: float) -> Pose:
    """The pose at ``rate`` Hz over the same time, rotations by slerp, positions linearly.

    Nothing is smoothed: below twice the highest frequency of the motion, detail is lost. Raises
    ParameterError for a rate that is not above zero.
    """
    if not 0 < rate < np.inf:
        raise ParameterError(f"rate {rate} Hz: expected more than 0")
    frames = int((pose.time[-1] - pose.time[0]) * rate + 1e-6) + 1
    return pose.at(pose.time[0] + np.arange(frames) / rate)

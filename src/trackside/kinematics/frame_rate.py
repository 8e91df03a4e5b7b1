"""A pose at another frame rate."""

import numpy as np

from trackside.errors import MissingDataError, ParameterError
from trackside.kinematics.pose import Pose


def at_rate(pose: Pose, rate: float) -> Pose:
    """The pose at ``rate`` Hz over the same time, rotations by slerp, positions linearly.

    Nothing is smoothed: below twice the highest frequency of the motion, detail is lost. Raises
    ParameterError for a rate that is not above zero, MissingDataError for a pose of fewer than two
    frames.
    """
    if not 0 < rate < np.inf:
        raise ParameterError(f"rate {rate} Hz: expected more than 0")
    if len(pose.time) < 2:
        raise MissingDataError(
            f"a frame rate needs 2 frames or more: the pose has {len(pose.time)}"
        )
    frames = int((pose.time[-1] - pose.time[0]) * rate + 1e-6) + 1
    return pose.at(pose.time[0] + np.arange(frames) / rate)

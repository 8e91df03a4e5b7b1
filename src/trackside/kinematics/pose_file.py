"""A solved pose inside a recording: the group ``Pose`` of its derived results."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackside.errors import MissingDataError
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import Skeleton
from trackside.recordings.reader import Recording

GROUP = "Pose"


def pose_to_arrays(pose: Pose) -> dict[str, NDArray[Any]]:
    """The arrays of a pose by the names under which a recording keeps them."""
    arrays: dict[str, NDArray[Any]] = {
        "Time": pose.time,
        "Orientation": pose.orientations.astype(np.float32),
        "Root": pose.root.astype(np.float32),
        "Measured": pose.measured,
        "SkeletonHeight": np.array([pose.skeleton.height]),
        "SkeletonOffsets": pose.skeleton.offsets,
        "SkeletonEnds": pose.skeleton.ends,
        "SkeletonHeels": pose.skeleton.heels,
    }
    if pose.joint_sd is not None:
        arrays["JointDeviation"] = pose.joint_sd.astype(np.float32)
    return arrays


def read_pose(recording: Recording) -> Pose:
    """The pose that ``trackside solve`` left in a recording.

    Raises MissingDataError if it has not been solved.
    """
    if not recording.has_processed(GROUP):
        raise MissingDataError(
            f"{recording.path}: no pose in it yet: run trackside solve {recording.path}"
        )
    return pose_from_arrays(recording.processed(GROUP))


def pose_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Pose:
    """The inverse of :func:`pose_to_arrays`."""
    skeleton = Skeleton(
        float(arrays["SkeletonHeight"][0]),
        arrays["SkeletonOffsets"].astype(float),
        arrays["SkeletonEnds"].astype(float),
        arrays["SkeletonHeels"].astype(float),
    )
    sd = arrays.get("JointDeviation")
    return Pose(
        skeleton,
        arrays["Time"].astype(float),
        arrays["Orientation"].astype(float),
        arrays["Root"].astype(float),
        arrays["Measured"].astype(bool),
        None if sd is None else sd.astype(float),
    )

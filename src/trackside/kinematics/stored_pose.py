"""A solved pose read in parts, as a replay needs it: an hour is not read to show a moment of it."""

from typing import Any

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import GROUP, pose_from_arrays
from trackside.kinematics.skeleton import Skeleton
from trackside.recordings import layout
from trackside.recordings.reader import Recording

_ALONG = {"Time": 0, "Orientation": 1, "Root": 0, "Measured": 1}
"""The datasets with an entry for each frame, and the axis along which they are read in parts."""


class StoredPose:
    """The pose in an open recording.

    ``skeleton``; ``time`` (N,) s; ``root`` (N, 3) m: the path of the pelvis. All else is read when
    it is asked for, as long as the recording is open; deviations of joints are not. Raises
    MissingDataError if there is no pose, FileFormatError if one is there in part only.
    """

    def __init__(self, recording: Recording) -> None:
        if not recording.has_processed(GROUP):
            raise MissingDataError(
                f"{recording.path}: no pose in it yet: run trackside solve {recording.path}"
            )
        group = recording.file[layout.PROCESSED][GROUP]
        missing = [name for name in (*_ALONG, *_SKELETON) if name not in group]
        if missing:
            raise FileFormatError(recording.path, group.name, f"{', '.join(missing)} in it")
        self._datasets: dict[str, Any] = {name: group[name] for name in _ALONG}
        self._fixed = {name: np.asarray(group[name][()]) for name in _SKELETON}
        self.time: Floats = np.asarray(group["Time"][()], float)
        self.root: Floats = np.asarray(group["Root"][()], float)
        self.skeleton: Skeleton = self.frames(0, 0).skeleton

    def frames(self, first: int, last: int) -> Pose:
        """The pose from frame ``first`` to before ``last``."""
        rows = slice(first, last)
        parts = {
            name: np.asarray(dataset[(slice(None),) * _ALONG[name] + (rows,)])
            for name, dataset in self._datasets.items()
        }
        return pose_from_arrays(self._fixed | parts)


_SKELETON = ("SkeletonHeight", "SkeletonOffsets", "SkeletonEnds", "SkeletonHeels")

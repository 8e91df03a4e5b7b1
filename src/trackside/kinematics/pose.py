"""A pose over time: the orientation of every segment and the path of the pelvis."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kinematics.skeleton import INDEX, Skeleton, joint_positions


@dataclass(frozen=True)
class Pose:
    """A moving skeleton.

    ``time`` (N,) s, evenly spaced.
    ``orientations`` (23, N, 4) segment → ENU, scalar first; segments ordered as SEGMENTS.
    ``root`` (N, 3) m: origin of the pelvis in the earth frame.
    ``measured`` (23, N): whether a sensor on the segment had data at that moment; elsewhere the
    segment follows the chain.
    """

    skeleton: Skeleton
    time: Floats
    orientations: Floats
    root: Floats
    measured: Booleans

    @property
    def rate(self) -> float:
        """Frames per second."""
        return float((len(self.time) - 1) / (self.time[-1] - self.time[0]))

    def segment(self, name: str) -> Floats:
        """Orientation (N, 4) of one segment by name."""
        return self.orientations[INDEX[name]]

    def joints(self) -> Floats:
        """Proximal joint of every segment in the earth frame, (23, N, 3) m."""
        return joint_positions(self.skeleton, self.orientations, self.root)

    def span(self, start: float, end: float) -> "Pose":
        """The frames with start ≤ time < end, in s."""
        keep = slice(*np.searchsorted(self.time, [start, end]))
        return Pose(
            self.skeleton,
            self.time[keep],
            self.orientations[:, keep],
            self.root[keep],
            self.measured[:, keep],
        )

"""A pose over time: the orientation of every segment and the path of the pelvis."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, Skeleton, joint_positions


@dataclass(frozen=True)
class Pose:
    """A moving skeleton.

    ``time`` (N,) s, evenly spaced.
    ``orientations`` (23, N, 4) segment → ENU, scalar first; segments ordered as SEGMENTS.
    ``root`` (N, 3) m: origin of the pelvis in the earth frame.
    ``measured`` (23, N): whether a sensor on the segment had data at that moment; elsewhere the
    segment follows the chain.
    ``joint_sd`` (23, N) rad: standard deviation of each segment's rotation against its parent's
    (of the pelvis' against the earth), over all directions; None for a pose that nobody measured.
    """

    skeleton: Skeleton
    time: Floats
    orientations: Floats
    root: Floats
    measured: Booleans
    joint_sd: Floats | None = None

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
            None if self.joint_sd is None else self.joint_sd[:, keep],
        )

    def at(self, time: Floats) -> "Pose":
        """The pose at other moments (M,) s, turned along the shortest arc, held beyond its ends."""
        after = np.clip(np.searchsorted(self.time, time), 1, len(self.time) - 1)
        before = after - 1
        share = (time - self.time[before]) / (self.time[after] - self.time[before])
        share = np.clip(share, 0.0, 1.0)
        turned = qt.slerp(self.orientations[:, before], self.orientations[:, after], share[None])
        root = self.root[before] + share[:, None] * (self.root[after] - self.root[before])
        nearest = np.where(share < 0.5, before, after)
        measured = self.measured[:, nearest]
        sd = None if self.joint_sd is None else self.joint_sd[:, nearest]
        return Pose(self.skeleton, time, turned, root, measured, sd)

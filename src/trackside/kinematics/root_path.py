"""Where the pelvis goes: leg odometry over level ground.

The lowest point of heels, balls and toes bears the body: it is on the ground and stays where it is
until another point is clearly lower. That is exact while walking; in the flight phase of running
the body goes on as its last support says, so distances are short by what it flies further.
"""

import numpy as np

from trackside.arrays import Floats, Integers
from trackside.kernels import kernel
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, Skeleton, joint_positions
from trackside.recordings.placements import SIDES

HANDOVER = 0.01
"""m by which another point must be lower before it takes over, so that the support is steady."""


def root_path(skeleton: Skeleton, orientations: Floats) -> Floats:
    """Path (N, 3) in m of the pelvis, starting above the origin, from orientations (23, N, 4)."""
    soles = sole_points(skeleton, orientations, np.zeros((orientations.shape[1], 3)))
    support = _support(np.ascontiguousarray(soles[:, :, 2]), HANDOVER)
    frames = np.arange(len(support))
    path = np.zeros((len(support), 3))
    path[:, 2] = -soles[support, frames, 2]
    moved = soles[support[1:], frames[1:], :2] - soles[support[1:], frames[:-1], :2]
    path[1:, :2] = -np.cumsum(moved, axis=0)
    return path


def sole_points(skeleton: Skeleton, orientations: Floats, root: Floats) -> Floats:
    """Heel, ball and toe tip of the right, then the left foot in the earth frame: (6, N, 3) m."""
    joints = joint_positions(skeleton, orientations, root)
    points = []
    for side, heel in zip(SIDES, skeleton.heels, strict=True):
        foot, toe = INDEX[f"{side}_foot"], INDEX[f"{side}_toe"]
        points += [
            joints[foot] + qt.rotate(orientations[foot], heel),
            joints[toe],
            joints[toe] + qt.rotate(orientations[toe], skeleton.ends[toe]),
        ]
    return np.stack(points)


@kernel
def _support(heights: Floats, handover: float) -> Integers:
    """Index (N,) of the point that bears the body, from the heights (P, N) of all points."""
    points, frames = heights.shape
    support = np.empty(frames, np.int64)
    current = 0
    for frame in range(frames):
        lowest = 0
        for point in range(1, points):
            if heights[point, frame] < heights[lowest, frame]:
                lowest = point
        if frame == 0 or heights[lowest, frame] < heights[current, frame] - handover:
            current = lowest
        support[frame] = current
    return support

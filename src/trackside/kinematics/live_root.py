"""Where the skeleton is while it moves: the foot on the ground stays, the body goes on over it.

For the eyes only: one moment after the other, without looking ahead. The way of a recording is
found with more care by :mod:`trackside.kinematics.root_path`.
"""

from typing import Final

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, Skeleton
from trackside.recordings.placements import SIDES

FLIGHT_FORCE: Final = 4.0
"""m/s²; a trunk that feels less is in flight: gravity is no force that it could feel."""
CHANGE: Final = 0.015
"""m by which another point of the feet must be lower than the one that bears the body."""
FASTEST: Final = 13.0  # m/s
SMOOTHING: Final = 0.15  # s over which the velocity for flights is averaged


class LiveRoot:
    """The pelvis' place from frame to frame; the ground is level, at z = 0, and the start above 0.

    ``skeleton``: the athlete's.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        feet = [INDEX[f"{side}_foot"] for side in SIDES]
        toes = [INDEX[f"{side}_toe"] for side in SIDES]
        self._segments = np.array([*feet, *toes])
        self._points = np.concatenate([skeleton.heels, np.zeros((2, 3))])
        """Heels and balls; toes bend, and hardly anybody wears a sensor there."""
        self._bearing = -1
        self._place = np.zeros(2)
        """Of the point that bears the body, m."""
        self._velocity = np.zeros(2)
        self._root = np.zeros(3)
        self._time = np.nan

    def step(self, time: float, orientations: Floats, joints: Floats, force: float) -> Floats:
        """The pelvis (3,) m at ``time`` (s), later than before.

        ``orientations`` (23, 4) and ``joints`` (23, 3) m from the pelvis: the pose; ``force`` m/s²:
        the magnitude of what the trunk's sensor feels, NaN if nobody knows.
        """
        points = joints[self._segments] + qt.rotate(orientations[self._segments], self._points)
        elapsed = time - self._time if np.isfinite(self._time) else 0.0
        self._time = time
        if force < FLIGHT_FORCE and self._bearing >= 0:
            self._root[:2] += self._velocity * elapsed
            self._bear(points, int(np.argmin(points[:, 2])))
            return self._root.copy()
        lowest = int(np.argmin(points[:, 2]))
        if self._bearing >= 0:
            self._go(self._place - points[self._bearing, :2], elapsed)
        if self._bearing < 0 or points[lowest, 2] < points[self._bearing, 2] - CHANGE:
            self._bear(points, lowest)
        self._root[2] = -points[lowest, 2]
        return self._root.copy()

    def _bear(self, points: Floats, point: int) -> None:
        """Stand on another point, where it is now."""
        self._bearing = point
        self._place = self._root[:2] + points[point, :2]

    def _go(self, place: Floats, elapsed: float) -> None:
        """Move to a place (2,) m; further than anybody runs is a jump, which is not followed."""
        moved = place - self._root[:2]
        if np.hypot(*moved) > FASTEST * max(elapsed, 1e-3):
            self._place = self._place - moved
            return
        self._root[:2] = place
        if elapsed > 0.0:
            share = min(1.0, elapsed / SMOOTHING)
            self._velocity += share * (moved / elapsed - self._velocity)

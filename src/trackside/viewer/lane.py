"""The athlete's own lane: the way over the ground without the sway of steps, in even pieces."""

import numpy as np

from trackside.arrays import Floats
from trackside.viewer.ground import LANE_STEP

_RATE = 10.0  # nodes per second from which the way is built
_SMOOTHED = 2.0  # s
_STANDING = 0.3  # m/s; slower is no way
_LEAD = 24.0  # m by which the lane goes on straight beyond both ends
_REACH = 24.0  # m to each side of the athlete that are shown
_SHORTEST = 2.0  # m


class Lane:
    """The lane of a whole session.

    ``time`` (N,) s; ``root`` (N, 3) m: the path of the pelvis, NaN where it is not known. Nobody
    who stays within two metres has a lane.
    """

    def __init__(self, time: Floats, root: Floats) -> None:
        self._nodes, self._times = np.empty((0, 2)), np.empty(0)
        known = np.isfinite(root).all(axis=1)
        if known.sum() < 2:
            return
        start, end = time[known][[0, -1]]
        clock = np.arange(start, end, 1.0 / _RATE)
        way = np.stack([np.interp(clock, time[known], root[known, i]) for i in (0, 1)], axis=-1)
        way = _smooth(way, round(_SMOOTHED * _RATE))
        steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
        steps[steps < _STANDING / _RATE] = 0.0
        distance = np.concatenate([[0.0], np.cumsum(steps)])
        if distance[-1] < _SHORTEST:
            return
        moving = np.concatenate([[True], steps > 0])
        even = np.arange(0.0, distance[-1], LANE_STEP)
        nodes = np.stack(
            [np.interp(even, distance[moving], way[moving, i]) for i in (0, 1)], axis=-1
        )
        self._nodes = _led_on(nodes, round(_LEAD / LANE_STEP))
        beyond = round(_LEAD / LANE_STEP)
        self._times = np.pad(np.interp(even, distance, clock), beyond, mode="edge")

    @property
    def nodes(self) -> Floats:
        """All nodes (M, 2) m, LANE_STEP apart; the way leads on straight beyond both ends."""
        return self._nodes

    def about(self, moment: float) -> tuple[Floats, int]:
        """The nodes (M, 2) m about where the athlete is, and the number of the first of them."""
        here = int(np.searchsorted(self._times, moment))
        first = max(0, here - round(_REACH / LANE_STEP))
        return self._nodes[first : here + round(_REACH / LANE_STEP)], first


def _smooth(way: Floats, width: int) -> Floats:
    """Averaged over ``width`` points, held at both ends."""
    width = max(1, min(width, len(way)) // 2 * 2 + 1)
    padded = np.pad(way, ((width // 2, width // 2), (0, 0)), mode="reflect", reflect_type="odd")
    window = np.ones(width) / width
    return np.stack([np.convolve(column, window, mode="valid") for column in padded.T], axis=-1)


def _led_on(nodes: Floats, count: int) -> Floats:
    """Straight on by ``count`` nodes beyond both ends."""
    far = min(len(nodes) - 1, 4)
    lead = np.arange(1, count + 1)[:, None] / far
    before = nodes[0] + lead[::-1] * (nodes[0] - nodes[far])
    after = nodes[-1] + lead * (nodes[-1] - nodes[-1 - far])
    return np.concatenate([before, nodes, after])

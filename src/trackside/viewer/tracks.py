"""Values over a whole session, such as heart rate, thinned to what a screen can show."""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats

MOST_POINTS = 1500


@dataclass(frozen=True)
class Track:
    """A named value with its unit at ``time`` (N,) s; NaN where it is not known."""

    name: str
    unit: str
    time: Floats
    values: Floats

    def at(self, moment: float, reach: float = 3.0) -> float:
        """The value nearest to ``moment`` s, NaN if there is none within ``reach`` s."""
        if not len(self.time):
            return float("nan")
        after = int(np.clip(np.searchsorted(self.time, moment), 0, len(self.time) - 1))
        near = max(after - 1, 0)
        if abs(self.time[near] - moment) > abs(self.time[after] - moment):
            near = after
        return float(self.values[near]) if abs(self.time[near] - moment) <= reach else float("nan")


def thinned(track: Track, points: int = MOST_POINTS) -> Track:
    """The means of at most ``points`` even pieces of a track; pieces without values are NaN."""
    if len(track.time) <= points:
        return track
    edges = np.linspace(track.time[0], track.time[-1], points + 1)
    piece = np.clip(np.searchsorted(edges, track.time, side="right") - 1, 0, points - 1)
    known = np.isfinite(track.values)
    count = np.bincount(piece[known], minlength=points)
    total = np.bincount(piece[known], track.values[known], minlength=points)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Track(track.name, track.unit, 0.5 * (edges[1:] + edges[:-1]), mean)

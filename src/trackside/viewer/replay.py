"""What a replay shows, whatever file it came from, and how it is read; without any window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.viewer.actors import Actor, OpenMotion, SkeletonActor
from trackside.viewer.ghosts import Ghost
from trackside.viewer.tracks import Track


@dataclass(frozen=True)
class Replay:
    """A session to look at.

    ``title``; ``actor``: who moves, None if there is no pose; ``start``, ``end`` s: the part that
    is played. ``laps`` (L,) s and ``marks`` (time in s, text): what was noted. ``missing``: what
    the file lacks, in plain words. ``ghost``: a second motion. ``tracks``: reads heart rate and the
    like; it may take its time, on another thread. ``motion`` opens the athlete's motion anew for
    such a thread; None where there is no skeleton. ``again`` makes the same actor once more, to be
    somewhere else at the same time. ``open_ghost`` makes a ghost of a file; it
    raises TracksideError where that cannot be. ``close`` lets go of the files.
    """

    title: str
    actor: Actor | None
    start: float
    end: float
    laps: Floats = field(default_factory=lambda: np.empty(0))
    marks: tuple[tuple[float, str], ...] = ()
    missing: tuple[str, ...] = ()
    ghost: Ghost | None = None
    tracks: Callable[[], Sequence[Track]] = tuple
    motion: OpenMotion | None = None
    again: Callable[[], Actor] | None = None
    open_ghost: Callable[[Path], Ghost] | None = None
    close: Callable[[], None] = lambda: None

    def beside(self, ghost: Ghost) -> "Replay":
        """The same with a ghost that starts with it."""
        return replace(self, ghost=ghost.beginning(self.start))

    @property
    def step(self) -> float:
        """Seconds from one frame to the next."""
        if self.actor is None or len(self.actor.time) < 2:
            return 0.04
        return float((self.actor.time[-1] - self.actor.time[0]) / (len(self.actor.time) - 1))

    @property
    def tells(self) -> bool:
        """Whether the motion says which segments a sensor saw."""
        return isinstance(self.actor, SkeletonActor) and self.actor.tells

    def gaps(self) -> Floats:
        """Where the pose is not known, (G, 2) s."""
        if self.actor is None:
            return np.empty((0, 2))
        unknown = ~np.isfinite(self.actor.root).all(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], unknown, [False]]).astype(int)))
        last = len(self.actor.time) - 1
        return self.actor.time[np.minimum(edges, last)].reshape(-1, 2)

"""A second motion to compare with: which of its moments is shown, and where it is put."""

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from trackside.arrays import Floats
from trackside.kinematics import quaternions as qt
from trackside.viewer.actors import Actor, OpenMotion
from trackside.viewer.camera import Camera
from trackside.viewer.limbs import Capsules
from trackside.viewer.scheme import Scheme
from trackside.viewer.stride_table import StrideTable

BESIDE = 1.0  # m


class Place(Enum):
    """Where a ghost is: over the athlete, beside on the screen, or where it really was."""

    OVER = "over"
    BESIDE = "beside"
    ITS_OWN = "its own way"


@dataclass(frozen=True)
class Ghost:
    """A second motion.

    ``title``: what it is; ``actor``; ``start``, ``end`` s: the part of it that is shown, against
    ``own_start`` s of the athlete's. ``strides``: its strides, and ``own_strides`` the athlete's:
    where both have any, the ghost is shown in step, the same share of a stride gone.
    ``motion`` opens its motion anew for a thread that finds strides in it.
    """

    title: str
    actor: Actor
    start: float
    end: float
    own_start: float = 0.0
    motion: OpenMotion | None = None
    strides: StrideTable = field(default_factory=StrideTable)
    own_strides: StrideTable = field(default_factory=StrideTable)
    in_step: bool = True

    def moment(self, own: float) -> float:
        """Which of the ghost's moments in s belongs to the athlete's ``own`` s."""
        if self.in_step:
            stepped = self._in_step(own)
            if stepped is not None:
                return stepped
        return float(np.clip(self.start + own - self.own_start, self.start, self.end))

    def body(
        self, own: float, place: Place, athlete: Actor, camera: Camera, scheme: Scheme
    ) -> Capsules:
        """The ghost's limbs at the athlete's moment ``own`` s."""
        moment = self.moment(own)
        limbs = self.actor.body(moment, scheme, ghost=True)
        if place is Place.ITS_OWN:
            return limbs
        there, heading = self.actor.guide(moment)
        here, own_heading = athlete.guide(own)
        target = here + (BESIDE * camera.rightward() if place is Place.BESIDE else 0.0)
        return _moved(limbs, there, target, own_heading - heading)

    def among(self, strides: StrideTable, own_strides: StrideTable) -> "Ghost":
        """The ghost, now that strides are known."""
        return replace(self, strides=strides, own_strides=own_strides)

    def beginning(self, own_start: float) -> "Ghost":
        """The ghost, its start against another moment in s of the athlete's."""
        return replace(self, own_start=own_start)

    def stepping(self, in_step: bool) -> "Ghost":
        """The ghost in step, or by time."""
        return replace(self, in_step=in_step)

    def _in_step(self, own: float) -> float | None:
        for side, mine in self.own_strides.steps.items():
            theirs = self.strides.steps.get(side)
            found = mine.at(own)
            if theirs is None or found is None:
                continue
            inside = np.flatnonzero((theirs.start >= self.start - 0.5) & (theirs.end <= self.end))
            if not len(inside):
                continue
            first = int(np.searchsorted(mine.start, self.own_start - 0.5))
            row = inside[(found[0] - first) % len(inside)]
            start, end = float(theirs.start[row]), float(theirs.end[row])
            return start + found[1] / 100.0 * (end - start)
        return None


def _moved(limbs: Capsules, start: Floats, target: Floats, turn: float) -> Capsules:
    """Capsules turned about the vertical through ``start`` (3,) by rad, and put at ``target``."""
    about = qt.about_axis([0.0, 0.0, 1.0], np.array(turn))
    moved = limbs.copy()
    points = limbs[:, :15].reshape(-1, 5, 3).astype(float)
    points[:, :2] -= start
    points = qt.rotate(about, points)
    points[:, :2] += target
    moved[:, :15] = points.reshape(-1, 15)
    return moved

"""Whoever moves in the scene: a solved skeleton, or the bones of any BVH file."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Protocol

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh_document import BvhDocument, world_positions
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import Skeleton
from trackside.viewer.limbs import (
    CAPSULE_COLUMNS,
    NO_CAPSULES,
    Body,
    Capsules,
    body_for,
    ghost_for,
)
from trackside.viewer.scheme import Scheme, rgba

GHOST_OPACITY = 0.42
SMOOTHED = 0.75  # s to each side over which place and heading are averaged for the camera
_LOOKS = 8  # frames that are looked at for whether anything was measured
_AHEAD, _KEPT = 6.0, 1.5  # s that are read beyond and before what was asked for
_UP_RANGE = (0.5, 2.6)  # m, what a BVH's figure may measure in cm; others are scaled to _UP_TYPICAL
_UP_TYPICAL = 1.75


class Motion(Protocol):
    """A moving skeleton, read in parts."""

    @property
    def skeleton(self) -> Skeleton:
        """Whose motion it is."""
        ...

    @property
    def time(self) -> Floats:
        """(N,) s, evenly spaced."""
        ...

    @property
    def root(self) -> Floats:
        """The path of the pelvis, (N, 3) m."""
        ...

    def frames(self, first: int, last: int) -> Pose:
        """The pose from frame ``first`` to before ``last``."""
        ...


OpenMotion = Callable[[], AbstractContextManager[Motion]]
"""Opens a motion for a thread that reads it by itself."""


class PoseInMemory:
    """A pose that was read as a whole, such as a BVH's, as a :class:`Motion`."""

    def __init__(self, pose: Pose) -> None:
        self.skeleton, self.time, self.root = pose.skeleton, pose.time, pose.root
        self._pose = pose

    def frames(self, first: int, last: int) -> Pose:
        """As in Motion."""
        pose, rows = self._pose, slice(first, last)
        return Pose(
            pose.skeleton,
            pose.time[rows],
            pose.orientations[:, rows],
            pose.root[rows],
            pose.measured[:, rows],
        )


class Actor(Protocol):
    """Somebody who can be drawn at any moment.

    ``time`` (N,) s; ``root`` (N, 3) m: the path over the ground; ``height`` m.
    """

    time: Floats
    root: Floats
    height: float

    def body(self, moment: float, scheme: Scheme, *, ghost: bool = False) -> Capsules:
        """The limbs at ``moment`` s; none where there is no pose."""
        ...

    def guide(self, moment: float) -> tuple[Floats, float]:
        """Place (3,) m, level with the ground, and heading in rad, both smooth for a camera."""
        ...


class SkeletonActor:
    """A solved skeleton, read as far as it is shown.

    ``tells``: whether the motion says which segments a sensor saw.
    """

    def __init__(self, motion: Motion) -> None:
        self.motion = motion
        self.time, self.root = motion.time, motion.root
        self.height = motion.skeleton.height
        self._first = 0
        self._part = motion.frames(0, 0)
        self._bodies = lru_cache(maxsize=4)(self._make_body)
        looked_at = np.linspace(0, len(self.time) - 1, _LOOKS).astype(int)
        self.tells = any(motion.frames(i, i + 1).measured.any() for i in looked_at)
        self._guided: tuple[float, tuple[Floats, float]] | None = None

    def pose(self, start: float, end: float) -> Pose:
        """The frames from one moment to another in s, at least one."""
        first = int(np.searchsorted(self.time, start - 1e-9))
        last = int(np.searchsorted(self.time, end + 1e-9))
        first = min(max(first, 0), len(self.time) - 1)
        last = max(min(last, len(self.time)), first + 1)
        if first < self._first or last > self._first + len(self._part.time):
            self._read(first, last)
        first, last = first - self._first, last - self._first
        return PoseInMemory(self._part).frames(first, last)

    def frame(self, moment: float) -> tuple[Floats, Floats, Booleans]:
        """Orientations (23, 4), root (3,) m and what was measured (23,), between two frames."""
        after = int(np.clip(np.searchsorted(self.time, moment), 1, max(len(self.time) - 1, 1)))
        here = self.pose(self.time[after - 1], self.time[min(after, len(self.time) - 1)])
        last = len(here.time) - 1
        gap = here.time[last] - here.time[0]
        share = float(np.clip((moment - here.time[0]) / gap, 0.0, 1.0)) if gap > 0 else 0.0
        nearest = last if share >= 0.5 else 0
        before, then = here.orientations[:, 0], here.orientations[:, last]
        between = _blend(before, then, share)
        root = (1.0 - share) * here.root[0] + share * here.root[last]
        if not (np.isfinite(between).all() and np.isfinite(root).all()):
            between, root = here.orientations[:, nearest], here.root[nearest]
        return between, root, here.measured[:, nearest]

    def body(self, moment: float, scheme: Scheme, *, ghost: bool = False) -> Capsules:
        """As in Actor."""
        orientations, root, measured = self.frame(moment)
        body = self._bodies(scheme.name, scheme, ghost)
        return body.capsules(orientations, root, measured if self.tells and not ghost else None)

    def guide(self, moment: float) -> tuple[Floats, float]:
        """As in Actor."""
        if self._guided is None or self._guided[0] != moment:
            self._guided = moment, self._find_guide(moment)
        return self._guided[1]

    def _find_guide(self, moment: float) -> tuple[Floats, float]:
        part = self.pose(moment - SMOOTHED, moment + SMOOTHED)
        ahead = qt.rotate(part.segment("pelvis"), [1.0, 0.0, 0.0])[:, :2]
        known = np.isfinite(ahead).all(axis=1) & np.isfinite(part.root).all(axis=1)
        if not known.any():
            return _last_known(self.root, self.time, moment), 0.0
        away = np.clip((part.time[known] - moment) / SMOOTHED, -0.95, 0.95)
        weights = 1.0 + np.cos(np.pi * away)
        weights /= weights.sum()
        place, way = weights @ part.root[known], weights @ ahead[known]
        return np.array([place[0], place[1], 0.0]), float(np.arctan2(way[1], way[0]))

    def _read(self, first: int, last: int) -> None:
        pace = (self.time[-1] - self.time[0]) / max(len(self.time) - 1, 1)
        self._first = max(0, first - int(_KEPT / pace))
        self._part = self.motion.frames(self._first, min(len(self.time), last + int(_AHEAD / pace)))

    def _make_body(self, _name: str, scheme: Scheme, ghost: bool) -> Body:
        skeleton = self.motion.skeleton
        return ghost_for(skeleton, scheme, GHOST_OPACITY) if ghost else body_for(skeleton, scheme)


class BonesActor:
    """The bones of a BVH file whose joints have other names than ours.

    Up is the file's Y. Files that are not in cm are scaled to a person's height.
    """

    def __init__(self, document: BvhDocument) -> None:
        positions = world_positions(document)[..., [2, 0, 1]] / 100.0
        standing = float(np.median(np.ptp(positions[..., 2], axis=0)))
        scale = 1.0
        if standing > 0 and not _UP_RANGE[0] <= standing <= _UP_RANGE[1]:
            scale = _UP_TYPICAL / standing
        positions *= scale
        positions[..., 2] -= np.percentile(positions[..., 2].min(axis=0), 5.0)
        self.height: float = standing * scale
        self.time: Floats = np.arange(float(len(document.frames))) * document.frame_time
        self.root: Floats = positions[0]
        parents = [joint.parent for joint in document.joints]
        self._bones = [(parent, n) for n, parent in enumerate(parents) if parent >= 0]
        self._positions = positions
        self._sides = [_side_of(document.joints[child].name) for _, child in self._bones]

    def body(self, moment: float, scheme: Scheme, *, ghost: bool = False) -> Capsules:
        """As in Actor."""
        points = self._positions[:, self._frame(moment)]
        starts, ends = (points[list(which)] for which in zip(*self._bones, strict=True))
        along = ends - starts
        length = np.linalg.norm(along, axis=1)
        kept = (length > 1e-6) & np.isfinite(along).all(axis=1)
        if not kept.any():
            return NO_CAPSULES
        starts, ends, y = starts[kept], ends[kept], along[kept] / length[kept, None]
        helper = np.where(np.abs(y[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
        x = np.cross(y, helper)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        radius = np.minimum(0.02 * self.height, 0.25 * length[kept])[:, None]
        colours = (
            [rgba(scheme.ghost, GHOST_OPACITY)] * len(self._bones)
            if ghost
            else [rgba(scheme.of_side(side)) for side in self._sides]
        )
        table = np.hstack(
            [starts, ends, radius * x, radius * y, radius * np.cross(x, y), np.array(colours)[kept]]
        )
        assert table.shape[1] == CAPSULE_COLUMNS  # noqa: S101
        return table.astype(np.float32)

    def guide(self, moment: float) -> tuple[Floats, float]:
        """As in Actor; the heading is that of the way, or east if there is none."""
        frame = self._frame(moment)
        reach = (
            max(1, int(SMOOTHED / max(self.time[1] - self.time[0], 1e-6)))
            if len(self.time) > 1
            else 1
        )
        part = self.root[max(0, frame - reach) : frame + reach + 1]
        way = part[-1] - part[0]
        heading = float(np.arctan2(way[1], way[0])) if np.hypot(way[0], way[1]) > 0.2 else 0.0
        place = part.mean(axis=0)
        return np.array([place[0], place[1], 0.0]), heading

    def _frame(self, moment: float) -> int:
        return int(np.clip(np.searchsorted(self.time, moment), 0, len(self.time) - 1))


def _side_of(joint: str) -> str:
    name = joint.lower()
    return (
        "left"
        if name.startswith(("left", "l_"))
        else ("right" if name.startswith(("right", "r_")) else "centre")
    )


def _blend(before: Floats, after: Floats, share: float) -> Floats:
    """Between two orientations (S, 4) some ms apart, where the chord is as good as the arc."""
    sign = np.where(np.sum(before * after, axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
    mixed = (1.0 - share) * before + share * sign * after
    return mixed / np.linalg.norm(mixed, axis=-1, keepdims=True)


def _last_known(root: Floats, time: Floats, moment: float) -> Floats:
    """Where somebody was last before a moment without a pose, (3,) m on the ground."""
    known = np.flatnonzero(np.isfinite(root[: np.searchsorted(time, moment) + 1]).all(axis=1))
    if not len(known):
        return np.zeros(3)
    return np.array([root[known[-1], 0], root[known[-1], 1], 0.0])

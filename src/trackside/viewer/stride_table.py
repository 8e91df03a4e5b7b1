"""Angles over the strides of a whole session, gathered part by part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics.pose import Pose
from trackside.kinematics.stride_curves import Curve, StrideCurves, mean_curve, stride_curves
from trackside.recordings.placements import SIDES
from trackside.viewer.actors import Motion

PART = 60.0  # s that are analysed at a time
OVERLAP = 3.0  # s that parts have in common, so that no stride is cut
_SAME = 0.05  # s between two findings of the same contact
_SHORTEST = 1.0  # s of unbroken motion that are looked at


@dataclass(frozen=True)
class AngleStrides:
    """One angle over its strides: ``start``, ``end`` (K,) s, in order; ``curves`` (K, 101) rad."""

    start: Floats
    end: Floats
    curves: Floats

    def mean(self) -> Curve:
        """Mean and standard deviation over all strides."""
        return mean_curve(self.curves.astype(float))

    def at(self, moment: float) -> tuple[int, float] | None:
        """The stride that goes on at ``moment`` s, and how many % of it are over, if any does."""
        row = int(np.searchsorted(self.start, moment, side="right")) - 1
        if row < 0 or moment >= self.end[row]:
            return None
        share = (moment - self.start[row]) / (self.end[row] - self.start[row])
        return row, 100.0 * float(share)


class StrideTable:
    """All strides of some parts of a session, each once.

    ``names`` of the angles; ``steps``: strides by side, with the curves of some angle; ``stance``:
    share of the stride on the ground by side; ``reason``: why there are none, or empty.
    """

    def __init__(self, parts: Sequence[StrideCurves] = (), reason: str = "") -> None:
        self._parts = tuple(parts)
        self._joined: dict[str, AngleStrides] = {}
        self.names = tuple(dict.fromkeys(name for part in parts for name in part.angles))
        self.reason = "" if self.names else reason
        self.stance = {
            side: float(np.nanmean([part.strides[side].stance for part in with_it]))
            for side in SIDES
            if (with_it := [part for part in parts if side in part.strides])
        }
        self.steps = {side: _joined(_steps(parts, side)) for side in self.stance}

    def angle(self, name: str) -> AngleStrides | None:
        """One angle over all strides; None if no part has it."""
        if name not in self.names:
            return None
        if name not in self._joined:
            self._joined[name] = _joined(
                [
                    AngleStrides(cut.start, cut.end, part.angles[name])
                    for part in self._parts
                    if name in part.angles
                    for cut in [part.strides[part.side_of(name)]]
                ]
            )
        return self._joined[name]

    def within(self, start: float, end: float) -> "StrideTable":
        """Only the strides from ``start`` to ``end`` s."""
        return StrideTable([_cut(part, start, end) for part in self._parts])

    def stride(self, moment: float) -> tuple[float, float] | None:
        """Start and end in s of the stride that goes on, of the right side if that has any."""
        for strides in self.steps.values():
            found = strides.at(moment)
            if found is not None:
                return float(strides.start[found[0]]), float(strides.end[found[0]])
        return None

    def cadence(self) -> tuple[Floats, Floats]:
        """Time (K,) s and steps/min of the strides of both sides, in order."""
        if not self.steps:
            return np.empty(0), np.empty(0)
        start = np.concatenate([strides.start for strides in self.steps.values()])
        end = np.concatenate([strides.end for strides in self.steps.values()])
        order = np.argsort(start, kind="stable")
        return 0.5 * (start + end)[order], (120.0 / (end - start))[order]


def stride_parts(motion: Motion) -> Iterator[tuple[list[StrideCurves], str, float]]:
    """The strides of each part of a motion, or why it has none, and the share that is done."""
    first, end = float(motion.time[0]), float(motion.time[-1])
    while True:
        rows = np.searchsorted(motion.time, [first, first + PART + OVERLAP])
        curves, reason = _strides(motion.frames(int(rows[0]), int(rows[1])))
        first += PART
        done = first >= end - OVERLAP
        yield curves, reason, 1.0 if done else (first - motion.time[0]) / (end - motion.time[0])
        if done:
            return


def _steps(parts: Sequence[StrideCurves], side: str) -> list[AngleStrides]:
    """A side's strides, without any curves."""
    cuts = [part.strides[side] for part in parts if side in part.strides]
    return [AngleStrides(cut.start, cut.end, np.empty((len(cut.start), 0))) for cut in cuts]


def _cut(part: StrideCurves, start: float, end: float) -> StrideCurves:
    kept = {
        side: (strides.start >= start) & (strides.end <= end)
        for side, strides in part.strides.items()
    }
    strides = {
        side: replace(each, start=each.start[kept[side]], end=each.end[kept[side]])
        for side, each in part.strides.items()
        if kept[side].any()
    }
    angles = {
        name: curves[kept[part.side_of(name)]]
        for name, curves in part.angles.items()
        if kept[part.side_of(name)].any()
    }
    return StrideCurves(strides, angles)


def _joined(pieces: list[AngleStrides]) -> AngleStrides:
    """Pieces in order of time, without what each has in common with those before."""
    kept, last = [], -np.inf
    for piece in pieces:
        new = piece.start > last + _SAME
        kept.append(AngleStrides(piece.start[new], piece.end[new], piece.curves[new]))
        last = max(last, float(piece.start[-1]))
    return AngleStrides(
        np.concatenate([piece.start for piece in kept]),
        np.concatenate([piece.end for piece in kept]),
        np.concatenate([piece.curves for piece in kept]),
    )


def _strides(part: Pose) -> tuple[list[StrideCurves], str]:
    """The strides between the gaps of a part, and why there are none."""
    known = np.isfinite(part.root).all(axis=1) & np.isfinite(part.orientations).all(axis=(0, 2))
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    curves, reason = [], "no pose in it"
    for first, last in bounds.reshape(-1, 2):
        if (last - first) < 2 or part.time[last - 1] - part.time[first] < _SHORTEST:
            reason = "too short for strides"
            continue
        try:
            found = stride_curves(_rows(part, slice(first, last)))
        except MissingDataError as error:
            reason = str(error)
            continue
        curves.append(StrideCurves(found.strides, _lean(found.angles)))
    return curves, reason


def _lean(angles: Mapping[str, Floats]) -> dict[str, Floats]:
    """The same in half the memory: an hour has thousands of strides."""
    return {name: curves.astype(np.float32) for name, curves in angles.items()}


def _rows(pose: Pose, rows: slice) -> Pose:
    return Pose(
        pose.skeleton,
        pose.time[rows],
        np.ascontiguousarray(pose.orientations[:, rows]),
        pose.root[rows],
        pose.measured[:, rows],
    )

"""The chained solver while the athlete moves: one frame in, one frame out.

A step goes through the kernels of :mod:`trackside.kinematics.solver`, so the same orientations give
the same numbers as for a whole recording. What only a live solver meets: a sensor whose data stop
holds its last orientation, and one that has not been seen yet is not there, so its segment follows
the chain until it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError, SignalError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.calibration import UP, Calibration
from trackside.kinematics.range_of_motion import Limits, limited
from trackside.kinematics.skeleton import (
    INDEX,
    STANDING_FACING_EAST,
    Skeleton,
    joint_positions,
)
from trackside.kinematics.solver import Chain, chain_of, fill, turn_about_vertical
from trackside.recordings.placements import SEGMENTS


@dataclass(frozen=True)
class PoseFrame:
    """One moment of a pose; segments ordered as SEGMENTS.

    ``orientations`` (23, 4) segment → ENU, scalar first; ``joints`` (23, 3) m: proximal joint of
    every segment, the pelvis at zero; ``measured`` (23,): whether a sensor saw the segment now.
    """

    orientations: Floats
    joints: Floats
    measured: Booleans


class LiveSolver:
    """Solves frame after frame for the sensors of one calibration.

    ``skeleton``: the athlete's; ``limits``: soft ranges of the joints, None for none. Sensors are
    in the order of ``calibration.segments``. All headings come out in the earth frame of the first
    one.

    Raises MissingDataError for a calibration without any sensor.
    """

    def __init__(
        self, calibration: Calibration, skeleton: Skeleton, limits: Limits | None = None
    ) -> None:
        self.calibration = calibration
        self.skeleton = skeleton
        self.limits = limits
        count = len(calibration.segments)
        if not count:
            raise MissingDataError("the calibration has no sensor: nothing to solve")
        self._mountings = np.ascontiguousarray(calibration.mountings, float)
        self._rows = np.array([INDEX[segment] for segment in calibration.segments])
        self._known = np.zeros(count, bool)
        self._chain: Chain | None = None
        self._sensors = np.tile(qt.IDENTITY, (count, 1, 1))
        self._segments = np.empty((count, 1, 4))
        standing = qt.multiply(qt.about_axis(UP, calibration.facings[0]), STANDING_FACING_EAST)
        self._whole = np.tile(standing, (len(SEGMENTS), 1, 1))
        self.correct_headings(np.zeros(count))

    def correct_headings(self, drifts: ArrayLike) -> None:
        """Take the latest drifts of headings, which hold until the next ones.

        ``drifts`` (S,) rad: how far each sensor's earth frame has turned since the calibration.

        Raises SignalError for another shape, or if one of them is not finite.
        """
        drifts = np.asarray(drifts, float)
        if drifts.shape != self._known.shape or not np.isfinite(drifts).all():
            raise SignalError(
                f"heading drifts {drifts}: expected {len(self._known)} finite angles in rad"
            )
        facings = self.calibration.facings
        self._turns = (facings[0] - facings - drifts)[:, None]

    def step(self, orientations: ArrayLike, measured: ArrayLike) -> PoseFrame:
        """The pose at one moment, from ``orientations`` (S, 4) sensor → earth.

        ``measured`` (S,): which of them are new. The others, and those that are not finite, count
        as lost. Until a sensor has been seen, the skeleton stands as it did for the calibration.

        Raises SignalError for other shapes.
        """
        orientations, new = np.asarray(orientations, float), np.asarray(measured, bool)
        count = len(self._known)
        if orientations.shape != (count, 4) or new.shape != (count,):
            raise SignalError(
                f"orientations {orientations.shape} and measured {new.shape}: expected "
                f"({count}, 4) and ({count},), in the order of the calibration's segments"
            )
        new = new & np.isfinite(orientations).all(axis=1)
        self._sensors[new, 0] = orientations[new]
        if (new & ~self._known).any():
            self._known |= new
            self._chain = self._chain_of_known()
        if self._chain is not None:
            turn_about_vertical(self._sensors, self._mountings, self._turns, self._segments)
            fill(self._segments, self._chain.sensors, self._chain.shares, self._whole)
        seen = np.zeros(len(SEGMENTS), bool)
        seen[self._rows] = new
        whole = self._whole if self.limits is None else limited(self._whole, self.limits)
        joints = joint_positions(self.skeleton, whole, np.zeros((1, 3)))
        return PoseFrame(whole[:, 0].copy(), joints[:, 0], seen)

    def _chain_of_known(self) -> Chain:
        """The chain of the sensors seen so far, by their index among all."""
        known = np.flatnonzero(self._known)
        chain = chain_of(tuple(self.calibration.segments[i] for i in known))
        return Chain(known[chain.sensors], chain.shares)

"""The chained solver while the athlete moves: one frame in, one frame out.

A step goes through the kernels of :mod:`trackside.kinematics.solver`, so the same orientations give
the same numbers as for a whole recording. What only a live solver meets: a sensor whose data stop
holds its last orientation, and one that has not been seen yet is not there, so its segment follows
the chain until it is. How uncertain the joints are is told likewise, by the arithmetic of
:mod:`trackside.kinematics.uncertainty`.
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
from trackside.kinematics.uncertainty import UNTOLD_SD, JointUncertainty, SensorDoubt
from trackside.recordings.placements import SEGMENTS


@dataclass(frozen=True)
class PoseFrame:
    """One moment of a pose; segments ordered as SEGMENTS.

    ``orientations`` (23, 4) segment → ENU, scalar first; ``joints`` (23, 3) m: proximal joint of
    every segment, the pelvis at zero; ``measured`` (23,): whether a sensor saw the segment now;
    ``joint_sd`` (23,) rad: standard deviation of each segment's rotation against its parent's (of
    the pelvis' against the earth), None where nobody told the solver, or no sensor was seen yet.
    """

    orientations: Floats
    joints: Floats
    measured: Booleans
    joint_sd: Floats | None


class LiveSolver:
    """Solves frame after frame for the sensors of one calibration.

    ``skeleton``: the athlete's; ``limits``: soft ranges of the joints, None for none;
    ``uncertainty``: of the joints, None if nobody wants to know. Sensors are in the order of
    ``calibration.segments``. All headings come out in the earth frame of the first one.

    Raises MissingDataError for a calibration without any sensor.
    """

    def __init__(
        self,
        calibration: Calibration,
        skeleton: Skeleton,
        limits: Limits | None = None,
        uncertainty: JointUncertainty | None = None,
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
        self._uncertainty = uncertainty
        self._of_known: JointUncertainty | None = None
        self._linked = np.full((len(uncertainty.links) if uncertainty else 0, 1), np.inf)
        untold = np.full((count, 1), UNTOLD_SD)
        self._untold = SensorDoubt(untold, untold, np.zeros((count, 1)))
        self._sensors = np.tile(qt.IDENTITY, (count, 1, 1))
        self._segments = np.empty((count, 1, 4))
        standing = qt.multiply(qt.about_axis(UP, calibration.facings[0]), STANDING_FACING_EAST)
        self._whole = np.tile(standing, (len(SEGMENTS), 1, 1))
        self.correct_headings(np.zeros(count))

    def correct_headings(self, drifts: ArrayLike, linked: ArrayLike | None = None) -> None:
        """Take the latest drifts of headings, which hold until the next ones.

        ``drifts`` (S,) rad: how far each sensor's earth frame has turned since the calibration;
        ``linked`` (L,) rad: how sure the headings of the uncertainty's links are now. Before any
        are given, only the filters tell how far headings may have drifted.

        Raises SignalError for another shape, or if one of the drifts is not finite.
        """
        drifts = np.asarray(drifts, float)
        if drifts.shape != self._known.shape or not np.isfinite(drifts).all():
            raise SignalError(
                f"heading drifts {drifts}: expected {len(self._known)} finite angles in rad"
            )
        facings = self.calibration.facings
        self._turns = (facings[0] - facings - drifts)[:, None]
        if linked is not None:
            linked = np.asarray(linked, float)
            if linked.shape != (len(self._linked),):
                raise SignalError(
                    f"deviations of links {linked}: expected {len(self._linked)} angles in rad"
                )
            self._linked = linked[:, None]

    def step(
        self, orientations: ArrayLike, measured: ArrayLike, doubt: SensorDoubt | None = None
    ) -> PoseFrame:
        """The pose at one moment, from ``orientations`` (S, 4) sensor → earth.

        ``measured`` (S,): which of them are new. The others, and those that are not finite, count
        as lost. Until a sensor has been seen, the skeleton stands as it did for the calibration.
        ``doubt``: how uncertain the orientations are, (S, 1) each; of those lost, the ones held.
        None where no filter tells.

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
            self._take_known()
        if self._chain is not None:
            turn_about_vertical(self._sensors, self._mountings, self._turns, self._segments)
            fill(self._segments, self._chain.sensors, self._chain.shares, self._whole)
        seen = np.zeros(len(SEGMENTS), bool)
        seen[self._rows] = new
        whole = self._whole if self.limits is None else limited(self._whole, self.limits)
        joints = joint_positions(self.skeleton, whole, np.zeros((1, 3)))
        sd = self._joint_sd(whole, self._untold if doubt is None else doubt)
        return PoseFrame(whole[:, 0].copy(), joints[:, 0], seen, sd)

    def _joint_sd(self, whole: Floats, doubt: SensorDoubt) -> Floats | None:
        if self._of_known is None:
            return None
        return self._of_known.deviations(whole, doubt, self._linked)[:, 0]

    def _take_known(self) -> None:
        """The chain of the sensors seen so far, by their index among all, and its uncertainty."""
        known = np.flatnonzero(self._known)
        chain = chain_of(tuple(self.calibration.segments[i] for i in known))
        self._chain = Chain(known[chain.sensors], chain.shares)
        if self._uncertainty is not None:
            self._of_known = self._uncertainty.of([int(i) for i in known])

"""The calibration of sensors while they are heard: it finds its own moment, and goes with drifts.

The athlete stands still and walks off: from the last stretch of standing before the walk come the
mountings, from the walk the headings. They are refined for a minute, with every further step; then
only the drift of the headings is followed.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from trackside.app.calibrating import by_pose, with_mountings_of
from trackside.app.live_sensor import LiveSensor
from trackside.arrays import Floats
from trackside.errors import CalibrationError, TracksideError
from trackside.kinematics.calibration import Calibration, StaticPose
from trackside.kinematics.common_clock import BodyMotion, SensorTrack, on_common_clock
from trackside.kinematics.facing import heading_links, heading_offsets
from trackside.kinematics.heading import wrap
from trackside.kinematics.standing import find_moving, find_standing
from trackside.kinematics.uncertainty import (
    JointUncertainty,
    joint_uncertainty,
    link_deviations,
)

CLOCK: Final = 60.0
"""Hz of the common clock; headings come from motion below 4 Hz."""
INTERVAL: Final = 2.0  # s between two looks
LEAST_MOTION: Final = 6.0  # s of walking, before which facings are not known
STANDING_BEFORE: Final = 15.0  # s before the walk in which the standing is looked for
REFINED: Final = 60.0  # s after the standing, from which on a calibration stays as it is
DRIFT_INTERVAL: Final = 10.0  # s between two looks at the drifts
DRIFT_WINDOW: Final = 60.0  # s of motion from which the latest drifts are found
SEEN: Final = 0.9  # share of that in which a sensor must have measured

STAND = "Not calibrated: stand still for 2 s, then walk"
WALK = "Standing seen: walk on for {:.0f} s"
NO_SENSOR = "No body-worn sensor with a gyroscope yet"


@dataclass(frozen=True)
class Found:
    """What a look has found: a calibration, drifts (S,) rad since it, and what is to be done.

    ``rest_offsets`` (S,) rad: the sensors' heading offsets at its time. ``uncertainty``: what is
    known of its errors, and ``linked`` (L,) rad how sure the headings of its links are now.
    ``calibration`` is None while there is none; ``todo``, empty if nothing is, is for the athlete.
    """

    calibration: Calibration | None = None
    drifts: Floats | None = None
    rest_offsets: Floats | None = None
    uncertainty: JointUncertainty | None = None
    linked: Floats | None = None
    todo: str = STAND


class LiveCalibration:
    """Looks at the sensors every few seconds, in ``executor``, so that nobody waits for it.

    ``pose``: the one stood in. ``earlier``: a calibration whose mountings hold.
    """

    def __init__(
        self,
        executor: Executor,
        pose: StaticPose = StaticPose.N,
        earlier: Calibration | None = None,
    ) -> None:
        self._executor = executor
        self._pose = pose
        self._earlier = earlier
        self._since = -np.inf
        self._looked = -np.inf
        self._looking: Future[Found] | None = None
        self.found = Found()

    def renew(self, now: float) -> None:
        """Forget the calibration: the next standing and walking after ``now`` (s) counts."""
        self._since = now
        self._looking = None
        self.found = Found()

    def update(self, sensors: Sequence[LiveSensor], now: float) -> bool:
        """Take what the last look has found, and look again when it is time.

        Returns whether :attr:`found` has changed.
        """
        changed = self._taken()
        if self._looking is None and now - self._looked >= self._interval(sensors, now):
            self._looked = now
            heard = [sensor for sensor in sensors if sensor.newest >= now - INTERVAL]
            self._looking = self._look(heard, now)
            changed |= self._taken()
        return changed

    def missing(self, sensors: Sequence[LiveSensor]) -> list[str]:
        """Segments whose sensors are heard but not calibrated."""
        calibration = self.found.calibration
        known = () if calibration is None else calibration.segments
        return [s.segment for s in sensors if np.isfinite(s.began) and s.segment not in known]

    def _interval(self, sensors: Sequence[LiveSensor], now: float) -> float:
        return DRIFT_INTERVAL if self._settled(sensors, now) else INTERVAL

    def _settled(self, sensors: Sequence[LiveSensor], now: float) -> bool:
        calibration = self.found.calibration
        if calibration is None or now - calibration.end < REFINED:
            return False
        return not self.missing([s for s in sensors if s.newest >= now - INTERVAL])

    def _look(self, sensors: Sequence[LiveSensor], now: float) -> Future[Found]:
        if self._settled(sensors, now):
            tracks = [sensor.track(now - DRIFT_WINDOW) for sensor in sensors]
            return self._executor.submit(followed, self.found, tracks)
        tracks = [sensor.track(self._since) for sensor in sensors]
        return self._executor.submit(look, self.found, tracks, self._pose, self._earlier)

    def _taken(self) -> bool:
        if self._looking is None or not self._looking.done():
            return False
        before, self.found = self.found, self._looking.result()
        self._looking = None
        return self.found is not before


def look(
    before: Found, tracks: Sequence[SensorTrack], pose: StaticPose, earlier: Calibration | None
) -> Found:
    """A calibration from all that is known, or ``before``'s, with what is still to be done."""
    tracks = [track for track in tracks if len(track.time) > CLOCK]
    if not tracks:
        return before
    motion = on_common_clock(tracks, CLOCK)
    walks = find_moving(motion)
    try:
        if not walks:
            find_standing(motion)  # raises if nobody does
            return _still_to_do(before, WALK.format(LEAST_MOTION))
        start, end = walks[-1]
        stretch = _stretch(motion, walks[-1], earlier)
        if end - start < LEAST_MOTION:
            return _still_to_do(before, WALK.format(LEAST_MOTION - (end - start)))
        calibration, facing = (
            by_pose(motion, stretch, pose, north=False)
            if earlier is None
            else with_mountings_of(earlier, motion, stretch, north=False)
        )
    except TracksideError as error:
        return _still_to_do(before, STAND if before.calibration is None else str(error))
    drifts = facing.drifts[:, -1]
    rest_offsets = heading_offsets(facing.links, len(motion.segments), motion.time)[:, -1] - drifts
    uncertainty = joint_uncertainty(calibration, facing, tracks)
    linked = link_deviations(facing.links, motion.time[-1:])[:, 0]
    return Found(calibration, drifts, rest_offsets, uncertainty, linked, "")


def followed(before: Found, tracks: Sequence[SensorTrack]) -> Found:
    """The same calibration with the drifts as of now.

    They stay as they were while one of its sensors is lost, or nobody moves.
    """
    calibration, drifts, at_rest = before.calibration, before.drifts, before.rest_offsets
    tracks = [track for track in tracks if len(track.time) > CLOCK]
    if calibration is None or drifts is None or at_rest is None or not tracks:
        return before
    motion = on_common_clock(tracks, CLOCK)
    seen = np.flatnonzero(motion.measured.mean(axis=1) >= SEEN)
    motion = motion.of([int(i) for i in seen if motion.segments[i] in calibration.segments])
    if motion.segments != calibration.segments:
        return before
    if sum(end - start for start, end in find_moving(motion)) < LEAST_MOTION:
        return before
    links = heading_links(motion, north=False)
    offsets = heading_offsets(links, len(drifts), motion.time)[:, -1]
    linked = link_deviations(links, motion.time[-1:])[:, 0]
    return replace(before, drifts=drifts + wrap(offsets - at_rest - drifts), linked=linked)


def _still_to_do(before: Found, todo: str) -> Found:
    """What is to be done while there is no calibration; one that is there stays."""
    return before if before.calibration is not None else replace(before, todo=todo)


def _stretch(
    motion: BodyMotion, walk: tuple[float, float], earlier: Calibration | None
) -> tuple[float, float]:
    """The standing before a walk, or, where mountings are known, else the walk's beginning."""
    start = walk[0]
    before = motion.between(start - STANDING_BEFORE, start)
    try:
        if len(before.time) < CLOCK:
            raise CalibrationError(STAND)
        return find_standing(before)
    except TracksideError:
        if earlier is None:
            raise
        return start + 1.0, start + 3.0

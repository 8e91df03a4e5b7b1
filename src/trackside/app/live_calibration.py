"""The calibration of sensors while they are heard: it finds its own moment, and goes with drifts.

The athlete stands still and walks off: from the last stretch of standing before the walk come the
mountings, from the walk the headings. They are refined for a minute, with every further step; then
only the drift of the headings is followed.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from pebble import ProcessExpired

from trackside.app.calibrating import by_pose, with_mountings_of
from trackside.app.live_sensor import KeptSamples, LiveSensor
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


class Headings(NamedTuple):
    """The sensors' headings as of now.

    ``drifts`` (S,) rad since the calibration; ``linked`` (L,) rad: how sure those of its links are.
    """

    drifts: Floats
    linked: Floats


@dataclass(frozen=True)
class Found:
    """What a look has found.

    ``rest_offsets`` (S,) rad: the sensors' heading offsets at the time of the calibration;
    ``uncertainty``: what is known of its errors.
    """

    calibration: Calibration
    headings: Headings
    rest_offsets: Floats
    uncertainty: JointUncertainty


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
        self._looking: Future[Found | str] | Future[Headings | None] | None = None
        self._found: Found | None = None
        self.todo = STAND
        """What the athlete has to do until something is found."""

    def renew(self, now: float) -> None:
        """Forget the calibration: the next standing and walking after ``now`` (s) counts."""
        self._since = now
        self._looking = None
        self._found, self.todo = None, STAND

    def update(self, sensors: Sequence[LiveSensor], now: float) -> Found | None:
        """What the last look has found, if it is news; and look again when it is time."""
        news = self._taken()
        if self._looking is None and now - self._looked >= self._interval(sensors, now):
            self._looked = now
            heard = [sensor for sensor in sensors if sensor.newest >= now - INTERVAL]
            self._looking = self._look(heard, now)
            news = self._taken() or news
        return news

    def missing(self, sensors: Sequence[LiveSensor]) -> list[str]:
        """Segments whose sensors are heard but not calibrated."""
        known = () if self._found is None else self._found.calibration.segments
        return [s.segment for s in sensors if np.isfinite(s.began) and s.segment not in known]

    def _interval(self, sensors: Sequence[LiveSensor], now: float) -> float:
        return DRIFT_INTERVAL if self._settled(sensors, now) is not None else INTERVAL

    def _settled(self, sensors: Sequence[LiveSensor], now: float) -> Found | None:
        """What stays as it is but for its headings."""
        if self._found is None or now - self._found.calibration.end < REFINED:
            return None
        missing = self.missing([s for s in sensors if s.newest >= now - INTERVAL])
        return None if missing else self._found

    def _look(
        self, sensors: Sequence[LiveSensor], now: float
    ) -> Future[Found | str] | Future[Headings | None]:
        settled = self._settled(sensors, now)
        if settled is not None:
            kept = [sensor.kept(now - DRIFT_WINDOW) for sensor in sensors]
            return self._executor.submit(followed, settled, kept)
        kept = [sensor.kept(self._since) for sensor in sensors]
        return self._executor.submit(look, kept, self._pose, self._earlier)

    def _taken(self) -> Found | None:
        if self._looking is None or not self._looking.done():
            return None
        looking, self._looking = self._looking, None
        try:
            seen = looking.result()
        except ProcessExpired:  # somebody has killed the worker; the next look finds another one
            return None
        if isinstance(seen, str):
            self.todo = seen
            return None
        if isinstance(seen, Headings) and self._found is not None:
            seen = replace(self._found, headings=seen)
        if isinstance(seen, Found):
            self._found = seen
            return seen
        return None


def look(kept: Sequence[KeptSamples], pose: StaticPose, earlier: Calibration | None) -> Found | str:
    """A calibration from all that is known, or what the athlete still has to do."""
    tracks = _tracks(kept)
    if not tracks:
        return STAND
    motion = on_common_clock(tracks, CLOCK)
    walks = find_moving(motion)
    try:
        if not walks:
            find_standing(motion)  # raises if nobody does
            return WALK.format(LEAST_MOTION)
        start, end = walks[-1]
        stretch = _stretch(motion, walks[-1], earlier)
        if end - start < LEAST_MOTION:
            return WALK.format(LEAST_MOTION - (end - start))
        calibration, facing = (
            by_pose(motion, stretch, pose, north=False)
            if earlier is None
            else with_mountings_of(earlier, motion, stretch, north=False)
        )
    except TracksideError:
        return STAND
    headings = Headings(facing.drifts[:, -1], link_deviations(facing.links, motion.time[-1:])[:, 0])
    offsets = heading_offsets(facing.links, len(motion.segments), motion.time)[:, -1]
    uncertainty = joint_uncertainty(calibration, facing, tracks)
    return Found(calibration, headings, offsets - headings.drifts, uncertainty)


def followed(found: Found, kept: Sequence[KeptSamples]) -> Headings | None:
    """The headings as of now.

    None while one of the calibration's sensors is lost, or nobody moves: they stay as they were.
    """
    tracks = _tracks(kept)
    if not tracks:
        return None
    motion = on_common_clock(tracks, CLOCK)
    seen = np.flatnonzero(motion.measured.mean(axis=1) >= SEEN)
    segments = found.calibration.segments
    motion = motion.of([int(i) for i in seen if motion.segments[i] in segments])
    if motion.segments != segments:
        return None
    if sum(end - start for start, end in find_moving(motion)) < LEAST_MOTION:
        return None
    links = heading_links(motion, north=False)
    offsets = heading_offsets(links, len(segments), motion.time)[:, -1]
    drifts = found.headings.drifts
    return Headings(
        drifts + wrap(offsets - found.rest_offsets - drifts),
        link_deviations(links, motion.time[-1:])[:, 0],
    )


def _tracks(kept: Sequence[KeptSamples]) -> list[SensorTrack]:
    """Those of sensors that have been heard for a second."""
    tracks = [each.track() for each in kept]
    return [track for track in tracks if len(track.time) > CLOCK]


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

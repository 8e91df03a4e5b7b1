"""Heart rate, cadence and a joint's angle while the athlete runs."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from trackside.app.heart_signals import FEWEST_STEPS
from trackside.app.live_sensor import LiveSensor
from trackside.arrays import Booleans, Floats
from trackside.errors import ParameterError
from trackside.filters.heart_rate import COVERED, UNKNOWN_SD, LiveHeartRate
from trackside.kinematics.gait import gait_features
from trackside.kinematics.joint_angles import JOINTS, angles_of, pelvis_angles
from trackside.kinematics.leg_swings import SLOWEST_STRIDE
from trackside.kinematics.skeleton import INDEX, PARENT_INDEX
from trackside.recordings.model import Block, Imu, Kind, Stream
from trackside.recordings.placements import SIDES

HEART_PATIENCE: Final = 10.0  # s without samples, after which a heart rate is not shown
CADENCE_WINDOW: Final = 6.0  # s of swings that are looked at
CADENCE_INTERVAL: Final = 0.5  # s between two looks
STRIDES: Final = 3  # the last so many make the cadence
POD_PATIENCE: Final = 5.0  # s
FASTEST_STANDING: Final = 1.0  # rad/s RMS, below which no leg runs or walks

USUAL_ANGLES: Final = (
    "knee_flexion",
    "hip_flexion",
    "ankle_dorsiflexion",
    "trunk_flexion",
    "pelvis_tilt",
    "elbow_flexion",
)
"""Angles that a key changes to, one after the other."""


class LiveHeart:
    """The heart rate from the blocks of straps and watches; averages count where no beats are."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        heart = [stream for stream in streams if stream.kind is Kind.HEART_RATE]
        self._beats = _first_with(heart, "rr_interval")
        self._averages = _first_with(heart, "heart_rate")
        self._filter = LiveHeartRate()
        self._last_beat = -np.inf
        self._now = (-np.inf, np.nan, np.inf)

    @property
    def is_worn(self) -> bool:
        """Whether any stream tells of the heart."""
        return bool(self._beats or self._averages)

    def add(self, block: Block) -> None:
        """Take a block; those of other streams are passed over."""
        if not len(block):
            return
        if block.stream == self._beats:
            self._take_beats(block.time, np.asarray(block.values["rr_interval"], float)[:, 0])
        elif block.stream == self._averages and block.time[-1] - self._last_beat > COVERED:
            self._take_averages(block)

    def rate(self, now: float) -> float:
        """The heart rate in bpm as of ``now`` (s), NaN if it is not known."""
        time, bpm, sd = self._now
        known = sd <= UNKNOWN_SD and now - time < HEART_PATIENCE
        return bpm if known else np.nan

    def _take_beats(self, arrival: Floats, intervals: Floats) -> None:
        """Intervals (N,) that came together are laid out backwards from their ``arrival`` (N,)."""
        after = np.concatenate([np.cumsum(intervals[:0:-1])[::-1], [0.0]])
        for time, interval in zip(arrival[-1] - after, intervals, strict=True):
            self._now = (float(time), *self._filter.beat(float(time), float(interval)))
        self._last_beat = float(arrival[-1])

    def _take_averages(self, block: Block) -> None:
        for time, bpm in zip(block.time, block.values["heart_rate"][:, 0], strict=True):
            if bpm > 0.0:
                self._now = (float(time), *self._filter.average(float(time), float(bpm)))


class LiveCadence:
    """Steps per minute by a leg's sensor, else by a foot pod."""

    def __init__(self, streams: Sequence[Stream], sensors: Sequence[LiveSensor]) -> None:
        legs = [s for part in ("shank", "foot", "thigh") for s in sensors if part in s.segment]
        self._legs = legs
        pods = [stream for stream in streams if stream.kind is Kind.RUNNING_SPEED]
        self._pod = _first_with(pods, "cadence")
        self._from_pod = (-np.inf, np.nan)
        self._looked = -np.inf
        self._value = np.nan

    def add(self, block: Block) -> None:
        """Take a foot pod's block; those of other streams are passed over."""
        if block.stream == self._pod and len(block):
            steps = float(block.values["cadence"][-1, 0])
            moving = 0.0 < steps < FEWEST_STEPS  # it counts strides
            self._from_pod = (float(block.time[-1]), 2.0 * steps if moving else steps)

    def value(self, now: float) -> float:
        """Steps/min as of ``now`` (s); 0 for somebody who stands, NaN if nobody knows."""
        if now - self._looked < CADENCE_INTERVAL:
            return self._value
        self._looked = now
        leg = next((leg for leg in self._legs if now - leg.newest < CADENCE_INTERVAL), None)
        if leg is not None:
            self._value = leg_cadence(leg, now)
        else:
            time, steps = self._from_pod
            self._value = steps if now - time < POD_PATIENCE else np.nan
        return self._value


def leg_cadence(leg: LiveSensor, now: float) -> float:
    """Steps/min by a leg's last strides, found as afterwards; 0 if it does not swing.

    NaN while it is not known.
    """
    track = leg.kept(now - CADENCE_WINDOW).track()
    if track.gyr is None or len(track.time) < 2 or now - track.time[0] < 2.0:
        return np.nan
    recent = track.gyr[track.time > now - SLOWEST_STRIDE]
    if len(recent) < 2:
        return np.nan
    if np.sqrt(np.mean(np.sum(recent**2, axis=1))) < FASTEST_STANDING:
        return 0.0
    leg_alone = Imu(leg.stream, track.time, track.gyr, track.acc, None)
    strides = gait_features({leg.segment: leg_alone}).stride_times[-STRIDES:]
    return float(120.0 / np.median(strides)) if len(strides) else np.nan


def angle_names() -> list[str]:
    """All angles that can be chosen: those of both sides without their side, and each alone."""
    names = ["pelvis_tilt", "pelvis_obliquity"]
    for joint in JOINTS:
        names += [f"{joint.name}_{angle}" for angle in joint.angles]
    both = [name.removeprefix("right_") for name in names if name.startswith("right_")]
    return [*both, *names]


class LiveAngle:
    """A joint's angle from a pose: of both sides where the name does not say which.

    Raises ParameterError for a name that is none of :func:`angle_names`.
    """

    def __init__(self, name: str) -> None:
        if name not in angle_names():
            raise ParameterError(f"angle {name!r}: expected one of {', '.join(angle_names())}")
        self.name = name
        self._wanted = {name, *(f"{side}_{name}" for side in SIDES)}
        self._joints = [
            joint for joint in JOINTS if self._wanted & {f"{joint.name}_{a}" for a in joint.angles}
        ]

    def degrees(self, orientations: Floats, measured: Booleans) -> dict[str, float]:
        """The angles by name in degrees, from orientations (23, 4).

        NaN unless sensors see both segments: ``measured`` (23,).
        """
        frames = orientations[:, None]
        if not self._joints:
            angles = pelvis_angles(frames[INDEX["pelvis"]])
            return self._in_degrees(angles, bool(measured[INDEX["pelvis"]]))
        found: dict[str, float] = {}
        for joint in self._joints:
            seen = bool(measured[[INDEX[joint.parent], INDEX[joint.child]]].all())
            found |= self._in_degrees(angles_of(joint, frames), seen)
        return found

    def deviations(self, joint_sd: Floats) -> dict[str, float]:
        """Standard deviations of the joints behind the angles, by the angles' names, in degrees.

        ``joint_sd`` (23,) rad. NaN where several joints add up to an angle.
        """
        found: dict[str, float] = {}
        for joint in self._joints:
            child = INDEX[joint.child]
            meet = PARENT_INDEX[child] == INDEX[joint.parent]
            sd = float(np.degrees(joint_sd[child])) if meet else np.nan
            found |= {
                name: sd for a in joint.angles if (name := f"{joint.name}_{a}") in self._wanted
            }
        return found

    def _in_degrees(self, angles: dict[str, Floats], seen: bool) -> dict[str, float]:
        wanted = {name: angle for name, angle in angles.items() if name in self._wanted}
        return {name: float(np.degrees(a[0])) if seen else np.nan for name, a in wanted.items()}


def _first_with(streams: Sequence[Stream], channel: str) -> str | None:
    """The name of the first stream that has a channel of that name."""
    for stream in streams:
        if channel in {each.name for each in stream.channels}:
            return stream.name
    return None

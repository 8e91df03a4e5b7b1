"""From a recording to a solved pose: filters, calibration, headings, the chain, the root path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np

from trackside.app.sensors import maker_orientations, placed_imus
from trackside.arrays import Floats
from trackside.filters.missing_samples import fill_gaps
from trackside.filters.orientation import OrientationParameters, estimate_orientation
from trackside.kinematics.calibration import (
    Calibration,
    StaticPose,
    calibrate,
    rest_orientations,
)
from trackside.kinematics.common_clock import SensorTrack, on_common_clock
from trackside.kinematics.facing import Facing, facings
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import GROUP, pose_to_arrays
from trackside.kinematics.root_path import RootPath, root_path
from trackside.kinematics.skeleton import skeleton_for
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.kinematics.standing import find_standing
from trackside.kinematics.treadmill import Ground, on_treadmill
from trackside.recordings.model import Imu
from trackside.recordings.processed import write_processed
from trackside.recordings.reader import Recording

DEFAULT_HEIGHT = 1.75  # m
TRUSTED_SHARE = 0.8
"""Share of samples with a trusted magnetic field that every sensor needs before north is used."""

SAMPLES_AS_STAMPED = OrientationParameters(sensor_delay=0.0)
"""A delay that all sensors of a body share does not change its pose, so none is made up for."""

Progress = Callable[[float, str], None]
"""Called with the share done, from 0 to 1, and what is being done."""


class Heading(StrEnum):
    """What holds the headings of the sensors together."""

    AUTO = "auto"  # magnetometers where all are there and trusted, else joints
    JOINTS = "joints"  # how neighbours' joints accelerate
    NORTH = "north"  # magnetometers


@dataclass(frozen=True)
class SolveOptions:
    """What a person may decide about solving; the defaults suit most recordings.

    ``pose``: the pose stood in for calibration; ``stretch``: its start and end in s, None to find
    it; ``height`` in m, None for the athlete's own or 1.75; ``lengths`` in m by body dimension;
    ``rate`` in Hz of the pose, None for that of the fastest sensor; ``ground``: on a treadmill the
    pose stays in its place.
    """

    pose: StaticPose = StaticPose.N
    stretch: tuple[float, float] | None = None
    height: float | None = None
    lengths: Mapping[str, float] = field(default_factory=dict)
    heading: Heading = Heading.AUTO
    rate: float | None = None
    ground: Ground = Ground.LEVEL


@dataclass(frozen=True)
class Solution:
    """A solved recording and what was found on the way.

    ``makers``: segments whose orientation is the maker's own, because there is no gyroscope.
    ``north``: whether magnetometers gave the headings. ``way``: of the pelvis over the ground, or
    over the treadmill's belt; ``belt`` (N,) m/s: the belt's speed, None over level ground.
    """

    pose: Pose
    calibration: Calibration
    facing: Facing
    tracks: tuple[SensorTrack, ...]
    makers: tuple[str, ...]
    north: bool
    way: RootPath
    belt: Floats | None


def solve(
    recording: Recording, options: SolveOptions | None = None, progress: Progress | None = None
) -> Solution:
    """Solve the pose of a recording.

    Raises ParameterError for a body that cannot be, MissingDataError if no sensor sits on a body
    segment, CalibrationError if the calibration pose is not there, SignalError if samples are
    unusable.
    """
    options = options or SolveOptions()
    report = progress or (lambda *_: None)
    height = options.height or recording.athlete.height or DEFAULT_HEIGHT
    skeleton = skeleton_for(height, options.lengths)
    imus = placed_imus(recording)
    north = options.heading is not Heading.JOINTS and all(
        imu.mag is not None for imu in imus.values() if imu.gyr is not None
    )
    tracks, makers, trusted = _tracks(recording, imus, north, report)
    if north and options.heading is Heading.AUTO and trusted < TRUSTED_SHARE:
        north = False
        tracks, makers, _ = _tracks(recording, imus, north, report)
    report(0.6, "common clock")
    motion = on_common_clock(tracks, options.rate or max(imu.rate for imu in imus.values()))
    stretch = options.stretch or find_standing(motion)
    rest = rest_orientations(motion, *stretch)
    report(0.7, "headings")
    facing = facings(motion, rest, stretch, north)
    calibration = calibrate(motion.segments, rest, facing.angles, options.pose, stretch)
    report(0.8, "joints")
    orientations: Floats = segment_orientations(motion, calibration, facing.drifts)
    whole, measured = solve_chain(motion.segments, orientations, motion.measured)
    report(0.9, "root path")
    way = root_path(skeleton, whole, motion, calibration.mountings)
    root, belt = way.path, None
    if options.ground is Ground.TREADMILL:
        root, belt = on_treadmill(motion.time, way.path)
    pose = Pose(skeleton, motion.time, whole, root, measured)
    report(1.0, "solved")
    return Solution(pose, calibration, facing, tuple(tracks), makers, north, way, belt)


def store(path: Path, solution: Solution) -> None:
    """Keep a solution in its recording, in place of an earlier one."""
    calibration = solution.calibration
    groups = {
        GROUP: pose_to_arrays(solution.pose),
        "Calibration": {
            "Mounting": calibration.mountings,
            "Facing": calibration.facings,
            "HeadingDeviation": solution.facing.sd,
        },
        "RootPath": {"Contact": solution.way.contacts},
    }
    if solution.belt is not None:
        groups["RootPath"]["BeltSpeed"] = solution.belt
    for track in solution.tracks:
        groups[track.segment] = {
            "Time": track.time,
            "Orientation": track.orientations.astype(np.float32),
        }
    attributes: dict[str, dict[str, float | str]] = {
        "Calibration": {
            "pose": calibration.pose.value,
            "start": calibration.start,
            "end": calibration.end,
            "segments": ",".join(calibration.segments),
        }
    }
    write_processed(path, groups, attributes)


def _tracks(
    recording: Recording, imus: Mapping[str, Imu], north: bool, report: Progress
) -> tuple[list[SensorTrack], tuple[str, ...], float]:
    """Filtered tracks, segments that rest on the maker's filter, and the least trust in north."""
    tracks, makers, trusted = [], [], 1.0
    for done, (segment, imu) in enumerate(imus.items()):
        report(0.6 * done / len(imus), f"orientation of {segment.replace('_', ' ')}")
        if imu.gyr is None:
            tracks.append(_maker_track(recording, segment, imu))
            makers.append(segment)
            continue
        filled = fill_gaps(imu.time, np.hstack([imu.gyr, imu.acc]))
        gyr, acc = (np.ascontiguousarray(half) for half in np.hsplit(filled.signals, 2))
        mag = _resampled(imu.mag, imu.time, filled.time) if north and imu.mag is not None else None
        estimate = estimate_orientation(
            gyr, acc, mag, time=filled.time, parameters=SAMPLES_AS_STAMPED, smooth=True
        )
        if mag is not None:
            trusted = min(trusted, float(np.mean(estimate.magnetometer_trusted)))
        tracks.append(
            SensorTrack(segment, filled.time, estimate.quaternions, gyr, acc, filled.measured)
        )
    return tracks, tuple(makers), trusted


def _maker_track(recording: Recording, segment: str, imu: Imu) -> SensorTrack:
    """A track on the maker's own orientations, for sensors exported without a gyroscope."""
    time, orientations = maker_orientations(recording, segment)
    acc = _resampled(imu.acc, imu.time, time)
    return SensorTrack(segment, time, orientations, None, acc)


def _resampled(signal: Floats, time: Floats, clock: Floats) -> Floats:
    """A signal (N, C) at ``time`` (N,), linearly interpolated at the moments of ``clock`` (M,)."""
    return np.stack([np.interp(clock, time, column) for column in signal.T], axis=-1)

"""From a recording to a solved pose: filters, calibration, headings, the chain, the root path."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

import numpy as np

from trackside.app.calibrating import by_both, by_movement, by_pose, with_mountings_of
from trackside.app.sensors import placed_imus
from trackside.app.tracks import Felt, Progress, recorded_tracks
from trackside.arrays import Booleans, Floats
from trackside.kinematics.calibration import Calibration, StaticPose, Way
from trackside.kinematics.calibration_file import CALIBRATION, calibration_to_arrays
from trackside.kinematics.common_clock import BodyMotion, SensorTrack, on_common_clock
from trackside.kinematics.facing import Facing
from trackside.kinematics.joint_tilt import held_by_joints
from trackside.kinematics.own_acceleration import felt_by, own_acceleration
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import GROUP, pose_to_arrays
from trackside.kinematics.range_of_motion import limited, published_limits
from trackside.kinematics.root_path import RootPath, root_path
from trackside.kinematics.sensor_check import SensorCheck, check_sensors
from trackside.kinematics.skeleton import Skeleton, skeleton_for
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.kinematics.standing import find_standing
from trackside.kinematics.toes import toes_on_ground
from trackside.kinematics.treadmill import Ground, on_treadmill
from trackside.kinematics.uncertainty import joint_deviations
from trackside.recordings.processed import write_processed
from trackside.recordings.reader import Recording

DEFAULT_HEIGHT = 1.75  # m
TRUSTED_SHARE = 0.8
"""Share of samples with a trusted magnetic field that every sensor needs before north is used."""

BEND_PASSES = 2
"""How often at most the sensors are filtered again with what the way tells of bends."""
FELT_IN_BENDS = 0.1
"""m/s² RMS; less of the body's own acceleration is not worth another pass: it tilts by 0.6°."""

_Filtered = tuple[list[SensorTrack], tuple[str, ...], bool]


class Heading(StrEnum):
    """What holds the headings of the sensors together."""

    AUTO = "auto"  # magnetometers where all are there and trusted, else joints
    JOINTS = "joints"  # how neighbours' joints accelerate
    NORTH = "north"  # magnetometers


@dataclass(frozen=True)
class SolveOptions:
    """What a person may decide about solving; the defaults suit most recordings.

    ``way``: what to calibrate by; ``pose``: the pose held for calibration; ``stretch``: start and
    end in s of the pose, or of going straight ahead if movement alone calibrates, None to find it;
    ``height`` in m, None for the athlete's own or 1.75; ``lengths`` in m by body dimension;
    ``rate`` in Hz of the pose, None for that of the fastest sensor; ``ground``: on a treadmill the
    pose stays in its place; ``limits``: whether joints are pushed softly into published ranges.
    """

    pose: StaticPose = StaticPose.N
    stretch: tuple[float, float] | None = None
    height: float | None = None
    lengths: Mapping[str, float] = field(default_factory=dict)
    heading: Heading = Heading.AUTO
    rate: float | None = None
    ground: Ground = Ground.LEVEL
    way: Way = Way.POSE
    limits: bool = False


@dataclass(frozen=True)
class Calibrated:
    """A recording's sensors on one clock, calibrated and checked.

    ``makers``: segments whose orientation is the maker's own, because there is no gyroscope.
    ``north``: whether magnetometers gave the headings.
    """

    skeleton: Skeleton
    motion: BodyMotion
    calibration: Calibration
    facing: Facing
    check: SensorCheck
    tracks: tuple[SensorTrack, ...]
    makers: tuple[str, ...]
    north: bool


@dataclass(frozen=True)
class Solution(Calibrated):
    """A solved recording and what was found on the way.

    ``way``: of the pelvis over the ground, or over the treadmill's belt; ``belt`` (N,) m/s: the
    belt's speed, None over level ground.
    """

    pose: Pose
    way: RootPath
    belt: Floats | None


def calibrate_recording(
    recording: Recording,
    options: SolveOptions | None = None,
    progress: Progress | None = None,
    earlier: Calibration | None = None,
) -> Calibrated:
    """Find how each sensor of a recording sits on its segment, and check all of them.

    ``earlier``: a calibration of the same sensors, not moved since: its mountings are taken, and
    the stretch needs no pose, only to face one way.

    Raises ParameterError for a body that cannot be, MissingDataError if no sensor sits on a body
    segment, CalibrationError if the calibration pose is not there or the earlier one lacks a
    sensor, SignalError if samples are unusable.
    """
    options = options or SolveOptions()
    report = progress or (lambda *_: None)
    tracks = _tracks(recording, options.heading, report)
    return _calibrated(recording, tracks, options, report, earlier)


def _calibrated(
    recording: Recording,
    filtered: _Filtered,
    options: SolveOptions,
    report: Progress,
    earlier: Calibration | None,
) -> Calibrated:
    """As calibrate_recording, from filtered tracks on."""
    height = options.height or recording.athlete.height or DEFAULT_HEIGHT
    skeleton = skeleton_for(height, options.lengths)
    tracks, makers, north = filtered
    report(0.6, "common clock")
    rate = options.rate or max(imu.rate for imu in placed_imus(recording).values())
    motion = held_by_joints(on_common_clock(tracks, rate))
    report(0.65, "headings")
    calibration, facing = _calibration(motion, options, north, earlier)
    report(0.7, "checking sensors")
    check = check_sensors(motion, calibration, skeleton)
    return Calibrated(skeleton, motion, calibration, facing, check, tuple(tracks), makers, north)


def _calibration(
    motion: BodyMotion, options: SolveOptions, north: bool, earlier: Calibration | None
) -> tuple[Calibration, Facing]:
    """The calibration by what the options name, or by an earlier one."""
    if earlier is None and options.way is Way.MOVEMENT:
        return by_movement(motion, options.stretch, north)
    stretch = options.stretch or find_standing(motion, options.pose)
    if earlier is not None:
        return with_mountings_of(earlier, motion, stretch, north)
    found, facing = by_pose(motion, stretch, options.pose, north)
    return (by_both(found, motion, north) if options.way is Way.BOTH else found), facing


def solve(
    recording: Recording,
    options: SolveOptions | None = None,
    progress: Progress | None = None,
    earlier: Calibration | None = None,
) -> Solution:
    """Solve the pose of a recording.

    ``earlier``, and errors raised: as in :func:`calibrate_recording`.
    """
    report = progress or (lambda *_: None)
    options = options or SolveOptions()
    found = calibrate_recording(recording, options, progress, earlier)
    whole, measured, way = _chained(found, options, report)
    known = np.zeros((len(way.path), 3))
    for _ in range(BEND_PASSES if options.ground is Ground.LEVEL else 0):
        own = own_acceleration(found.motion.time, way.path, way.known)
        if np.sqrt(np.mean(np.sum((own - known) ** 2, axis=1))) < FELT_IN_BENDS:
            break
        known = own
        report(0.9, "bends")
        tracks = _tracks_in_bends(recording, found, own)
        found = _calibrated(recording, tracks, options, _nobody, earlier)
        whole, measured, way = _chained(found, options, _nobody)
    motion, calibration = found.motion, found.calibration
    root, belt = way.path, None
    if options.ground is Ground.TREADMILL:
        root, belt = on_treadmill(motion.time, way.path)
    whole = toes_on_ground(found.skeleton, whole, way.path, motion.segments)
    sd = joint_deviations(whole, motion, calibration, found.facing, found.tracks)
    pose = Pose(found.skeleton, motion.time, whole, root, measured, sd)
    report(1.0, "solved")
    everything = {each.name: getattr(found, each.name) for each in fields(found)}
    return Solution(**everything, pose=pose, way=way, belt=belt)


def _nobody(_share: float, _what: str) -> None:
    """Report to nobody."""


def _chained(
    found: Calibrated, options: SolveOptions, report: Progress
) -> tuple[Floats, Booleans, RootPath]:
    """Orientations (23, N, 4) of all segments, which of them sensors saw, and the way."""
    motion = found.motion
    report(0.8, "joints")
    orientations: Floats = segment_orientations(motion, found.calibration, found.facing.drifts)
    whole, measured = solve_chain(motion.segments, orientations, motion.measured)
    if options.limits:
        whole = limited(whole, published_limits())
    report(0.9, "root path")
    return whole, measured, root_path(found.skeleton, whole, motion, found.calibration.mountings)


def _tracks_in_bends(recording: Recording, found: Calibrated, own: Floats) -> _Filtered:
    """The tracks filtered again, the body's ``own`` acceleration (N, 3) not taken for gravity."""
    motion, calibration = found.motion, found.calibration
    segments = segment_orientations(motion, calibration, found.facing.drifts)
    felt = {
        name: Felt(motion.time, felt_by(own, orientations, mounting))
        for name, orientations, mounting in zip(
            motion.segments, segments, calibration.mountings, strict=True
        )
    }
    tracks, makers, _ = recorded_tracks(
        recording, placed_imus(recording), found.north, _nobody, felt
    )
    return tracks, makers, found.north


def store(path: Path, solution: Solution) -> None:
    """Keep a solution in its recording, in place of an earlier one."""
    arrays, attributes = calibration_to_arrays(solution.calibration, solution.facing.sd)
    groups = {
        GROUP: pose_to_arrays(solution.pose),
        CALIBRATION: arrays,
        "RootPath": {"Contact": solution.way.contacts},
    }
    if solution.belt is not None:
        groups["RootPath"]["BeltSpeed"] = solution.belt
    for track in solution.tracks:
        groups[track.segment] = {
            "Time": track.time,
            "Orientation": track.orientations.astype(np.float32),
        }
    write_processed(path, groups, {CALIBRATION: attributes})


def store_calibration(path: Path, found: Calibrated) -> None:
    """Keep a calibration in its recording, in place of an earlier one."""
    arrays, attributes = calibration_to_arrays(found.calibration, found.facing.sd)
    write_processed(path, {CALIBRATION: arrays}, {CALIBRATION: attributes})


def _tracks(recording: Recording, heading: Heading, report: Progress) -> _Filtered:
    """Filtered tracks, segments that rest on the maker's filter, and whether north holds them."""

    def filtering(share: float, what: str) -> None:
        report(0.6 * share, what)

    imus = placed_imus(recording)
    north = heading is not Heading.JOINTS and all(
        imu.mag is not None for imu in imus.values() if imu.gyr is not None
    )
    tracks, makers, trusted = recorded_tracks(recording, imus, north, filtering)
    if north and heading is Heading.AUTO and trusted < TRUSTED_SHARE:
        north = False
        tracks, makers, _ = recorded_tracks(recording, imus, north, filtering)
    return tracks, makers, north

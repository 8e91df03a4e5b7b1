"""From a recording to a solved pose: filters, calibration, headings, the chain, the root path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np

from trackside.app.sensors import placed_imus
from trackside.app.tracks import Progress, recorded_tracks
from trackside.arrays import Floats
from trackside.kinematics.calibration import (
    Calibration,
    StaticPose,
    calibrate,
    rest_orientations,
)
from trackside.kinematics.common_clock import BodyMotion, SensorTrack, on_common_clock
from trackside.kinematics.facing import Facing, facings
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import GROUP, pose_to_arrays
from trackside.kinematics.root_path import root_path
from trackside.kinematics.skeleton import Skeleton, skeleton_for
from trackside.kinematics.solver import segment_orientations, solve_chain
from trackside.kinematics.standing import find_standing
from trackside.recordings.model import Imu
from trackside.recordings.processed import write_processed
from trackside.recordings.reader import Recording

DEFAULT_HEIGHT = 1.75  # m
TRUSTED_SHARE = 0.8
"""Share of samples with a trusted magnetic field that every sensor needs before north is used."""

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
    ``rate`` in Hz of the pose, None for that of the fastest sensor.
    """

    pose: StaticPose = StaticPose.N
    stretch: tuple[float, float] | None = None
    height: float | None = None
    lengths: Mapping[str, float] = field(default_factory=dict)
    heading: Heading = Heading.AUTO
    rate: float | None = None


@dataclass(frozen=True)
class Solution:
    """A solved recording and what was found on the way.

    ``makers``: segments whose orientation is the maker's own, because there is no gyroscope.
    ``north``: whether magnetometers gave the headings.
    """

    pose: Pose
    calibration: Calibration
    facing: Facing
    tracks: tuple[SensorTrack, ...]
    makers: tuple[str, ...]
    north: bool


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

    def filtering(share: float, what: str) -> None:
        report(0.6 * share, what)

    north = options.heading is not Heading.JOINTS and all(
        imu.mag is not None for imu in imus.values() if imu.gyr is not None
    )
    tracks, makers, trusted = recorded_tracks(recording, imus, north, filtering)
    if north and options.heading is Heading.AUTO and trusted < TRUSTED_SHARE:
        north = False
        tracks, makers, _ = recorded_tracks(recording, imus, north, filtering)
    report(0.6, "common clock")
    motion = on_common_clock(tracks, options.rate or max(imu.rate for imu in imus.values()))
    stretch = options.stretch or find_standing(motion)
    rest = rest_orientations(motion, *stretch)
    report(0.7, "headings")
    facing = facings(motion, rest, stretch, north)
    calibration = calibrate(motion.segments, rest, facing.angles, options.pose, stretch)
    report(0.8, "joints")
    pose = _pose(skeleton, motion, calibration, facing)
    report(1.0, "solved")
    return Solution(pose, calibration, facing, tuple(tracks), makers, north)


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
    }
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


def _pose(skeleton: Skeleton, motion: BodyMotion, calibration: Calibration, facing: Facing) -> Pose:
    segments: Floats = segment_orientations(motion, calibration, facing.drifts)
    whole, measured = solve_chain(motion.segments, segments, motion.measured)
    return Pose(skeleton, motion.time, whole, root_path(skeleton, whole), measured)

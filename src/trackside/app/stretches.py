"""Which part of a recording is meant: from one moment to another, or a lap."""

from pathlib import Path

import typer

from trackside.errors import MissingDataError, ParameterError
from trackside.kinematics.bvh import read_bvh
from trackside.kinematics.mvnx import read_mvnx
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import read_pose
from trackside.recordings.reader import Recording, open_recording

POSE_FILES = (".mvnx", ".bvh")
"""Endings of files that hold a pose and nothing else."""


def parse_stretch(text: str | None) -> tuple[float, float] | None:
    """Start and end in s of ``"START:END"``; typer.BadParameter tells what was expected."""
    if text is None:
        return None
    try:
        start, end = (float(part) for part in text.split(":"))
    except ValueError:
        raise typer.BadParameter(f"{text!r}: expected START:END in s, such as 2.0:4.0") from None
    if not start < end:
        raise typer.BadParameter(f"{text!r}: the start must lie before the end")
    return start, end


def stretch_or_lap(span: str | None, lap: int | None) -> tuple[float, float] | None:
    """The stretch of ``"START:END"``; typer.BadParameter if a lap is wanted as well."""
    if span is not None and lap is not None:
        raise typer.BadParameter("a span or a lap: name one of the two")
    return parse_stretch(span)


def pose_of(source: Path) -> Pose:
    """The pose in a solved recording, an MVNX file or a BVH file."""
    if source.suffix.lower() == ".mvnx":
        return read_mvnx(source)
    if source.suffix.lower() == ".bvh":
        return read_bvh(source)
    with open_recording(source) as recording:
        return read_pose(recording)


def part_of(source: Path, stretch: tuple[float, float] | None, lap: int | None) -> Pose:
    """The pose in a file from one moment to another, or in a lap, or all of it.

    Raises ParameterError if the file has no such lap or stretch.
    """
    pose = pose_of(source)
    if lap is not None:
        stretch = lap_stretch(source, lap)
    if stretch is None:
        return pose
    part = pose.span(*stretch)
    if len(part.time) < 2:
        raise ParameterError(
            f"{source}: nothing from {stretch[0]:g} to {stretch[1]:g} s: the pose goes from "
            f"{pose.time[0]:.1f} to {pose.time[-1]:.1f} s"
        )
    return part


def lap_stretch(source: Path, lap: int) -> tuple[float, float]:
    """Start and end in s of a lap of a recording, counted from 1.

    A lap mark ends a lap; after the last mark comes one more. Raises ParameterError if there is no
    such lap, MissingDataError if there are no laps at all.
    """
    if source.suffix.lower() in POSE_FILES:
        raise MissingDataError(f"{source}: only recordings have laps")
    with open_recording(source) as recording:
        bounds = _lap_bounds(recording)
    if len(bounds) == 2:
        raise MissingDataError(f"{source}: no laps in it: nobody marked any while it was recorded")
    if not 1 <= lap < len(bounds):
        raise ParameterError(f"{source}: lap {lap}: expected one of 1 to {len(bounds) - 1}")
    return bounds[lap - 1], bounds[lap]


def _lap_bounds(recording: Recording) -> list[float]:
    marks = sorted(note.time for note in recording.annotations if note.kind == "lap")
    return [0.0, *marks, recording.duration + 1.0]  # a span ends before its end

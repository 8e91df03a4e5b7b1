"""Solved recordings of a given pose, and the command line in this process."""

from pathlib import Path

import numpy as np
from typer.testing import CliRunner, Result

from trackside.app.cli import app
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import pose_to_arrays
from trackside.recordings.model import ACCELEROMETER, Annotation, Block, Kind, Stream
from trackside.recordings.processed import write_processed
from trackside.recordings.writer import RecordingWriter

STREAM = Stream("pelvis", Kind.IMU, (ACCELEROMETER,), rate=1.0, placement="pelvis")


def record_pose(path: Path, pose: Pose, laps: tuple[float, ...] = ()) -> None:
    """Write a recording with hardly a sample that holds a pose and marks at the end of laps."""
    time = np.array([0.0, pose.time[-1]])
    with RecordingWriter(path, (STREAM,)) as writer:
        writer.write(Block("pelvis", time, {"accelerometer": np.ones((2, 3))}))
        for number, end in enumerate(laps, start=1):
            writer.annotate(Annotation(end, "lap", f"lap {number}"))
    write_processed(path, {"Pose": pose_to_arrays(pose)})


def trackside(*arguments: str | Path) -> Result:
    """Run a command; what it raises is in the result."""
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [*map(str, arguments)])

"""A pose as a table: time, the pelvis' path and every joint angle, one row a frame."""

from pathlib import Path

import numpy as np

from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.number_text import fixed_point_text
from trackside.kinematics.pose import Pose
from trackside.recordings.replacing import replacing

ROWS_AT_ONCE = 20_000


def pose_table(pose: Pose) -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Column names and values (N, M): s, m and degrees, with the unit in each name."""
    angles = joint_angles(pose)
    names = ["time_s", "pelvis_x_m", "pelvis_y_m", "pelvis_z_m"]
    names += [f"{name}_deg" for name in angles]
    columns = [pose.time, *pose.root.T, *(np.rad2deg(angle) for angle in angles.values())]
    return names, np.stack(columns, axis=-1)


def write_csv(path: Path, pose: Pose) -> None:
    """Write the table of a pose as CSV; the file appears whole or not at all."""
    names, values = pose_table(pose)
    with replacing(path) as target, target.open("wb") as file:
        file.write((",".join(names) + "\n").encode("ascii"))
        for first in range(0, len(values), ROWS_AT_ONCE):
            file.write(fixed_point_text(values[first : first + ROWS_AT_ONCE], 5, ","))

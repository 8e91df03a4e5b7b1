"""Joint angles as tables: of a pose, one row a frame, and of the stride, one row a percent."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.number_text import fixed_point_text
from trackside.kinematics.pose import Pose
from trackside.kinematics.shoulder_angles import shoulder_angles
from trackside.kinematics.stride_curves import PERCENT, Curve
from trackside.replacing import replacing

ROWS_AT_ONCE = 20_000


def pose_table(pose: Pose) -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Column names and values (N, M): s, m and degrees, with the unit in each name."""
    angles = joint_angles(pose) | shoulder_angles(pose)
    names = ["time_s", "pelvis_x_m", "pelvis_y_m", "pelvis_z_m"]
    names += [f"{name}_deg" for name in angles]
    columns = [pose.time, *pose.root.T, *(np.rad2deg(angle) for angle in angles.values())]
    return names, np.stack(columns, axis=-1)


def curve_table(
    curves: Mapping[str, Curve],
) -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Column names and values (101, M): % of the stride, mean and SD of every angle in degrees."""
    names, columns = ["stride_percent"], [PERCENT]
    for name, curve in curves.items():
        names += [f"{name}_mean_deg", f"{name}_sd_deg"]
        columns += [np.rad2deg(curve.mean), np.rad2deg(curve.sd)]
    return names, np.stack(columns, axis=-1)


def write_csv(path: Path, pose: Pose) -> None:
    """Write the table of a pose as CSV; the file appears whole or not at all."""
    _write(path, *pose_table(pose))


def write_curves_csv(path: Path, curves: Mapping[str, Curve]) -> None:
    """Write the table of curves as CSV; the file appears whole or not at all."""
    _write(path, *curve_table(curves))


def _write(
    path: Path, names: list[str], values: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> None:
    with replacing(path) as target, target.open("wb") as file:
        file.write((",".join(names) + "\n").encode("ascii"))
        for first in range(0, len(values), ROWS_AT_ONCE):
            file.write(fixed_point_text(values[first : first + ROWS_AT_ONCE], 5, ","))

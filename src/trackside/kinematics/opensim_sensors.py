"""Sensor orientations as OpenSense reads them: an ``.sto`` table of quaternions, and back.

A column is called like the model's body with ``_imu`` behind it, as ``tibia_r_imu``; OpenSense puts
the sensor on that body. Orientations turn sensor vectors into OpenSim's own ground, y up. In
OpenSense's set-up files, ours thus need ``sensor_to_opensim_rotations`` 0 0 0, ``base_imu_label``
pelvis_imu and ``base_heading_axis`` x; files that Xsens' or APDM's readers made have z up and
−π/2 0 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError, MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.opensim_motion import GROUND_FROM_EARTH
from trackside.kinematics.opensim_table import (
    OpenSimTable,
    read_opensim_table,
    write_opensim_table,
)
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX

_BODIES = {"pelvis": "pelvis", "t8": "torso"}
_LIMBS = {  # without the toes, whose joint is locked in the models: they would pull at the foot
    "thigh": "femur",
    "shank": "tibia",
    "foot": "calcn",
    "upper_arm": "humerus",
    "forearm": "radius",
    "hand": "hand",
}
for _side in ("right", "left"):
    _BODIES |= {f"{_side}_{part}": f"{body}_{_side[0]}" for part, body in _LIMBS.items()}
SENSOR_LABELS: dict[str, str] = {segment: f"{body}_imu" for segment, body in _BODIES.items()}
"""OpenSense's label of the sensor on each segment that is a body of OpenSim's full-body models."""

_HEADER = {"DataType": "Quaternion", "version": "3", "OpenSimVersion": "4.5"}
_UNIT = 0.01  # how far a quaternion's length may be from 1


@dataclass(frozen=True)
class SensorOrientations:
    """Orientations (N, 4), sensor → ENU, by segment, at ``time`` (N,) s."""

    time: Floats
    by_segment: Mapping[str, Floats]


def sensor_orientations(pose: Pose) -> SensorOrientations:
    """What sensors of a pose show whose axes are those of their segments.

    How the real ones sat makes no difference to OpenSense, which finds that out from the first row;
    but it takes the heading from an axis of one sensor, which here points forward. The sensors are
    those that the pose was measured with, on all segments if it does not tell; segments that
    OpenSim has no body for are left out.
    """
    told = bool(pose.measured.any())
    worn = [name for name in SENSOR_LABELS if not told or pose.measured[INDEX[name]].any()]
    return SensorOrientations(pose.time, {name: pose.segment(name) for name in worn})


def write_sto(path: Path | str, sensors: SensorOrientations) -> None:
    """Write orientations for OpenSense, all of it or nothing.

    Raises MissingDataError where there is no sensor, fewer than two rows, or an orientation that is
    not finite.
    """
    if not sensors.by_segment or len(sensors.time) < 2:
        raise MissingDataError("an OpenSense file needs a sensor on a body and two rows or more")
    columns = {
        SENSOR_LABELS[segment]: qt.multiply(GROUND_FROM_EARTH, orientations)
        for segment, orientations in sensors.by_segment.items()
    }
    rate = (len(sensors.time) - 1) / (sensors.time[-1] - sensors.time[0])
    header = {"DataRate": f"{rate:.6f}", **_HEADER}
    write_opensim_table(path, "", OpenSimTable(header, sensors.time, columns))


def read_sto(
    path: Path | str, sensor_to_opensim_rotations: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> SensorOrientations:
    """The orientations in an OpenSense file, of the columns with a label in SENSOR_LABELS.

    ``sensor_to_opensim_rotations`` in rad, as in OpenSense's set-up files: turns about the fixed x,
    y and z of ground, in that order, that take the file's frame to ground. Raises FileFormatError
    for another table, a quaternion without unit length, or no known label.
    """
    table = read_opensim_table(path)
    if table.header.get("DataType") != _HEADER["DataType"]:
        raise FileFormatError(path, "header", "a line DataType=Quaternion")
    earth_from_file = qt.multiply(
        qt.conjugate(GROUND_FROM_EARTH), _space_fixed(sensor_to_opensim_rotations)
    )
    by_segment = {}
    for segment, label in SENSOR_LABELS.items():
        if label not in table.columns:
            continue
        quaternions = table.columns[label]
        if (np.abs(np.linalg.norm(quaternions, axis=1) - 1.0) > _UNIT).any():
            raise FileFormatError(path, f"column '{label}'", "quaternions of length 1")
        by_segment[segment] = qt.multiply(earth_from_file, qt.normalized(quaternions))
    if not by_segment:
        raise FileFormatError(path, "labels", f"one of {', '.join(SENSOR_LABELS.values())}")
    return SensorOrientations(table.time, by_segment)


def _space_fixed(angles: tuple[float, float, float]) -> Floats:
    """The rotation (4,) of turns in rad about fixed x, then y, then z."""
    x, y, z = (qt.about_axis(axis, angle) for axis, angle in zip(np.eye(3), angles, strict=True))
    return qt.multiply(z, qt.multiply(y, x))
